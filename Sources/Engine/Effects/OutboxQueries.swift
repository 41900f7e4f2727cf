import Deadlines
import JSON
import PostgresClient
import Workflows

/// Where a row of the outbox stands in the order in which its tenant's rows are tried.
struct OutboxPlace: Hashable, Comparable, Sendable {
    var nextAt: Instant
    var id: Identifier

    static func < (left: OutboxPlace, right: OutboxPlace) -> Bool { (left.nextAt, left.id) < (right.nextAt, right.id) }

    /// A place before this one, behind which nothing was passed over.
    var predecessor: OutboxPlace { .init(nextAt: nextAt.advanced(by: -1), id: id) }
}

/// An outward act that is to be tried now; the row is leased to this worker meanwhile.
struct OutboxRow: Sendable {
    var tenant: Identifier
    /// Where the row stands: when others may try it, should this worker end.
    var nextAt: Instant
    var id: Identifier
    var instance: Identifier
    var sequence: Int64
    var ordinal: Int32
    /// How often it was tried, this time included.
    var attempts: Int32
    var kind: String
    /// The person of a notification, the connector of a call.
    var destination: String
    /// Where it goes; nil for a notification that is still to be given its ways.
    var channel: String?
    var body: StoredJSON
    var createdAt: Instant
    /// Whether it tells of a hidden instance somebody who does not see it.
    var isDiscreet = false
    /// IANA name of the zone in which instants are told.
    var zone = "Etc/UTC"
}

/// What is asked of `reeve.outbox` and what its rows become.
enum OutboxQueries {
    typealias Share = ClaimRota<OutboxPlace>.Share

    private static let start = OutboxPlace(nextAt: .earliest, id: Identifier(high: 0, low: 0))

    /// Whether the database is the one that deliveries were last made from, and nobody holds them.
    ///
    /// After a restore the world has moved on: what the database believes to be undelivered may have been delivered.
    private static let mayDeliver = """
        NOT h.deliveries_held
            AND h.system_identifier = (SELECT system_identifier FROM pg_control_system())
            AND h.timeline = reeve.current_timeline()
            AND h.base_backup = COALESCE(reeve.base_backup(), h.base_backup)
        """

    /// Tenants with a row behind their mark that is to be tried now, or within a second.
    static func survey(marks: [Identifier: OutboxPlace]) -> PostgresQuery {
        let tenants = Array(marks.keys)
        let places = tenants.map { marks[$0] ?? start }
        return """
            SELECT first.tenant_id, first.next_at <= statement_timestamp() AS is_due,
                (EXTRACT(epoch FROM first.next_at - statement_timestamp()) * 1000000)::bigint AS due_in
            FROM (
                SELECT t.tenant_id, next.next_at
                FROM reeve.installation h
                CROSS JOIN reeve.tenant t
                LEFT JOIN unnest(\(tenants), \(places.map(\.nextAt)), \(places.map(\.id)))
                    AS mark (tenant_id, next_at, id) USING (tenant_id)
                CROSS JOIN LATERAL (
                    SELECT c.next_at
                    FROM reeve.outbox c
                    WHERE c.tenant_id = t.tenant_id
                        AND (c.next_at, c.id) > (
                            COALESCE(mark.next_at, '-infinity'),
                            COALESCE(mark.id, '00000000-0000-0000-0000-000000000000'))
                    ORDER BY c.next_at, c.id
                    LIMIT 1
                ) AS next
                WHERE \(unescaped: mayDeliver)
                    AND NOT EXISTS (
                        SELECT FROM reeve.pause p
                        WHERE p.tenant_id = t.tenant_id AND p.scope = 'tenant'
                    )
            ) AS first
            WHERE first.next_at <= statement_timestamp() + interval '1 second'
            """
    }

