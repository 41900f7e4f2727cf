import CEL
import Deadlines
import JSON
import Workflows

/// Something that is not as the journal says it should be.
public struct Discrepancy: Sendable, Equatable, CustomStringConvertible {
    /// The tenant.
    public var tenant: Identifier
    /// The instance.
    public var instance: Identifier
    /// Its reference.
    public var reference: String
    /// The entry; nil where it is about the instance as a whole.
    public var sequence: Int64?
    /// What differs.
    public var message: String

    /// Reference, entry and difference in one line.
    public var description: String {
        "\(reference) (\(instance))\(sequence.map { " entry \($0)" } ?? ""): \(message)"
    }
}

/// A row of the journal as it was read back, with its payload.
struct StoredEntry: Sendable {
    var row: JournalRow
    var hash: [UInt8]
    var payload: [UInt8]?
    var salt: [UInt8]?
    var isErased: Bool
    /// Whether what was erased were words that the step does not need.
    var isRemark = false
}

/// Folds the journal of one instance through the machine and notes every difference.
///
/// Pure: the rows come from the database, the machines from the definitions that it ran under. An entry whose data were
/// erased cannot be stepped again; from there on only hashes and continuity are checked.
struct InstanceReplay {
    private let tenant: Identifier
    private let head: Snapshot.Head
    /// The machines of the versions that the instance has run under.
    private let machines: [Int: Machine]
    private(set) var discrepancies: [Discrepancy] = []
    private(set) var snapshot: Snapshot?
    /// Whether the fold had to stop, since a payload was erased or a step differed.
    private(set) var isBroken = false
    /// Whether a payload was found erased.
    private(set) var hasErasures = false
    /// Whether the fold ended before the journal, since what was erased cannot be done without.
    private(set) var isPartial = false
    private var pending: [StoredEntry] = []
    private var previous: JournalRow?
    private var erased: Set<Int64> = []
    private var tombstones: Set<Int64> = []

    init(tenant: Identifier, head: Snapshot.Head, machines: [Int: Machine]) {
        self.tenant = tenant
        self.head = head
        self.machines = machines
    }

    /// Takes the next row.
    mutating func add(_ entry: StoredEntry) {
        checkContinuity(entry.row)
        checkHashes(entry)
        if entry.isErased { hasErasures = true }
        previous = entry.row
        let beginsStep = facts(entry)?["input"] != nil || Amendment.kinds.contains(entry.row.kind)
        if beginsStep { step() }
        pending.append(entry)
    }

    /// Steps what is left, once all rows are there.
    mutating func end() { step() }

    /// The timers that should stand.
    var armedTimers: Set<Writes.TimerRow> {
        isBroken ? [] : snapshot?.armedTimers(InstanceKey(tenant: tenant, id: head.id)) ?? []
    }

    /// Compares the end of the fold with what is stored.
    ///
    /// - Parameters:
    ///   - stored: the snapshot that is stored; nil where it cannot be read.
    ///   - timers: those of ``armedTimers`` that stand.
    mutating func compare(stored: Snapshot?, timers: Set<Writes.TimerRow>) {
        for sequence in erased.subtracting(tombstones) {
            note("its payload is erased, and no tombstone says so", sequence)
        }
        if let previous, previous.sequence != head.sequence || previous.to != head.state {
            note(
                "the journal ends with entry \(previous.sequence) in `\(previous.to)`, the instance stands at "
                    + "\(head.sequence) in `\(head.state)`")
        }
        guard !isBroken, let snapshot else {
            if previous == nil { note("it has no journal") }
            return
        }
        guard let stored else { return note("its data cannot be read") }
        if stored != snapshot {
            let parts = Self.differences(snapshot, stored)
            note("the stored snapshot differs from the journal's in: \(parts.joined(separator: ", "))")
        }
        for timer in armedTimers.subtracting(timers) {
            note("the timer of `\(timer.item.name)`, due \(timer.dueAt), is missing")
        }
    }

    // MARK: - One row

    private mutating func checkContinuity(_ row: JournalRow) {
        let expected = (previous?.sequence ?? 0) + 1
        if row.sequence != expected { note("expected entry \(expected)", row.sequence) }
        if row.from != previous?.to ?? "" { note("it does not begin where the entry before it ended", row.sequence) }
    }

    private mutating func checkHashes(_ entry: StoredEntry) {
        let sequence = entry.row.sequence
        if !Digest.areEqual(entry.row.hash, entry.hash) { note("its hash does not fit its content", sequence) }
        if let erases = entry.row.erases { tombstones.insert(erases) }
        switch (entry.row.payloadHMAC, entry.payload, entry.salt) {
        case (nil, nil, _): if entry.isErased { note("it never had the payload that is said to be erased", sequence) }
        case (let hmac?, let payload?, let salt?):
            if !Digest.areEqual(Digest.hmac(payload, key: salt), hmac) {
                note("its payload is not what was recorded", sequence)
            }
        case (.some, _, _):
            if entry.isErased { erased.insert(sequence) } else { note("its payload is missing", sequence) }
        case (nil, .some, _): note("it has a payload that was never recorded", sequence)
        }
    }

