import Deadlines
import Workflows

/// What lists are read from, as far as a batch changes it.
struct Projections: Sendable {
    struct ClockRow: Sendable, Equatable {
        var key: InstanceKey
        var item: ItemKey
        var round: Int32
        var title: String
        var status: String
        var rule: String?
        var startedAt: Instant
        var due: Instant?
        var latest: Instant?
        var endedAt: Instant?
        /// Whether it had been overdue when it was paused or ended; of one that runs its due instant tells.
        var isOverdue: Bool
        /// Whether its due instant hangs on a calendar.
        var usesCalendar: Bool
        /// IANA name of the zone in which it is counted; nil for the tenant's.
        var zone: String?
    }

    struct TaskRow: Sendable, Equatable {
        var key: InstanceKey
        var kind: String
        var item: ItemKey
        var title: String
        var people: [String]
        var groups: [String]
        var openedAt: Instant
        var due: Instant?
    }

    struct HolderRow: Sendable, Hashable {
        var key: InstanceKey
        var role: String
        var person: String
    }

    struct ExportRow: Sendable, Hashable {
        var key: InstanceKey
        var definition: String
        var field: String
        var value: String
    }

    private(set) var newClocks: [ClockRow] = []
    private(set) var changedClocks: [ClockRow] = []
    var clocks: [ClockRow] { newClocks + changedClocks }
    private(set) var openedTasks: [TaskRow] = []
    private(set) var closedTasks: [TaskRow] = []
    private(set) var newHolders: [HolderRow] = []
    private(set) var formerHolders: [HolderRow] = []
    private(set) var newExports: [ExportRow] = []
    private(set) var formerExports: [ExportRow] = []

    /// Adds what differs between two snapshots of one instance, the older one under a definition of its own.
    mutating func add(
        _ key: InstanceKey, from old: Snapshot?, under former: Machine, to new: Snapshot, _ machine: Machine
    ) {
        for (item, record) in new.clocks { addRounds(of: record, since: old?.clocks[item], key, item) }
        let before = old.map { Self.tasks(of: $0, key, former) } ?? []
        let after = Self.tasks(of: new, key, machine)
        openedTasks += after.filter { !before.contains($0) }
        closedTasks += before.filter { task in
            !after.contains { $0.kind == task.kind && $0.item == task.item }
        }
        if old?.holders != new.holders {
            Self.difference(
                old.map { Self.holders(of: $0, key) } ?? [], Self.holders(of: new, key), &formerHolders,
                &newHolders)
        }
        let (exported, exports) = (former.definition.exports, machine.definition.exports)
        guard !exported.isEmpty || !exports.isEmpty else { return }
        let definition = machine.definition.name
        Self.difference(
            old.map { Self.exports(of: $0, key, former.definition.name, exported) } ?? [],
            Self.exports(of: new, key, definition, exports), &formerExports, &newExports)
    }

    private static func difference<Row: Hashable>(
        _ before: Set<Row>, _ after: Set<Row>, _ removed: inout [Row], _ added: inout [Row]
    ) {
        guard before != after else { return }
        removed += before.subtracting(after)
        added += after.subtracting(before)
    }

    /// Adds the rounds that are new or differ.
    private mutating func addRounds(
        of record: ClockRecord, since old: ClockRecord?, _ key: InstanceKey, _ item: ItemKey
    ) {
        var number = record.forgotten
        for round in record.earlier {
            number += 1
            add(round, number, since: old?.round(number), key, item)
        }
        if let last = record.last { add(last, number + 1, since: old?.round(number + 1), key, item) }
    }

    private mutating func add(
        _ round: ClockRecord.Round, _ number: Int, since old: ClockRecord.Round?, _ key: InstanceKey, _ item: ItemKey
    ) {
        guard let old else { return newClocks.append(ClockRow(key, item, number, round)) }
        guard !round.isShown(as: old) else { return }
        let row = ClockRow(key, item, number, round)
        if row != ClockRow(key, item, number, old) { changedClocks.append(row) }
    }

