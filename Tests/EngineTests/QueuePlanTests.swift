import Deadlines
import Foundation
import JSON
import PostgresClient
import Testing
import Workflows

@testable import Engine

/// What workers ask of the queues again and again, with five million timers in them: each reads its index in order and no
/// row that it does not want, under a generic plan, whatever the planner knows of the tables.
@Suite("Plans of the queues", .timeLimit(.minutes(10)))
struct QueuePlanTests {
    /// A statement, the types of its parameters and values for them.
    private struct Hot {
        var name: String
        var query: PostgresQuery
        var types: String
        var arguments: String
        /// The queue that it reads.
        var table: String
        /// The most rows that it can be meant to touch.
        var rows: Int
        /// Rows of other tables, or of the answer, that it may pass over: one for each tenant.
        var passedOver = 0
    }

    private static let tenants = 1000
    private static let timers = 5_000_000

    /// The first tenant has four timers in five; of every tenant's some are due, the greater part is not.
    private static let crowd = """
        SET session_replication_role = replica;
        SET maintenance_work_mem = '512MB';
        INSERT INTO reeve.tenant (tenant_id, name, title, zone)
        SELECT ('00000000-0000-0000-0001-' || lpad(to_hex(n), 12, '0'))::uuid, 'tenant-' || n, 'T', 'Etc/UTC'
        FROM generate_series(1, \(tenants)) AS n;
        ALTER TABLE reeve.timer DROP CONSTRAINT timer_pkey;
        INSERT INTO reeve.timer
        SELECT ('00000000-0000-0000-0001-' || lpad(to_hex(CASE WHEN n % 5 = 0 THEN 1 + n / 5 % \(tenants) ELSE 1 END), 12, '0'))::uuid,
            now() + (n - 500000) * interval '1 second', gen_random_uuid(), 1, 'answer', ''
        FROM generate_series(1, \(timers)) AS n;
        ALTER TABLE reeve.timer ADD PRIMARY KEY (tenant_id, due_at, instance_id, generation);
        INSERT INTO reeve.instance (tenant_id, id, sequence, version, definition, state, kind, reference)
        SELECT tenant_id, tenant_id, 1, 1, 'ticket', 'waiting', 'real', 'X-1' FROM reeve.tenant;
        INSERT INTO reeve.outbox (
            tenant_id, next_at, id, instance_id, sequence, ordinal, kind, destination, body, created_at)
        SELECT tenant_id, now() + (n - 100) * interval '1 second', gen_random_uuid(), tenant_id, 1, 0, 'call', 'hook',
            '{}', now()
        FROM reeve.tenant, generate_series(1, 200) AS n;
        INSERT INTO reeve.inbox (tenant_id, target_id, source_id, source_sequence, ordinal, kind, body, created_at)
        SELECT tenant_id, md5('' || n % 50)::uuid, gen_random_uuid(), 1, 0, 'message', '{}', now()
        FROM reeve.tenant, generate_series(1, 200) AS n;
        """