    /// For each mark the first row at or before it.
    static func recheck(marks: [Identifier: OutboxPlace]) -> PostgresQuery {
        let tenants = Array(marks.keys)
        let places = tenants.map { marks[$0] ?? start }
        return """
            SELECT mark.tenant_id, low.next_at, low.id
            FROM unnest(\(tenants), \(places.map(\.nextAt)), \(places.map(\.id))) AS mark (tenant_id, next_at, id)
            CROSS JOIN LATERAL (
                SELECT c.next_at, c.id
                FROM reeve.outbox c
                WHERE c.tenant_id = mark.tenant_id AND (c.next_at, c.id) <= (mark.next_at, mark.id)
                ORDER BY c.next_at, c.id
                LIMIT 1
            ) AS low
            """
    }

    /// Takes rows on lease: they move to the end of the lease, one attempt older, before anything is sent.
    static func claim(_ shares: [Share], lease: Duration) -> PostgresQuery {
        let places = shares.map { $0.after ?? start }
        return """
            WITH due AS (
                SELECT row.*
                FROM reeve.installation h
                CROSS JOIN unnest(
                    \(shares.map(\.tenant)), \(places.map(\.nextAt)), \(places.map(\.id)),
                    \(shares.map { Int64($0.limit) })
                ) AS share (tenant_id, next_at, id, quota)
                CROSS JOIN LATERAL (
                    SELECT *
                    FROM reeve.outbox c
                    WHERE c.tenant_id = share.tenant_id
                        AND (c.next_at, c.id) > (share.next_at, share.id)
                        AND c.next_at <= statement_timestamp()
                    ORDER BY c.next_at, c.id
                    LIMIT share.quota
                    FOR UPDATE SKIP LOCKED
                ) AS row
                WHERE \(unescaped: mayDeliver)
            ),
            taken AS (
                DELETE FROM reeve.outbox o
                USING due
                WHERE (o.tenant_id, o.next_at, o.id) = (due.tenant_id, due.next_at, due.id)
            ),
            leased AS (
                INSERT INTO reeve.outbox (
                    tenant_id, next_at, id, instance_id, sequence, ordinal, attempts, kind, destination, channel, body,
                    created_at)
                SELECT tenant_id, statement_timestamp() + \(lease.wholeMicroseconds) * interval '1 microsecond', id,
                    instance_id, sequence, ordinal, attempts + 1, kind, destination, channel, body, created_at
                FROM due
                RETURNING *
            )
            SELECT l.tenant_id, l.next_at, l.id, l.instance_id, l.sequence, l.ordinal, l.attempts, l.kind,
                l.destination, l.channel, l.body, l.created_at, due.next_at,
                l.kind = 'notification' AND i.visibility <> 'normal' AND NOT EXISTS (
                    SELECT FROM reeve.role_holder h
                    WHERE (h.tenant_id, h.instance_id, h.person_id) = (l.tenant_id, l.instance_id, l.destination)
                ) AND NOT EXISTS (
                    SELECT FROM reeve.task t
                    WHERE (t.tenant_id, t.instance_id) = (l.tenant_id, l.instance_id) AND l.destination = ANY (t.people)
                ) AND NOT EXISTS (
                    SELECT FROM reeve.instance_grant g
                    WHERE (g.tenant_id, g.instance_id, g.person_id) = (l.tenant_id, l.instance_id, l.destination)
                        AND g.expires_at > statement_timestamp()
                ) AS is_discreet,
                COALESCE(
                    (SELECT c.zone
                    FROM reeve.clock c
                    WHERE (c.tenant_id, c.instance_id, c.name, c.key) = (
                        l.tenant_id, l.instance_id, l.body #>> '{clock,name}',
                        COALESCE(l.body #>> '{clock,key}', ''))
                    ORDER BY c.round DESC
                    LIMIT 1), t.zone)
            FROM leased l
            JOIN due USING (tenant_id, id)
            JOIN reeve.tenant t ON t.tenant_id = l.tenant_id
            JOIN reeve.instance i ON (i.tenant_id, i.id) = (l.tenant_id, l.instance_id)
            """
    }