    private func facts(_ entry: StoredEntry) -> JSON? { try? JSON(parsing: entry.row.facts) }

    // MARK: - One step

    /// Steps the machine with what the pending rows recorded.
    private mutating func step() {
        defer { pending = [] }
        guard let first = pending.first, !isBroken else { return }
        guard !Amendment.kinds.contains(first.row.kind) else {
            snapshot?.sequence += 1
            let lastAt = snapshot?.lastAt ?? first.row.recordedAt
            snapshot?.lastAt = max(lastAt, first.row.recordedAt)
            return
        }
        guard !first.isErased || first.isRemark else {
            isBroken = true
            isPartial = true
            return
        }
        do {
            try replay(first)
        } catch {
            note("it cannot be stepped again: \(error)", first.row.sequence)
            isBroken = true
        }
    }

    private mutating func replay(_ first: StoredEntry) throws {
        let facts = try JSON(parsing: first.row.facts)
        let payload = try first.payload.map { try JSON(parsing: $0) }
        guard let inputFacts = facts["input"] else {
            throw DecodingFault(path: "input", expected: "what was done")
        }
        // Words that were erased are stood in for; what they said has no part in the step.
        let written = first.isErased ? ["comment": "erased", "reason": "erased", "title": "erased"] : payload?["input"]
        let input = try Input(facts: inputFacts, written: written)
        var answers: [Read: CEL.Value] = [:]
        for part in [facts["reads"], payload?["reads"]] {
            for pair in part?.arrayValue ?? [] {
                guard let question = pair["question"], let answer = pair["answer"] else { continue }
                answers[try Read(json: question)] = try ReadAnswer.value(answer)
            }
        }
        guard let machine = machines[Int(first.row.version)] else {
            throw CorruptRow("\(first.row.definition) version \(first.row.version) cannot be run")
        }
        let now = max(first.row.recordedAt, snapshot?.lastAt ?? first.row.recordedAt)
        let outcome = try machine.step(snapshot, input, context: Context(answers: answers), now: now)
        guard case .stepped(let step) = outcome else {
            throw DecodingFault(path: "reads", expected: "answers to all that the step asks")
        }
        compare(step, first.row, facts)
        snapshot = step.snapshot
    }

    private mutating func compare(_ step: Step, _ row: JournalRow, _ facts: JSON) {
        let recorded = pending.map(Line.init(stored:))
        let expected = step.entries.map(Line.init(entry:))
        if recorded != expected {
            note("stepped again it yields \(expected.map(\.text)), recorded is \(recorded.map(\.text))", row.sequence)
            isBroken = true
        }
        let digest = Digest.hexadecimal(Digest.sha256(step.snapshot.variablePart))
        if facts["snapshot"]?.stringValue != digest {
            note("stepped again it yields another snapshot", row.sequence)
            isBroken = true
        }
    }

    /// What an entry says, whether stepped or stored.
    private struct Line: Equatable {
        var kind: String
        var event: String
        var from: String
        var to: String
        var notes: [JSON]

        init(entry: Entry) {
            kind = entry.kind.rawValue
            event = entry.event
            from = entry.from
            to = entry.to
            notes = entry.notes.map(\.json)
        }

        init(stored: StoredEntry) {
            kind = stored.row.kind
            event = stored.row.event
            from = stored.row.from
            to = stored.row.to
            notes = (try? JSON(parsing: stored.row.facts))?["notes"]?.arrayValue ?? []
        }

        var text: String { "\(kind) \(event): \(from) → \(to), \(notes.count) notes" }
    }

    private mutating func note(_ message: String, _ sequence: Int64? = nil) {
        discrepancies.append(
            Discrepancy(
                tenant: tenant, instance: head.id, reference: head.reference, sequence: sequence, message: message))
    }

    private static func differences(_ expected: Snapshot, _ stored: Snapshot) -> [String] {
        var parts: [String] = []
        if expected.state != stored.state { parts.append("state") }
        if expected.status != stored.status { parts.append("status") }
        if expected.sequence != stored.sequence { parts.append("sequence") }
        if expected.lastAt != stored.lastAt || expected.openedAt != stored.openedAt { parts.append("instants") }
        let left = (try? JSON(parsing: expected.variablePart))?.objectValue ?? [:]
        let right = (try? JSON(parsing: stored.variablePart))?.objectValue ?? [:]
        return parts + Set(left.keys + right.keys).sorted().filter { left[$0] != right[$0] }
    }
}

extension Snapshot {
    /// The timers that stand for it in the database.
    func armedTimers(_ key: InstanceKey) -> Set<Writes.TimerRow> {
        var timers: Set<Writes.TimerRow> = []
        for (item, record) in clocks {
            for case let timer? in record.rounds.map(\.timer) {
                timers.insert(
                    Writes.TimerRow(key: key, item: item, generation: timer.generation, dueAt: timer.dueAt))
            }
        }
        return timers
    }
}