    private static let hot: [Hot] = {
        let ids = (1...tenants).map { "00000000-0000-0000-0001-" + String(format: "%012x", $0) }
        let all = "'{\(ids.joined(separator: ","))}'"
        func each(_ text: String, _ count: Int = tenants) -> String {
            "'{\(Array(repeating: "\"\(text)\"", count: count).joined(separator: ","))}'"
        }
        let some = "'{\(ids.prefix(100).joined(separator: ","))}'"
        let (zero, mark) = ("00000000-0000-0000-0000-000000000000", "-infinity")
        let recently = "'{\(Array(repeating: "now", count: tenants).joined(separator: ","))}'"
        let place = TimerPlace.before(.now)
        let id = Identifier(high: 1, low: 1)
        let marks = [id: place]
        let share = TimerQueries.Share(tenant: id, after: place, limit: 2)
        let outboxMarks = [id: OutboxPlace(nextAt: .now, id: id)]
        let marksOfTimers = "\(all), \(each(mark)), \(each(zero)), \(each("0"))"
        let timerTypes = "uuid[], timestamptz[], uuid[], bigint[]"
        return [
            Hot(
                name: "survey of timers", query: TimerQueries.survey(marks: marks), types: timerTypes,
                arguments: marksOfTimers, table: "timer", rows: tenants, passedOver: tenants + 1),
            Hot(
                name: "survey of timers from now on", query: TimerQueries.survey(marks: marks), types: timerTypes,
                arguments: "\(all), \(recently), \(each(zero)), \(each("0"))", table: "timer", rows: tenants,
                passedOver: tenants + 1),
            Hot(
                name: "recheck of timers", query: TimerQueries.recheck(marks: marks), types: timerTypes,
                arguments: "\(all), \(recently), \(each(zero)), \(each("0"))", table: "timer", rows: tenants),
            Hot(
                name: "claim of timers", query: TimerQueries.claim([share]),
                types: timerTypes + ", bigint[]",
                arguments: "\(some), \(each(mark, 100)), \(each(zero, 100)), \(each("0", 100)), \(each("2", 100))",
                table: "timer", rows: 200),
            Hot(
                name: "claim of timers of one tenant", query: TimerQueries.claim([share]),
                types: timerTypes + ", bigint[]",
                arguments: "'{\(ids[0])}', '{-infinity}', '{\(zero)}', '{0}', '{200}'", table: "timer", rows: 200),
            Hot(
                name: "look for due timers", query: TimerQueries.look([share]),
                types: timerTypes + ", bigint[]",
                arguments: "\(some), \(each(mark, 100)), \(each(zero, 100)), \(each("0", 100)), \(each("2", 100))",
                table: "timer", rows: 200),
            Hot(
                name: "survey of the outbox", query: OutboxQueries.survey(marks: outboxMarks),
                types: "uuid[], timestamptz[], uuid[]", arguments: "\(all), \(each(mark)), \(each(zero))",
                table: "outbox",
                rows: tenants, passedOver: tenants + 1),
            Hot(
                name: "recheck of the outbox", query: OutboxQueries.recheck(marks: outboxMarks),
                types: "uuid[], timestamptz[], uuid[]", arguments: "\(all), \(recently), \(each(zero))",
                table: "outbox",
                rows: tenants),
            Hot(
                name: "claim of the outbox",
                query: OutboxQueries.claim(
                    [.init(tenant: id, after: OutboxPlace(nextAt: .now, id: id), limit: 2)], lease: .seconds(60)),
                types: "uuid[], timestamptz[], uuid[], bigint[], bigint",
                arguments: "\(some), \(each(mark, 100)), \(each(zero, 100)), \(each("2", 100)), 60000000",
                table: "outbox", rows: 200, passedOver: tenants + 1),
            Hot(
                name: "survey of the inbox", query: InboxQueries.survey(marks: [id: 0]), types: "uuid[], bigint[]",
                arguments: "\(all), \(each("0"))", table: "inbox", rows: tenants),
            Hot(
                name: "recheck of the inbox", query: InboxQueries.recheck(marks: [id: 0]), types: "uuid[], bigint[]",
                arguments: "\(all), \(each("100000"))", table: "inbox", rows: tenants),
            Hot(
                name: "window of the inbox", query: InboxQueries.window([.init(tenant: id, after: 0, limit: 2)]),
                types: "uuid[], bigint[], bigint[]", arguments: "\(some), \(each("0", 100)), \(each("2", 100))",
                table: "inbox", rows: 200),
        ]
    }()

    @Test("no sort, no row read in vain, with five million timers; as the engine and as the owner")
    func fiveMillion() async throws {
        try await EngineFixture.run { fixture in
            let connection = try await fixture.database.connect()
            let begun = ContinuousClock.now
            _ = try await connection.simple(Self.crowd)
            print("\(Self.timers) timers in \(ContinuousClock.now - begun)")
            // First the planner knows nothing of what has been put in, then everything.
            for isKnown in [false, true] {
                if isKnown { _ = try await connection.simple("VACUUM ANALYZE") }
                for role in ["reeve_engine", "postgres"] {
                    for mode in ["generic", "custom"] {
                        let settings = "SET ROLE \(role); SET plan_cache_mode = force_\(mode)_plan; SET jit = off"
                        _ = try await connection.simple(settings)
                        for hot in Self.hot {
                            try await check(hot, on: connection, "\(role), \(mode) plan, analysed: \(isKnown)")
                        }
                        _ = try await connection.simple("RESET ROLE; RESET ALL; DEALLOCATE ALL")
                    }
                }
            }
            await connection.close()
        }
    }

    private func check(_ hot: Hot, on connection: PostgresConnection, _ circumstances: String) async throws {
        let name = "\"\(hot.name)\""
        let results = try await connection.simple(
            """
            BEGIN;
            PREPARE \(name) (\(hot.types)) AS \(hot.query.sql);
            EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) EXECUTE \(name) (\(hot.arguments));
            ROLLBACK;
            DEALLOCATE \(name);
            """)
        let text = try #require(
            try results.flatMap { rows in
                try rows.filter { $0.count == 1 }.map { try $0.decode(String.self, at: 0) }
            }.first)
        let plan = try #require(try JSON(parsing: text)[0]?["Plan"])
        let place = "\(hot.name), \(circumstances)"
        var read = 0.0
        var passedOver = 0.0
        for node in Self.nodes(of: plan) {
            let kind = node["Node Type"]?.stringValue ?? ""
            if kind.contains("Sort") {
                let sorted = Self.nodes(of: node).compactMap { $0["Relation Name"]?.stringValue }
                #expect(!sorted.contains(hot.table), "\(place): \(text)")
            }
            let loops = node["Actual Loops"]?.doubleValue ?? 0
            let removed =
                loops
                * ((node["Rows Removed by Filter"]?.doubleValue ?? 0)
                    + (node["Rows Removed by Join Filter"]?.doubleValue ?? 0)
                    + (node["Rows Removed by Index Recheck"]?.doubleValue ?? 0))
            if node["Relation Name"]?.stringValue == hot.table, kind != "ModifyTable" {
                #expect(kind.contains("Index"), "\(place): \(text)")
                #expect(removed == 0, "\(place): \(text)")
                read += loops * (node["Actual Rows"]?.doubleValue ?? 0)
            } else {
                passedOver += removed
            }
        }
        #expect(passedOver <= Double(hot.passedOver), "\(place): \(text)")
        // The claim of the outbox reads what it takes again, to take it away.
        #expect(read <= Double(hot.rows) * 2, "\(place): \(text)")
        // A descent of the index and a row of the table for each, and no page beside.
        let pages = (plan["Shared Hit Blocks"]?.doubleValue ?? 0) + (plan["Shared Read Blocks"]?.doubleValue ?? 0)
        #expect(pages <= Double(hot.rows) * 20 + 500, "\(place): \(pages) pages: \(text)")
    }

    private static func nodes(of plan: JSON) -> [JSON] {
        [plan] + (plan["Plans"]?.arrayValue ?? []).flatMap(nodes)
    }
}
