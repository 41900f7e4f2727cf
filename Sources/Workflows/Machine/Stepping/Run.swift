import CEL
import Deadlines

/// One input on its way through an instance: the candidate snapshot and what has followed so far.
///
/// A part of a step that fails is undone by going back to a copy, which is never made unasked since it is large.
struct Run: ~Copyable {
    let tables: Tables
    let input: Input
    let context: Context
    let now: Instant

    /// Who acts: whoever sent the input, or a ladder of the instance in what follows from it.
    var actor: Actor
    /// The candidate.
    var next: Snapshot
    /// The data as the step found them, for `before`.
    let found: Ordered<String, CEL.Value>
    /// What formulas saw last that look at fields and state alone, while these are as they were.
    var seen: Names?
    /// The present state; nil before the instance has one.
    private(set) var state: StateTable?
    var entries: [Entry]
    var effects: [Effect]
    var reads: Reads

    /// What this step has changed, never too little.
    var changed: Inputs
    /// What has changed since computed fields were last derived.
    var underived: Inputs
    /// Fields written since the last note of it, in order.
    var written: [String]
    /// The move that the present pass makes; nil where the instance stays.
    var move: Move?
    /// The event that the present pass takes, for conditions.
    var event: String?
    /// The form of the event and what was sent with it, for `event`.
    var sent: [String: CEL.Value]
    /// The reason that the input gives, for the children it drops.
    var reason: String?
    /// Clocks whose timer may have to change.
    var touched: [ItemKey]
    /// Timers to arm and disarm.
    var timers: [TimerChange]
    /// The timer that fired and is used up.
    var fired: ArmedTimer?

    /// A change of state; the same state where it is entered anew.
    struct Move {
        let from: String
        let to: String
    }

    init(tables: Tables, snapshot: Snapshot, input: Input, context: Context, now: Instant) {
        self.tables = tables
        self.input = input
        self.context = context
        self.now = max(now, snapshot.lastAt)
        actor = input.actor
        found = snapshot.data
        state = tables.states[snapshot.state]
        changed = snapshot.isUnsettled ? .everything : []
        underived = changed
        next = snapshot
        next.lastAt = self.now
        next.isUnsettled = false
        (entries, effects, reads) = ([], [], Reads())
        (written, sent, touched, timers) = ([], [:], [], [])
        (move, event, reason, fired, seen) = (nil, nil, nil, nil, nil)
    }

    /// A copy to go back to.
    borrowing func copy() -> Run { Run(copying: self) }

    private init(copying other: borrowing Run) {
        (tables, input, context, now) = (other.tables, other.input, other.context, other.now)
        (actor, next, found, seen, state) = (other.actor, other.next, other.found, other.seen, other.state)
        (entries, effects, reads) = (other.entries, other.effects, other.reads)
        (changed, underived, written) = (other.changed, other.underived, other.written)
        (move, event, sent, reason) = (other.move, other.event, other.sent, other.reason)
        (touched, timers, fired) = (other.touched, other.timers, other.fired)
    }

    var definition: Definition { tables.definition }
    var isRunning: Bool { next.status == .running }
    var hasEnded: Bool { next.status == .final || next.status == .cancelled }

    /// Begins the entry to which the notes that follow belong.
    mutating func begin(_ kind: Entry.Kind, _ event: String) {
        entries.append(Entry(kind: kind, event: event, from: next.state, to: next.state))
        entries[entries.count - 1].notes.reserveCapacity(8)
    }

    /// Adds a note to the present entry.
    mutating func note(_ note: Note) {
        entries[entries.count - 1].notes.append(note)
    }

    /// Says which fields have been written since it was last said.
    mutating func noteWrites() {
        guard !written.isEmpty else { return }
        note(.wrote(fields: written))
        written = []
    }

    mutating func change(_ inputs: Inputs) {
        changed.formUnion(inputs)
        underived.formUnion(inputs)
    }

    /// Lets the instance stand in another state.
    mutating func enter(_ name: String) {
        seen = nil
        next.state = name
        state = tables.states[name]
        entries[entries.count - 1].to = name
        change(.state)
    }

    /// Writes a field, or unsets it; the votes that cover it fall.
    mutating func write(_ table: FieldTable, _ value: CEL.Value?) {
        let field = table.field.name
        let value = value ?? table.standard
        guard next.data[field] != value else { return }
        seen = nil
        next.data[field] = value
        if !written.contains(field) { written.append(field) }
        change(table.mark)
        if state?.covering.isEmpty == false { voidVotes(covering: field) }
    }

    /// A number that no other timer or message of this instance has.
    mutating func issue() -> Int64 {
        next.issued += 1
        return next.issued
    }

    /// Refuses the input.
    func reject(_ rejection: Rejection) -> Halt { .rejected(rejection) }
}