    /// Reads the rows of ``claim(_:lease:)`` with the place where each stood.
    static func claimed(_ rows: PostgresRows) throws(PostgresError) -> [(row: OutboxRow, place: OutboxPlace)] {
        try rows.decode(
            (
                Identifier, Instant, Identifier, Identifier, Int64, Int32, Int32, String, String, String?, StoredJSON,
                Instant, Instant, Bool, String
            ).self
        ).map { row in
            (
                OutboxRow(
                    tenant: row.0, nextAt: row.1, id: row.2, instance: row.3, sequence: row.4, ordinal: row.5,
                    attempts: row.6, kind: row.7, destination: row.8, channel: row.9, body: row.10,
                    createdAt: row.11, isDiscreet: row.13, zone: row.14),
                OutboxPlace(nextAt: row.12, id: row.2)
            )
        }
    }

    // MARK: - What becomes of a row

    /// It was delivered, or withheld since its instance is an exercise.
    static func finish(_ row: OutboxRow, outcome: String, detail: String) -> PostgresQuery {
        """
        WITH taken AS (
            DELETE FROM reeve.outbox
            WHERE (tenant_id, next_at, id) = (\(row.tenant), \(row.nextAt), \(row.id))
            RETURNING *
        )
        INSERT INTO reeve.delivery (
            tenant_id, id, instance_id, sequence, ordinal, kind, destination, channel, outcome, attempts, detail)
        SELECT tenant_id, id, instance_id, sequence, ordinal, kind, destination, COALESCE(channel, destination),
            \(outcome), attempts, \(detail)
        FROM taken
        ON CONFLICT (tenant_id, id) DO NOTHING
        """
    }

    /// It is tried again later.
    ///
    /// - Parameter isAttempt: Whether this time counts as an attempt.
    static func postpone(_ row: OutboxRow, by wait: Duration, isAttempt: Bool) -> PostgresQuery {
        """
        WITH taken AS (
            DELETE FROM reeve.outbox
            WHERE (tenant_id, next_at, id) = (\(row.tenant), \(row.nextAt), \(row.id))
            RETURNING *
        )
        INSERT INTO reeve.outbox (
            tenant_id, next_at, id, instance_id, sequence, ordinal, attempts, kind, destination, channel, body,
            created_at)
        SELECT tenant_id, clock_timestamp() + \(wait.wholeMicroseconds) * interval '1 microsecond', id,
            instance_id, sequence, ordinal, attempts - \(Int32(isAttempt ? 0 : 1)), kind, destination, channel,
            body, created_at
        FROM taken
        """
    }

    /// People have to look at it.
    static func bury(_ row: OutboxRow, error: String) -> PostgresQuery {
        """
        WITH taken AS (
            DELETE FROM reeve.outbox
            WHERE (tenant_id, next_at, id) = (\(row.tenant), \(row.nextAt), \(row.id))
            RETURNING *
        )
        INSERT INTO reeve.dead_letter (
            tenant_id, id, instance_id, sequence, ordinal, attempts, kind, destination, channel, body, error,
            created_at)
        SELECT tenant_id, id, instance_id, sequence, ordinal, attempts, kind, destination, channel, body,
            \(error), created_at
        FROM taken
        ON CONFLICT (tenant_id, id) DO NOTHING
        """
    }

    /// A notification becomes one row for each way to reach its person.
    static func expand(_ row: OutboxRow, into channels: [String]) -> PostgresQuery {
        let ids = channels.map { row.id(through: $0) }
        return """
            WITH taken AS (
                DELETE FROM reeve.outbox
                WHERE (tenant_id, next_at, id) = (\(row.tenant), \(row.nextAt), \(row.id))
                RETURNING *
            )
            INSERT INTO reeve.outbox (
                tenant_id, next_at, id, instance_id, sequence, ordinal, attempts, kind, destination, channel, body,
                created_at)
            SELECT t.tenant_id, clock_timestamp(), way.id, t.instance_id, t.sequence, t.ordinal, 0, t.kind, t.destination,
                way.channel, t.body, t.created_at
            FROM taken t
            CROSS JOIN unnest(\(ids), \(channels)) AS way (id, channel)
            """
    }
}

extension OutboxRow {
    /// The identifier of the delivery through a channel: the same whenever it is derived.
    func id(through channel: String) -> Identifier {
        .derived(from: Digest.sha256(id.bytes + Array(channel.utf8)))
    }
}
