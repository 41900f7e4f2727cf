import PostgresClient

extension Engine {
    /// Everything that is measured, in Prometheus' text format: what this process counts, and how the database stands.
    ///
    /// Where the database does not answer, its part is missing and `reeve_up` is 0.
    public func metrics() async -> String {
        var text = MetricsText()
        own(&text)
        pools(&text)
        let standing = await standing.value { [self] in try? await readStanding() }
        text.gauge("reeve_up", "Whether the database answered this scrape.", [([], standing == nil ? 0 : 1)])
        standing?.write(to: &text)
        return text.text
    }

    private func own(_ text: inout MetricsText) {
        text.counter(
            "reeve_commands_total", "Commands of people and programs, by outcome.",
            Measures.CommandOutcome.allCases.map { ([("outcome", $0.rawValue)], measures.commands[$0].value) })
        text.histogram(
            "reeve_command_seconds", "From the submission of a command to its answer.", measures.commandSeconds)
        text.gauge(
            "reeve_commands_waiting", "Commands that wait to be written.", [([], Double(waitingCommands))])
        text.histogram(
            "reeve_batch_commands", "Commands, timers and messages in one transaction.", measures.batchSizes)
        text.histogram("reeve_batch_seconds", "How long a batch's transaction took.", measures.batchSeconds)
        text.counter("reeve_timers_total", "Timers that were stepped.", [([], measures.timers.value)])
        text.histogram(
            "reeve_timer_lateness_seconds", "By how much timers were stepped after they fell due.", measures.lateness)
        text.counter(
            "reeve_deliveries_total", "Attempts to deliver, by outcome.",
            Measures.DeliveryOutcome.allCases.map { ([("outcome", $0.rawValue)], measures.deliveries[$0].value) })
        text.counter(
            "reeve_http_requests_total", "Requests, by the first digit of their status.",
            measures.requests.enumerated().map { ([("status", "\($0.offset + 1)xx")], $0.element.value) })
        text.histogram("reeve_http_request_seconds", "How long requests took.", measures.requestSeconds)
        text.counter(
            "reeve_http_throttled_total", "Requests refused because their token or address asked too often.",
            [([], measures.throttled.value)])
        text.gauge(
            "reeve_http_connections", "Connections to this server.", [([], Double(measures.connections.value))])
        text.counter(
            "reeve_http_connections_refused_total", "Connections refused since all were in use.",
            [([], measures.refusedConnections.value)])
    }

    private func pools(_ text: inout MetricsText) {
        var connections: [(labels: [(String, String)], value: Double)] = []
        var waiting: [(labels: [(String, String)], value: Double)] = []
        for (name, pool) in [("write", writers), ("read", readers)] {
            let statistics = pool.statistics
            for (state, count) in [
                ("opening", statistics.opening), ("idle", statistics.idle), ("leased", statistics.leased),
            ] {
                connections.append(([("pool", name), ("state", state)], Double(count)))
            }
            waiting.append(([("pool", name)], Double(statistics.waiting)))
        }
        text.gauge("reeve_pool_connections", "Connections to the database, by pool and state.", connections)
        text.gauge("reeve_pool_waiting", "Callers that wait for a connection.", waiting)
    }

    /// Reads how the database stands, as the engine sees all tenants, within five seconds.
    private func readStanding() async throws(PostgresError) -> Standing {
        let rows = try await writers.pipeline(Standing.statements, patience: .atMost(.seconds(5)))
        return try Standing(rows)
    }
}

/// How all that is kept in the database stands at one instant.
struct Standing: Sendable {
    var pending: Int64
    var overdue: Int64
    var lag: Double
    var outbox: Int64
    var outboxAge: Double
    var dead: Int64
    var inbox: Int64
    var suspended: Int64
    var held: Double
    var workers: Int64
    var breakers: [(state: String, count: Int64)]
    var recomputations: Int64

