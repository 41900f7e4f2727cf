import Testing

@testable import Workflows

private let drill = """
    workflow: drill
    title: Drill
    reference: DRI
    schedule:
      every: FREQ=MONTHLY;BYDAY=1MO;BYHOUR=9;BYMINUTE=0;BYSECOND=0
      starting: 2026-01-01
      zone: Europe/Berlin
      each: services("critical")
      key: item.id
      with: { service: item.id, plannedAt: occurrence, owner: item.owner }
    roles: { owner: {} }
    data:
      type: object
      required: [service]
      properties: { service: { type: string }, plannedAt: { type: string, format: date-time } }
    open:
      allow: [schedule]
      form: [service, plannedAt, owner]
      guard: [{ when: data.service != "retired", else: It is retired. }]
    initial: planned
    states:
      planned: { on: { begin: { allow: [owner], target: done } } }
      done: { final: true }
    clocks: { begin: { start: { in: planned, at: data.plannedAt }, goal: P14D, stop: { in: done } } }
    """

@Suite("Schedules in the language")
struct ScheduleLanguageTests {
    private let given =
        "given: { services: { critical: [{ id: ledger, owner: ben }, { id: portal, owner: lena }] } }"

    @Test("an instance is opened for every occurrence and key, at its own instant by the wall clock")
    func occurrences() throws {
        let line = try Play(drill).holds(
            "drill",
            """
            schedule: real
            people: { ben: [], lena: [] }
            \(given)
            steps:
              - { at: 2026-03-01T00:00:00Z, expect: { opened: [] } }
              - { at: 2026-03-02T08:00:00Z, expect: { opened: [ledger, portal] } }
              - { to: schedule/ledger, expect: { state: planned, data: { plannedAt: 2026-03-02T09:00:00+01:00 }, clocks: { begin: { due: 2026-03-16T09:00:00+01:00 } } } }
              - { to: schedule/ledger, by: lena, send: begin, expect: { rejected: not allowed } }
              - { to: schedule/ledger, by: ben, send: begin, expect: { state: done } }
              - { at: 2026-03-17T00:00:00Z, to: schedule/portal, expect: { clocks: { begin: overdue } } }
              # In summer nine o'clock comes an hour earlier; who is critical is asked at each occurrence.
              - { at: 2026-04-06T07:00:00Z, given: { services: { critical: [{ id: retired, owner: ben }, { id: ledger, owner: ben }] } }, expect: { opened: [ledger] } }
              - { to: schedule/ledger, expect: { state: planned, data: { plannedAt: 2026-04-06T09:00:00+02:00 } } }
            """)
        #expect(line.moments.filter { $0.event == "open" && $0.rejection == nil }.count == 3)
        #expect(line.moments.contains { $0.rejection == "It is retired." })
    }

    @Test("an occurrence whose list cannot be had says why, and the next one comes all the same")
    func failing() throws {
        let line = try Play(drill.replacing("key: item.id", with: "key: item.name")).holds(
            "drill",
            """
            schedule: real
            \(given)
            steps:
              - { at: 2026-03-01T00:00:00Z }
              - { at: 2026-05-01T00:00:00Z, expect: { opened: [] } }
            """)
        #expect(line.moments.count { $0.rejection?.contains("item.name") == true } == 2)
    }

    @Test("a scenario without the word opens nothing by itself, and one for a workflow without schedule says so")
    func unfollowed() throws {
        try Play(drill).holds(
            "drill",
            """
            people: { ben: [] }
            steps:
              - { at: 2026-03-01T00:00:00Z, by: schedule, open: { service: ledger, plannedAt: 2026-03-01T00:00:00Z, owner: ben } }
              - { at: +P60D, expect: { clocks: { begin: overdue } } }
            """)
        let play = try Play(drill.replacing(/schedule:\n(  .*\n)+/, with: ""))
        let scenario = try Scenario.decode(
            Array("workflow: drill\nscenario: s\nschedule: real\nsteps: [{ at: 2026-03-01T00:00:00Z }]\n".utf8),
            path: "s"
        ).get()
        #expect(play.simulation.run(scenario).failures.map(\.message) == ["drill has no schedule to follow"])
        let library = play.machines.mapValues(\.definition)
        #expect(scenario.check(among: library).map(\.code) == [.unknownName])
    }
}
