import JSON
import PostgresClient
import Testing
import Workflows

@testable import Engine

/// One thing that the database must refuse, whoever of the application tries it.
struct Forbidden: Sendable, CustomTestStringConvertible {
    var role: String
    var sql: String
    /// The SQLSTATE it is refused with.
    var state: String

    var testDescription: String { "\(role): \(sql)" }

    init(_ role: String, _ state: String, _ sql: String) {
        self.role = role
        self.sql = sql
        self.state = state
    }
}

/// A row of the journal in plain SQL, right but for what is replaced: `{column}` stands for each column's value.
private func entry(_ changes: [String: String] = [:]) -> String {
    var values = [
        "tenant_id": "(SELECT tenant_id FROM reeve.tenant)", "instance_id": "(SELECT id FROM reeve.instance)",
        "sequence": "2", "happened_at": "clock_timestamp()", "recorded_at": "clock_timestamp()", "incarnation": "1",
        "version": "1", "definition": "'ticket'", "kind": "'transition'", "event": "'take'",
        "from_state": "'waiting'", "to_state": "'working'", "status": "'running'", "actor": "'person:eve'",
        "encoding": "1", "facts": "'{}'", "hash": "sha256('')",
    ]
    values.merge(changes) { $1 }
    let columns = values.keys.sorted()
    return """
        INSERT INTO reeve.journal (\(columns.joined(separator: ", ")))
        VALUES (\(columns.map { values[$0] ?? "NULL" }.joined(separator: ", ")))
        """
}

@Suite("What the database refuses")
struct RefusalTests {
    static let denied = "42501"
    static let illegal = "RV001"

    static let forbidden: [Forbidden] =
        ["reeve_app", "reeve_engine", "reeve_retention", "reeve_auditor"].flatMap { role in
            [
                Forbidden(role, denied, "UPDATE reeve.journal SET actor = 'person:eve'"),
                Forbidden(role, denied, "DELETE FROM reeve.journal"),
                Forbidden(role, denied, "TRUNCATE reeve.journal"),
                Forbidden(role, denied, "DELETE FROM reeve.journal_payload"),
                Forbidden(role, denied, "UPDATE reeve.instance SET state = 'done'"),
                Forbidden(role, denied, "UPDATE reeve.instance SET sequence = 9"),
                Forbidden(role, denied, "DELETE FROM reeve.instance"),
                Forbidden(role, denied, "UPDATE reeve.definition SET title = 'x'"),
                Forbidden(role, denied, "DELETE FROM reeve.definition_edge"),
                Forbidden(role, denied, "ALTER TABLE reeve.journal DISABLE TRIGGER ALL"),
                Forbidden(role, denied, "SELECT * FROM reeve.journal_default"),
                Forbidden(role, denied, "DELETE FROM reeve.instance_grant"),
                Forbidden(role, denied, "SELECT reeve.add_partition('journal', 'x', 'DEFAULT')"),
                Forbidden(role, denied, "INSERT INTO reeve.journal (xid) VALUES ('1')"),
            ]
        } + [
            // The owner may do it by right, but not by mistake.
            Forbidden("reeve_owner", denied, "UPDATE reeve.journal SET actor = 'person:eve'"),
            Forbidden("reeve_owner", denied, "DELETE FROM reeve.journal"),
            Forbidden("reeve_owner", denied, "TRUNCATE reeve.journal"),
            Forbidden("reeve_owner", denied, "DELETE FROM reeve.definition"),
            Forbidden("reeve_owner", denied, "UPDATE reeve.journal_payload SET retention_class = 'x'"),
            Forbidden("reeve_owner", illegal, entry(["sequence": "3"])),
            // Readers write nothing at all.
            Forbidden("reeve_app", denied, entry()),
            Forbidden("reeve_auditor", denied, entry()),
            Forbidden("reeve_app", denied, "INSERT INTO reeve.timer SELECT * FROM reeve.timer"),
            Forbidden("reeve_app", denied, "SELECT salt FROM reeve.journal_payload"),
            Forbidden("reeve_app", denied, "SELECT hash FROM reeve.api_token"),
            Forbidden("reeve_auditor", denied, "SELECT secret FROM reeve.destination"),
            Forbidden("reeve_app", denied, "SELECT * FROM reeve.idempotency"),
            // The engine writes what continues, and nothing else.
            Forbidden("reeve_engine", illegal, entry(["sequence": "3"])),
            Forbidden("reeve_engine", "23505", entry(["sequence": "1", "from_state": "''", "event": "'open'"])),
            Forbidden("reeve_engine", illegal, entry(["from_state": "'working'", "event": "'finish'"])),
            Forbidden("reeve_engine", illegal, entry(["to_state": "'done'"])),
            Forbidden("reeve_engine", illegal, entry(["event": "'vanish'"])),
            Forbidden("reeve_engine", illegal, entry(["version": "2"])),
            Forbidden("reeve_engine", illegal, entry(["definition": "'other'"])),
            Forbidden("reeve_engine", illegal, entry(["status": "'final'"])),
            Forbidden("reeve_engine", illegal, entry(["recorded_at": "now() - interval '1 day'"])),
            Forbidden("reeve_engine", illegal, entry(["recorded_at": "now() + interval '1 hour'"])),
            Forbidden("reeve_engine", illegal, entry(["incarnation": "2"])),
            Forbidden("reeve_engine", illegal, entry(["instance_id": "gen_random_uuid()"])),
            Forbidden(
                "reeve_engine", illegal,
                entry(["kind": "'comment'", "event": "'comment'", "to_state": "'waiting'", "status": "'final'"])),
            Forbidden(
                "reeve_engine", illegal,
                entry([
                    "kind": "'cancellation'", "event": "'cancel'", "to_state": "'waiting'", "status": "'running'",
                ])),
            Forbidden("reeve_engine", "23514", entry(["kind": "'comment'", "event": "'comment'"])),
            Forbidden("reeve_engine", "23514", entry(["kind": "'mischief'", "to_state": "'waiting'"])),
            Forbidden("reeve_engine", "23502", entry(["event": "NULL"])),
            Forbidden("reeve_engine", "23502", entry(["from_state": "NULL"])),
            Forbidden("reeve_engine", "23514", entry(["hash": "'x'"])),
            Forbidden(
                "reeve_engine", denied,
                entry(["kind": "'erasure'", "event": "'erase'", "to_state": "'waiting'", "erases": "1"])),
            Forbidden("reeve_retention", denied, entry()),
            Forbidden(
                "reeve_engine", denied,
                """
                INSERT INTO reeve.definition_edge
                SELECT tenant_id, name, version, 'waiting', 'jump', 'done', true FROM reeve.definition
                """),
            Forbidden(
                "reeve_engine", "23000",
                """
                INSERT INTO reeve.instance (tenant_id, id, version, definition, kind, reference)
                SELECT tenant_id, reeve.first_uuid_at(now()), 1, 'ticket', 'real', 'TCK-X' FROM reeve.tenant
                """),
            Forbidden("reeve_engine", denied, "UPDATE reeve.journal_payload SET payload = NULL, salt = NULL"),
            Forbidden(
                "reeve_retention", "23000",
                "UPDATE reeve.journal_payload SET payload = NULL, salt = NULL, erased_at = now()"),
            Forbidden("reeve_retention", denied, "UPDATE reeve.journal_payload SET payload = 'other'"),
            Forbidden("reeve_retention", denied, "UPDATE reeve.instance_data SET snapshot = '{\"data\": {\"a\": 1}}'"),
        ]