    private static func tasks(of snapshot: Snapshot, _ key: InstanceKey, _ machine: Machine) -> [TaskRow] {
        guard !snapshot.tasks.isEmpty || !snapshot.approvals.isEmpty,
            let state = machine.definition.states.first(where: { $0.name == snapshot.state })
        else { return [] }
        let definition = machine.definition
        var rows: [TaskRow] = []
        for (item, record) in snapshot.tasks where record.status == .open {
            let rule = state.tasks.first { $0.name == item.name }
            let asked = asked(
                record.assignee.map { [$0] } ?? record.who, rule?.from ?? [], snapshot, definition)
            rows.append(
                TaskRow(
                    key: key, kind: "task", item: item, title: record.title, people: asked.people,
                    groups: asked.groups, openedAt: record.openedAt, due: snapshot.clocks[item.taskClock]?.open?.due))
        }
        for (item, record) in snapshot.approvals where record.status == .open {
            let rule = state.approvals.first { $0.name == item.name }
            let asked = asked(record.who, rule?.from ?? [], snapshot, definition)
            rows.append(
                TaskRow(
                    key: key, kind: "approval", item: item, title: record.title, people: asked.people,
                    groups: asked.groups, openedAt: record.openedAt, due: snapshot.clocks[item.approvalClock]?.open?.due
                ))
        }
        return rows
    }

    /// Who is asked: those named, else the holders of the roles, and the groups of roles that nobody holds.
    private static func asked(
        _ named: [String], _ roles: [String], _ snapshot: Snapshot, _ definition: Definition
    ) -> (people: [String], groups: [String]) {
        guard named.isEmpty else { return (named.sorted(), []) }
        var people: Set<String> = []
        var groups: Set<String> = []
        for role in roles {
            let holders = snapshot.holders[role] ?? []
            people.formUnion(holders)
            if holders.isEmpty { groups.formUnion(definition.roles.first { $0.name == role }?.from ?? []) }
        }
        return (people.sorted(), groups.sorted())
    }

    private static func holders(of snapshot: Snapshot, _ key: InstanceKey) -> Set<HolderRow> {
        Set(
            snapshot.holders.flatMap { role, people in
                people.map { HolderRow(key: key, role: role, person: $0) }
            })
    }

    /// The texts that a running instance holds in exported fields, alone or in lists.
    private static func exports(
        of snapshot: Snapshot, _ key: InstanceKey, _ definition: String, _ fields: [String]
    ) -> Set<ExportRow> {
        guard snapshot.status == .running || snapshot.status == .suspended else { return [] }
        var rows: Set<ExportRow> = []
        for field in fields {
            let value = snapshot.data[field]
            let texts = value?.stringValue.map { [$0] } ?? value?.listValue?.compactMap(\.stringValue) ?? []
            for text in texts where text.utf8.count <= 200 {
                rows.insert(ExportRow(key: key, definition: definition, field: field, value: text))
            }
        }
        return rows
    }
}

extension ClockRecord.Round {
    /// Whether all that a list shows of it stands the same in another.
    fileprivate func isShown(as other: ClockRecord.Round) -> Bool {
        status == other.status && due == other.due && latest == other.latest && startedAt == other.startedAt
            && endedAt == other.endedAt && (isOverdue == other.isOverdue || status == .running)
            && title == other.title && basis == other.basis
    }
}

extension Projections.ClockRow {
    init(_ key: InstanceKey, _ item: ItemKey, _ number: Int, _ round: ClockRecord.Round) {
        var rule: String?
        if case .rule(let id, _)? = round.basis?.measure { rule = id }
        self.init(
            key: key, item: item, round: Int32(number), title: round.title, status: round.status.rawValue, rule: rule,
            startedAt: round.startedAt, due: round.due, latest: round.latest, endedAt: round.endedAt,
            isOverdue: round.isOverdue && round.status != .running,
            usesCalendar: round.basis?.measure.usesCalendar ?? false, zone: round.basis?.zone)
    }
}

extension DeadlineQuestion.Measure {
    /// Whether the answer may change with a calendar.
    var usesCalendar: Bool {
        switch self {
        case .rule, .goal(.workingDays), .goal(.workingHours): true
        case .goal(.period): false
        }
    }
}
