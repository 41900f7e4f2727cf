import CEL
import JSON
import PostgresClient
import Testing
import Workflows

@testable import Engine

/// A workflow with a clock, a task, an approval and an eventless move.
let review = """
    workflow: review
    title: Review
    reference: REV
    exports: [subject]
    roles:
      author: { title: Author, initially: opener }
      judge: { title: Judge, from: [clerks], many: true, distinctFrom: [author] }
    data:
      type: object
      required: [subject]
      properties:
        subject: { type: string }
        finding: { type: string }
    open: { form: [subject] }
    initial: reading
    states:
      reading:
        tasks:
          read: { title: Read it, from: [judge], result: { finding: { type: string } } }
        always:
          - { guard: tasks.read.done, target: judging }
      judging:
        approvals:
          verdict: { title: Let it pass, from: [judge], quorum: 1 }
        always:
          - { guard: approvals.verdict.granted, target: passed }
          - { guard: approvals.verdict.refused, target: failed }
      passed: { final: true }
      failed: { final: true }
    clocks:
      answer:
        start: { in: reading }
        goal: P2D
        stop: { in: [passed, failed] }
        escalation: gentle
    escalations:
      gentle:
        - { after: PT0S, notify: [author] }
    """

@Suite("Journals")
struct JournalTests {
    /// Opens a review and brings it to its end.
    private func finishReview(_ fixture: EngineFixture) async throws -> Identifier {
        let opened = try await fixture.engine.submit(fixture.opening("review", ["subject": "Plan B"]))
        let id = opened.instance
        _ = try await fixture.engine.submit(fixture.command(.comment("Please hurry"), to: id))
        _ = try await fixture.engine.submit(
            fixture.command(.complete(ItemKey("read"), result: ["finding": .string("fine")]), to: id, by: "ana"))
        let voted = try await fixture.engine.submit(
            fixture.command(.vote(ItemKey("verdict"), isApproval: true, comment: "yes"), to: id, by: "ben"))
        #expect(voted.state == "passed")
        #expect(voted.status == .final)
        return id
    }

    @Test("folding the journal yields what is stored")
    func clean() async throws {
        try await EngineFixture.run { fixture in
            try await fixture.publish(review)
            _ = try await finishReview(fixture)
            _ = try await fixture.engine.submit(fixture.opening("review", ["subject": "Plan C"]))
            let verification = try await fixture.engine.verifyJournals()
            #expect(verification.instances == 2)
            #expect(verification.discrepancies == [])
            #expect(try await fixture.count("SELECT count(*) FROM reeve.timer") == 1)
            #expect(try await fixture.count("SELECT count(*) FROM reeve.clock WHERE status = 'met'") == 1)
            #expect(try await fixture.count("SELECT count(*) FROM reeve.task") == 1)
        }
    }

    @Test(
        "what the owner of the database tampers with is found",
        arguments: [
            "UPDATE reeve.instance_data SET snapshot = jsonb_set(snapshot::jsonb, '{data,subject}', '\"Plan X\"')::json",
            "UPDATE reeve.instance SET state = 'judging'",
            "DELETE FROM reeve.timer",
            "DELETE FROM reeve.instance_data",
            """
            SET session_replication_role = replica;
            DELETE FROM reeve.instance
            """,
            """
            ALTER TABLE reeve.journal DISABLE TRIGGER USER; ALTER TABLE reeve.journal_payload DISABLE TRIGGER USER;
            DELETE FROM reeve.journal; DELETE FROM reeve.journal_payload
            """,
            // What an entry says of its actor, with a hash that fits again.
            """
            ALTER TABLE reeve.journal DISABLE TRIGGER USER;
            UPDATE reeve.journal SET facts = convert_to(replace(convert_from(facts, 'UTF8'), 'rita', 'ritb'), 'UTF8')
            """,
            "UPDATE reeve.clock SET due_at = due_at + interval '1 day'",
            "UPDATE reeve.clock SET status = 'met', ended_at = now()",
            "DELETE FROM reeve.task",
            "UPDATE reeve.task SET people = '{eve}'",
            "UPDATE reeve.role_holder SET person_id = 'eve'",
            "INSERT INTO reeve.role_holder SELECT tenant_id, instance_id, 'judge', 'eve' FROM reeve.role_holder",
            "DELETE FROM reeve.exported_key",
            "ALTER TABLE reeve.journal DISABLE TRIGGER USER; UPDATE reeve.journal SET actor = 'person:eve'",
            "ALTER TABLE reeve.journal DISABLE TRIGGER USER; UPDATE reeve.journal SET facts = facts || ' '::bytea",
            """
            ALTER TABLE reeve.journal_payload DISABLE TRIGGER USER;
            UPDATE reeve.journal_payload SET payload = payload || ' '::bytea
            """,
            """
            ALTER TABLE reeve.journal_payload DISABLE TRIGGER USER;
            UPDATE reeve.journal_payload SET payload = NULL, salt = NULL, erased_at = now()
            """,
        ])
    func tampering(sql: String) async throws {
        try await EngineFixture.run { fixture in
            try await fixture.publish(review)
            _ = try await fixture.engine.submit(fixture.opening("review", ["subject": "Plan B"]))
            let owner = try await fixture.database.connect()
            _ = try await owner.simple(sql)
            await owner.close()
            #expect(try await !fixture.engine.verifyJournals().isClean)
        }
    }
}
