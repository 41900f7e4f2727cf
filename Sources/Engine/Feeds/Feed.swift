import Deadlines
import JSON
import PostgresClient
import Workflows

/// An address under which calendars read deadlines.
public struct Feed: Sendable, Equatable {
    /// The feed.
    public var id: Identifier
    /// What it is for.
    public var name: String
    /// Whose eyes it sees with.
    public var person: String
    /// Whether it shows only what that person has a part in.
    public var isOwn: Bool
    /// Who made it.
    public var createdBy: String
    /// When.
    public var createdAt: Instant
    /// When it was revoked.
    public var revokedAt: Instant?

    static let columns = "f.id, f.name, f.person_id, f.is_own, f.created_by, f.created_at, f.revoked_at"

    init(_ row: PostgresRow) throws(PostgresError) {
        id = try row.decode(at: 0)
        name = try row.decode(at: 1)
        person = try row.decode(at: 2)
        isOwn = try row.decode(at: 3)
        createdBy = try row.decode(at: 4)
        createdAt = try row.decode(at: 5)
        revokedAt = try row.decode(at: 6)
    }

    /// The feed as the API shows it.
    public var json: JSON {
        [
            "id": .string(id.description), "name": .string(name), "person": .string(person), "own": .bool(isOwn),
            "createdBy": .string(createdBy), "createdAt": .string(createdAt.description),
            "revokedAt": revokedAt.map { .string($0.description) } ?? .null,
        ]
    }
}

/// A new feed; the only time that its secret is known.
public struct IssuedFeed: Sendable {
    /// The feed.
    public var feed: Feed
    /// The part of its address that opens it.
    public var secret: String
}

extension Engine {
    /// Makes a feed that sees with a person's eyes; its address opens it to whoever has it, until it is revoked.
    ///
    /// - Parameters:
    ///   - name: what it is for.
    ///   - person: whose eyes it sees with; only their own token should be let make one.
    ///   - isOwn: whether it shows only what the person has a part in.
    /// - Throws: ``AdministrationError/invalid(_:)`` where there is no such active person, or no name.
    public func issueFeed(
        _ name: String, for person: String, isOwn: Bool, in tenant: Identifier, by actor: Actor
    ) async throws(AdministrationError) -> IssuedFeed {
        let token = TokenText(tenant: tenant, .feed)
        return try await administer { connection in
            let rows = try await connection.query(
                """
                INSERT INTO reeve.calendar_feed AS f (tenant_id, name, hash, person_id, is_own, created_by)
                SELECT \(tenant)::uuid, \(name), \(Bytea(token.hash)), p.id, \(isOwn), \(actor.text)
                FROM reeve.person p
                WHERE p.tenant_id = \(tenant) AND p.id = \(person) AND p.active
                RETURNING \(unescaped: Feed.columns)
                """)
            guard let row = rows.first else {
                throw AdministrationError.invalid("There is no active person `\(person)`.")
            }
            return IssuedFeed(feed: try Feed(row), secret: token.text)
        }
    }

    /// The feeds of a tenant, or of one person, the newest first.
    public func feeds(of tenant: Identifier, person: String?) async throws(AdministrationError) -> [Feed] {
        var selection = Selection()
        selection.require("f.tenant_id", equals: tenant)
        selection.require("f.person_id", equals: person)
        let query = selection.query(
            "SELECT \(Feed.columns) FROM reeve.calendar_feed f", "ORDER BY f.created_at DESC, f.id")
        return try await administer { connection in
            try await connection.query(query).map { try Feed($0) }
        }
    }

    /// Ends a feed; false where there is none that could end.
    ///
    /// - Parameter person: whose feeds may be ended; nil for anybody's.
    public func revokeFeed(
        _ id: Identifier, of tenant: Identifier, person: String?
    ) async throws(AdministrationError) -> Bool {
        var selection = Selection()
        selection.require("tenant_id", equals: tenant)
        selection.require("id", equals: id)
        selection.require("person_id", equals: person)
        selection.require("revoked_at IS NULL")
        let query = selection.query("UPDATE reeve.calendar_feed SET revoked_at = clock_timestamp()", "")
        return try await administer { try await $0.execute(query) == 1 }
    }

    /// The feed that a secret opens, with the viewer whose eyes it sees with; nil where it opens none.
    public func feed(
        openedBy secret: String
    ) async throws(AdministrationError) -> (feed: Feed, viewer: Viewer)? {
        guard let token = TokenText(secret, .feed) else { return nil }
        return try await administer { connection in
            let rows = try await connection.query(
                """
                SELECT \(unescaped: Feed.columns)
                FROM reeve.calendar_feed f
                JOIN reeve.person p ON (p.tenant_id, p.id) = (f.tenant_id, f.person_id)
                WHERE f.tenant_id = \(token.tenant) AND f.hash = \(Bytea(token.hash)) AND f.revoked_at IS NULL
                    AND p.active
                """)
            guard let row = rows.first else { return nil }
            let feed = try Feed(row)
            return (feed, Viewer(tenant: token.tenant, person: feed.person))
        }
    }
}
