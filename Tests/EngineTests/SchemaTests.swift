import JSON
import PostgresClient
import Testing
import Workflows

@testable import Engine

@Suite("Schema")
struct SchemaTests {
    /// Tables that belong to the installation and to no tenant.
    private static let global = "'installation', 'worker'"

    @Test("every key begins with the tenant")
    func keys() async throws {
        try await EngineFixture.run { fixture in
            let strays = try await fixture.count(
                """
                SELECT count(*)
                FROM pg_index x
                JOIN pg_class t ON t.oid = x.indrelid
                JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = x.indkey[0]
                WHERE t.relnamespace = 'reeve'::regnamespace AND x.indisunique AND a.attname <> 'tenant_id'
                    AND t.relname NOT IN (\(Self.global))
                """)
            #expect(strays == 0)
        }
    }

    @Test("every table of tenants is under row-level security, with a policy where anyone may read it")
    func rowSecurity() async throws {
        try await EngineFixture.run { fixture in
            let open = try await fixture.count(
                """
                SELECT count(*)
                FROM pg_class t
                WHERE t.relnamespace = 'reeve'::regnamespace AND t.relkind IN ('r', 'p')
                    AND t.relname NOT IN (\(Self.global)) AND NOT t.relrowsecurity
                """)
            #expect(open == 0)
        }
    }

    @Test("no role of the application has a right that it does not need on a partition")
    func partitions() async throws {
        try await EngineFixture.run { fixture in
            let rights = try await fixture.count(
                """
                SELECT count(*)
                FROM pg_inherits h
                CROSS JOIN unnest(ARRAY['reeve_app', 'reeve_engine', 'reeve_retention', 'reeve_auditor']) AS role
                WHERE has_table_privilege(role, h.inhrelid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE')
                """)
            #expect(rights == 0)
            let ahead = try await fixture.count(
                "SELECT count(*) FROM pg_inherits WHERE inhparent = 'reeve.journal'::regclass")
            #expect(ahead >= 5)
        }
    }

    @Test("a reader sees its own tenant's rows, and none without a tenant")
    func tenants() async throws {
        try await EngineFixture.run { fixture in
            try await fixture.publish(ticket)
            let opened = try await fixture.engine.submit(fixture.opening("ticket", ["summary": "Ours"]))
            let other = Tenant(id: .version7(at: .now), name: "other", title: "Other")
            try await fixture.engine.save(other)
            let ours = fixture.engine.reader(for: Viewer(tenant: EngineFixture.tenant))
            let theirs = fixture.engine.reader(for: Viewer(tenant: other.id))
            #expect(try await ours.instances().elements.map(\.id) == [opened.instance])
            #expect(try await theirs.instances().elements.isEmpty)
            #expect(try await theirs.instance(opened.instance.description) == nil)
            #expect(try await theirs.journal(of: opened.instance).elements.isEmpty)
            var stray = fixture.event("take", to: opened.instance, by: "ana")
            stray.tenant = other.id
            #expect(try await fixture.refusal(of: stray)?.code == Refusal.notFound)
        }
    }

    @Test("a restricted instance is seen by those named on it, and by a recorded grant")
    func restriction() async throws {
        try await EngineFixture.run { fixture in
            try await fixture.publish(ticket)
            let opened = try await fixture.engine.submit(fixture.opening("ticket", ["summary": "Secret"]))
            let owner = try await fixture.database.connect()
            _ = try await owner.simple("UPDATE reeve.instance SET visibility = 'restricted'")
            func sees(_ person: String?) async throws -> Bool {
                let reader = fixture.engine.reader(for: Viewer(tenant: EngineFixture.tenant, person: person))
                let listed = try await !reader.instances().elements.isEmpty
                #expect(try await reader.journal(of: opened.instance).elements.isEmpty != listed)
                #expect(try await (reader.instance(opened.reference) != nil) == listed)
                return listed
            }
            #expect(try await sees("rita"))
            #expect(try await !sees("ana"))
            #expect(try await !sees(nil))
            _ = try await owner.simple(
                """
                INSERT INTO reeve.instance_grant (tenant_id, instance_id, person_id, reason, granted_by, expires_at)
                SELECT tenant_id, id, 'ana', 'audit', 'person:ben', now() + interval '1 hour' FROM reeve.instance
                """)
            #expect(try await sees("ana"))
            await owner.close()
        }
    }
}
