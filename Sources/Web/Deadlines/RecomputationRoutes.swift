import Deadlines
import Engine
import HTTPTypes
import JSON
import Workflows

extension Route {
    /// Running clocks computed anew, and what a change would move.
    static let recomputations: [Route] = [
        Route(
            method: .get, path: "/api/v1/recomputations", name: "listRecomputations",
            summary: "Lists recomputations of running clocks, the newest first", topic: "Deadlines",
            access: .administering, query: .page, success: .json(.page(of: .recomputation)),
            handle: { call in
                .page(try await call.reader().recomputations(page: try call.page()), \.json)
            }),
        Route(
            method: .post, path: "/api/v1/recomputations", name: "recompute",
            summary: "Asks for running clocks to be computed anew; what would fall due later waits for a second person",
            topic: "Deadlines", access: .administering,
            body: .object([
                .required("reason", .prose, "Why; it is journalled with every clock that moves"),
                .optional("dryRun", .boolean, "Whether it is only to be seen what would move"),
                .optional("rules", .names, "Only instances with a clock by one of these rules"),
                .optional("workflows", .names, "Only instances of these workflows"),
                .optional("calendar", calendarText, "A calendar that is to come into force with it"),
            ]),
            success: .json(.recomputation, .accepted), handle: recompute),
        Route(
            method: .get, path: "/api/v1/recomputations/{recomputation}", name: "showRecomputation",
            summary: "Shows how far a recomputation is", topic: "Deadlines", access: .administering,
            success: .json(.recomputation), problems: [.notFound],
            handle: { call in .json(try await call.recomputation().json) }),
        Route(
            method: .get, path: "/api/v1/recomputations/{recomputation}/moves", name: "listMoves",
            summary: "Lists which clocks move from when to when, as far as the caller sees their instances",
            topic: "Deadlines", access: .administering, query: .page, success: .json(.page(of: .clockMove)),
            problems: [.notFound],
            handle: { call in
                let id = try await call.recomputation().id
                return .page(try await call.reader().moves(of: id, page: try call.page()), \.json)
            }),
        Route(
            method: .post, path: "/api/v1/recomputations/{recomputation}/votes", name: "voteOnRecomputation",
            summary: "Approves or refuses a recomputation that waits for a second person", topic: "Deadlines",
            access: .administering,
            body: .object([
                .required("vote", .choice(["approve", "refuse"]), "In favour or against"),
                .optional("reason", .prose, "Why"),
            ]),
            success: .json(.recomputation), problems: [.notFound], handle: vote),
        Route(
            method: .post, path: "/api/v1/instances/{instance}/rehearsals", name: "rehearse",
            summary: "Says what an event or a correction would move, open and tell, and keeps nothing of it",
            topic: "Deadlines", access: .writing,
            body: .object(
                [
                    .optional("event", .name, "Name of the event; where absent, it is a correction"),
                    .optional("form", .form, "Fields and roles that the event asks for"),
                    .optional("fields", .form, "The fields of a correction; null unsets"),
                    .optional("reason", .prose, "Why they were wrong"),
                ] + Schema.circumstances),
            success: .json(
                .object([
                    .required("moves", .list(of: .clockMove), "The running clocks that would move"),
                    .required("instances", .list(of: .instanceChange), "The instances that would change"),
                ])),
            problems: [.notFound, .forbidden, .conflict, .rejected], handle: rehearse),
    ]

    private static func recompute(_ call: Call) async throws -> Reply {
        let principal = try call.principal()
        var request = RecomputationRequest(reason: call.word("reason"))
        request.isDryRun = call.body["dryRun"]?.boolValue ?? false
        request.rules = call.body["rules"]?.arrayValue?.compactMap(\.stringValue) ?? []
        request.workflows = call.body["workflows"]?.arrayValue?.compactMap(\.stringValue) ?? []
        if let calendar = call.body["calendar"] {
            request.calendar = .init(
                id: calendar["id"]?.stringValue ?? "", source: calendar["source"]?.stringValue ?? "")
        }
        let recomputation = try await call.engine.recompute(request, for: principal.tenant, by: principal.actor)
        var reply = Reply.json(recomputation.json, .accepted)
        reply.headers[.location] = "/api/v1/recomputations/\(recomputation.id)"
        return reply
    }

