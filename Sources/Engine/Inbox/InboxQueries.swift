import JSON
import PostgresClient
import Workflows

/// A message that waits for its target.
struct InboxMessage: Sendable {
    var tenant: Identifier
    var position: Int64
    var target: Identifier
    var source: Identifier
    var kind: String
    var body: StoredJSON
    /// How often it could not be taken; 0 where it was never tried.
    var attempts: Int
    /// Whether it is to wait before the next attempt.
    var isResting: Bool

    var key: InstanceKey { InstanceKey(tenant: tenant, id: target) }

    /// What the message asks for, which takes the message away.
    var command: Command {
        get throws(CorruptRow) {
            do {
                let json = try body.json
                let input = try Input(facts: json["input"] ?? .null, written: nil)
                let target: Command.Target
                if kind == "open", case .open = input.act {
                    target = .opening(workflow: json["workflow"]?.stringValue ?? "")
                } else {
                    target = .instance(self.target)
                }
                return Command(tenant: tenant, target: target, input: input, origin: .inbox(position: position))
            } catch {
                throw CorruptRow("the message at position \(position) cannot be read: \(error)")
            }
        }
    }
}

/// What is asked of `reeve.inbox`.
enum InboxQueries {
    typealias Share = ClaimRota<Int64>.Share

    /// Tenants with a message behind their mark.
    static func survey(marks: [Identifier: Int64]) -> PostgresQuery {
        let tenants = Array(marks.keys)
        return """
            SELECT t.tenant_id
            FROM reeve.tenant t
            LEFT JOIN unnest(\(tenants), \(tenants.map { marks[$0] ?? 0 })) AS mark (tenant_id, position)
                USING (tenant_id)
            WHERE EXISTS (
                    SELECT FROM reeve.inbox m
                    WHERE m.tenant_id = t.tenant_id AND m.position > COALESCE(mark.position, 0)
                )
                AND NOT EXISTS (
                    SELECT FROM reeve.pause p
                    WHERE p.tenant_id = t.tenant_id AND p.scope = 'tenant'
                )
            """
    }

    /// For each mark the first message at or before it that is not to wait.
    static func recheck(marks: [Identifier: Int64]) -> PostgresQuery {
        let tenants = Array(marks.keys)
        return """
            SELECT mark.tenant_id, low.position
            FROM unnest(\(tenants), \(tenants.map { marks[$0] ?? 0 })) AS mark (tenant_id, position)
            CROSS JOIN LATERAL (
                SELECT m.position
                FROM reeve.inbox m
                WHERE m.tenant_id = mark.tenant_id AND m.position <= mark.position
                    AND NOT EXISTS (
                        SELECT FROM reeve.inbox_attempt a
                        WHERE (a.tenant_id, a.position) = (m.tenant_id, m.position)
                            AND a.next_at > statement_timestamp()
                    )
                ORDER BY m.position
                LIMIT 1
            ) AS low
            """
    }

    /// The next messages of each share, by position and target alone.
    ///
    /// Every message has an instant of its making. Asking for it keeps the planner from what looks cheap while messages
    /// are few: to read them all from the index by target, which has every other column, and to sort them.
    static func window(_ shares: [Share]) -> PostgresQuery {
        """
        SELECT next.tenant_id, next.position, next.target_id
        FROM unnest(\(shares.map(\.tenant)), \(shares.map { $0.after ?? 0 }), \(shares.map { Int64($0.limit) }))
            AS share (tenant_id, position, quota)
        CROSS JOIN LATERAL (
            SELECT m.tenant_id, m.position, m.target_id
            FROM reeve.inbox m
            WHERE m.tenant_id = share.tenant_id AND m.position > share.position AND m.created_at <= 'infinity'
            ORDER BY m.position
            LIMIT share.quota
        ) AS next
        """
    }

    /// The first messages of each target, in order; reading begins with the oldest, so that none is overtaken.
    static func messages(of targets: [InstanceKey], limit: Int) -> PostgresQuery {
        """
        SELECT m.tenant_id, m.position, m.target_id, m.source_id, m.kind, m.body, COALESCE(a.attempts, 0),
            COALESCE(a.next_at > statement_timestamp(), false)
        FROM unnest(\(targets.map(\.tenant)), \(targets.map(\.id))) AS target (tenant_id, id)
        CROSS JOIN LATERAL (
            SELECT *
            FROM reeve.inbox i
            WHERE (i.tenant_id, i.target_id) = (target.tenant_id, target.id)
            ORDER BY i.position
            LIMIT \(Int64(limit))
        ) AS m
        LEFT JOIN reeve.inbox_attempt a ON (a.tenant_id, a.position) = (m.tenant_id, m.position)
        ORDER BY m.position
        """
    }

    /// Reads the rows of ``messages(of:limit:)``.
    static func messages(_ rows: PostgresRows) throws(PostgresError) -> [InboxMessage] {
        try rows.decode((Identifier, Int64, Identifier, Identifier, String, StoredJSON, Int32, Bool).self).map { row in
            InboxMessage(
                tenant: row.0, position: row.1, target: row.2, source: row.3, kind: row.4, body: row.5,
                attempts: Int(row.6), isResting: row.7)
        }
    }

    /// Writes down an attempt that failed, or is about to be made, and how long the message rests after it.
    static func attempt(_ message: InboxMessage, error: String?, rest: Duration) -> PostgresQuery {
        """
        INSERT INTO reeve.inbox_attempt AS a (tenant_id, position, attempts, error, next_at)
        VALUES (
            \(message.tenant), \(message.position), 1, \(error as String?),
            clock_timestamp() + \(rest.wholeMicroseconds) * interval '1 microsecond')
        ON CONFLICT (tenant_id, position) DO UPDATE
        SET attempts = a.attempts + 1, error = COALESCE(excluded.error, a.error), next_at = excluded.next_at
        """
    }

    /// Forgets the attempts of all messages that are gone, whoever took them.
    static var forgetGone: PostgresQuery {
        """
        DELETE FROM reeve.inbox_attempt a
        WHERE NOT EXISTS (SELECT FROM reeve.inbox m WHERE (m.tenant_id, m.position) = (a.tenant_id, a.position))
        """
    }

    /// Forgets the attempts of messages that are gone.
    static func forget(_ messages: [InboxMessage]) -> PostgresQuery {
        """
        DELETE FROM reeve.inbox_attempt a
        USING unnest(\(messages.map(\.tenant)), \(messages.map(\.position))) AS gone (tenant_id, position)
        WHERE (a.tenant_id, a.position) = (gone.tenant_id, gone.position)
        """
    }
}
