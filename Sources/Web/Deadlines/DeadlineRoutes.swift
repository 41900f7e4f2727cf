import Deadlines
import Engine
import HTTPTypes
import JSON

extension Route {
    /// Deadlines computed by themselves.
    static let deadlines: [Route] = [
        Route(
            method: .get, path: "/api/v1/rules", name: "listRules",
            summary: "Lists the rules of law and contract, each with source, status and the day it was last verified",
            topic: "Deadlines", success: .json(.list(of: .rule)), handle: { call in .json(try call.reader().rules) }),
        Route(
            method: .post, path: "/api/v1/deadlines", name: "computeDeadline",
            summary: "Computes a deadline with the tenant's zone and calendars, step by step with sources",
            topic: "Deadlines",
            body: .object([
                .required("rule", .name, "Identifier of the rule"),
                .required("facts", .map(of: .anything), "Facts by name: an instant, or a list of them"),
                .optional("inputs", .map(of: .name), "What else the rule asks, by name: true, false or a period"),
                .optional("orders", .list(of: .name, limit: 20), "Suspensions and delays: KIND=FROM/UNTIL"),
                .optional("zone", .name, "IANA name of the zone; the rule's own or the tenant's where absent"),
                .optional("calendar", .name, "Identifier of the calendar; the rule's own or the tenant's where absent"),
            ]),
            success: .json(.computedDeadline), problems: [.rejected], handle: compute),
    ]

    private static func compute(_ call: Call) async throws -> Reply {
        var facts: [String: [Instant]] = [:]
        for (name, value) in call.body["facts"]?.objectValue ?? [:] {
            for element in value.arrayValue ?? [value] {
                guard let instant = element.stringValue.flatMap({ try? Instant($0) }) else {
                    throw Problem(.invalidBody, "The fact \(name) is no RFC 3339 instant, nor a list of them.")
                }
                facts[name, default: []].append(instant)
            }
        }
        var inquiry = DeadlineInquiry(rule: call.word("rule"), facts: facts)
        for (name, value) in call.body["inputs"]?.objectValue ?? [:] { inquiry.inputs[name] = value.stringValue }
        inquiry.orders = call.body["orders"]?.arrayValue?.compactMap(\.stringValue) ?? []
        inquiry.zone = call.body["zone"]?.stringValue
        inquiry.calendar = call.body["calendar"]?.stringValue
        do {
            return .json(try await call.reader().deadline(inquiry))
        } catch let error as DeadlineError {
            throw Problem(.rejected, error.description)
        }
    }
}

extension Schema {
    static let rule = component(
        "Rule",
        .object([
            .required("id", .name, "Identifier, such as eu.gdpr.33-1"), .required("title", .prose, "What it asks"),
            .required(
                "status", .choice(RuleStatus.allCases.map(\.rawValue)), "Whether it applies, and how sure that is"),
            .required("kind", .name, "How it is computed"), .required("period", .nullable(.name), "How long it is"),
            .required("facts", .list(of: .name), "Facts that it needs; the first starts it"),
            .required("inputs", .list(of: .name), "What else it may be told"),
            .required("suspensions", .list(of: .name), "What may suspend or delay it; nothing else does"),
            .required("calendar", .name, "Whose working days count: place, or a calendar"),
            .required("to", .prose, "To whom the act is due"), .required("source", .prose, "Where it is written"),
            .required("link", .nullable(.text(1...2000)), "Where to read it"),
            .required("verified", .name, "When the source was last checked"),
            .required("effectiveFrom", .nullable(.name), "The first day on whose facts it applies"),
            .required("effectiveUntil", .nullable(.name), "The last day on whose facts it applies"),
            .required("notes", .list(of: .prose), "When it applies, and what to know"),
            .required("version", .name, "A mark of its content"),
        ]))

    static let computedDeadline = component(
        "ComputedDeadline",
        .object([
            .required("rule", .name, "The rule"), .required("status", .name, "The rule's status"),
            .required("trigger", .nullable(.text(20...40)), "From when the period runs"),
            .required("due", .nullable(.text(20...40)), "The careful figure; null while a fact is missing"),
            .required("latest", .nullable(.text(20...40)), "What the law's own rules of computation would allow"),
            .required("zone", .name, "The zone"), .required("calendar", .nullable(.name), "The calendar"),
            .required("versions", .map(of: .prose), "Zone, calendar, tz data and rule that were read"),
            .optional("waitingFor", .list(of: .name), "Facts that are missing"),
            .optional("watch", .nullable(.text(20...40)), "By when they should be known"),
            .required("trace", .list(of: .anything), "The steps with their sources"),
        ]))
}
