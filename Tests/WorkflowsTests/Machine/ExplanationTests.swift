import CEL
import Deadlines
import Testing

@testable import Workflows

@Suite("A refusal names what made its guard false")
struct ExplanationTests {
    private let machine: Machine

    init() throws {
        let definition = try Definition.decode(
            text: """
                workflow: spending
                title: Spending
                reference: SPE
                roles: { owner: { title: Owner, initially: opener } }
                data:
                  type: object
                  required: [amount, limit]
                  properties:
                    amount: { type: integer }
                    limit: { type: integer }
                open:
                  form: [amount, limit]
                  guard:
                    - { when: data.amount > 0 && data.amount <= data.limit, else: The amount is above the limit. }
                initial: spent
                states:
                  spent: { final: true }
                """
        ).get()
        machine = try Machine(definition)
    }

    private func open(_ amount: Int64) throws -> Outcome {
        let id = Identifier(high: 0x01_8f_00_00_00_00_7000, low: 0x8000_0000_0000_0001)
        let opening = Opening(
            id: id, reference: "SPE-2026-0001", form: ["amount": .int(amount), "limit": .int(100)])
        var context = Context()
        // Nobody is in any group, and everybody exists.
        while true {
            let outcome = try machine.step(
                nil, Input(actor: .person("ana"), act: .open(opening)), context: context,
                now: Instant(microseconds: 1_780_000_000_000_000))
            guard case .needs(let questions) = outcome else { return outcome }
            for question in questions {
                if case .exists = question {
                    context.answers[question] = .bool(true)
                } else {
                    context.answers[question] = .list([])
                }
            }
        }
    }

    @Test("only the false part is named, with the values that it had")
    func falsePart() throws {
        do {
            _ = try open(250)
            Issue.record("250 was let pass under a limit of 100")
        } catch let rejection as Rejection {
            guard case .guardFalse(let sentence, let expression, let because) = rejection else {
                Issue.record("refused for another reason: \(rejection)")
                return
            }
            #expect(sentence == "The amount is above the limit.")
            #expect(expression == "data.amount > 0 && data.amount <= data.limit")
            #expect(because.count == 1)
            #expect(because.first?.contains("250") == true && because.first?.contains("100") == true)
            #expect(because.first?.contains("data.amount <= data.limit") == true)
        }
    }

    @Test("what is true is not refused")
    func trueGuard() throws {
        guard case .stepped(let step) = try open(50) else {
            Issue.record("the step asks for more")
            return
        }
        #expect(step.snapshot.state == "spent")
    }
}
