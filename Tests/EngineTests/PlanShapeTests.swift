import JSON
import PostgresClient
import Testing
import Workflows

@testable import Engine

@Suite("Plans of hot statements")
struct PlanShapeTests {
    /// Many instances, put there by the superuser past all triggers.
    private static let crowd = """
        SET session_replication_role = replica;
        CREATE TEMP TABLE crowd AS
        SELECT t.tenant_id,
            overlay(gen_random_uuid()::text placing left(reeve.first_uuid_at(now())::text, 13) from 1)::uuid AS id, n
        FROM reeve.tenant t, generate_series(1, 30000) AS n;
        INSERT INTO reeve.instance (tenant_id, id, sequence, version, definition, state, kind, reference)
        SELECT tenant_id, id, 1, 1, 'ticket', 'waiting', 'real', 'X-' || n FROM crowd;
        INSERT INTO reeve.instance_data (tenant_id, instance_id, snapshot)
        SELECT tenant_id, id, '{"data": {}, "holders": {}, "acted": {}, "issued": 0}' FROM crowd;
        INSERT INTO reeve.timer (tenant_id, due_at, instance_id, generation, name, key)
        SELECT tenant_id, now() + n * interval '1 minute', id, 1, 'answer', '' FROM crowd;
        ANALYZE;
        """

    @Test("locks and reads of a batch go by key, under generic and custom plans", arguments: ["generic", "custom"])
    func batch(mode: String) async throws {
        try await EngineFixture.run { fixture in
            try await fixture.publish(ticket)
            let connection = try await fixture.database.connect()
            _ = try await connection.simple(Self.crowd)
            _ = try await connection.simple("SET ROLE reeve_engine; SET plan_cache_mode = force_\(mode)_plan")
            let event = fixture.event("remark", to: .version7(at: .now))
            let jobs = [Job(event)]
            for (index, locking) in [Locking.none, .skip, .wait(.seconds(1))].enumerated() {
                let statements = BatchRead(jobs: jobs, Targets(jobs), locking: locking).statements
                let statement = try #require(statements.first { $0.sql.contains("reeve.instance i") })
                let rows = try await connection.simple(
                    """
                    PREPARE hot_\(index) (int[], uuid[], uuid[]) AS \(statement.sql);
                    EXPLAIN EXECUTE hot_\(index) ('{0}', '{\(EngineFixture.tenant)}', '{\(event.instance)}')
                    """)
                let plan = try rows.flatMap { result in
                    try result.filter { $0.count == 1 }.map { try $0.decode(String.self, at: 0) }
                }.joined(separator: "\n")
                #expect(plan.contains("Index Scan using instance_pkey"), "\(plan)")
                #expect(plan.contains("Index Scan using instance_data_pkey"), "\(plan)")
                #expect(!plan.contains("Seq Scan"), "\(plan)")
            }
            await connection.close()
        }
    }

    @Test("a reader's list of instances is read in the order of its index, under row-level security")
    func list() async throws {
        try await EngineFixture.run { fixture in
            try await fixture.publish(ticket)
            let connection = try await fixture.database.connect()
            _ = try await connection.simple(Self.crowd)
            _ = try await connection.simple(
                "SET ROLE reeve_app; SELECT set_config('reeve.tenant', '\(EngineFixture.tenant)', false)")
            let rows = try await connection.simple(
                """
                EXPLAIN SELECT \(InstanceSummary.columns) \(InstanceSummary.tables)
                WHERE i.tenant_id = '\(EngineFixture.tenant)' ORDER BY i.id DESC LIMIT 51
                """)
            let plan = try rows[0].map { try $0.decode(String.self, at: 0) }.joined(separator: "\n")
            #expect(plan.contains("instance_pkey"), "\(plan)")
            #expect(!plan.contains("Sort"), "\(plan)")
            await connection.close()
        }
    }
}
