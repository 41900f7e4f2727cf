import Testing

@testable import Workflows

/// A workflow whose clock starts, restarts, pauses, stops and is cancelled.
private let watch = """
    workflow: watch
    title: Watch
    reference: WAT
    roles: { owner: { initially: opener } }
    data:
      type: object
      properties:
        begunAt: { type: string, format: date-time }
        sentAt: { type: string, format: date-time }
        major: { type: boolean, default: false }
        zone: { type: string }
    open: { optional: [begunAt, major, zone] }
    initial: working
    states:
      working:
        on:
          report: { allow: [owner] }
          rest: { allow: [owner], target: resting }
          send: { allow: [owner], form: [sentAt], target: sent }
          drop: { allow: [owner], target: dropped }
      resting: { on: { wake: { allow: [owner], target: working } } }
      sent: { final: true }
      dropped: { final: true }
    correct: { begunAt: { allow: [owner] }, sentAt: { allow: [owner] }, major: { allow: [owner] } }
    clocks:
      send:
        start: { in: working, at: 'has(data.begunAt) ? data.begunAt : self.openedAt' }
        goal: { compute: 'data.major ? duration("2h") : duration("10h")' }
        pause: { in: resting }
        stop: { in: sent, at: data.sentAt }
        cancel: { in: dropped }
      cadence:
        start: { in: working }
        goal: PT1H
        restart: { on: report }
        stop: { in: [sent, dropped] }
      office:
        start: { in: working }
        goal: { workingHours: 8, calendar: office }
        zone: { compute: data.zone }
        stop: { in: [sent, dropped] }
    """

@Suite("Clocks in the language")
struct ClockLanguageTests {
    private let open = "{ at: 2026-03-02T08:00:00Z, by: ana, open: {} }"

    private func holds(_ steps: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        try Play(watch).holds("watch", "people: { ana: [] }\nsteps:\n\(steps)", sourceLocation: sourceLocation)
    }

    @Test("a round stops as met by the instant that counts, however late that is typed")
    func recordedLate() throws {
        try holds(
            """
              - \(open)
              - { at: 2026-03-04T08:00:00Z, expect: { clocks: { send: overdue } } }
              - { by: ana, send: send, form: { sentAt: 2026-03-02T17:59:59Z }, expect: { clocks: { send: met } } }
            """)
        try holds(
            """
              - \(open)
              - { at: 2026-03-02T19:00:00Z, by: ana, send: send, form: { sentAt: 2026-03-02T18:00:01Z }, expect: { clocks: { send: missed } } }
            """)
    }

    @Test("a cancelled round is neither met nor missed, even when it was overdue")
    func cancelled() throws {
        try holds(
            """
              - \(open)
              - { at: 2026-03-04T08:00:00Z, expect: { clocks: { send: overdue } } }
              - { by: ana, send: drop, expect: { clocks: { send: cancelled } } }
            """)
    }

    @Test("a restart ends a round and begins another; a missed round stays open until then")
    func restart() throws {
        try holds(
            """
              - \(open)
              - { at: 2026-03-02T08:59:00Z, by: ana, send: report, expect: { clocks: { cadence: { status: running, due: 2026-03-02T09:59:00Z, rounds: [met] } } } }
              - { at: 2026-03-02T12:00:00Z, expect: { clocks: { cadence: { status: overdue, rounds: [met] } } } }
              - { by: ana, send: report, expect: { clocks: { cadence: { status: running, due: 2026-03-02T13:00:00Z, rounds: [met, missed] } } } }
            """)
    }

    @Test("a pause moves the due instant by its length, and what is held does not become overdue")
    func pause() throws {
        try holds(
            """
              - \(open)
              - { at: 2026-03-02T10:00:00Z, by: ana, send: rest, expect: { clocks: { send: paused } } }
              - { at: 2026-03-09T10:00:00Z, expect: { clocks: { send: paused } } }
              - { by: ana, send: wake, expect: { clocks: { send: { status: running, due: 2026-03-09T18:00:00Z } } } }
              - { at: +PT1H, by: ana, send: rest }
              - { at: +PT1H, by: ana, send: wake, expect: { clocks: { send: { due: 2026-03-09T19:00:00Z } } } }
            """)
    }

