import Deadlines
import PostgresClient
import Workflows

/// What is asked of `reeve.timer`.
///
/// All of it reads the primary key in its order: no sort, and no row is read to be thrown away.
enum TimerQueries {
    typealias Share = ClaimRota<TimerPlace>.Share

    /// The least place of all.
    private static let start = TimerPlace.before(.earliest)

    /// Tenants with a timer behind their mark that is due, or falls due within a second.
    static func survey(marks: [Identifier: TimerPlace]) -> PostgresQuery {
        let tenants = Array(marks.keys)
        let places = tenants.map { marks[$0] ?? start }
        return """
            SELECT first.tenant_id, first.due_at - statement_timestamp() <= interval '0' AS is_due,
                (EXTRACT(epoch FROM first.due_at - statement_timestamp()) * 1000000)::bigint AS due_in
            FROM (
                SELECT t.tenant_id, next.due_at
                FROM reeve.tenant t
                LEFT JOIN (SELECT \(columns:
                    tenants, places.map(\.dueAt), places.map(\.instance), places.map(\.generation)))
                    AS mark (tenant_id, due_at, instance_id, generation) USING (tenant_id)
                CROSS JOIN LATERAL (
                    SELECT c.due_at
                    FROM reeve.timer c
                    WHERE c.tenant_id = t.tenant_id
                        AND (c.due_at, c.instance_id, c.generation) > (
                            COALESCE(mark.due_at, '-infinity'),
                            COALESCE(mark.instance_id, '00000000-0000-0000-0000-000000000000'),
                            COALESCE(mark.generation, 0))
                    ORDER BY c.due_at, c.instance_id, c.generation
                    LIMIT 1
                ) AS next
                WHERE NOT EXISTS (
                    SELECT FROM reeve.pause p
                    WHERE p.tenant_id = t.tenant_id AND p.scope = 'tenant'
                )
            ) AS first
            WHERE first.due_at <= statement_timestamp() + interval '1 second'
            """
    }

    /// For each mark the first timer at or before it.
    static func recheck(marks: [Identifier: TimerPlace]) -> PostgresQuery {
        let tenants = Array(marks.keys)
        let places = tenants.map { marks[$0] ?? start }
        return """
            SELECT mark.tenant_id, low.due_at, low.instance_id, low.generation
            FROM (SELECT \(columns: tenants, places.map(\.dueAt), places.map(\.instance), places.map(\.generation)))
                AS mark (tenant_id, due_at, instance_id, generation)
            CROSS JOIN LATERAL (
                SELECT c.due_at, c.instance_id, c.generation
                FROM reeve.timer c
                WHERE c.tenant_id = mark.tenant_id
                    AND (c.due_at, c.instance_id, c.generation) <= (mark.due_at, mark.instance_id, mark.generation)
                    AND NOT (\(unescaped: hasPauses(of: "c")) AND \(unescaped: isPaused))
                ORDER BY c.due_at, c.instance_id, c.generation
                LIMIT 1
            ) AS low
            """
    }

    /// Takes due timers for each share together with their instances; those that another worker holds are left to it.
    static func claim(_ shares: [Share]) -> PostgresQuery {
        let (tenant, instance) = ("due.tenant_id", "due.instance_id")
        let columns = Holding.columns(tenant: tenant, instance: instance)
        return due(
            shares, with: ", due.ctid, \(columns)", "FOR UPDATE SKIP LOCKED",
            Holding.join(tenant: tenant, instance: instance, .skip))
    }

    /// Looks for due timers of each share, and locks nothing.
    static func look(_ shares: [Share]) -> PostgresQuery { due(shares, with: "", "", "") }

    private static func due(
        _ shares: [Share], with columns: String, _ locks: String, _ join: String
    ) -> PostgresQuery {
        let places = shares.map { $0.after ?? start }
        return """
            SELECT due.tenant_id, due.due_at, due.instance_id, due.generation, due.name, due.key, due.is_paused
                \(unescaped: columns)
            FROM (SELECT \(columns:
                shares.map(\.tenant), places.map(\.dueAt), places.map(\.instance), places.map(\.generation),
                shares.map { Int64($0.limit) })) AS share (tenant_id, due_at, instance_id, generation, quota)
            -- OFFSET keeps the planner from asking this again for every timer.
            CROSS JOIN LATERAL (SELECT \(unescaped: hasPauses(of: "share")) AS exist OFFSET 0) AS pauses
            CROSS JOIN LATERAL (
                SELECT c.*, c.ctid, pauses.exist AND \(unescaped: isPaused) AS is_paused
                FROM reeve.timer c
                WHERE c.tenant_id = share.tenant_id
                    AND (c.due_at, c.instance_id, c.generation)
                        > (share.due_at, share.instance_id, share.generation)
                    AND c.due_at <= statement_timestamp()
                ORDER BY c.due_at, c.instance_id, c.generation
                LIMIT share.quota
                \(unescaped: locks)
            ) AS due
            \(unescaped: join)
            """
    }

    /// Whether definitions of a row's tenant are paused; only then ``isPaused`` has to be asked.
    private static func hasPauses(of row: String) -> String {
        "EXISTS (SELECT FROM reeve.pause p WHERE p.tenant_id = \(row).tenant_id AND p.scope = 'definition')"
    }

