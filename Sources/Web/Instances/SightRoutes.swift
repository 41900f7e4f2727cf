import Engine
import HTTPTypes
import JSON
import Workflows

extension Route {
    /// Who sees an instance, what is erased of it, and what its reader can do.
    static let sight: [Route] = [
        Route(
            method: .get, path: "/api/v1/instances/{instance}/offers", name: "listOffers",
            summary: "Says what the caller can do to an instance now, and why not the rest", topic: "Instances",
            success: .json(.offers), problems: [.notFound],
            handle: { call in
                let id = try await call.instance()
                guard let offers = try await call.reader().offers(to: try call.principal().actor, on: id) else {
                    throw Problem.noSuch("instance", call.segment("instance"))
                }
                return .json(offers.json)
            }),
        Route(
            method: .post, path: "/api/v1/instances/{instance}/visibility", name: "setVisibility",
            summary: "Sets who sees an instance; the journal says so", topic: "Instances", access: .administering,
            body: .object([
                .required("visibility", .visibility, "Who sees it"),
                .required("reason", .prose, "Why"),
            ]),
            success: .nothing, problems: [.notFound],
            handle: { call in
                let principal = try call.principal()
                let visibility = Visibility(rawValue: call.word("visibility")) ?? .normal
                _ = try await call.engine.setVisibility(
                    visibility, of: try await call.instance(), in: principal.tenant, reason: call.word("reason"),
                    by: principal.actor)
                return Reply(.noContent)
            }),
        Route(
            method: .post, path: "/api/v1/instances/{instance}/grants", name: "grantSight",
            summary: "Lets a person who is not named on a restricted instance see it for a time; this stays on record",
            topic: "Instances", access: .administering,
            body: .object([
                .required("person", .name, "Who is to see it"), .required("until", .instant, "Until when"),
                .required("reason", .prose, "Why"),
            ]),
            success: .nothing, problems: [.notFound], handle: grantSight),
        Route(
            method: .post, path: "/api/v1/instances/{instance}/hold", name: "placeHold",
            summary: "Puts an instance on legal hold: nothing of it is erased until that is lifted", topic: "Instances",
            access: .administering, body: .object([.required("reason", .prose, "Why, without personal data")]),
            success: .nothing, problems: [.notFound],
            handle: { call in
                let principal = try call.principal()
                try await call.engine.hold(
                    try await call.instance(), in: principal.tenant, reason: call.word("reason"), by: principal.actor)
                return Reply(.noContent)
            }),
        Route(
            method: .delete, path: "/api/v1/instances/{instance}/hold", name: "liftHold",
            summary: "Lifts the legal holds of an instance; they stay on record", topic: "Instances",
            access: .administering, success: .nothing, problems: [.notFound],
            handle: { call in
                let principal = try call.principal()
                let id = try await call.instance()
                guard try await call.engine.liftHolds(of: id, in: principal.tenant, by: principal.actor) else {
                    throw Problem(.notFound, "It is not on hold.")
                }
                return Reply(.noContent)
            }),
        Route(
            method: .post, path: "/api/v1/instances/{instance}/erasures", name: "erase",
            summary: "Erases what people wrote in entries of an instance; each leaves a tombstone", topic: "Instances",
            access: .administering,
            body: .object([
                .required("entries", .list(of: .integer(1 ... .max), limit: 1000), "Numbers of the entries"),
                .required("reason", .prose, "Why, without personal data: it stays"),
            ]),
            success: .json(.count("erased", "How many payloads were erased")), problems: [.notFound],
            handle: { call in
                let principal = try call.principal()
                let entries = (call.body["entries"]?.arrayValue ?? []).compactMap(\.intValue)
                let count = try await call.engine.erase(
                    entries, of: try await call.instance(), in: principal.tenant, reason: call.word("reason"),
                    by: principal.actor)
                return .json(["erased": .int(Int64(count))])
            }),
    ]

    /// An administrator grants sight of what they need not see themselves.
    private static func grantSight(_ call: Call) async throws -> Reply {
        let principal = try call.principal()
        let name = call.segment("instance")
        let known = try await call.engine.instance(referredToAs: name, in: principal.tenant)
        guard let id = known ?? Identifier(name), let until = try call.body.instant("until")
        else { throw Problem.noSuch("instance", name) }
        try await call.engine.grant(
            call.word("person"), sightOf: id, in: principal.tenant, until: until, reason: call.word("reason"),
            by: principal.actor)
        return Reply(.noContent)
    }
}

extension Offers {
    /// The offers as the API describes them.
    fileprivate var json: JSON {
        [
            "events": .array(
                events.map { event in
                    [
                        "name": .string(event.name), "title": .string(event.title),
                        "targets": .array(event.targets.map(JSON.string)), "form": .array(event.form.map(\.json)),
                        "refusal": event.refusal.map { .string($0.message) } ?? .null,
                    ]
                }),
            "tasks": .array(tasks.map(\.json)), "approvals": .array(approvals.map(\.json)),
            "corrections": .array(corrections.map(\.json)),
        ]
    }
}

extension Offers.Work {
    fileprivate var json: JSON {
        [
            "name": .string(key.name), "key": .string(key.key), "title": .string(title),
            "form": .array(form.map(\.json)), "dueAt": due.map { .string($0.description) } ?? .null,
            "refusal": refusal.map { .string($0.message) } ?? .null,
        ]
    }
}

extension Offers.Item {
    fileprivate var json: JSON {
        var item: JSONObject = ["name": .string(name), "title": .string(title)]
        switch demand {
        case .required: item["demand"] = "required"
        case .optional: item["demand"] = "optional"
        case .conditional(let condition):
            item["demand"] = "conditional"
            item["when"] = .string(condition)
        }
        if case .role = kind { item["takes"] = "people" } else { item["takes"] = "value" }
        return .object(item)
    }
}

extension Schema {
    private static let formItem = component(
        "FormItem",
        .object([
            .required("name", .name, "Name of the field or role"),
            .required("title", .prose, "Title"),
            .required("demand", .choice(["required", "conditional", "optional"]), "Whether it has to be sent"),
            .optional("when", .prose, "The condition under which it has to be sent"),
            .required("takes", .choice(["value", "people"]), "Whether it is a field or a role"),
        ]))

    private static let offeredWork = component(
        "OfferedWork",
        .object([
            .required("name", .name, "Name in the definition"),
            .required("key", .text(0...1000), "The element it is for; empty where there is only one"),
            .required("title", .prose, "Title"),
            .required("form", .list(of: formItem), "Fields of the result"),
            .required("dueAt", .nullable(.instant), "When it is due"),
            .required("refusal", .nullable(.prose), "Why the caller is not asked; null where they are"),
        ]))

    static let offers = component(
        "Offers",
        .object([
            .required(
                "events",
                .list(
                    of: component(
                        "OfferedEvent",
                        .object([
                            .required("name", .name, "Name"),
                            .required("title", .prose, "Title"),
                            .required("targets", .list(of: .name), "States that it may lead to"),
                            .required("form", .list(of: formItem), "Its form"),
                            .required(
                                "refusal", .nullable(.prose), "Why the caller cannot send it; null where they can"),
                        ]))), "Events of the present state"),
            .required("tasks", .list(of: offeredWork), "Open tasks"),
            .required("approvals", .list(of: offeredWork), "Open approvals"),
            .required("corrections", .list(of: formItem), "Fields that the caller may correct"),
        ]))
}
