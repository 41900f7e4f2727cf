import Deadlines
import Testing

@testable import Workflows

/// A duty of ten days with a ladder that has every kind of rung.
private let duty = """
    workflow: duty
    title: Duty
    reference: DUT
    roles: { owner: { initially: opener }, deputy: { from: [deputies] } }
    data: { type: object, properties: { due: { type: string, format: date-time } } }
    open: { form: [due] }
    initial: waiting
    states:
      waiting: { on: { finish: { allow: [owner], target: done }, rise: { allow: [ladder], target: risen } } }
      risen: { on: { finish: { allow: [owner], target: done } } }
      done: { final: true }
    correct: { due: { allow: [owner] } }
    clocks:
      finish: { start: { in: waiting }, until: data.due, stop: { in: done }, escalation: steep }
    escalations:
      steep:
        - { share: 50%, notify: [owner] }
        - { before: P1D, notify: [lead of owner] }
        - { after: PT0S, notify: [owner], repeat: PT6H }
        - { after: P1D, reassign: { deputy: group deputies } }
        - { after: P2D, send: rise }
        - { after: P3D, notify: [manager of owner, oncall desk, group deputies, person zoe] }
    """

@Suite("Ladders")
struct LadderTests {
    private let opening = "{ at: 2026-03-01T00:00:00Z, by: ana, open: { due: 2026-03-11T00:00:00Z } }"

    @Test("every rung fires at its own instant, and one repeats until somebody acknowledges")
    func rungs() throws {
        let line = try Play(duty).holds(
            "duty",
            """
            people: { ana: [staff], dan: [deputies], eve: [deputies] }
            steps:
              - \(opening)
              - { at: 2026-03-13T01:00:00Z, expect: { state: risen, clocks: { finish: overdue } } }
              - { at: 2026-03-14T00:00:00Z, expect: { log: 'notify escalation for manager of ana, on call for desk, dan, eve, zoe' } }
            """)
        let fired = line.lines(with: "ladder steep")
        #expect(fired.first == "2026-03-06T00:00:00Z ladder steep of finish: rung 1")
        #expect(fired.dropFirst().first == "2026-03-10T00:00:00Z ladder steep of finish: rung 2")
        #expect(line.lines(with: "lead of ana").count == 1)
        #expect(fired.contains("2026-03-11T06:00:00Z ladder steep of finish: rung 3, repetition 1"))
        #expect(fired.contains("2026-03-11T18:00:00Z ladder steep of finish: rung 3, repetition 3"))
        #expect(fired.contains("2026-03-12T00:00:00Z ladder steep of finish: rung 4"))
        #expect(line.lines(with: "role deputy to dan").map { $0.prefix(20) } == ["2026-03-12T00:00:00Z"])
        #expect(
            line.moments.contains {
                $0.event == "rise" && $0.to == "risen" && $0.at.description.hasPrefix("2026-03-13T00:00:00")
            })
    }

    @Test("rungs that have passed when a clock is armed give way to the latest of them")
    func collapse() throws {
        let line = try Play(duty).holds(
            "duty",
            """
            people: { ana: [staff], dan: [deputies] }
            steps:
              - { at: 2026-03-01T00:00:00Z, by: ana, open: { due: 2026-03-01T00:00:00Z } }
              - { at: +PT1S, expect: { clocks: { finish: overdue } } }
              - { by: ana, correct: { due: 2026-02-25T12:00:00Z } }
              - { at: +PT1S, expect: { state: waiting, clocks: { finish: overdue } } }
            """)
        // Due more than three days ago: the last rung fires; what it passes over is counted and not done.
        #expect(line.lines(with: "rung 6, 2 passed over").count == 1)
        #expect(line.lines(with: "rung 5").isEmpty && line.lines(with: "rung 4").isEmpty)
    }

    @Test("a due instant that moves away lets the rungs before it fire again")
    func moved() throws {
        let line = try Play(duty).holds(
            "duty",
            """
            people: { ana: [staff] }
            steps:
              - \(opening)
              - { at: 2026-03-10T12:00:00Z, by: ana, correct: { due: 2026-03-21T00:00:00Z }, expect: { log: clock finish moved, clocks: { finish: running } } }
              - { at: 2026-03-20T12:00:00Z, expect: { clocks: { finish: running } } }
            """)
        #expect(
            line.lines(with: "rung").map { $0.prefix(20) } == [
                "2026-03-06T00:00:00Z", "2026-03-10T00:00:00Z", "2026-03-11T00:00:00Z", "2026-03-20T00:00:00Z",
            ])
    }

    @Test("an acknowledgement ends repetition, and no other rung")
    func acknowledged() throws {
        let play = try Play(duty)
        let machine = try #require(play.machines["duty"])
        var instances = Instances(
            machines: play.machines, hasRealChildren: false,
            world: SimulatedWorld(
                people: [.init(id: "ana", groups: ["staff"])], given: [], almanac: play.simulation.almanac,
                regimes: RegimeLibrary([]), defaults: play.simulation.defaults))
        let id = Identifier(high: 1, low: 1)
        let start = instant("2026-03-01T00:00:00Z")
        let opening = Opening(id: id, reference: "DUT-1", form: ["due": timestamp("2026-03-11T00:00:00Z")])
        _ = try instances.step(id, Input(actor: .person("ana"), act: .open(opening)), by: machine, at: start)
        let later = instant("2026-03-11T07:00:00Z")
        instances.advance(to: later, from: start)
        #expect(throws: Rejection.self) {
            try instances.step(
                id, Input(actor: .person("ana"), act: .acknowledge(ItemKey("other"), comment: nil)), at: later)
        }
        _ = try instances.step(
            id, Input(actor: .person("max"), act: .acknowledge(ItemKey("finish"), comment: nil)), at: later)
        instances.advance(to: instant("2026-03-15T00:00:00Z"), from: later)
        let fired = instances.timeLine.lines(with: "ladder steep")
        #expect(fired.filter { $0.contains("repetition") }.count == 1)
        #expect(fired.last == "2026-03-14T00:00:00Z ladder steep of finish: rung 6")
    }

    @Test("what a ladder's event or role cannot do is journalled, and the ladder climbs on")
    func refused() throws {
        let stubborn = duty.replacing("rise: { allow: [ladder]", with: "rise: { allow: [owner]")
        let line = try Play(stubborn).holds(
            "duty",
            """
            people: { ana: [staff] }
            steps:
              - \(opening)
              - { at: 2026-03-15T00:00:00Z, expect: { state: waiting, log: 'event rise was refused' } }
            """)
        #expect(line.lines(with: "Nobody eligible for the role deputy").count == 1)
        #expect(line.lines(with: "rung 6").count == 1)
    }
}