    @Test("a due instant follows the facts: the goal that is computed, and the beginning that is corrected")
    func recomputed() throws {
        try holds(
            """
              - \(open)
              - { by: ana, correct: { major: true }, expect: { log: 'clock send moved from 2026-03-02T18:00:00Z to 2026-03-02T10:00:00Z' } }
              - { by: ana, correct: { begunAt: 2026-03-02T06:00:00Z }, expect: { clocks: { send: { due: 2026-03-02T08:00:00Z } } } }
            """)
    }

    @Test("a correction after the end judges the round anew, and nothing else moves")
    func judgedAnew() throws {
        try holds(
            """
              - \(open)
              - { at: +PT1H, by: ana, send: send, form: { sentAt: 2026-03-02T08:30:00Z }, expect: { state: sent, clocks: { send: met } } }
              - { at: +P9D, by: ana, correct: { sentAt: 2026-03-02T18:30:00Z }, expect: { state: sent, clocks: { send: missed } } }
              - { by: ana, correct: { begunAt: 2026-03-02T09:00:00Z }, expect: { clocks: { send: met } } }
              - { by: ana, send: report, expect: { rejected: already final } }
            """)
    }

    @Test("working hours count in the calendar and zone of the clock, across a change to summer time")
    func workingHours() throws {
        try holds(
            """
              - { at: 2026-03-27T15:00:00+01:00, by: ana, open: { zone: Europe/Berlin }, expect: { clocks: { office: { due: 2026-03-30T15:00:00+02:00 } } } }
            """)
        try holds(
            """
              - { at: 2026-03-27T15:00:00-04:00, by: ana, open: { zone: America/New_York }, expect: { clocks: { office: { due: 2026-03-30T15:00:00-04:00 } } } }
            """)
        try holds(
            """
              - { at: 2026-03-27T15:00:00Z, by: ana, open: { zone: Mars/Olympus }, expect: { rejected: Mars/Olympus } }
            """)
    }

    @Test("a clock for each element begins with it, and is cancelled when it is gone")
    func elements() throws {
        let list = """
            workflow: list
            title: List
            reference: LST
            roles: { owner: { initially: opener } }
            data:
              type: object
              properties:
                items:
                  type: array
                  items: { type: object, required: [id, due], properties: { id: { type: string }, due: { type: string, format: date-time }, done: { type: boolean } } }
            open: { form: [items] }
            initial: running
            states:
              running: { on: { change: { allow: [owner], form: [items] }, end: { allow: [owner], target: ended } } }
              ended: { final: true }
            clocks:
              each:
                start: { in: running }
                each: data.items
                key: item.id
                until: item.due
                stop: { when: 'has(item.done) && item.done' }
                cancel: { in: ended }
            """
        try Play(list).holds(
            "list",
            """
            people: { ana: [] }
            steps:
              - { at: 2026-03-01T00:00:00Z, by: ana, open: { items: [{ id: a, due: 2026-03-02T00:00:00Z }, { id: b, due: 2026-03-03T00:00:00Z }] } }
              - { at: 2026-03-02T12:00:00Z, expect: { clocks: { each/a: overdue, each/b: running } } }
              - { by: ana, send: change, form: { items: [{ id: a, due: 2026-03-02T00:00:00Z, done: true }, { id: c, due: 2026-03-09T00:00:00Z }] }, expect: { clocks: { each/a: missed, each/b: cancelled, each/c: { status: running, due: 2026-03-09T00:00:00Z } } } }
              - { by: ana, send: change, form: { items: [{ id: a, due: 2026-03-02T00:00:00Z, done: true }, { id: a, due: 2026-03-04T00:00:00Z }] }, expect: { rejected: two elements have the key } }
              - { by: ana, send: end, expect: { clocks: { each/c: cancelled } } }
            """)
    }
}
