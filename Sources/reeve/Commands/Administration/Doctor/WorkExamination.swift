import Engine
import PostgresClient

/// Whether what is due gets done.
struct WorkExamination {
    let connection: PostgresConnection
    let engine: Engine
    let patience: Int

    init(_ connection: PostgresConnection, _ engine: Engine, patience: Int) {
        self.connection = connection
        self.engine = engine
        self.patience = patience
    }

    /// What was found.
    func findings() async throws -> [Finding] {
        var findings = await engine.health().checks.filter { $0.name == "worker" }.map { check in
            check.isGood
                ? Finding.well("worker", check.detail)
                : .mend("worker", check.detail, "Start `reeve worker`: without one nothing escalates.")
        }
        findings.append(try await timers())
        findings.append(try await suspensions())
        findings.append(try await partitions())
        findings.append(try await restoration())
        findings.append(try await outbox())
        findings.append(try await inbox())
        findings.append(try await breakers())
        findings.append(try await letters())
        return findings
    }

    private func timers() async throws -> Finding {
        let rows = try await connection.query(
            """
            SELECT t.name, EXTRACT(epoch FROM clock_timestamp() - first.due_at)::bigint
            FROM reeve.tenant t
            CROSS JOIN LATERAL (
                SELECT due_at FROM reeve.timer c WHERE c.tenant_id = t.tenant_id ORDER BY due_at LIMIT 1
            ) AS first
            WHERE first.due_at < clock_timestamp() - make_interval(secs => \(Double(patience)))
                AND NOT EXISTS (SELECT FROM reeve.pause p WHERE (p.tenant_id, p.scope) = (t.tenant_id, 'tenant'))
            ORDER BY first.due_at
            LIMIT 5
            """)
        let late = try rows.decode((String, Int64).self).map { "of \($0.0) for \($0.1) s" }
        guard !late.isEmpty else { return .well("timers", "none has waited for long") }
        return .mend(
            "timers", "due and not stepped: \(late.joined(separator: ", "))",
            "See that workers run and that the database is not overloaded; the worker's log names timers whose step fails."
        )
    }

    private func suspensions() async throws -> Finding {
        let rows = try await connection.query("SELECT count(*) FROM reeve.instance WHERE status = 'suspended'")
        let count = try rows[0].decode(Int64.self, at: 0)
        guard count > 0 else { return .well("instances", "none is suspended") }
        return .note(
            "instances", "\(count) suspended",
            "`reeve list --status suspended` shows them; `reeve resume` lets one go on.")
    }

    /// Entries without a partition of their month cannot be detached when their time is over.
    private func partitions() async throws -> Finding {
        let rows = try await connection.query(
            """
            SELECT partition
            FROM unnest(ARRAY['journal', 'journal_payload']) AS parent,
                unnest(ARRAY[clock_timestamp(), clock_timestamp() + interval '1 month']) AS instant,
                LATERAL format('%s_%s', parent, to_char(instant AT TIME ZONE 'UTC', 'YYYY_MM')) AS partition
            WHERE to_regclass('reeve.' || partition) IS NULL
            ORDER BY 1
            """)
        let missing = try rows.map { try $0.decode(String.self, at: 0) }
        guard !missing.isEmpty else { return .well("partitions", "this month's and the next one's are there") }
        return .mend(
            "partitions", "missing: \(missing.joined(separator: ", "))",
            "Start a worker, which makes them; or, as reeve_engine: SELECT reeve.prepare_partitions(now() + interval '3 months')."
        )
    }

    private func restoration() async throws -> Finding {
        let state = try await engine.restoration(limit: 0)
        switch state.cause {
        case nil: return .well("deliveries", "\(state.waiting) wait")
        case .held:
            return .mend(
                "deliveries", "held by a person, \(state.waiting) wait",
                "`reeve resume --after-restore` lets them go on.")
        case .otherCluster, .otherTimeline, .baseBackup:
            return .mend(
                "deliveries", "held since the database was restored or failed over, \(state.waiting) wait",
                "`reeve resume --after-restore` lists what would be sent, then lets it go.")
        }
    }

    private func outbox() async throws -> Finding {
        let rows = try await connection.query(
            """
            SELECT format('%s of %s to %s, the oldest for %s s after %s attempts', count(*), t.name,
                COALESCE(o.channel, o.destination),
                EXTRACT(epoch FROM clock_timestamp() - min(o.created_at))::bigint, max(o.attempts))
            FROM reeve.outbox o
            JOIN reeve.tenant t USING (tenant_id)
            WHERE o.created_at < clock_timestamp() - make_interval(secs => \(Double(patience)))
            GROUP BY t.name, COALESCE(o.channel, o.destination)
            ORDER BY min(o.created_at)
            LIMIT 5
            """)
        let stuck = try rows.map { try $0.decode(String.self, at: 0) }
        guard !stuck.isEmpty else { return .well("stuck deliveries", "none") }
        return .mend(
            "stuck deliveries", stuck.joined(separator: "; "),
            "`reeve deliveries destinations` shows which does not answer and why; mend it, and they go on by themselves."
        )
    }

    private func inbox() async throws -> Finding {
        let rows = try await connection.query(
            """
            SELECT format('%s of %s: %s', count(*), t.name, COALESCE(max(a.error), 'no reason known'))
            FROM reeve.inbox_attempt a
            JOIN reeve.tenant t USING (tenant_id)
            WHERE a.attempts >= 3
            GROUP BY t.name
            ORDER BY t.name
            LIMIT 5
            """)
        let stuck = try rows.map { try $0.decode(String.self, at: 0) }
        guard !stuck.isEmpty else { return .well("messages", "instances take what others tell them") }
        return .mend(
            "messages", "not taken after several attempts: \(stuck.joined(separator: "; "))",
            "Where the cause is the definition, publish a newer version and upgrade the instance; else see the worker's log."
        )
    }

    private func breakers() async throws -> Finding {
        let rows = try await connection.query(
            """
            SELECT format('%s of %s since %s: %s', b.destination, t.name,
                to_char(b.changed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI "UTC"'), COALESCE(b.error, 'no answer'))
            FROM reeve.breaker b
            JOIN reeve.tenant t USING (tenant_id)
            WHERE b.state <> 'closed'
            ORDER BY b.changed_at
            LIMIT 5
            """)
        let open = try rows.map { try $0.decode(String.self, at: 0) }
        guard !open.isEmpty else { return .well("destinations", "none is given a rest") }
        return .mend(
            "destinations", "given a rest after failures: \(open.joined(separator: "; "))",
            "Mend the destination; it is tried again by itself.")
    }

    private func letters() async throws -> Finding {
        var tenants: [String] = []
        for tenant in try await engine.tenants() where try await !engine.deadLetters(of: tenant.id, limit: 1).isEmpty {
            tenants.append(tenant.name)
        }
        return tenants.isEmpty
            ? .well("dead letters", "none")
            : .mend(
                "dead letters", "of \(tenants.joined(separator: ", "))",
                "`reeve deliveries dead` shows them with the reason, `reeve deliveries replay` sends them again.")
    }
}
