import Deadlines
import PostgresClient
import Workflows

/// What is asked of `reeve.recomputation`.
enum RecomputationQueries {
    /// A recomputation that a worker has to go on with.
    struct Work: Sendable {
        var tenant: Identifier
        var id: Identifier
        var reason: String
        var isApplying: Bool
        var isDryRun: Bool
        var rules: [String]
        var workflows: [String]
        var calendar: RecomputationRequest.CalendarText?
        /// The last instance that was looked at.
        var position: Identifier?
    }

    static func enter(
        _ id: Identifier, _ request: RecomputationRequest, _ tenant: Identifier, _ actor: Actor
    ) -> PostgresQuery {
        var person: String?
        if case .person(let name, _) = actor { person = name }
        return """
            INSERT INTO reeve.recomputation (
                tenant_id, id, reason, requested_by, requested_person, is_dry_run, rules, workflows, calendar_id,
                calendar_source)
            VALUES (
                \(tenant), \(id), \(request.reason), \(actor.text), \(person as String?), \(request.isDryRun),
                \(request.rules), \(request.workflows), \(request.calendar?.id as String?),
                \(request.calendar?.source as String?))
            """
    }

    static func one(_ id: Identifier, of tenant: Identifier) -> PostgresQuery {
        """
        SELECT \(unescaped: Recomputation.columns)
        FROM reeve.recomputation r
        WHERE r.tenant_id = \(tenant) AND r.id = \(id)
        """
    }

    // MARK: - What the worker does

    /// The oldest that is to be gone on with, unless its tenant is paused.
    static let next: PostgresQuery = """
        SELECT r.tenant_id, r.id, r.reason, r.status = 'applying', r.is_dry_run, r.rules, r.workflows, r.calendar_id,
            r.calendar_source, r.position
        FROM reeve.recomputation r
        WHERE r.status IN ('examining', 'applying')
            AND NOT EXISTS (
                SELECT FROM reeve.pause p
                WHERE p.tenant_id = r.tenant_id AND p.scope = 'tenant'
            )
        ORDER BY r.requested_at
        LIMIT 1
        """

    static func work(_ rows: PostgresRows) throws(PostgresError) -> Work? {
        guard let row = rows.first else { return nil }
        let calendar = try row.decode(String?.self, at: 7)
        let source = try row.decode(String?.self, at: 8)
        return Work(
            tenant: try row.decode(at: 0), id: try row.decode(at: 1), reason: try row.decode(at: 2),
            isApplying: try row.decode(at: 3), isDryRun: try row.decode(at: 4), rules: try row.decode(at: 5),
            workflows: try row.decode(at: 6),
            calendar: calendar.flatMap { id in source.map { .init(id: id, source: $0) } },
            position: try row.decode(at: 9))
    }

    /// One worker at a time does this; the lock ends with the connection.
    static let tryLock: PostgresQuery = "SELECT pg_try_advisory_lock(hashtext('reeve.recomputation'))"
    static let unlock: PostgresQuery = "SELECT pg_advisory_unlock(hashtext('reeve.recomputation'))"

    private static func condition(_ work: Work, _ selection: inout Selection) {
        selection.require("c.tenant_id", equals: work.tenant)
        selection.require("c.uses_calendar")
        selection.require("c.status IN ('waiting', 'running', 'paused')")
        selection.require("c.rule", in: work.rules)
        if !work.workflows.isEmpty {
            selection.require(
                """
                EXISTS (
                    SELECT FROM reeve.instance i
                    WHERE (i.tenant_id, i.id) = (c.tenant_id, c.instance_id)
                        AND i.definition = ANY (\(selection.bind(work.workflows))))
                """)
        }
    }

    /// How many instances have a clock that a calendar or a rule can move.
    static func total(_ work: Work) -> PostgresQuery {
        var selection = Selection()
        condition(work, &selection)
        return selection.query("SELECT count(DISTINCT c.instance_id) FROM reeve.clock c", "")
    }

    /// The next of those instances.
    static func page(_ work: Work, limit: Int) -> PostgresQuery {
        var selection = Selection()
        condition(work, &selection)
        if let position = work.position { selection.require("c.instance_id > \(selection.bind(position))") }
        return selection.query(
            "SELECT DISTINCT c.instance_id FROM reeve.clock c", "ORDER BY c.instance_id\nLIMIT \(limit)")
    }

