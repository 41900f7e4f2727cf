import CEL
import Deadlines

// Children: wanted keys open them, what they follow is told, keys no longer wanted drop them.
extension Run {
    mutating func settleChildren() throws(Halt) {
        let told = event.flatMap { tables.listeners[$0]?.children } ?? []
        for (place, table) in tables.children.enumerated() {
            let isTold = !told.isEmpty && told.contains(place)
            guard
                isTold || isUpgrading || (move != nil && table.watchesStates)
                    || !changed.isDisjoint(with: table.inputs)
            else { continue }
            if hasEnded, move == nil {
                // Nothing begins any more, but what the children follow can still be corrected.
                if next.wanted.contains(table.child.name) { try tell(table) }
            } else {
                try judge(table)
            }
        }
    }

    private mutating func judge(_ table: ChildTable) throws(Halt) {
        let child = table.child
        var starts = try turnsTrue(child.start, table.held, isElement: false, .plain)
        let wasWanted = next.wanted.contains(child.name)
        if isUpgrading, next.children.keys(named: child.name).isEmpty { starts = try holds(child.start, .plain) }
        guard wasWanted || starts else { return }
        if try holds(child.stop, .plain) {
            next.wanted.remove(child.name)
            for key in next.children.keys(named: child.name) { drop(key, child) }
            return
        }
        if !wasWanted { next.wanted.insert(child.name) }
        let elements = try elements(child.each, child.key, .plain)
        for (key, item) in elements { try want(ItemKey(child.name, key), item, child) }
        // Each element has its child by now: if there are no more children, none has lost its element.
        let keys = next.children.keys(named: child.name)
        guard keys.count > elements.count else { return }
        let present = Set(elements.map(\.key))
        for key in keys where !present.contains(key.key) { drop(key, child) }
    }

    private mutating func want(_ key: ItemKey, _ item: CEL.Value?, _ child: Definition.Child) throws(Halt) {
        switch next.children[key]?.status {
        case nil, .withdrawn?: try open(key, item, child)
        case .dropped?:
            next.children[key]?.status = .wanted
            change(.children)
            note(.childKept(key, event: child.keep))
            if let event = child.keep { order(event, key) }
            try tell(key, item, child)
        case .wanted?: try tell(key, item, child)
        case .ended?: break
        }
    }

    private mutating func open(_ key: ItemKey, _ item: CEL.Value?, _ child: Definition.Child) throws(Halt) {
        let scope = Scope(item: item)
        let form = try values(of: child.with, scope)
        let followed = try values(of: child.follow, scope)
        let id = Identifier.child(of: next.id, key, number: issue(), at: now)
        next.children[key] = ChildRecord(
            status: .wanted, instance: id, item: item, state: nil, exports: [:], followed: followed)
        change(.children)
        note(.childOpened(key, instance: id))
        // A field that is not known yet is followed all the same.
        var told = followed
        for assignment in child.follow where told[assignment.name] == nil { told[assignment.name] = .null }
        let opening = Opening(
            id: id, reference: "", kind: next.kind, parent: Snapshot.Parent(instance: next.id, child: key),
            form: form, followed: told)
        effects.append(.open(workflow: child.workflow, opening))
    }

    /// Tells the children of a rule what they follow.
    private mutating func tell(_ table: ChildTable) throws(Halt) {
        for (key, item) in try elements(table.child.each, table.child.key, .plain) {
            let key = ItemKey(table.child.name, key)
            if next.children[key]?.status == .wanted { try tell(key, item, table.child) }
        }
    }

    private mutating func tell(_ key: ItemKey, _ item: CEL.Value?, _ child: Definition.Child) throws(Halt) {
        guard !child.follow.isEmpty, let record = next.children[key] else { return }
        let followed = try values(of: child.follow, Scope(item: item))
        let names = child.follow.map(\.name).filter { followed[$0] != record.followed[$0] }
        guard !names.isEmpty else { return }
        next.children[key]?.followed = followed
        var told: [String: CEL.Value] = [:]
        for name in names { told[name] = followed[name] ?? .null }
        note(.childTold(key, fields: names))
        effects.append(.message(to: record.instance, Input(actor: .parent(next.id), happenedAt: now, act: .tell(told))))
    }

