import Testing

@testable import Workflows

private let order = """
    workflow: order
    title: Order
    reference: ORD
    roles: { owner: { initially: opener } }
    data:
      type: object
      required: [amount]
      properties:
        amount: { type: integer, minimum: 0 }
        limit: { type: integer }
        why: { type: string }
        visits: { type: integer, default: 0 }
        rounded: { type: integer, when: has(data.limit), compute: data.amount / data.limit }
        earlier: { type: integer }
        path: { type: array, default: [], items: { type: string } }
    open: { form: [amount], optional: [limit] }
    decisions:
      rate: { hit: unique, sets: [why], rows: [{ when: data.amount < 10, then: { why: small } }, { when: data.amount >= 10, then: { why: large } }] }
      tags: { hit: collect, sets: [path], rows: [{ when: data.amount > 1, then: { path: one } }, { when: data.amount > 5, then: { path: five } }, { when: data.amount > 9, then: { path: nine } }] }
    initial: new
    states:
      new:
        entry: [{ set: { visits: data.visits + 1 } }]
        exit: [{ set: { path: 'data.path + ["exit"]' } }]
        on:
          raise: { allow: [owner], form: [amount], guard: [{ when: data.amount > before.amount, else: It has to grow. }], actions: [{ set: { earlier: before.amount } }] }
          justify: { allow: [owner], form: [amount, { why: { when: data.amount > 100 } }] }
          again: { allow: [owner], target: new, reenter: true }
          route: { allow: [owner], choose: [{ guard: data.rounded > 5, target: big }, { guard: data.amount == 0, actions: [{ set: { why: '"nothing"' } }] }, { target: checking }] }
          judge: { allow: [owner], actions: [{ decide: [rate, tags] }] }
          clear: { allow: [owner], actions: [{ set: { limit: null } }] }
          fill: { allow: [owner], target: checking, actions: [{ set: { path: 'data.path + ["action"]' } }] }
          machine: { allow: [connector], guard: data.rounded > 0, target: big }
      checking:
        requires: [limit]
        entry: [{ set: { path: 'data.path + ["entry"]' } }]
        always: [{ guard: data.amount > 50, target: big }]
        on: { limit: { allow: [owner], form: [limit] } }
      big: { final: true }
    on: { note: { in: [new, checking], allow: [owner], optional: [why] } }
    correct: { amount: { allow: [owner] } }
    """

@Suite("Events and steps in the language")
struct EventLanguageTests {
    private let open = "{ at: 2026-03-02T08:00:00Z, by: ana, open: { amount: 5, limit: 1 } }"
    private let poor = "{ at: 2026-03-02T08:00:00Z, by: ana, open: { amount: 5 } }"

