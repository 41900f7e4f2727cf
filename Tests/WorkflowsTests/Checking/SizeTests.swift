import Testing
import Workflows

@Suite("Large and hostile definitions are judged in time")
struct SizeTests {
    /// A ring of states, each with events, a clock and fields.
    private func ring(_ count: Int) -> String {
        var text = """
            workflow: ring
            title: Ring
            reference: RNG
            roles: { owner: { initially: opener } }
            data:
              type: object
              properties:

            """
        for index in 0..<count { text += "    f\(index): { type: integer }\n" }
        text += "open: {}\ninitial: s0\nstates:\n"
        for index in 0..<count {
            text += "  s\(index):\n    on:\n"
            text +=
                "      next: { allow: [owner], form: [f\(index)], target: s\((index + 1) % count), guard: data.f\(index) > 1 }\n"
            text += "      end: { allow: [owner], target: done }\n"
        }
        text += "  done: { final: true }\nclocks:\n"
        for index in 0..<count {
            text +=
                "  c\(index): { start: { in: s\(index) }, goal: P1D, stop: { in: s\((index + 1) % count) }, cancel: { in: done } }\n"
        }
        return text
    }

    @Test func manyStates() {
        let faults = Definition.decode(text: ring(150)).value?.check()
        #expect(faults?.map(\.description) == [])
    }

    @Test func moreThanTheLimitIsRefused() {
        let faults = Definition.decode(text: ring(1200)).faults
        #expect(faults.contains { $0.code == .invalidValue && $0.message.contains("at most") })
    }

    @Test func longExpressions() {
        let operands = (0..<3000).map { "data.size == \($0)" }.joined(separator: " || ")
        let text = Example.clean.replacing("'data.size > 9'", with: "'\(operands)'")
        #expect(Definition.decode(text: text).value?.check().isEmpty == true)
    }

    @Test func tablesWithTooManyCases() {
        let conditions = (0..<30).map { index in "{ when: 'data.text.contains(\"\(index)\")', then: { big: true } }" }
        let text = Example.clean
            .replacing("{ set: { big: 'data.size > 9' } }", with: "{ decide: [rate] }")
            .replacing(
                "initial: drafting",
                with:
                    "decisions: { rate: { hit: unique, sets: [big], rows: [\(conditions.joined(separator: ", "))] } }\n"
                    + "initial: drafting")
        #expect(Definition.decode(text: text).value?.check().map(\.code) == [.decisionUndecidable])
    }
}
