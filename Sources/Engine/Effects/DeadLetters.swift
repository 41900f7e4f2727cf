import Deadlines
import JSON
import PostgresClient
import Workflows

/// An outward act that was given up until somebody looks at it.
public struct DeadLetter: Sendable {
    /// Identifier under which it was, and will be, delivered.
    public var id: Identifier
    /// The instance that caused it.
    public var instance: Identifier
    /// The journal entry that caused it.
    public var sequence: Int64
    /// `notification` or `call`.
    public var kind: String
    /// The person of a notification, the connector of a call.
    public var recipient: String
    /// The destination that it could not be delivered to; nil where no way was found at all.
    public var destination: String?
    /// What was to be delivered.
    public var body: JSON
    /// How often it was tried.
    public var attempts: Int
    /// Why it was given up.
    public var error: String
    /// When the step that caused it was recorded.
    public var createdAt: Instant
    /// When it was given up.
    public var diedAt: Instant

    static func read(_ rows: PostgresRows) throws(PostgresError) -> [DeadLetter] {
        var letters: [DeadLetter] = []
        for row in rows {
            let body = try row.decode(StoredJSON.self, at: 6)
            letters.append(
                DeadLetter(
                    id: try row.decode(at: 0), instance: try row.decode(at: 1), sequence: try row.decode(at: 2),
                    kind: try row.decode(at: 3), recipient: try row.decode(at: 4), destination: try row.decode(at: 5),
                    body: (try? body.json) ?? .null, attempts: Int(try row.decode(Int32.self, at: 7)),
                    error: try row.decode(at: 8), createdAt: try row.decode(at: 9), diedAt: try row.decode(at: 10)))
        }
        return letters
    }
}

extension Engine {
    /// Dead letters of a tenant, the oldest first.
    ///
    /// - Parameters:
    ///   - last: Begin behind this one, for the next page.
    ///   - limit: The most to return.
    public func deadLetters(
        of tenant: Identifier, after last: DeadLetter? = nil, limit: Int = 100
    ) async throws(AdministrationError) -> [DeadLetter] {
        try await deadLetters(
            of: tenant, after: (last?.diedAt ?? .earliest, last?.id ?? Identifier(high: 0, low: 0)), limit: limit)
    }

    /// Dead letters behind a place in their order.
    func deadLetters(
        of tenant: Identifier, after place: (Instant, Identifier), limit: Int
    ) async throws(AdministrationError) -> [DeadLetter] {
        try await administer { connection in
            let rows = try await connection.query(
                """
                SELECT id, instance_id, sequence, kind, destination, channel, body, attempts, error, created_at, died_at
                FROM reeve.dead_letter
                WHERE tenant_id = \(tenant)
                    AND (died_at, id) > (\(place.0), \(place.1))
                ORDER BY died_at, id
                LIMIT \(Int64(limit))
                """)
            return try DeadLetter.read(rows)
        }
    }

    /// Puts dead letters back into the outbox, with their identifiers and a fresh count of attempts.
    ///
    /// - Parameter ids: Which; nil for all of the tenant.
    /// - Returns: How many were put back.
    public func replayDeadLetters(
        _ ids: [Identifier]? = nil, of tenant: Identifier
    ) async throws(AdministrationError) -> Int {
        let isAll = ids == nil
        let chosen = ids ?? []
        let count = try await administer { connection in
            try await connection.execute(
                """
                WITH taken AS (
                    DELETE FROM reeve.dead_letter
                    WHERE tenant_id = \(tenant) AND (\(isAll) OR id = ANY (\(chosen)))
                    RETURNING *
                )
                INSERT INTO reeve.outbox (
                    tenant_id, next_at, id, instance_id, sequence, ordinal, kind, destination, channel, body,
                    created_at)
                SELECT tenant_id, clock_timestamp(), id, instance_id, sequence, ordinal, kind, destination, channel,
                    body, created_at
                FROM taken
                """)
        }
        if count > 0 { configuration.onCommit(CommitHints(earliestDue: nil, hasMessages: false, hasDeliveries: true)) }
        return count
    }

    /// Gives dead letters up for good, which their instances' deliveries say.
    ///
    /// - Returns: How many there were.
    public func discardDeadLetters(
        _ ids: [Identifier], of tenant: Identifier, reason: String, by actor: Actor
    ) async throws(AdministrationError) -> Int {
        let detail = "given up by \(actor.text): \(reason)"
        return try await administer { connection in
            try await connection.execute(
                """
                WITH taken AS (
                    DELETE FROM reeve.dead_letter
                    WHERE tenant_id = \(tenant) AND id = ANY (\(ids))
                    RETURNING *
                )
                INSERT INTO reeve.delivery (
                    tenant_id, id, instance_id, sequence, ordinal, kind, destination, channel, outcome, attempts,
                    detail)
                SELECT tenant_id, id, instance_id, sequence, ordinal, kind, destination,
                    COALESCE(channel, destination), 'dead', attempts, \(detail)
                FROM taken
                """)
        }
    }
}
