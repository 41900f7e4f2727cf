import CEL
import Deadlines

// What tasks, approvals, clocks and children look like to a formula.
extension Snapshot {
    /// `done` and `items` of a task.
    func taskFace(_ name: String) -> CEL.Value {
        let records = tasks.records(named: name)
        let done = !records.isEmpty && records.allSatisfy { $0.record.status == .done }
        let items = records.map { key, record in
            var fields: [(String, CEL.Value)] = [("key", .string(key)), ("done", .bool(record.status == .done))]
            if let item = record.item { fields.append(("item", item)) }
            if let person = record.doneBy { fields.append(("by", .string(person))) }
            if let at = record.doneAt { fields.append(("at", .instant(at))) }
            fields += record.result.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
            return CEL.Value.map(MapValue(fields: fields))
        }
        return ["done": .bool(done), "items": .list(items)]
    }

    /// `granted`, `refused` and `items` of an approval.
    func approvalFace(_ name: String) -> CEL.Value {
        let records = approvals.records(named: name)
        let granted = !records.isEmpty && records.allSatisfy { $0.record.status == .granted }
        let refused = records.contains { $0.record.status == .refused }
        let items = records.map { key, record in
            var fields: [(String, CEL.Value)] = [
                ("key", .string(key)), ("granted", .bool(record.status == .granted)),
                ("refused", .bool(record.status == .refused)),
            ]
            if let item = record.item { fields.append(("item", item)) }
            return CEL.Value.map(MapValue(fields: fields))
        }
        return ["granted": .bool(granted), "refused": .bool(refused), "items": .list(items)]
    }

    /// `due`, `running`, `overdue` and `items` of a clock; `due` is the earliest of its elements.
    func clockFace(_ name: String) -> CEL.Value {
        let rounds = clocks.records(named: name).compactMap { key, record in record.last.map { (key, $0) } }
        let running = rounds.contains { $0.1.status == .running }
        let overdue = rounds.contains { $0.1.isOpen && $0.1.isOverdue }
        let items = rounds.map { key, round in
            var fields: [(String, CEL.Value)] = [
                ("key", .string(key)), ("running", .bool(round.status == .running)),
                ("overdue", .bool(round.isOpen && round.isOverdue)),
            ]
            if let due = round.due { fields.append(("due", .instant(due))) }
            if let latest = round.latest { fields.append(("latest", .instant(latest))) }
            return CEL.Value.map(MapValue(fields: fields))
        }
        var fields: [(String, CEL.Value)] = [
            ("running", .bool(running)), ("overdue", .bool(overdue)), ("items", .list(items)),
        ]
        if let due = rounds.compactMap(\.1.due).min() { fields.append(("due", .instant(due))) }
        if let latest = rounds.compactMap(\.1.latest).min() { fields.append(("latest", .instant(latest))) }
        return .map(MapValue(fields: fields))
    }

    /// `done` and `items` of a child rule; elements that are no longer wanted are left out.
    func childFace(_ name: String) -> CEL.Value {
        var items: [CEL.Value] = []
        var done = true
        for (key, record) in children.records(named: name) where record.status == .wanted || record.status == .ended {
            let isEnded = record.status == .ended
            done = done && isEnded
            var fields = record.exports.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
            if let item = record.item { fields.append(("item", item)) }
            if let state = record.state { fields.append(("state", .string(state))) }
            fields.append(("key", .string(key)))
            fields.append(("done", .bool(isEnded)))
            items.append(.map(MapValue(fields: fields)))
        }
        done = done && !items.isEmpty
        return ["done": .bool(done), "items": .list(items)]
    }
}

extension Ordered where Key == ItemKey {
    /// The records of one name, ordered by key.
    func records(named name: String) -> [(key: String, record: Value)] {
        places(of: name).map { (self[$0].key.key, self[$0].value) }
    }

    /// The keys of one name, in order.
    func keys(named name: String) -> [ItemKey] { places(of: name).map { entries[$0].key } }

    /// Where the records of one name are, which stand together.
    private func places(of name: String) -> Range<Int> {
        let start = place(of: ItemKey(name)).index
        var end = start
        while end < entries.count, entries[end].key.name == name { end += 1 }
        return start..<end
    }
}

extension ClockRecord.Round {
    /// Whether the round has not ended.
    public var isOpen: Bool {
        switch status {
        case .waiting, .running, .paused: true
        case .met, .missed, .cancelled: false
        }
    }
}

extension CEL.Value {
    /// An instant as a timestamp.
    public static func instant(_ instant: Instant) -> CEL.Value {
        let seconds = instant.seconds
        let micros = Int32(instant.microseconds - seconds * 1_000_000)
        return Timestamp(seconds: seconds, nanos: micros * 1000).map(CEL.Value.timestamp) ?? .null
    }

    /// The instant of a timestamp, to the microsecond.
    var instantValue: Instant? {
        timestampValue.map { Instant(microseconds: $0.seconds * 1_000_000 + Int64($0.nanos) / 1000) }
    }
}
