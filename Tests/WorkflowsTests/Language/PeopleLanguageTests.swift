import Testing

@testable import Workflows

private let change = """
    workflow: change
    title: Change
    reference: CHG
    roles:
      author: { initially: opener }
      tester: { from: [engineers], distinctFrom: [author] }
      board: { from: [board], initially: everyone }
      duty: { initially: { oncall: ops } }
      crew: { many: true }
    data: { type: object, properties: { text: { type: string } } }
    open: { optional: [author, crew] }
    initial: drafting
    states:
      drafting:
        on:
          handOver: { allow: [author], form: [author] }
          test: { allow: [engineers], takes: tester, target: testing }
          veto: { allow: [board], target: stopped }
          page: { allow: [duty], target: stopped }
          join: { allow: [engineers], takes: crew }
          leave: { allow: [crew], target: stopped }
      testing: { on: { done: { allow: [tester], target: stopped }, give: { allow: [tester], actions: [{ assign: { tester: '"eve"' } }] } } }
      stopped: { final: true }
    """

@Suite("People in the language")
struct PeopleLanguageTests {
    private let people =
        "people: { ana: [engineers], ben: [engineers], eve: [engineers], kim: [board], tom: [] }\ngiven: { oncall: { ops: [tom] } }"
    private let open = "{ at: 2026-03-02T08:00:00Z, by: ana, open: {} }"

    private func holds(_ steps: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        try Play(change).holds("change", "\(people)\nsteps:\n\(steps)", sourceLocation: sourceLocation)
    }

    @Test("separation of duties looks at history, so that handing a role over does not defeat it")
    func history() throws {
        try holds(
            """
              - \(open)
              - { by: ana, send: test, expect: { rejected: separation of tester and author } }
              - { by: ana, send: handOver, form: { author: ben } }
              - { by: ana, send: test, expect: { rejected: separation of tester and author } }
              - { by: ben, send: test, expect: { rejected: separation of tester and author } }
              - { by: eve, send: test, expect: { state: testing } }
            """)
    }

    @Test("separation is mutual, and covers everyone for whom somebody acted")
    func mutual() throws {
        let machine = try #require(try Play(change).machines["change"])
        let world = World(groups: ["ana": ["engineers"], "ben": ["engineers"], "eve": ["engineers"]])
        let opening = Opening(id: Identifier(high: 1, low: 1), reference: "CHG-1", form: [:])
        let now = instant("2026-03-02T08:00:00Z")
        let opened = try world.step(
            machine, nil, Input(actor: .person("ana", onBehalfOf: "ben"), act: .open(opening)), at: now)
        for actor in [.person("ana"), .person("ben"), .person("eve", onBehalfOf: "ben")] as [Actor] {
            #expect(throws: Rejection.self, "\(actor)") {
                try world.step(machine, opened.snapshot, Input(actor: actor, act: .event("test", form: [:])), at: now)
            }
        }
        let taken = try world.step(
            machine, opened.snapshot, Input(actor: .person("eve"), act: .event("test", form: [:])), at: now)
        #expect(taken.snapshot.holders["tester"] == ["eve"])
        // And the other way about: who has tested may not become the author.
        let assign = Act.assign(role: "author", to: ["eve"], reason: nil)
        #expect(throws: Rejection.separation(person: "eve", role: "author", other: "tester")) {
            try world.step(machine, taken.snapshot, Input(actor: .person("ana"), act: assign), at: now)
        }
    }

    @Test("roles are held from the start by the opener, by who is on call, or by everyone eligible")
    func initially() throws {
        try holds("  - \(open)\n  - { by: tom, send: page, expect: { state: stopped } }")
        try holds("  - \(open)\n  - { by: kim, send: veto, expect: { state: stopped } }")
        try holds("  - \(open)\n  - { by: tom, send: veto, expect: { rejected: not allowed } }")
        try holds("  - \(open)\n  - { by: kim, send: page, expect: { rejected: not allowed } }")
    }

    @Test("a role of many is joined by each who takes it, and keeps the others")
    func many() throws {
        try holds(
            """
              - { at: 2026-03-02T08:00:00Z, by: ana, open: { crew: [tom] } }
              - { by: ben, send: leave, expect: { rejected: not allowed } }
              - { by: ben, send: join, expect: { log: 'role crew to tom, ben' } }
              - { by: tom, send: leave, expect: { state: stopped } }
            """)
    }

    @Test("an action gives a role only to who may hold it")
    func assigned() throws {
        try holds(
            """
              - \(open)
              - { by: ben, send: test }
              - { by: ben, send: give, expect: { log: 'role tester to eve' } }
              - { by: ben, send: done, expect: { rejected: not allowed } }
              - { by: eve, send: done, expect: { state: stopped } }
            """)
    }

    @Test("connectors, parents and schedules send what names them, and nothing else")
    func machines() throws {
        try holds("  - \(open)\n  - { by: connector, send: veto, expect: { rejected: not allowed } }")
    }
}
