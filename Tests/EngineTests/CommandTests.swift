import JSON
import Testing
import Workflows

@testable import Engine

/// The smallest workflow that has people, data, guards and an end.
let ticket = """
    workflow: ticket
    title: Ticket
    reference: TCK
    roles:
      reporter: { title: Reporter, initially: opener }
      clerk: { title: Clerk, from: [clerks] }
    data:
      type: object
      required: [summary]
      properties:
        summary: { type: string, maxLength: 200 }
        effort: { type: integer, minimum: 0 }
        remark: { type: string }
    open: { form: [summary] }
    initial: waiting
    states:
      waiting:
        on:
          take: { target: working, allow: [clerks], takes: clerk }
          remark: { allow: [reporter], form: [remark] }
      working:
        on:
          finish:
            target: done
            allow: [clerk]
            form: [effort]
            guard:
              - { when: data.effort < 100, else: Nobody works that long. }
      done: { final: true }
    """

@Suite("Commands")
struct CommandTests {
    @Test("an instance is opened, moved and ended, and its journal says how")
    func story() async throws {
        try await EngineFixture.run { fixture in
            try await fixture.publish(ticket)
            let opened = try await fixture.engine.submit(fixture.opening("ticket", ["summary": "Printer on fire"]))
            #expect(opened.state == "waiting")
            #expect(opened.sequence == 1)
            #expect(opened.reference.hasPrefix("TCK-20"))
            #expect(opened.reference.hasSuffix("-0001"))
            let taken = try await fixture.engine.submit(fixture.event("take", to: opened.instance, by: "ana"))
            #expect(taken.state == "working")
            let finished = try await fixture.engine.submit(
                fixture.event("finish", to: opened.instance, by: "ana", ["effort": 3]))
            #expect(finished.state == "done")
            #expect(finished.status == .final)
            #expect(try await fixture.count("SELECT count(*) FROM reeve.journal") == 3)
            #expect(try await fixture.count("SELECT count(*) FROM reeve.journal_payload") == 2)
            #expect(
                try await fixture.count(
                    "SELECT sequence FROM reeve.instance WHERE state = 'done' AND status = 'final'") == 3)
        }
    }

    @Test("what the machine rejects is explained and leaves nothing behind")
    func rejection() async throws {
        try await EngineFixture.run { fixture in
            try await fixture.publish(ticket)
            #expect(try await fixture.refusal(of: fixture.opening("ticket"))?.code == "missing")
            let opened = try await fixture.engine.submit(fixture.opening("ticket", ["summary": "Broken"]))
            #expect(try await fixture.refusal(of: fixture.event("take", to: opened.instance))?.code == "not-allowed")
            #expect(
                try await fixture.refusal(of: fixture.event("vanish", to: opened.instance))?.code == "unknown-event")
            #expect(
                try await fixture.refusal(of: fixture.event("take", to: .version7(at: .now), by: "ana"))?.code
                    == Refusal.notFound)
            #expect(
                try await fixture.refusal(of: fixture.event("take", to: opened.instance, by: "ana", expected: 7))?.code
                    == "stale-version")
            #expect(try await fixture.refusal(of: fixture.opening("nothing"))?.code == Refusal.unknownWorkflow)
            #expect(try await fixture.count("SELECT count(*) FROM reeve.journal") == 1)
        }
    }

    @Test("a request repeated under its key is answered again and done once")
    func idempotency() async throws {
        try await EngineFixture.run { fixture in
            try await fixture.publish(ticket)
            let first = try await fixture.engine.submit(
                fixture.opening("ticket", ["summary": "Once"], key: "k1"))
            let second = try await fixture.engine.submit(
                fixture.opening("ticket", ["summary": "Once"], key: "k1"))
            #expect(second.instance == first.instance)
            #expect(second.isRepeated)
            #expect(!first.isRepeated)
            let other = try await fixture.refusal(of: fixture.opening("ticket", ["summary": "Other"], key: "k1"))
            #expect(other?.code == Refusal.keyReused)
            let rejected = fixture.event("finish", to: first.instance, by: "ana", ["effort": 1], key: "k2")
            #expect(try await fixture.refusal(of: rejected)?.isRepeated == false)
            _ = try await fixture.engine.submit(fixture.event("take", to: first.instance, by: "ana"))
            #expect(try await fixture.refusal(of: rejected)?.isRepeated == true)
        }
    }

    @Test("many commands for one instance at once are all done, one after the other")
    func folding() async throws {
        try await EngineFixture.run { fixture in
            try await fixture.publish(ticket)
            let opened = try await fixture.engine.submit(fixture.opening("ticket", ["summary": "Busy"]))
            try await withThrowingTaskGroup(of: Answer.self) { group in
                for number in 1...300 {
                    group.addTask {
                        try await fixture.engine.submit(
                            fixture.event("remark", to: opened.instance, ["remark": .string("remark \(number)")]))
                    }
                }
                var sequences: Set<Int64> = []
                for try await answer in group { sequences.insert(answer.sequence) }
                #expect(sequences == Set(2...301))
            }
            #expect(try await fixture.count("SELECT sequence FROM reeve.instance") == 301)
            #expect(try await fixture.count("SELECT count(DISTINCT xid) FROM reeve.journal") < 200)
        }
    }

    @Test("a definition is published once for one content")
    func publishing() async throws {
        try await EngineFixture.run { fixture in
            #expect(try await fixture.publish(ticket).version == 1)
            let again = try await fixture.publish(ticket)
            #expect(again.version == 1)
            #expect(!again.isNew)
            #expect(try await fixture.publish(ticket + "\n# another content\n").version == 2)
            await #expect(throws: PublicationError.self) { try await fixture.publish("workflow: 12") }
        }
    }
}
