import PostgresClient

/// Whether dead rows are removed as fast as they come: what slows queues down in PostgreSQL.
struct VacuumExamination {
    /// Tables whose rows come and go, or change, with every step.
    private static let hot = ["timer", "outbox", "inbox", "instance", "instance_data", "clock"]
    /// Share of a table's rows that may be dead before it is vacuumed.
    private static let greatestShare = 0.05
    /// Dead rows that are not worth a word.
    private static let fewDead: Int64 = 100_000

    let connection: PostgresConnection
    let patience: Int

    init(_ connection: PostgresConnection, patience: Int) {
        self.connection = connection
        self.patience = patience
    }

    /// What was found.
    func findings() async throws -> [Finding] {
        [try await settings(), try await deadRows(), try await transactions(), try await connections()]
    }

    private func settings() async throws -> Finding {
        let global = try await connection.query(
            "SELECT current_setting('autovacuum') = 'on' AND current_setting('track_counts') = 'on'")
        guard try global[0].decode(Bool.self, at: 0) else {
            return .mend(
                "autovacuum", "it is off: queues slow down with every row that they have held",
                "Set autovacuum = on and track_counts = on.")
        }
        let rows = try await connection.query(
            """
            SELECT c.relname::text
            FROM pg_class c
            CROSS JOIN LATERAL (
                SELECT COALESCE(max(o.option_value) FILTER (WHERE o.option_name = 'autovacuum_enabled'), 'true') AS on,
                    COALESCE(
                        max(o.option_value) FILTER (WHERE o.option_name = 'autovacuum_vacuum_scale_factor'),
                        current_setting('autovacuum_vacuum_scale_factor'))::float8 AS share
                FROM pg_options_to_table(c.reloptions) o
            ) AS setting
            WHERE c.relnamespace = 'reeve'::regnamespace AND c.relname = ANY (\(Self.hot)) AND c.relkind = 'r'
                AND (NOT setting.on::boolean OR setting.share > \(Self.greatestShare))
            ORDER BY 1
            """)
        let tables = try rows.map { "reeve." + (try $0.decode(String.self, at: 0)) }
        guard !tables.isEmpty else { return .well("autovacuum", "it is on, and set for the queues") }
        return .mend(
            "autovacuum", "it is off or comes too seldom for \(tables.joined(separator: ", "))",
            tables.map {
                "ALTER TABLE \($0) SET (autovacuum_enabled = on, autovacuum_vacuum_scale_factor = 0.02);"
            }.joined(separator: " "))
    }

    private func deadRows() async throws -> Finding {
        let rows = try await connection.query(
            """
            SELECT relname::text, n_dead_tup
            FROM pg_stat_user_tables
            WHERE schemaname = 'reeve' AND n_dead_tup > \(Self.fewDead) AND n_dead_tup > n_live_tup
            ORDER BY n_dead_tup DESC
            """)
        let tables = try rows.decode((String, Int64).self)
        guard !tables.isEmpty else { return .well("dead rows", "vacuum keeps up") }
        return .mend(
            "dead rows", tables.map { "reeve.\($0.0) has \($0.1)" }.joined(separator: ", "),
            "End transactions that hold vacuum back, if there are any; then VACUUM \(tables.map { "reeve.\($0.0)" }.joined(separator: ", "))."
        )
    }

    /// While a transaction lasts, no row that died after its beginning can be removed.
    private func transactions() async throws -> Finding {
        let rows = try await connection.query(
            """
            SELECT age, what, remedy
            FROM (
                SELECT EXTRACT(epoch FROM clock_timestamp() - xact_start)::float8 AS age,
                    format('session %s of %s (%s, %s)', pid, COALESCE(usename, backend_type),
                        COALESCE(NULLIF(application_name, ''), 'no name'), COALESCE(state, 'active')) AS what,
                    format('SELECT pg_terminate_backend(%s)', pid) AS remedy
                FROM pg_stat_activity
                WHERE backend_xmin IS NOT NULL AND pid <> pg_backend_pid() AND xact_start IS NOT NULL
                UNION ALL
                SELECT EXTRACT(epoch FROM clock_timestamp() - prepared)::float8, format('prepared transaction %s', gid),
                    format('ROLLBACK PREPARED %L', gid)
                FROM pg_prepared_xacts
            ) AS holder
            WHERE age > \(Double(patience))
            ORDER BY age DESC
            LIMIT 3
            """)
        let found = try rows.decode((Double, String, String).self)
        guard let oldest = found.first else { return .well("oldest transaction", "none holds vacuum back for long") }
        return .mend(
            "oldest transaction",
            found.map { "\($0.1) has lasted \(Int($0.0)) s" }.joined(separator: "; ") + " and holds vacuum back",
            "End what it belongs to, or: \(oldest.2)")
    }

    private func connections() async throws -> Finding {
        let rows = try await connection.query(
            """
            SELECT count(*), current_setting('max_connections')::bigint
                    - current_setting('superuser_reserved_connections')::bigint,
                COALESCE(
                    (SELECT string_agg(format('%s of %s', n, name), ', ')
                    FROM (
                        SELECT count(*) AS n, COALESCE(usename::text, 'nobody') AS name
                        FROM pg_stat_activity
                        WHERE backend_type = 'client backend' AND state = 'idle'
                        GROUP BY name ORDER BY n DESC LIMIT 3
                    ) AS idle), 'none')
            FROM pg_stat_activity
            WHERE backend_type = 'client backend'
            """)
        let (used, most, idle) = try rows[0].decode((Int64, Int64, String).self)
        guard used * 10 >= most * 9 else { return .well("connections", "\(used) of \(most) are in use") }
        return .mend(
            "connections", "\(used) of \(most) are in use; idle: \(idle)",
            "Close what nobody uses (idle_session_timeout), lower the setting connections, or raise max_connections.")
    }
}