    static func begin(_ work: Work, total: Int64) -> [PostgresQuery] {
        [
            "DELETE FROM reeve.recomputation_move WHERE tenant_id = \(work.tenant) AND recomputation_id = \(work.id)",
            """
            UPDATE reeve.recomputation
            SET total = \(total), examined = 0, moved = 0, later = 0, failed = 0
            WHERE tenant_id = \(work.tenant) AND id = \(work.id)
            """,
        ]
    }

    /// Writes down which clocks of a page would move, and how far the examination is.
    static func examined(
        _ work: Work, _ clocks: [Projections.ClockRow], failures: [(Identifier, String)], count: Int, last: Identifier
    ) -> PostgresQuery {
        """
        WITH moved AS (
            INSERT INTO reeve.recomputation_move (
                tenant_id, recomputation_id, instance_id, name, key, due_before, due_after, latest_before, latest_after)
            SELECT \(work.tenant)::uuid, \(work.id)::uuid, n.instance_id, n.name, n.key, c.due_at, n.due, c.latest_at,
                n.latest
            FROM unnest(
                \(clocks.map(\.key.id)), \(clocks.map(\.item.name)), \(clocks.map(\.item.key)), \(clocks.map(\.round)),
                \(clocks.map(\.due)), \(clocks.map(\.latest))
            ) AS n (instance_id, name, key, round, due, latest)
            JOIN reeve.clock c
                ON (c.tenant_id, c.instance_id, c.name, c.key, c.round)
                    = (\(work.tenant)::uuid, n.instance_id, n.name, n.key, n.round)
            WHERE (c.due_at, c.latest_at) IS DISTINCT FROM (n.due, n.latest)
            ON CONFLICT DO NOTHING
            RETURNING due_before, due_after, latest_before, latest_after
        ),
        failed AS (
            INSERT INTO reeve.recomputation_move (tenant_id, recomputation_id, instance_id, name, key, failure)
            SELECT \(work.tenant)::uuid, \(work.id)::uuid, f.instance_id, '', '', f.failure
            FROM unnest(\(failures.map(\.0)), \(failures.map(\.1))) AS f (instance_id, failure)
            ON CONFLICT DO NOTHING
            RETURNING 1
        )
        UPDATE reeve.recomputation
        SET position = \(last), examined = examined + \(Int64(count)),
            moved = moved + (SELECT count(*) FROM moved),
            later = later + (
                SELECT count(*)
                FROM moved
                WHERE due_before IS NOT NULL AND (due_after IS NULL OR due_after > due_before)
                    OR latest_before IS NOT NULL AND (latest_after IS NULL OR latest_after > latest_before)),
            failed = failed + (SELECT count(*) FROM failed)
        WHERE tenant_id = \(work.tenant) AND id = \(work.id)
        """
    }

    /// Writes down how far the moving is.
    static func applied(_ work: Work, clocks: Int, count: Int, last: Identifier) -> PostgresQuery {
        """
        UPDATE reeve.recomputation
        SET position = \(last), examined = examined + \(Int64(count)), applied = applied + \(Int64(clocks))
        WHERE tenant_id = \(work.tenant) AND id = \(work.id)
        """
    }

    // MARK: - From one status to the next

    /// Whether nothing becomes later and all can be computed, or two people stand behind it.
    static func mayProceed(_ id: Identifier, of tenant: Identifier) -> PostgresQuery {
        """
        SELECT r.later = 0 AND r.failed = 0
            OR (SELECT count(*) FROM reeve.recomputation_vote v
                WHERE (v.tenant_id, v.recomputation_id) = (r.tenant_id, r.id) AND v.approves)
                + (r.requested_person IS NOT NULL)::integer >= 2
        FROM reeve.recomputation r
        WHERE r.tenant_id = \(tenant) AND r.id = \(id)
        """
    }

    static func wait(_ id: Identifier, of tenant: Identifier) -> PostgresQuery {
        "UPDATE reeve.recomputation SET status = 'waiting' WHERE tenant_id = \(tenant) AND id = \(id)"
    }

    static func apply(_ id: Identifier, of tenant: Identifier, calendarVersion: Int32?) -> PostgresQuery {
        """
        UPDATE reeve.recomputation
        SET status = 'applying', position = NULL, examined = 0, applying_since = clock_timestamp(),
            calendar_version = \(calendarVersion as Int32?)
        WHERE tenant_id = \(tenant) AND id = \(id)
        """
    }

    static func end(_ id: Identifier, of tenant: Identifier, as status: Recomputation.Status) -> PostgresQuery {
        """
        UPDATE reeve.recomputation
        SET status = \(status.rawValue), ended_at = clock_timestamp()
        WHERE tenant_id = \(tenant) AND id = \(id)
        """
    }
}