    /// The statements that ``init(_:)`` reads.
    ///
    /// Pending timers are the planner's estimate: to count a million of them at every scrape would cost more than to
    /// step them. What is overdue is counted, to a thousand for each tenant.
    static let statements: [PostgresQuery] = [
        """
        SELECT greatest(reltuples, 0)::bigint
        FROM pg_class
        WHERE oid = 'reeve.timer'::regclass
        """,
        """
        WITH RECURSIVE tenants AS (
            (SELECT tenant_id FROM reeve.timer ORDER BY tenant_id LIMIT 1)
            UNION ALL
            SELECT (SELECT t.tenant_id FROM reeve.timer t WHERE t.tenant_id > p.tenant_id ORDER BY t.tenant_id LIMIT 1)
            FROM tenants p
            WHERE p.tenant_id IS NOT NULL
        )
        SELECT coalesce(sum(d.due), 0)::bigint,
            coalesce(extract(epoch FROM clock_timestamp() - min(d.oldest)), 0)::float8
        FROM tenants n
        CROSS JOIN LATERAL (
            SELECT count(*) AS due, min(due_at) AS oldest
            FROM (
                SELECT due_at
                FROM reeve.timer t
                WHERE t.tenant_id = n.tenant_id AND t.due_at <= statement_timestamp()
                ORDER BY due_at
                LIMIT 1000
            ) AS first
        ) AS d
        WHERE n.tenant_id IS NOT NULL
        """,
        """
        SELECT count(*), coalesce(extract(epoch FROM clock_timestamp() - min(created_at)), 0)::float8
        FROM (SELECT created_at FROM reeve.outbox LIMIT 100000) AS o
        """,
        "SELECT count(*) FROM (SELECT FROM reeve.dead_letter LIMIT 100000) AS d",
        "SELECT count(*) FROM (SELECT FROM reeve.inbox LIMIT 100000) AS i",
        "SELECT count(*) FROM reeve.instance WHERE status = 'suspended'",
        """
        SELECT coalesce(max(extract(epoch FROM clock_timestamp() - begun)), 0)::float8
        FROM (
            SELECT xact_start AS begun
            FROM pg_stat_activity
            WHERE backend_xmin IS NOT NULL AND pid <> pg_backend_pid()
            UNION ALL
            SELECT prepared FROM pg_prepared_xacts
        ) AS holder
        """,
        """
        SELECT count(*)
        FROM reeve.worker
        WHERE stopped_at IS NULL AND seen_at > clock_timestamp() - interval '30 seconds'
        """,
        "SELECT state, count(*) FROM reeve.breaker GROUP BY state ORDER BY state",
        "SELECT count(*) FROM reeve.recomputation WHERE status = 'waiting'",
    ]

    init(_ rows: [PostgresRows]) throws(PostgresError) {
        pending = try rows[0][0].decode(at: 0)
        overdue = try rows[1][0].decode(at: 0)
        lag = try rows[1][0].decode(at: 1)
        outbox = try rows[2][0].decode(at: 0)
        outboxAge = try rows[2][0].decode(at: 1)
        dead = try rows[3][0].decode(at: 0)
        inbox = try rows[4][0].decode(at: 0)
        suspended = try rows[5][0].decode(at: 0)
        held = try rows[6][0].decode(at: 0)
        workers = try rows[7][0].decode(at: 0)
        breakers = try rows[8].decode((String, Int64).self).map { (state: $0.0, count: $0.1) }
        recomputations = try rows[9][0].decode(at: 0)
    }

    func write(to text: inout MetricsText) {
        text.gauge("reeve_timers_pending", "Timers in the database, as the planner estimates.", [([], Double(pending))])
        text.gauge(
            "reeve_timers_overdue", "Timers that have fallen due and wait, at most 1000 a tenant counted.",
            [([], Double(overdue))])
        text.gauge("reeve_timers_lag_seconds", "How long the oldest of them has waited.", [([], lag)])
        text.gauge("reeve_outbox_waiting", "Deliveries that wait.", [([], Double(outbox))])
        text.gauge("reeve_outbox_age_seconds", "How old the oldest of them is.", [([], outboxAge)])
        text.gauge("reeve_dead_letters", "Deliveries that were given up and not yet replayed.", [([], Double(dead))])
        text.gauge("reeve_inbox_waiting", "Messages between instances that wait.", [([], Double(inbox))])
        text.gauge("reeve_instances_suspended", "Instances that are suspended.", [([], Double(suspended))])
        text.gauge(
            "reeve_recomputations_waiting", "Recomputations of deadlines that wait for a second person.",
            [([], Double(recomputations))])
        text.gauge(
            "reeve_vacuum_held_seconds", "Age of the oldest transaction that holds back vacuum.", [([], held)])
        text.gauge("reeve_workers", "Workers that gave a sign of life within 30 seconds.", [([], Double(workers))])
        let states = ["closed", "half-open", "open"]
        text.gauge(
            "reeve_breakers", "Destinations, by the state of their circuit breaker.",
            states.map { state in
                ([("state", state)], Double(breakers.first { $0.state == state }?.count ?? 0))
            })
    }
}
