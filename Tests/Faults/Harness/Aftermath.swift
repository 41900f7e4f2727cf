import Foundation
import JSON
import PostgresClient
import Testing

/// What must hold after every failure, asked of the database, of the receiver and of what clients were told.
extension Stage {
    /// Waits until nothing is left to be done; where something waits for its time, that is let pass.
    func settle() async throws {
        let end = ContinuousClock.now + .seconds(120) + Self.duration(0) * 3
        while true {
            let (timers, messages, deliveries) = try await waiting()
            if timers.count == 0, messages.count == 0, deliveries.count == 0 { return }
            try #require(
                ContinuousClock.now < end,
                """
                \(timers.count) timers, \(messages.count) messages and \(deliveries.count) deliveries were left undone
                \(tails)
                """)
            let waits = [timers, messages, deliveries].filter { $0.count > 0 }.map(\.wait)
            if let wait = waits.min(), wait > 5 {
                try clock.advance(.milliseconds(Int(wait * 1000) + 100))
            }
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    /// What is left, and in how many seconds the first of it is due.
    private func waiting() async throws -> (
        timers: (count: Int64, wait: Double), messages: (count: Int64, wait: Double),
        deliveries: (count: Int64, wait: Double)
    ) {
        let connection = try await connect()
        let row = try await connection.query(
            """
            SELECT t.count, t.wait, m.count, m.wait, o.count, o.wait
            FROM (
                SELECT count(*), COALESCE(EXTRACT(epoch FROM min(due_at) - clock_timestamp())::float8, 0) AS wait
                FROM reeve.timer
            ) AS t
            CROSS JOIN (
                SELECT count(*), COALESCE(
                    EXTRACT(epoch FROM min(COALESCE(a.next_at, clock_timestamp())) - clock_timestamp())::float8, 0) AS wait
                FROM reeve.inbox
                LEFT JOIN reeve.inbox_attempt a USING (tenant_id, position)
            ) AS m
            CROSS JOIN (
                SELECT count(*), COALESCE(EXTRACT(epoch FROM min(next_at) - clock_timestamp())::float8, 0) AS wait
                FROM reeve.outbox
            ) AS o
            """
        ).first((Int64, Double, Int64, Double, Int64, Double).self)
        await connection.close()
        let found = try #require(row)
        return ((found.0, found.1), (found.2, found.3), (found.4, found.5))
    }

    /// Checks all promises, once everything has settled.
    ///
    /// - Parameters:
    ///   - ledgers: what clients were told of every command.
    ///   - ways: by how many destinations each person is notified.
    func expectSound(
        _ ledgers: Ledger..., ways: Int = 1, at location: SourceLocation = #_sourceLocation
    ) async throws {
        for fault in try await faults(ledgers, ways: ways) { Issue.record("\(fault)", sourceLocation: location) }
    }

    /// Every promise that is broken.
    func faults(_ ledgers: [Ledger] = [], ways: Int = 1) async throws -> [String] {
        var faults: [String] = []
        let verified = try await reeve("journal", "verify")
        if verified.status != 0 { faults.append("`journal verify` says: \(verified.words)") }
        for (promise, sql) in Self.promises {
            let count = try await count(sql.replacing("WAYS", with: String(ways)))
            if count != 0 { faults.append("\(promise) (\(count))") }
        }
        faults += try await misdelivered()
        for ledger in ledgers { faults += try await broken(ledger) }
        return faults
    }

    // MARK: - The database

    /// Each query counts what breaks a promise.
    private static let promises: [(promise: String, sql: String)] = [
        (
            "a journal has a gap, or does not end where its instance stands",
            """
            SELECT count(*) FROM (
                SELECT FROM reeve.journal j
                JOIN reeve.instance i ON (i.tenant_id, i.id) = (j.tenant_id, j.instance_id)
                GROUP BY i.tenant_id, i.id
                HAVING min(j.sequence) <> 1 OR max(j.sequence) <> count(*) OR max(j.sequence) <> min(i.sequence)
            ) AS broken
            """
        ),
        (
            "an instance has no journal",
            "SELECT count(*) FROM reeve.instance WHERE sequence = 0"
        ),
        (
            "a timer has fired twice",
            """
            SELECT count(*) FROM (
                SELECT FROM \(entries) WHERE facts #>> '{input,act}' = 'timer' GROUP BY instance_id, facts #> '{input,generation}'
                HAVING count(*) > 1
            ) AS doubled
            """
        ),
        (
            "a rung of a ladder was climbed twice, or one before it never",
            """
            SELECT count(*) FROM (
                SELECT FROM \(notes) WHERE note ->> 'note' = 'rung' GROUP BY instance_id
                HAVING count(DISTINCT note -> 'rung') <> count(*)
                    OR sum(1 + (note ->> 'skipped')::int) <> 1 + max((note ->> 'rung')::int)
            ) AS wrong
            """
        ),
        (
            "a timer has fired early",
            """
            SELECT count(*) FROM \(notes)
            JOIN reeve.clock c USING (tenant_id, instance_id)
            WHERE note ->> 'note' = 'rung'
                AND instant < c.due_at
                    - CASE WHEN c.name = 'pledge' AND note ->> 'rung' = '0' THEN interval '1 s' ELSE interval '0' END
            """
        ),
        (
            "a timer was lost: its instance still waits",
            """
            SELECT count(*) FROM reeve.instance i
            JOIN reeve.clock c ON (c.tenant_id, c.instance_id) = (i.tenant_id, i.id)
            WHERE i.state IN ('open', 'doing') AND i.status = 'running'
                AND c.due_at < clock_timestamp() - interval '2 s'
            """
        ),
        (
            "a message between instances was lost: a parent still waits for its child",
            "SELECT count(*) FROM reeve.instance WHERE state = 'closing' AND status = 'running'"
        ),
        (
            "a child was never opened, or twice",
            """
            SELECT count(*) FROM (
                SELECT tenant_id, instance_id, count(*) AS count FROM \(notes)
                WHERE note ->> 'note' = 'childOpened' GROUP BY tenant_id, instance_id
            ) AS wanted
            FULL JOIN (
                SELECT tenant_id, parent_id AS instance_id, count(*) AS count FROM reeve.instance
                WHERE parent_id IS NOT NULL GROUP BY tenant_id, parent_id
            ) AS found USING (tenant_id, instance_id)
            WHERE wanted.count IS DISTINCT FROM found.count
            """
        ),
        (
            "an effect was lost, or is there more than once",
            """
            SELECT count(*) FROM (
                SELECT tenant_id, instance_id, sequence,
                    sum(CASE note ->> 'note' WHEN 'called' THEN 1 ELSE WAYS * jsonb_array_length(note -> 'to') END) AS count
                FROM \(notes)
                WHERE note ->> 'note' IN ('called', 'notified')
                GROUP BY tenant_id, instance_id, sequence
            ) AS wanted
            FULL JOIN (
                SELECT tenant_id, instance_id, sequence, count(*) AS count
                FROM (
                    SELECT tenant_id, instance_id, sequence, id FROM reeve.delivery
                    UNION ALL SELECT tenant_id, instance_id, sequence, id FROM reeve.outbox
                    UNION ALL SELECT tenant_id, instance_id, sequence, id FROM reeve.dead_letter
                ) AS row
                GROUP BY tenant_id, instance_id, sequence
            ) AS found USING (tenant_id, instance_id, sequence)
            WHERE wanted.count IS DISTINCT FROM found.count
            """
        ),
        (
            "attempts are kept of a message that is gone",
            """
            SELECT count(*) FROM reeve.inbox_attempt a
            WHERE NOT EXISTS (SELECT FROM reeve.inbox m WHERE (m.tenant_id, m.position) = (a.tenant_id, a.position))
            """
        ),
        (
            "attempts are kept of a timer that is gone",
            """
            SELECT count(*) FROM reeve.timer_attempt a
            WHERE NOT EXISTS (
                SELECT FROM reeve.timer t
                WHERE (t.tenant_id, t.instance_id, t.generation) = (a.tenant_id, a.instance_id, a.generation)
            )
            """
        ),
    ]

    /// The instant of a step is that of PostgreSQL's clock, or the instance's last where that is later.
    private static let entries = """
        (
            SELECT tenant_id, instance_id, sequence, kind, convert_from(facts, 'UTF8')::jsonb AS facts,
                max(recorded_at) OVER (PARTITION BY tenant_id, instance_id ORDER BY sequence) AS instant
            FROM reeve.journal
        ) AS entry
        """

    private static let notes = """
        (
            SELECT entry.*, note
            FROM \(entries)
            CROSS JOIN LATERAL jsonb_array_elements(facts -> 'notes') AS note
        ) AS noted
        """

    // MARK: - The receiver

    /// Everything that the receiver has seen so far.
    func received() -> [JSON] {
        inbox.withLock { inbox in
            inbox += receiver.takeAll().filter { $0["id"] != nil }
            return inbox
        }
    }

    private func misdelivered() async throws -> [String] {
        var contents: [String: String] = [:]
        var ids: [String: String] = [:]
        var faults: [String] = []
        for message in received() {
            guard let id = message["id"]?.stringValue, let data = message["message"]?["data"] else { continue }
            let content = String(decoding: data.bytes(), as: UTF8.self)
            if let other = contents.updateValue(content, forKey: id), other != content {
                faults.append("two contents came under one identifier: \(other) \(content)")
            }
            if let other = ids.updateValue(id, forKey: content), other != id {
                faults.append("the same content came under two identifiers: \(content)")
            }
            if message["verified"] != true { faults.append("a signature was wrong") }
        }
        let connection = try await connect()
        let told = try await connection.query(
            "SELECT id::text FROM reeve.delivery WHERE outcome = 'delivered' AND channel IN ('hook', 'people')"
        ).decode(String.self)
        await connection.close()
        let unseen = told.filter { contents[$0] == nil }
        if !unseen.isEmpty { faults.append("said to be delivered, and never received: \(unseen.prefix(3))") }
        return faults
    }

    // MARK: - What clients were told

    private func broken(_ ledger: Ledger) async throws -> [String] {
        let connection = try await connect()
        let rows = try await connection.query(
            """
            SELECT instance_id::text, sequence, convert_from(payload, 'UTF8')::jsonb #>> '{input,form,note}'
            FROM reeve.journal_payload
            """
        ).decode((String, Int64, String?).self)
        await connection.close()
        var written: [String: [(instance: String, sequence: Int64)]] = [:]
        for (instance, sequence, key) in rows { written[key ?? "", default: []].append((instance, sequence)) }
        var faults: [String] = []
        for (key, outcome) in ledger.outcomes {
            let found = written[key] ?? []
            switch outcome {
            case .done(let instance, let sequence):
                guard found.count == 1, found[0] == (instance, sequence) else {
                    faults.append("\(key) was answered as entry \(sequence) of \(instance), and is written as \(found)")
                    continue
                }
            case .refused(let code):
                if !found.isEmpty { faults.append("\(key) was refused (\(code)), and is written as \(found)") }
            case .unknown: faults.append("\(key) was never answered; it is written as \(found)")
            }
        }
        return Array(faults.prefix(10)) + ledger.faults.prefix(5).map { "the server answered \($0)" }
    }
}