    private static func vote(_ call: Call) async throws -> Reply {
        let principal = try call.principal()
        guard let person = principal.person else {
            throw Problem(.forbidden, "Only a person can be the second person; this token is a system's.")
        }
        let recomputation = try await call.engine.decide(
            try await call.recomputation().id, approves: call.word("vote") == "approve",
            reason: call.body["reason"]?.stringValue, for: principal.tenant, by: person)
        return .json(recomputation.json)
    }

    private static func rehearse(_ call: Call) async throws -> Reply {
        let act: Act
        if let event = call.body["event"]?.stringValue {
            act = .event(event, form: call.body.form("form"))
        } else {
            act = .correct(call.body.form("fields"), reason: call.word("reason"))
        }
        let command = try call.command(
            .instance(try await call.instance()), act, happenedAt: try call.body.instant("happenedAt"))
        return .json(try await call.engine.rehearse(command, as: try call.principal().viewer).json)
    }

    static let calendarText = Schema.object([
        .required("id", .name, "Identifier by which definitions name it"),
        .required("source", .text(1...(1 << 20)), "The text, written as the library's calendars are"),
    ])
}

extension Call {
    /// The recomputation that the path names.
    fileprivate func recomputation() async throws -> Recomputation {
        let text = segment("recomputation")
        guard let id = Identifier(text), let found = try await reader().recomputation(id) else {
            throw Problem.noSuch("recomputation", text)
        }
        return found
    }
}

extension Schema {
    private static let count = Schema.integer(0 ... .max)

    static let instanceChange = component(
        "InstanceChange",
        .object([
            .required("change", .choice(InstanceChange.Kind.allCases.map(\.rawValue)), "What would happen to it"),
            .required("reference", .nullable(.name), "Its reference; null where it would be opened"),
            .required("workflow", .name, "Its workflow"),
            .required("child", .nullable(.name), "The rule by which its parent opened it"),
            .required("key", .nullable(.text(0...1000)), "The key of the element that it stands for"),
            .required("from", .text(0...200), "The state before; empty where it would be opened"),
            .required("to", .name, "The state after"),
            .required("status", .name, "The status after"),
            .required("due", .nullable(.instant), "When the first of the clocks that are touched would be due"),
        ]))

    static let recomputation = component(
        "Recomputation",
        .object([
            .required("id", .uuid, "Identifier"),
            .required("reason", .prose, "Why it was asked for"),
            .required("requestedBy", .name, "Who asked"),
            .required("requestedAt", .instant, "When"),
            .required("dryRun", .boolean, "Whether nothing is to be moved"),
            .required("status", .choice(Recomputation.Status.allCases.map(\.rawValue)), "Where it stands"),
            .required("calendar", .nullable(.name), "The calendar that comes into force with it"),
            .required("calendarVersion", .nullable(.integer(1 ... .max)), "Its version, once it is in force"),
            .required("total", count, "How many instances there are to look at"),
            .required("examined", count, "How many have been looked at in the present pass"),
            .required("moved", count, "How many clocks were found to move"),
            .required("later", count, "How many of them to a later instant"),
            .required("failed", count, "How many instances have a clock that cannot be computed"),
            .required("applied", count, "How many clocks have been moved"),
            .required("approvedBy", .list(of: .name), "Who has approved it beside who asked"),
            .required("refusedBy", .list(of: .name), "Who has refused it"),
            .required("endedAt", .nullable(.instant), "When it ended"),
        ]))

    static let clockMove = component(
        "ClockMove",
        .object([
            .required("instance", .uuid, "The instance"),
            .required("reference", .name, "Its reference"),
            .required("workflow", .name, "Its workflow"),
            .required("name", .text(0...200), "The clock's name in the definition; empty where the step itself fails"),
            .required("key", .text(0...1000), "The element it is for; empty where there is only one"),
            .required("title", .text(0...20_000), "What is promised"),
            .required("rule", .nullable(.name), "The statutory rule; null for goals"),
            .required("dueBefore", .nullable(.instant), "When it is due now"),
            .required("dueAfter", .nullable(.instant), "When it would be due"),
            .required("latestBefore", .nullable(.instant), "What the law allows now"),
            .required("latestAfter", .nullable(.instant), "What the law would allow"),
            .required("later", .boolean, "Whether one of the two would be later"),
            .required("failure", .nullable(.prose), "Why it cannot be computed; it keeps what it has"),
        ]))
}