    @Test("each forbidden thing is refused, as each role")
    func refusals() async throws {
        try await EngineFixture.run { fixture in
            try await fixture.publish(ticket)
            _ = try await fixture.engine.submit(fixture.opening("ticket", ["summary": "Precious"]))
            let connection = try await fixture.database.connect()
            for attempt in Self.forbidden {
                let outcome = await Self.outcome(of: attempt, on: connection)
                #expect(outcome == attempt.state, "\(attempt.testDescription)")
            }
            await connection.close()
            #expect(try await fixture.engine.verifyJournals().isClean)
        }
    }

    /// The SQLSTATE with which a statement fails by COMMIT; `done` where it does not.
    private static func outcome(of attempt: Forbidden, on connection: PostgresConnection) async -> String {
        do throws(PostgresError) {
            _ = try await connection.simple(
                """
                BEGIN;
                SET LOCAL ROLE \(attempt.role);
                SELECT set_config('reeve.tenant', '\(EngineFixture.tenant)', true);
                \(attempt.sql);
                SET CONSTRAINTS ALL IMMEDIATE;
                ROLLBACK;
                """)
            return "done"
        } catch {
            await connection.rollback()
            return error.state?.rawValue ?? "\(error)"
        }
    }

    @Test("what is legal is taken, so that the refusals above mean something")
    func control() async throws {
        try await EngineFixture.run { fixture in
            try await fixture.publish(ticket)
            _ = try await fixture.engine.submit(fixture.opening("ticket", ["summary": "Precious"]))
            let connection = try await fixture.database.connect()
            let legal = [
                Forbidden("reeve_engine", "done", entry()),
                Forbidden(
                    "reeve_retention", "done",
                    entry(["kind": "'erasure'", "event": "'erase'", "to_state": "'waiting'", "erases": "1"])
                        + ";\nUPDATE reeve.journal_payload SET payload = NULL, salt = NULL, erased_at = now()"),
            ]
            for attempt in legal {
                let outcome = await Self.outcome(of: attempt, on: connection)
                #expect(outcome == "done", "\(attempt.testDescription)")
            }
            await connection.close()
        }
    }

    @Test("an instance that has ended takes no transition any more")
    func finality() async throws {
        try await EngineFixture.run { fixture in
            try await fixture.publish(ticket)
            let opened = try await fixture.engine.submit(fixture.opening("ticket", ["summary": "Precious"]))
            _ = try await fixture.engine.submit(fixture.command(.cancel(reason: "mistake"), to: opened.instance))
            let connection = try await fixture.database.connect()
            let attempt = Forbidden("reeve_engine", Self.illegal, entry(["sequence": "3"]))
            #expect(await Self.outcome(of: attempt, on: connection) == attempt.state)
            await connection.close()
        }
    }
}
