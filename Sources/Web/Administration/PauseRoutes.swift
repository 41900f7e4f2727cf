import Engine
import HTTPTypes
import JSON

extension Route {
    /// What people hold: the tenant, a workflow, a destination.
    static let pauses: [Route] = [
        Route(
            method: .get, path: "/api/v1/pauses", name: "listPauses", summary: "Lists what is held",
            topic: "Administration", success: .json(.list(of: .pause)),
            handle: { call in .json(.array(try await call.reader().pauses().map(\.json))) }),
        Route(
            method: .post, path: "/api/v1/pauses", name: "pause",
            summary: "Holds the tenant, a workflow or a destination; what falls due meanwhile is recorded as late",
            topic: "Administration", access: .administering,
            body: .object(Schema.pauseProperties + [.required("reason", .prose, "Why")]), success: .nothing,
            handle: { call in
                let principal = try call.principal()
                try await call.engine.pause(
                    try call.pauseScope(), of: principal.tenant, reason: call.word("reason"), by: principal.actor)
                return Reply(.noContent)
            }),
        Route(
            method: .post, path: "/api/v1/pauses/end", name: "endPause", summary: "Lets what was held go on",
            topic: "Administration", access: .administering, body: .object(Schema.pauseProperties), success: .nothing,
            problems: [.notFound],
            handle: { call in
                guard try await call.engine.unpause(try call.pauseScope(), of: try call.principal().tenant) else {
                    throw Problem(.notFound, "That is not held.")
                }
                return Reply(.noContent)
            }),
    ]
}

extension Call {
    fileprivate func pauseScope() throws(Problem) -> PauseScope {
        guard let scope = PauseScope(scope: word("scope"), name: word("name")) else {
            throw Problem(.invalidBody, "A workflow or destination is held by name; the tenant has none.")
        }
        return scope
    }
}

extension PauseSummary {
    /// The pause as the API describes it.
    fileprivate var json: JSON {
        [
            "scope": .string(scope), "name": .string(name), "reason": .string(reason), "pausedBy": .string(pausedBy),
            "pausedAt": .string(pausedAt.description),
        ]
    }
}

extension Schema {
    private static let pauseScope = Schema.choice(["tenant", "definition", "destination"])

    fileprivate static let pauseProperties: [Property] = [
        .required("scope", pauseScope, "What is held"),
        .optional("name", .name, "Name of the workflow or destination"),
    ]

    static let pause = component(
        "Pause",
        .object([
            .required("scope", pauseScope, "What is held"),
            .required("name", .text(0...200), "Name of the workflow or destination; empty for the tenant"),
            .required("reason", .prose, "Why"),
            .required("pausedBy", .name, "Who holds it"),
            .required("pausedAt", .instant, "Since when"),
        ]))
}
