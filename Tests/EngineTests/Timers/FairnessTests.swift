import Deadlines
import Foundation
import JSON
import PostgresClient
import Testing
import Workflows

@testable import Engine

/// A tenant with a million due timers delays nobody else by more than a second, not among a thousand tenants either.
///
/// They measure time, so they run by themselves.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct FairnessTests {
    private static let tenants = 1000
    /// What a machine that does everything at once may add to the second, to the slowest of all timers.
    private static let bound = 1.0

    /// The tenant of a number; 1 is the one with the backlog.
    private static func tenant(_ number: Int) -> Identifier { Identifier(high: 2, low: UInt64(number)) }

    @Test func aMillionDueTimersOfOneTenantDelayNoOther() async throws {
        try await measure(backlog: 1_000_000, tenants: 1...1, others: 2...Self.tenants)
    }

    @Test func aBacklogOfEachOfAThousandTenantsDelaysNoNewcomer() async throws {
        let isSoak = ProcessInfo.processInfo.environment["REEVE_SOAK"] != nil
        try await measure(
            backlog: isSoak ? 1_000_000 : 200_000, tenants: 1...(Self.tenants - 1), others: Self.tenants...Self.tenants)
    }

    /// Lets timers of some tenants fall due while others have a backlog, and measures how late they were stepped.
    private func measure(backlog: Int, tenants: ClosedRange<Int>, others: ClosedRange<Int>) async throws {
        try await EngineFixture.run { fixture in
            try await found(fixture)
            let connection = try await fixture.database.connect()
            let begun = ContinuousClock.now
            try await pile(backlog, onto: tenants, fixture, connection)
            print("a backlog of \(backlog) in \(ContinuousClock.now - begun)")
            let waiting = "SELECT count(*) FROM reeve.timer WHERE true" + Self.of(tenants)
            #expect(try await fixture.count(waiting) == Int64(backlog))
            let transport = RecordingTransport()
            let before = try await fixture.withWorkers(EngineFixture.mailing(transport)) {
                // Spread over ten seconds, the first when the worker knows every tenant and has found its pace.
                let count = try await open(others, dueIn: 10_000, spread: 10_000, fixture)
                let all = "SELECT count(*) FROM reeve.journal WHERE actor = 'worker' AND definition = 'promise'"
                let end = ContinuousClock.now + .seconds(60)
                while ContinuousClock.now < end, try await fixture.count(all + Self.of(others)) < count {
                    try await Task.sleep(for: .milliseconds(250))
                }
                #expect(try await fixture.count(all + Self.of(others)) == count)
                return try await fixture.count(waiting)
            }
            // The backlog was there to the end, and was worked off meanwhile.
            #expect(before > 0 && before < Int64(backlog), "\(before) of \(backlog) are left")
            let rows = try await connection.query(
                """
                SELECT percentile_cont(ARRAY[0.5, 0.99, 1]) WITHIN GROUP (ORDER BY late)
                FROM (
                    SELECT EXTRACT(epoch FROM j.recorded_at - c.due_at)::float8 AS late
                    FROM reeve.journal j
                    JOIN reeve.clock c USING (tenant_id, instance_id)
                    WHERE j.actor = 'worker' AND j.tenant_id BETWEEN \(Self.tenant(others.lowerBound)) AND \(Self.tenant(others.upperBound))
                ) AS timers
                """)
            let lateness = try rows[0].decode([Double].self, at: 0)
            print(
                "lateness beside \(backlog) due timers of \(tenants.count): p50, p99, most \(lateness); left \(before)")
            #expect(lateness[2] <= Self.bound, "p50, p99, most: \(lateness)")
            await connection.close()
        }
    }

    private static func of(_ tenants: ClosedRange<Int>) -> String {
        " AND tenant_id BETWEEN '\(tenant(tenants.lowerBound))' AND '\(tenant(tenants.upperBound))'"
    }

    /// A thousand tenants with a person and the promise each.
    private func found(_ fixture: EngineFixture) async throws {
        try await fixture.publish(promise)
        let connection = try await fixture.database.connect()
        _ = try await connection.simple(
            """
            SET session_replication_role = replica;
            INSERT INTO reeve.tenant (tenant_id, name, title, zone)
            SELECT ('00000000-0000-0002-0000-' || lpad(to_hex(n), 12, '0'))::uuid, 'tenant-' || n, 'T', 'Etc/UTC'
            FROM generate_series(1, \(Self.tenants)) AS n;
            INSERT INTO reeve.person (tenant_id, id, name, address)
            SELECT tenant_id, 'rita', 'Rita', 'rita@acme.example' FROM reeve.tenant WHERE name LIKE 'tenant-%';
            INSERT INTO reeve.definition
            SELECT t.tenant_id, d.name, d.version, d.title, d.reference, d.language_version, d.hash, d.source, d.published_by,
                d.published_at, d.xid
            FROM reeve.definition d, reeve.tenant t WHERE t.name LIKE 'tenant-%';
            INSERT INTO reeve.definition_edge
            SELECT t.tenant_id, e.definition, e.version, e.from_state, e.event, e.to_state, e.final
            FROM reeve.definition_edge e, reeve.tenant t WHERE t.name LIKE 'tenant-%';
            """)
        await connection.close()
    }

    /// Makes instances like one that was opened for real, whose timers are due.
    private func pile(
        _ count: Int, onto tenants: ClosedRange<Int>, _ fixture: EngineFixture, _ connection: PostgresConnection
    ) async throws {
        let model = try await fixture.openPromises(1, dueIn: -3_600_000)[0]
        _ = try await connection.simple(
            """
            SET session_replication_role = replica;
            SET synchronous_commit = off;
            CREATE TEMP TABLE crowd AS
            SELECT ('00000000-0000-0002-0000-' || lpad(to_hex(\(tenants.lowerBound) + n % \(tenants.count)), 12, '0'))::uuid
                    AS tenant_id,
                overlay(md5('' || n) placing left(replace(reeve.first_uuid_at(now())::text, '-', ''), 13) from 1)::uuid AS id, n
            FROM generate_series(1, \(count)) AS n;
            INSERT INTO reeve.instance (
                tenant_id, id, sequence, opened_at, last_at, version, definition, state, kind, reference)
            SELECT c.tenant_id, c.id, m.sequence, m.opened_at, m.last_at, m.version, m.definition, m.state, m.kind, 'B-' || n
            FROM crowd c, reeve.instance m WHERE m.id = '\(model)';
            INSERT INTO reeve.instance_data (tenant_id, instance_id, snapshot)
            SELECT c.tenant_id, c.id, m.snapshot FROM crowd c, reeve.instance_data m WHERE m.instance_id = '\(model)';
            INSERT INTO reeve.timer
            SELECT c.tenant_id, m.due_at, c.id, m.generation, m.name, m.key
            FROM crowd c, reeve.timer m WHERE m.instance_id = '\(model)';
            DELETE FROM reeve.timer WHERE instance_id = '\(model)';
            """)
        for table in ["timer", "instance", "instance_data"] {
            _ = try await connection.simple("VACUUM ANALYZE reeve.\(table)")
        }
    }

    /// Opens three promises of each of the other tenants, or thirty of a single one, by commands like anybody's.
    private func open(
        _ others: ClosedRange<Int>, dueIn milliseconds: Int64, spread: Int64, _ fixture: EngineFixture
    ) async throws -> Int64 {
        let each = others.count == 1 ? 30 : 3
        let count = others.count * each
        let now = Instant.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<count {
                let due = now.advanced(by: (milliseconds + spread * Int64(number) / Int64(count)) * 1000)
                var command = fixture.opening("promise", ["due": .string(due.description)])
                command.tenant = Self.tenant(others.lowerBound + number % others.count)
                group.addTask { [command] in _ = try await fixture.engine.submit(command) }
            }
            try await group.waitForAll()
        }
        return Int64(count)
    }
}