    @discardableResult
    private func holds(_ steps: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> TimeLine {
        try Play(order).holds("order", "people: { ana: [] }\nsteps:\n\(steps)", sourceLocation: sourceLocation)
    }

    @Test("a guard judges what the form would make true; `before` is what was found")
    func candidate() throws {
        try holds(
            """
              - \(open)
              - { by: ana, send: raise, form: { amount: 5 }, expect: { rejected: It has to grow, data: { amount: 5, earlier: null } } }
              - { by: ana, send: raise, form: { amount: 6 }, expect: { data: { amount: 6, earlier: 5, rounded: 6 } } }
              - { by: ana, send: raise, form: { amount: -1 }, expect: { rejected: invalid } }
              - { by: ana, send: raise, expect: { rejected: missing amount } }
              - { by: ana, send: raise, form: { amount: 9, limit: 3 }, expect: { rejected: unexpected limit } }
            """)
    }

    @Test("a conditional field is asked for exactly when its condition is true")
    func conditional() throws {
        try holds(
            """
              - \(open)
              - { by: ana, send: justify, form: { amount: 101 }, expect: { rejected: missing why } }
              - { by: ana, send: justify, form: { amount: 99, why: Because }, expect: { rejected: unexpected why } }
              - { by: ana, send: justify, form: { amount: 101, why: Because }, expect: { data: { why: Because } } }
              - { by: ana, send: justify, form: { amount: 102 }, expect: { rejected: missing why } }
            """)
    }

    @Test("actions run in the order exit, edge, entry; what a state requires must be there")
    func orderOfActions() throws {
        try holds(
            """
              - \(open)
              - { by: ana, send: fill, expect: { state: checking, data: { path: [exit, action, entry] } } }
            """)
        try holds(
            """
              - \(poor)
              - { by: ana, send: fill, expect: { rejected: requires limit, state: new, data: { path: [] } } }
            """)
    }

    @Test("an own target is entered anew only when that is said; without a target the instance stays")
    func reenter() throws {
        try holds(
            """
              - { at: 2026-03-02T08:00:00Z, by: ana, open: { amount: 5, limit: 1 }, expect: { data: { visits: 1 } } }
              - { by: ana, send: again, expect: { state: new, data: { visits: 2, path: [exit] } } }
              - { by: ana, send: note, form: { why: Hm }, expect: { state: new, data: { visits: 2 } } }
            """)
    }

    @Test("of several ways the first that is true is taken; the last may be bare, and one may stay")
    func choose() throws {
        try holds("  - \(open)\n  - { by: ana, send: route, expect: { state: checking } }")
        try holds(
            """
              - { at: 2026-03-02T08:00:00Z, by: ana, open: { amount: 60, limit: 10 } }
              - { by: ana, send: route, expect: { state: big } }
            """)
        try holds(
            """
              - { at: 2026-03-02T08:00:00Z, by: ana, open: { amount: 0, limit: 10 } }
              - { by: ana, send: route, expect: { state: new, data: { why: nothing } } }
            """)
    }

    @Test("a condition that fails is no false one: no later way is taken")
    func errorsAreNotFalse() throws {
        // Without a limit `rounded` is unset, so that the first guard has no value.
        try holds("  - \(poor)\n  - { by: ana, send: route, expect: { rejected: rounded, state: new } }")
    }

    @Test("what a machine sends is not refused: it is journalled as a fault, and the owner is told")
    func faults() throws {
        let play = try Play(order)
        let machine = try #require(play.machines["order"])
        let now = instant("2026-03-02T08:00:00Z")
        let opening = Opening(id: Identifier(high: 1, low: 1), reference: "ORD-1", form: ["amount": 5])
        let opened = try World().step(machine, nil, Input(actor: .person("ana"), act: .open(opening)), at: now)
        // A child's or another instance's message cannot be refused; a connector waits for its answer.
        let input = Input(actor: .instance(Identifier(high: 9, low: 9)), act: .event("machine", form: [:]))
        let kept = try World().step(machine, opened.snapshot, input, at: now)
        #expect(kept.entries.map(\.kind) == [.fault] && kept.snapshot.state == "new")
        #expect(kept.snapshot.sequence == opened.snapshot.sequence + 1)
        let told = kept.effects.compactMap { if case .notify(let note) = $0 { note.recipients } else { nil } }
        #expect(told == [["ana"]])
        #expect(throws: Rejection.self) {
            try World().step(
                machine, opened.snapshot, Input(actor: .connector("robot"), act: .event("machine", form: [:])), at: now)
        }
    }

    @Test("decision tables set what their rows say; collect makes lists of all that are true")
    func decisions() throws {
        try holds(
            """
              - \(open)
              - { by: ana, send: judge, expect: { data: { why: small, path: [one] }, log: ['decide rate: row 1', 'decide tags: row 1'] } }
              - { by: ana, send: raise, form: { amount: 12 } }
              - { by: ana, send: judge, expect: { data: { why: large, path: [one, five, nine] } } }
            """)
    }

    @Test("computed fields follow their inputs, and are unset while these are")
    func computed() throws {
        try holds(
            """
              - \(open)
              - { expect: { data: { rounded: 5 } } }
              - { by: ana, send: clear, expect: { data: { limit: null, rounded: null } } }
            """)
        // A division by nought is an error, and so the field is unset.
        try holds(
            "  - { at: 2026-03-02T08:00:00Z, by: ana, open: { amount: 5, limit: 0 }, expect: { data: { rounded: null } } }"
        )
    }

    @Test("an eventless edge is taken in the step that makes its guard true, by a correction as well")
    func always() throws {
        try holds(
            """
              - \(open)
              - { by: ana, send: fill, expect: { state: checking } }
              - { by: ana, correct: { amount: 51 }, reason: Counted again, expect: { state: big } }
            """)
        try holds(
            """
              - { at: 2026-03-02T08:00:00Z, by: ana, open: { amount: 70, limit: 1 } }
              - { by: ana, send: fill, expect: { state: big } }
            """)
    }
}
