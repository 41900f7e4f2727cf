import PostgresClient
import Testing
import Workflows

@testable import Engine

@Suite("Instances behind their locks")
struct HoldingTests {
    private static func holding(
        _ instance: Identifier, _ locking: Locking, on connection: PostgresConnection
    ) async throws -> Holding {
        let act = Act.comment("Here.")
        let jobs = [
            Job(
                Command(
                    tenant: EngineFixture.tenant, target: .instance(instance),
                    input: Input(actor: .person("rita"), act: act)))
        ]
        let read = BatchRead(jobs: jobs, Targets(jobs), locking: locking)
        let found = try read.found(in: try await connection.pipeline(read.statements))
        return try #require(found.holdings.first)
    }

    @Test("what changes while a batch waits is read as it stands behind the lock, head and data alike")
    func waiting() async throws {
        try await EngineFixture.run { fixture in
            try await fixture.publish(ticket)
            let id = try await fixture.engine.submit(fixture.opening("ticket", ["summary": "Leak"])).instance
            let (holder, waiter, third) = (
                try await fixture.database.connect(), try await fixture.database.connect(),
                try await fixture.database.connect()
            )
            _ = try await holder.simple(
                """
                SET session_replication_role = replica;
                BEGIN;
                UPDATE reeve.instance SET sequence = 7 WHERE id = '\(id)';
                UPDATE reeve.instance_data SET snapshot = jsonb_set(snapshot::jsonb, '{issued}', '77')::json
                WHERE instance_id = '\(id)'
                """)
            let waiting = Task { try await Self.holding(id, .wait(.seconds(20)), on: waiter) }
            while try await fixture.count("SELECT count(*) FROM pg_locks WHERE NOT granted") == 0 {
                try await Task.sleep(for: .milliseconds(10))
            }
            guard case .busy = try await Self.holding(id, .skip, on: third) else {
                Issue.record("an instance that another transaction holds was taken")
                return
            }
            _ = try await holder.simple("COMMIT")
            guard case .held(let stored, _) = try await waiting.value else {
                Issue.record("the instance was not taken once it was free")
                return
            }
            #expect(stored.head.sequence == 7)
            #expect(try stored.snapshot.issued == 77)
            for connection in [holder, waiter, third] { await connection.close() }
        }
    }

    @Test("an instance that is not there is told from one that is held")
    func absent() async throws {
        try await EngineFixture.run { fixture in
            let connection = try await fixture.database.connect()
            for locking in [Locking.none, .skip, .wait(.seconds(1))] {
                guard case .absent = try await Self.holding(.version7(at: .now), locking, on: connection) else {
                    Issue.record("something was found where there is nothing")
                    continue
                }
                await connection.rollback()
            }
            await connection.close()
        }
    }
}