    /// Whether the definition of a timer's instance is paused.
    private static let isPaused = """
        EXISTS (
            SELECT FROM reeve.instance i
            JOIN reeve.pause p ON (p.tenant_id, p.scope, p.name) = (i.tenant_id, 'definition', i.definition)
            WHERE (i.tenant_id, i.id) = (c.tenant_id, c.instance_id)
        )
        """

    // MARK: - Rows

    /// Reads the rows of ``survey(marks:)``: tenants with due timers, and when the next of the others falls due.
    static func surveyed(_ rows: PostgresRows) throws(PostgresError) -> (due: [Identifier], next: Duration?) {
        var due: [Identifier] = []
        var next: Duration?
        for (tenant, isDue, wait) in try rows.decode((Identifier, Bool, Int64).self) {
            if isDue {
                due.append(tenant)
            } else {
                // A millisecond more, since nothing may be claimed early.
                next = min(next ?? .seconds(1), .microseconds(wait) + .milliseconds(1))
            }
        }
        return (due, next)
    }

    /// Reads the rows of ``recheck(marks:)``.
    static func rechecked(_ rows: PostgresRows) throws(PostgresError) -> [(tenant: Identifier, before: TimerPlace)] {
        try rows.decode((Identifier, Instant, Identifier, Int64).self).map { tenant, dueAt, instance, generation in
            (tenant, TimerPlace(dueAt: dueAt, instance: instance, generation: generation).predecessor)
        }
    }

    /// Reads the rows of ``claim(_:)`` and ``look(_:)``.
    static func claimed(_ rows: PostgresRows) throws(PostgresError) -> [ClaimedTimer] {
        var claimed: [ClaimedTimer] = []
        claimed.reserveCapacity(rows.count)
        for row in rows {
            let timer = DueTimer(
                tenant: try row.decode(at: 0),
                place: TimerPlace(
                    dueAt: try row.decode(at: 1), instance: try row.decode(at: 2), generation: try row.decode(at: 3)),
                item: ItemKey(try row.decode(at: 4), try row.decode(at: 5)))
            let key = InstanceKey(tenant: timer.tenant, id: timer.place.instance)
            let isHeld = row.count > 7
            claimed.append(
                ClaimedTimer(
                    timer: timer, isPaused: try row.decode(at: 6), row: isHeld ? try row.decode(at: 7) : nil,
                    holding: isHeld ? try Holding(row, key, from: 8) : .busy))
        }
        return claimed
    }
}

/// What is asked of `reeve.timer_attempt`.
enum TimerAttempts {
    /// Writes down that an attempt is begun by a worker, or has failed with an error, and says how many there were.
    static func count(_ timer: DueTimer, by worker: Identifier?, error: String?) -> PostgresQuery {
        """
        INSERT INTO reeve.timer_attempt AS a (tenant_id, instance_id, generation, attempts, worker_id, error)
        VALUES (
            \(timer.tenant), \(timer.place.instance), \(timer.place.generation), 1, \(worker as Identifier?), \(error as String?))
        ON CONFLICT (tenant_id, instance_id, generation) DO UPDATE
        SET attempts = a.attempts + 1, worker_id = excluded.worker_id, error = COALESCE(excluded.error, a.error),
            attempted_at = clock_timestamp()
        RETURNING attempts
        """
    }

    /// Writes down that the attempt that was counted has come back with an error.
    static func fail(_ timer: DueTimer, error: String) -> PostgresQuery {
        """
        UPDATE reeve.timer_attempt
        SET worker_id = NULL, error = \(error)
        WHERE (tenant_id, instance_id, generation)
            = (\(timer.tenant), \(timer.place.instance), \(timer.place.generation))
        """
    }

    /// Forgets a timer that is gone.
    static func forget(_ timer: DueTimer) -> PostgresQuery {
        """
        DELETE FROM reeve.timer_attempt
        WHERE (tenant_id, instance_id, generation)
            = (\(timer.tenant), \(timer.place.instance), \(timer.place.generation))
        """
    }

    /// Forgets timers that are gone although nobody came to say so: their worker ended between their step and that.
    ///
    /// What is left behind would be taken for the one that a process ended in. Timers have no index by instance, but
    /// attempts are few, and after an unclean end alone.
    static var forgetGone: PostgresQuery {
        """
        DELETE FROM reeve.timer_attempt a
        WHERE NOT EXISTS (
            SELECT FROM reeve.timer t
            WHERE (t.tenant_id, t.instance_id, t.generation) = (a.tenant_id, a.instance_id, a.generation)
        )
        """
    }

    /// All attempts.
    static var all: PostgresQuery {
        """
        SELECT tenant_id, instance_id, generation, attempts, worker_id
        FROM reeve.timer_attempt
        """
    }

    /// Reads the rows of ``all``.
    ///
    /// - Parameter alive: Workers that are at work: what they have under way is not unfinished.
    static func known(
        _ rows: PostgresRows, alive: Set<Identifier>
    ) throws(PostgresError) -> [FailingTimers.Key: FailingTimers.Record] {
        var known: [FailingTimers.Key: FailingTimers.Record] = [:]
        for (tenant, instance, generation, attempts, worker) in try rows.decode(
            (Identifier, Identifier, Int64, Int32, Identifier?).self)
        {
            known[.init(tenant: tenant, instance: instance, generation: generation)] = .init(
                attempts: Int(attempts), isUnfinished: worker.map { !alive.contains($0) } ?? false)
        }
        return known
    }
}
