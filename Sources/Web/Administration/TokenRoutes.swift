import Deadlines
import Engine
import HTTPTypes
import JSON
import Workflows

extension Route {
    /// Tokens of the caller's tenant.
    static let tokens: [Route] = [
        Route(
            method: .get, path: "/api/v1/tokens", name: "listTokens", summary: "Lists tokens, the newest first",
            topic: "Administration", access: .administering, success: .json(.list(of: .token)),
            handle: { call in
                .json(.array(try await call.engine.tokens(of: try call.principal().tenant).map(\.json)))
            }),
        Route(
            method: .post, path: "/api/v1/tokens", name: "issueToken",
            summary: "Makes a token; its text is told this once", topic: "Administration", access: .administering,
            body: .object([
                .required("name", .name, "What it is for; of a system the name by which definitions know it"),
                .optional("person", .name, "The person it acts for; a system's where absent"),
                .required("scopes", .list(of: .choice(Engine.scopes), limit: 10), "What it may do"),
                .optional("expiresAt", .instant, "When it ends; never where absent"),
            ]),
            success: .json(
                .object([
                    .required("id", .uuid, "Identifier"),
                    .required("token", .name, "The text to be sent as Authorization: Bearer"),
                ]), .created), handle: issueToken),
        Route(
            method: .delete, path: "/api/v1/tokens/{token}", name: "revokeToken",
            summary: "Ends a token; within seconds it is good for nothing", topic: "Administration",
            access: .administering, success: .nothing, problems: [.notFound],
            handle: { call in
                let text = call.segment("token")
                guard let id = Identifier(text),
                    try await call.engine.revokeToken(id, of: try call.principal().tenant)
                else { throw Problem.noSuch("token that could end", text) }
                return Reply(.noContent)
            }),
    ]

    private static func issueToken(_ call: Call) async throws -> Reply {
        let principal = try call.principal()
        let token = try await call.engine.issueToken(
            for: principal.tenant, name: call.word("name"), person: call.body["person"]?.stringValue,
            scopes: call.body["scopes"]?.arrayValue?.compactMap(\.stringValue) ?? [],
            expiresAt: try call.body.instant("expiresAt"), by: principal.actor)
        return .json(["id": .string(token.id.description), "token": .string(token.text)], .created)
    }
}

extension TokenSummary {
    /// The token as the API describes it.
    fileprivate var json: JSON {
        func text(_ instant: Instant?) -> JSON { instant.map { .string($0.description) } ?? .null }
        return [
            "id": .string(id.description), "name": .string(name), "person": person.map(JSON.string) ?? .null,
            "scopes": .array(scopes.map(JSON.string)), "createdAt": text(createdAt), "expiresAt": text(expiresAt),
            "revokedAt": text(revokedAt),
        ]
    }
}

extension Schema {
    static let token = component(
        "Token",
        .object([
            .required("id", .uuid, "Identifier"),
            .required("name", .name, "What it is for"),
            .required("person", .nullable(.name), "The person it acts for; null for a system"),
            .required("scopes", .list(of: .choice(Engine.scopes)), "What it may do"),
            .required("createdAt", .instant, "When it was made"),
            .required("expiresAt", .nullable(.instant), "When it ends"),
            .required("revokedAt", .nullable(.instant), "When it was revoked"),
        ]))
}
