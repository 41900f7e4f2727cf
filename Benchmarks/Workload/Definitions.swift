/// The definitions that are measured.
enum Definitions {
    /// An instance that can be moved for ever: each beat is one journal entry, takes a timer away, arms another, and
    /// tells one person.
    static let beat = """
        workflow: beat
        title: Beat
        reference: BEA
        roles:
          owner: { title: Owner, initially: opener }
        data:
          type: object
          required: [due]
          properties:
            due: { type: string, format: date-time, title: Next beat }
        open: { form: [due] }
        initial: up
        states:
          up:
            on:
              beat:
                target: down
                allow: [owner]
                actions: [{ set: { due: now + duration("4h") } }, { notify: { to: [owner], template: beaten } }]
              touch: { allow: [owner] }
              end: { target: ended, allow: [owner] }
          down:
            on:
              beat:
                target: up
                allow: [owner]
                actions: [{ set: { due: now + duration("4h") } }, { notify: { to: [owner], template: beaten } }]
              end: { target: ended, allow: [owner] }
          ended: { final: true }
        clocks:
          next: { start: { in: [up, down] }, stop: { in: [ended] }, until: data.due, escalation: gentle }
        escalations:
          gentle: [{ after: PT0S, notify: [owner] }, { after: P1D, notify: [manager of owner] }]
        templates:
          beaten: { subject: "{{self.reference}} has moved", body: "Next by {{data.due}}." }
        """

    /// A promise that is not kept: when its timer falls due it moves to `late`, tells its owner, and arms the next.
    static let promise = """
        workflow: promise
        title: Promise
        reference: PRM
        roles:
          owner: { title: Owner, initially: opener }
        data:
          type: object
          required: [due]
          properties:
            due: { type: string, format: date-time, title: Due }
        open: { form: [due] }
        initial: open
        states:
          open:
            on:
              keep: { target: kept, allow: [owner] }
              touch: { allow: [owner] }
              expire: { target: late, allow: [ladder] }
          kept: { final: true }
          late:
            on:
              keep: { target: kept, allow: [owner] }
        clocks:
          promise: { start: { in: [open] }, stop: { in: [kept] }, until: data.due, escalation: strict }
        escalations:
          strict: [{ after: PT0S, notify: [owner], send: expire }, { after: P1D, notify: [manager of owner] }]
        """
}
