import Engine
import HTTPTypes
import JSON
import Workflows

extension Route {
    /// What leaves, what could not, and where it goes.
    static let deliveries: [Route] = [
        Route(
            method: .get, path: "/api/v1/instances/{instance}/deliveries", name: "listDeliveries",
            summary: "Lists the deliveries of an instance, made and waiting; the newest 200", topic: "Deliveries",
            success: .json(.list(of: .delivery, limit: 200)), problems: [.notFound],
            handle: { call in
                let id = try await call.instance()
                return .json(.array(try await call.reader().deliveries(of: id).map(\.json)))
            }),
        Route(
            method: .get, path: "/api/v1/dead-letters", name: "listDeadLetters",
            summary: "Lists what could not be delivered, the oldest first", topic: "Deliveries",
            access: .administering, query: .page, success: .json(.page(of: .deadLetter)),
            handle: { call in
                let tenant = try call.principal().tenant
                return .page(try await call.engine.deadLetters(of: tenant, page: try call.page()), \.json)
            }),
        Route(
            method: .post, path: "/api/v1/dead-letters/replay", name: "replayDeadLetters",
            summary: "Puts dead letters back, under their identifiers", topic: "Deliveries", access: .administering,
            body: .object([.optional("ids", .list(of: .uuid, limit: 1000), "Which; all where absent")]),
            success: .json(.count("replayed", "How many were put back")),
            handle: { call in
                let ids = call.body["ids"] == nil ? nil : call.identifiers("ids")
                let count = try await call.engine.replayDeadLetters(ids, of: try call.principal().tenant)
                return .json(["replayed": .int(Int64(count))])
            }),
        Route(
            method: .post, path: "/api/v1/dead-letters/discard", name: "discardDeadLetters",
            summary: "Gives dead letters up for good", topic: "Deliveries", access: .administering,
            body: .object([
                .required("ids", .list(of: .uuid, limit: 1000), "Which"), .required("reason", .prose, "Why"),
            ]),
            success: .json(.count("discarded", "How many there were")),
            handle: { call in
                let principal = try call.principal()
                let count = try await call.engine.discardDeadLetters(
                    call.identifiers("ids"), of: principal.tenant, reason: call.word("reason"), by: principal.actor)
                return .json(["discarded": .int(Int64(count))])
            }),
        Route(
            method: .get, path: "/api/v1/destinations", name: "listDestinations",
            summary: "Lists destinations, never with their secrets", topic: "Deliveries", access: .administering,
            success: .json(.list(of: .destination)),
            handle: { call in
                .json(.array(try await call.engine.destinations(of: try call.principal().tenant).map(\.json)))
            }),
        Route(
            method: .put, path: "/api/v1/destinations/{destination}", name: "saveDestination",
            summary: "Adds a destination, or replaces the one of its name", topic: "Deliveries",
            access: .administering, body: .destinationSettings, success: .nothing, handle: saveDestination),
        Route(
            method: .delete, path: "/api/v1/destinations/{destination}", name: "removeDestination",
            summary: "Removes a destination; what waits for it becomes dead letters", topic: "Deliveries",
            access: .administering, success: .nothing, problems: [.notFound],
            handle: { call in
                let name = call.segment("destination")
                guard try await call.engine.removeDestination(name, of: try call.principal().tenant) else {
                    throw Problem.noSuch("destination", name)
                }
                return Reply(.noContent)
            }),
    ]

    private static func saveDestination(_ call: Call) async throws -> Reply {
        let destination = Destination(
            name: call.segment("destination"), transport: call.word("transport"),
            settings: call.body["settings"]?.objectValue ?? [:],
            secrets: call.body["secrets"]?.arrayValue?.compactMap(\.stringValue) ?? [])
        try await call.engine.save(
            destination, for: try call.principal().tenant, checkedBy: call.outward.transports, keys: call.outward.keys)
        return Reply(.noContent)
    }
}

extension Call {
    /// A member of the body that is a list of identifiers; the route's schema has made sure of it.
    func identifiers(_ name: String) -> [Identifier] {
        (body[name]?.arrayValue ?? []).compactMap { $0.stringValue.flatMap { Identifier($0) } }
    }
}

