import Deadlines
import PostgresClient
import Workflows

extension Engine {
    /// The scopes that tokens can have; `represent` lets their person act on behalf of others.
    public static let scopes = ["read", "write", "represent", "admin", "audit"]

    /// Makes a token for a person or a system.
    ///
    /// - Parameters:
    ///   - name: what it is for; the connector's name where it acts for no person.
    ///   - person: the person it acts for; nil for a system.
    ///   - scopes: what it may do, of ``scopes``.
    ///   - expiresAt: when it ends; nil for never.
    /// - Throws: ``AdministrationError/invalid(_:)`` for an unknown scope or person.
    public func issueToken(
        for tenant: Identifier, name: String, person: String? = nil, scopes: [String], expiresAt: Instant? = nil,
        by actor: Actor
    ) async throws(AdministrationError) -> IssuedToken {
        if let unknown = scopes.first(where: { !Self.scopes.contains($0) }) {
            throw .invalid("There is no scope `\(unknown)`, only \(Self.scopes.joined(separator: ", ")).")
        }
        guard !scopes.isEmpty else { throw .invalid("A token needs a scope: \(Self.scopes.joined(separator: ", ")).") }
        let token = TokenText(tenant: tenant)
        return try await administer { connection in
            if let person {
                let known = try await connection.query(
                    "SELECT FROM reeve.person WHERE (tenant_id, id) = (\(tenant), \(person))")
                guard !known.isEmpty else {
                    throw AdministrationError.invalid("There is no person `\(person)` in the directory.")
                }
            }
            let rows = try await connection.query(
                """
                INSERT INTO reeve.api_token (tenant_id, name, hash, person_id, scopes, created_by, expires_at)
                VALUES (
                    \(tenant), \(name), \(Bytea(token.hash)), \(person as String?), \(scopes), \(actor.text),
                    \(expiresAt as Instant?))
                RETURNING id
                """)
            return IssuedToken(id: try rows[0].decode(at: 0), text: token.text)
        }
    }

    /// Whom a token's text stands for; nil where it is none, has ended or was revoked.
    public func principal(ofToken text: String) async throws(AdministrationError) -> Principal? {
        guard let token = TokenText(text) else { return nil }
        let hash = token.hash
        if let known = tokens.principal(hash) { return known }
        let found: Principal? = try await administer { connection in
            let rows = try await connection.query(
                """
                SELECT k.id, k.name, k.person_id, k.scopes
                FROM reeve.api_token k
                LEFT JOIN reeve.person p ON (p.tenant_id, p.id) = (k.tenant_id, k.person_id)
                WHERE k.tenant_id = \(token.tenant) AND k.hash = \(Bytea(hash)) AND k.revoked_at IS NULL
                    AND (k.expires_at IS NULL OR k.expires_at > statement_timestamp())
                    AND (k.person_id IS NULL OR p.active)
                """)
            guard let (id, name, person, scopes) = try rows.first((Identifier, String, String?, [String]).self) else {
                return nil
            }
            return Principal(tenant: token.tenant, token: id, name: name, person: person, scopes: Set(scopes))
        }
        if let found { tokens.keep(found, for: hash) }
        return found
    }

    /// Whether a text has been a good token before, as far as this process knows: such a one may be looked up even while
    /// somebody guesses.
    public func hasSeen(token text: String) -> Bool { TokenText(text).map { tokens.hasSeen($0.hash) } ?? false }

    /// Ends a token; false where there is none that could end.
    public func revokeToken(_ id: Identifier, of tenant: Identifier) async throws(AdministrationError) -> Bool {
        defer { tokens.forget() }
        return try await administer { connection in
            try await connection.execute(
                """
                UPDATE reeve.api_token
                SET revoked_at = clock_timestamp()
                WHERE tenant_id = \(tenant) AND id = \(id) AND revoked_at IS NULL
                """) == 1
        }
    }

    /// The tokens of a tenant, the newest first.
    public func tokens(of tenant: Identifier) async throws(AdministrationError) -> [TokenSummary] {
        try await administer { connection in
            try await connection.query(
                """
                SELECT id, name, person_id, scopes, created_at, expires_at, revoked_at
                FROM reeve.api_token
                WHERE tenant_id = \(tenant)
                ORDER BY created_at DESC, id
                """
            ).map { row in
                TokenSummary(
                    id: try row.decode(at: 0), name: try row.decode(at: 1), person: try row.decode(at: 2),
                    scopes: try row.decode(at: 3), createdAt: try row.decode(at: 4), expiresAt: try row.decode(at: 5),
                    revokedAt: try row.decode(at: 6))
            }
        }
    }
}