    private mutating func drop(_ key: ItemKey, _ child: Definition.Child) {
        guard next.children[key]?.status == .wanted else { return }
        next.children[key]?.status = .dropped
        change(.children)
        note(.childDropped(key, event: child.drop))
        if let event = child.drop { order(event, key) }
    }

    /// Sends a child the event of `drop` or `keep`, with the reason.
    private mutating func order(_ event: String, _ key: ItemKey) {
        guard let child = next.children[key] else { return }
        let reason = self.reason ?? "\(next.reference): \(entries.last?.event ?? "changed")"
        let input = Input(
            actor: .parent(next.id), happenedAt: now, act: .event(event, form: ["reason": .string(reason)]))
        effects.append(.message(to: child.instance, input))
        note(.sent(event: event, to: child.instance))
    }

    /// Takes in what a child reports; a report of an instance that is no longer the child changes nothing.
    mutating func takeReport(
        _ key: ItemKey, state: String, isFinal: Bool, exports: [String: CEL.Value]
    ) {
        // A child goes on reporting under the name by which it was opened, which an upgrade may have changed.
        var key = key
        if next.children[key] == nil, case .child(_, let id) = input.actor,
            let taken = next.children.first(where: { $0.value.instance == id })
        {
            key = taken.key
        }
        guard let child = next.children[key], child.isRunning else { return }
        if case .child(_, let id) = input.actor, id != child.instance { return }
        next.children[key]?.state = state
        next.children[key]?.exports = exports
        if isFinal {
            next.children[key]?.status = child.status == .dropped ? .withdrawn : .ended
            note(.childEnded(key, state: state))
        }
        change(.children)
    }

    /// Tells the parent where this instance stands, if that has changed.
    mutating func report(since before: Snapshot?) {
        guard let parent = next.parent else { return }
        let fields = exported(next)
        if let before, before.state == next.state, before.status == next.status, exported(before) == fields { return }
        let act = Act.report(parent.child, state: next.state, isFinal: hasEnded, exports: fields)
        let input = Input(actor: .child(parent.child, next.id), happenedAt: now, act: act)
        effects.append(.message(to: parent.instance, input))
    }

    private func exported(_ snapshot: Snapshot) -> [String: CEL.Value] {
        var fields: [String: CEL.Value] = [:]
        for name in definition.exports { fields[name] = snapshot.data[name] }
        return fields
    }
}

extension ChildRecord {
    /// Whether the child has not ended.
    public var isRunning: Bool { status == .wanted || status == .dropped }
}

extension Identifier {
    /// The identifier of a child: the same in every replay, and another for every child.
    ///
    /// It is a UUID of version 7: 48 bits of milliseconds, then bits of a hash over the parent, the child's rule and
    /// key, and a number that the parent gives out once.
    static func child(of parent: Identifier, _ key: ItemKey, number: Int64, at now: Instant) -> Identifier {
        let bytes = Array(key.name.utf8) + [0] + Array(key.key.utf8)
        let seeds = [parent.high, parent.low, UInt64(bitPattern: number)]
        let first = mix(seeds, bytes, 0x9E37_79B9_7F4A_7C15)
        let second = mix(seeds, bytes, 0xD1B5_4A32_D192_ED03)
        let milliseconds = UInt64(max(0, now.microseconds / 1000)) & 0xFFFF_FFFF_FFFF
        return Identifier(
            high: milliseconds << 16 | 0x7000 | first >> 52, low: second >> 2 | 0x8000_0000_0000_0000)
    }

    /// A hash by FNV-1a over words and bytes, spread by the finaliser of SplitMix64.
    private static func mix(_ words: [UInt64], _ bytes: [UInt8], _ seed: UInt64) -> UInt64 {
        var hash = seed
        for word in words {
            hash = (hash ^ word) &* 0xBF58_476D_1CE4_E5B9
            hash ^= hash >> 29
        }
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        hash = (hash ^ hash >> 30) &* 0xBF58_476D_1CE4_E5B9
        hash = (hash ^ hash >> 27) &* 0x94D0_49BB_1331_11EB
        return hash ^ hash >> 31
    }
}