extension DeliverySummary {
    /// The delivery as the API describes it.
    fileprivate var json: JSON {
        [
            "id": .string(id.description), "sequence": .int(sequence), "kind": .string(kind),
            "recipient": .string(recipient), "destination": destination.map(JSON.string) ?? .null,
            "status": .string(status), "attempts": .int(Int64(attempts)), "detail": detail.map(JSON.string) ?? .null,
            "at": .string(at.description),
        ]
    }
}

extension DeadLetter {
    /// The dead letter as the API describes it.
    fileprivate var json: JSON {
        [
            "id": .string(id.description), "instance": .string(instance.description), "sequence": .int(sequence),
            "kind": .string(kind), "recipient": .string(recipient),
            "destination": destination.map(JSON.string) ?? .null, "attempts": .int(Int64(attempts)),
            "error": .string(error), "createdAt": .string(createdAt.description), "diedAt": .string(diedAt.description),
        ]
    }
}

extension DestinationSummary {
    /// The destination as the API describes it.
    fileprivate var json: JSON {
        [
            "name": .string(name), "transport": .string(transport), "settings": .object(settings),
            "secretKey": secretKeyID.map(JSON.string) ?? .null, "breaker": .string(breaker),
            "error": error.map(JSON.string) ?? .null, "paused": .bool(isPaused),
        ]
    }
}

extension Schema {
    /// An object with one number.
    static func count(_ name: String, _ summary: String) -> Schema {
        .object([.required(name, .integer(0 ... .max), summary)])
    }

    static let delivery = component(
        "Delivery",
        .object([
            .required("id", .uuid, "Identifier, the same at every attempt"),
            .required("sequence", .integer(1 ... .max), "The journal entry that caused it"),
            .required("kind", .choice(["notification", "call"]), "What leaves"),
            .required("recipient", .name, "The person told, or the connector called"),
            .required("destination", .nullable(.name), "The destination it goes by"),
            .required("status", .choice(["waiting", "delivered", "withheld", "dead"]), "Where it stands"),
            .required("attempts", .integer(0 ... .max), "How often it was tried"),
            .required("detail", .nullable(.text(0...20_000)), "What the receiver said, or why it was given up"),
            .required("at", .instant, "When it ended; while it waits, when it is tried next"),
        ]))

    static let deadLetter = component(
        "DeadLetter",
        .object([
            .required("id", .uuid, "Identifier under which it is delivered"),
            .required("instance", .uuid, "The instance that caused it"),
            .required("sequence", .integer(1 ... .max), "The journal entry that caused it"),
            .required("kind", .choice(["notification", "call"]), "What was to leave"),
            .required("recipient", .name, "The person to tell, or the connector to call"),
            .required("destination", .nullable(.name), "The destination; null where no way was found at all"),
            .required("attempts", .integer(0 ... .max), "How often it was tried"),
            .required("error", .text(0...20_000), "Why it was given up"),
            .required("createdAt", .instant, "When the step that caused it was recorded"),
            .required("diedAt", .instant, "When it was given up"),
        ]))

    static let destination = component(
        "Destination",
        .object([
            .required("name", .name, "Name"),
            .required("transport", .name, "The transport that serves it"),
            .required("settings", .map(of: .anything), "The transport's settings"),
            .required("secretKey", .nullable(.name), "The key that its secret is kept under; null where it has none"),
            .required("breaker", .choice(["closed", "open", "half-open"]), "State of its circuit breaker"),
            .required("error", .nullable(.text(0...20_000)), "Why it failed last"),
            .required("paused", .boolean, "Whether a person holds it"),
        ]))

    static let destinationSettings = component(
        "DestinationSettings",
        .object([
            .required("transport", .name, "The transport that serves it: mail or webhook"),
            .required("settings", .map(of: .anything), "The transport's settings"),
            .optional(
                "secrets", .list(of: .text(1...4000), limit: 10), "Secrets, the present one first; kept where absent"),
        ]))
}
