import Testing

@testable import Workflows

private let parent = """
    workflow: parent
    title: Parent
    reference: PAR
    roles: { owner: { initially: opener } }
    data:
      type: object
      properties:
        reason: { type: string }
        level: { type: integer }
        parts: { type: array, items: { type: object, required: [id], properties: { id: { type: string }, size: { type: integer } } } }
        heard: { type: integer, default: 0 }
    open: { form: [parts], optional: [level] }
    initial: running
    states:
      running:
        on:
          change: { allow: [owner], form: [parts, reason] }
          shout: { allow: [owner], actions: [{ send: { event: hear, to: children.part, with: { loud: '"very"' } } }] }
          heard: { allow: [child], actions: [{ set: { heard: data.heard + 1 } }] }
          end: { allow: [owner], target: ended }
          part: { allow: [owner], guard: children.part.done, target: ended }
      ended: { final: true }
    correct: { level: { allow: [owner] } }
    children:
      part:
        workflow: part
        start: { in: running }
        each: data.parts
        key: item.id
        with: { size: item.size, owner: roles.owner }
        follow: { level: data.level }
        drop: stop
        keep: go
    """

private let part = """
    workflow: part
    title: Part
    reference: PRT
    exports: [size]
    roles: { owner: {} }
    data:
      type: object
      properties: { size: { type: integer }, level: { type: integer }, loud: { type: string }, reason: { type: string } }
    open: { allow: [parent], form: [owner], optional: [size] }
    initial: open
    states:
      open:
        on:
          hear: { allow: [parent], form: [loud], actions: [{ send: { event: heard, to: parent } }] }
          level: { allow: [owner], form: [level] }
          stop: { allow: [parent], form: [reason], target: stopped }
          finish: { allow: [owner], target: finished }
      stopped: { on: { go: { allow: [parent], target: open }, bury: { allow: [owner], target: buried } } }
      finished: { final: true }
      buried: { final: true }
    """

@Suite("Children in the language")
struct ChildLanguageTests {
    private let open =
        "{ at: 2026-03-02T08:00:00Z, by: ana, open: { parts: [{ id: a, size: 1 }, { id: b }], level: 1 } }"

    private func holds(_ steps: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        try Play(parent, part).holds(
            "parent", "children: real\npeople: { ana: [] }\nsteps:\n\(steps)", sourceLocation: sourceLocation)
    }

    @Test("each key opens one child, once, with what is copied and what it follows")
    func opened() throws {
        try holds(
            """
              - \(open)
              - { expect: { children: { part: [a, b] } } }
              - { to: part/a, expect: { state: open, data: { size: 1, level: 1 } } }
              - { to: part/b, expect: { data: { size: null, level: 1 } } }
              - { by: ana, send: change, form: { parts: [{ id: a, size: 7 }, { id: b }], reason: Larger }, expect: { children: { part: [a, b] } } }
              - { to: part/a, expect: { data: { size: 1 } } }
            """)
    }

    @Test("what is followed is told again whenever it changes, and is read-only in the child")
    func followed() throws {
        try holds(
            """
              - \(open)
              - { by: ana, correct: { level: 5 }, expect: { log: ['tell part[a] level', 'tell part[b] level'] } }
              - { to: part/a, expect: { data: { level: 5 } } }
              - { to: part/a, by: ana, send: level, form: { level: 9 }, expect: { rejected: unexpected level } }
              - { by: ana, correct: { level: null } }
              - { to: part/b, expect: { data: { level: null } } }
            """)
    }

    @Test("a key no longer wanted drops its child with the reason; wanted again before it ended, it is kept")
    func droppedAndKept() throws {
        try holds(
            """
              - \(open)
              - { by: ana, send: change, form: { parts: [{ id: b }], reason: Not needed }, expect: { children: { part: [b] }, log: 'send stop to part[a]' } }
              - { to: part/b, expect: { state: open } }
              - { by: ana, send: change, form: { parts: [{ id: a }, { id: b }], reason: Needed after all }, expect: { children: { part: [a, b] }, log: 'send go to part[a]' } }
              - { to: part/a, expect: { state: open, data: { reason: Not needed } } }
            """)
    }

    @Test("a child that ended while dropped is opened anew when its key is wanted again")
    func withdrawn() throws {
        try holds(
            """
              - \(open)
              - { by: ana, send: change, form: { parts: [{ id: b }], reason: Not needed } }
              - { to: part/a, by: ana, send: bury, expect: { state: buried } }
              - { by: ana, send: change, form: { parts: [{ id: a }, { id: b }], reason: Needed after all }, expect: { children: { part: [a, b] }, log: 'open part[a]' } }
              - { to: part/a, expect: { state: open } }
              - { to: part/b, by: ana, send: finish, expect: { state: finished } }
              - { by: ana, send: part, expect: { rejected: guard } }
              - { to: part/a, by: ana, send: finish }
              # What ended while it was wanted is done, and is not opened again.
              - { by: ana, send: change, form: { parts: [{ id: a }, { id: b }], reason: Nothing new } }
              - { to: part/a, expect: { state: finished } }
              - { by: ana, send: part, expect: { state: ended } }
            """)
    }

    @Test("a child that is not dropped outlives its parent, and what its parent still corrects reaches it")
    func outlives() throws {
        try holds(
            """
              - \(open)
              - { by: ana, send: end, expect: { state: ended } }
              - { by: ana, correct: { level: 3 } }
              - { to: part/a, expect: { state: open, data: { level: 3 } } }
              - { to: part/a, by: ana, send: finish, expect: { state: finished } }
            """)
    }

    @Test("events go to all children that run, and back to the parent, each in a step of its own")
    func messages() throws {
        try holds(
            """
              - \(open)
              - { to: part/b, by: ana, send: finish }
              - { by: ana, send: shout, expect: { log: 'send hear' } }
              - { expect: { data: { heard: 1 } } }
              - { to: part/a, expect: { data: { loud: very } } }
            """)
    }
}
