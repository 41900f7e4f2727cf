import JSON
import Testing
import Workflows

@testable import Engine

@Suite("Lists")
struct ProjectionTests {
    private let rounds = """
        workflow: rounds
        title: Rounds
        reference: RND
        roles:
          guard: { title: Guard, from: [clerks] }
        data:
          type: object
          properties: {}
        open: {}
        initial: on
        states:
          "on":
            tasks:
              report: { title: Write it down, from: [guard], due: { goal: PT8H } }
            on:
              pass: { allow: [clerks] }
              finish: { target: done, allow: [clerks] }
          done: { final: true }
        clocks:
          patrol:
            start: { in: "on" }
            goal: PT1H
            restart: { on: pass }
            stop: { in: done }
            escalation: gentle
        escalations:
          gentle: [{ after: PT0S, notify: [manager of guard] }]
        """

    @Test("a task is listed with its due instant, and every round of a clock under its own number")
    func numbers() async throws {
        try await EngineFixture.run { fixture in
            try await fixture.publish(rounds)
            let id = try await fixture.engine.submit(fixture.opening("rounds")).instance
            #expect(
                try await fixture.count(
                    "SELECT extract(epoch FROM due_at - opened_at)::bigint FROM reeve.task") == 8 * 3600)
            let passes = ClockRecord.keptRounds + 3
            for _ in 0..<passes {
                _ = try await fixture.engine.submit(fixture.event("pass", to: id, by: "ana"))
            }
            #expect(
                try await fixture.count("SELECT count(*) FROM reeve.clock WHERE name = 'patrol'") == Int64(passes + 1))
            #expect(
                try await fixture.count("SELECT round FROM reeve.clock WHERE name = 'patrol' AND status = 'running'")
                    == Int64(passes + 1))
            #expect(
                try await fixture.count("SELECT count(*) FROM reeve.clock WHERE name = 'patrol' AND status = 'met'")
                    == Int64(passes))
            #expect(try await fixture.engine.verifyJournals().discrepancies == [])
        }
    }
}
