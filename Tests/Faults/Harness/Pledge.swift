/// The workflow that the clients use: a promise with a ladder of two rungs, whose second ends the matter.
///
/// One that is kept opens a child, which ends a second later and lets its parent end.
enum Pledge {
    /// Its definition.
    ///
    /// - Parameters:
    ///   - workflow: its name.
    ///   - title: tells its versions apart.
    ///   - end: the state in which what was not kept ends.
    static func definition(_ workflow: String = "pledge", titled title: String = "Pledge", end: String = "late")
        -> String
    {
        """
        workflow: \(workflow)
        title: \(title)
        reference: \(workflow.prefix(3).uppercased())
        roles:
          owner: { title: Owner, initially: opener }
        data:
          type: object
          required: [due, note]
          properties:
            due:  { type: string, format: date-time }
            note: { type: string, maxLength: 200 }
        open: { form: [due, note] }
        initial: open
        states:
          open:
            on:
              touch:
                allow: [owner]
                form: [note]
                actions:
                  - call: { connector: hook, with: { note: data.note } }
              balk:
                allow: [owner]
                form: [note]
                guard:
                  - { when: data.note == 'never', else: It always balks. }
              keep: { target: closing, allow: [owner], form: [note] }
              expire: { target: \(end), allow: [ladder] }
          closing:
            always:
              - { guard: children.errand.done, target: kept }
          kept: { final: true }
          \(end): { final: true }
        clocks:
          pledge: { start: { in: [open] }, stop: { in: [closing, \(end)] }, until: data.due, escalation: strict }
        children:
          errand: { workflow: errand, start: { in: closing }, with: { about: data.note } }
        escalations:
          strict:
            - { before: PT1S, notify: [owner] }
            - { after: PT0S, notify: [owner], send: expire }
        """
    }

    /// What is still to be done once a pledge is kept: a child that ends by itself, and whose end ends its parent.
    static let errand = """
        workflow: errand
        title: Errand
        reference: ERR
        data:
          type: object
          required: [about]
          properties:
            about: { type: string, maxLength: 200 }
        open: { allow: [parent], form: [about] }
        initial: doing
        states:
          doing:
            on:
              finish: { target: done, allow: [ladder] }
          done: { final: true }
        clocks:
          errand: { start: { in: [doing] }, stop: { in: [done] }, goal: PT1S, escalation: alone }
        escalations:
          alone:
            - { after: PT0S, send: finish }
        """
}
