import TestSupport
import Testing

/// The checks of the aftermath themselves: sound where nothing failed, and each of them able to fail.
@Suite(.ownThread) struct HarnessTests {
    @Test func whatIsSoundPassesAndWhatIsTamperedWithDoesNot() async throws {
        try await Stage.run { stage in
            try await stage.serve()
            try await stage.work()
            let load = Load(on: stage)
            try await Task.sleep(for: .seconds(3))
            try await load.stop()
            try await stage.settle()
            #expect(load.ledger.done > 20 && load.ledger.refused > 2)
            try await stage.stopAll()
            try await stage.expectSound(load.ledger)

            load.ledger.note("never-sent", .done(instance: "", sequence: 1))
            #expect(try await stage.faults([load.ledger]).contains { $0.hasPrefix("never-sent was answered") })
            for (script, fault) in Self.tampering {
                try await stage.sql("BEGIN; SET LOCAL session_replication_role = replica; \(script); COMMIT")
                let faults = try await stage.faults()
                #expect(faults.contains { $0.contains(fault) }, "\(script): \(faults)")
            }
        }
    }

    /// What a superuser who means harm can do, and what must be said of it; each adds to those before.
    private static let tampering: [(script: String, fault: String)] = [
        (
            """
            CREATE TABLE victim AS
                SELECT id AS instance_id FROM reeve.instance WHERE state = 'late' ORDER BY id LIMIT 1;
            DELETE FROM reeve.delivery WHERE instance_id = (TABLE victim) AND sequence > 1
            """, "an effect was lost"
        ),
        (
            "UPDATE reeve.delivery SET id = gen_random_uuid() WHERE id = (SELECT id FROM reeve.delivery LIMIT 1)",
            "never received"
        ),
        (
            "UPDATE reeve.clock SET due_at = due_at + interval '1 hour' WHERE instance_id = (TABLE victim)",
            "fired early"
        ),
        (
            """
            INSERT INTO reeve.journal
            SELECT tenant_id, instance_id, sequence + 100, happened_at, recorded_at, xid, incarnation, version, definition,
                kind, event, from_state, to_state, status, actor, erases, encoding, facts, payload_hmac, hash
            FROM reeve.journal
            WHERE actor = 'worker' AND instance_id = (TABLE victim)
            """, "fired twice"
        ),
        (
            """
            UPDATE reeve.instance SET state = 'open', status = 'running' WHERE id = (TABLE victim);
            UPDATE reeve.clock SET due_at = due_at - interval '2 hours' WHERE instance_id = (TABLE victim)
            """, "was lost: its instance still waits"
        ),
    ]
}
