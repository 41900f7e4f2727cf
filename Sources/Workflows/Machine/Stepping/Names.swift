import CEL
import Deadlines
import Synchronization

/// A record of the instance as formulas see it, whose fields are made when they are asked for.
final class Face: CELObject {
    private let read: @Sendable (String) -> CEL.Value?
    private let names: @Sendable () -> [String]

    init(names: @escaping @Sendable () -> [String], read: @escaping @Sendable (String) -> CEL.Value?) {
        self.names = names
        self.read = read
    }

    func member(_ name: String) -> CEL.Value? { read(name) }
    var memberNames: [String]? { names() }
}

/// Fields as formulas see them: without those whose contents are incomplete.
final class DataFace: CELObject {
    private let data: Ordered<String, CEL.Value>
    private let incomplete: Set<String>

    init(_ data: Ordered<String, CEL.Value>, without incomplete: Set<String> = []) {
        self.data = data
        self.incomplete = incomplete
    }

    func member(_ name: String) -> CEL.Value? {
        guard let value = data[name], incomplete.isEmpty || !incomplete.contains(name) else { return nil }
        return value
    }

    var memberNames: [String]? { data.keys.filter { !incomplete.contains($0) } }

    func isEqual(to other: any CELObject) -> Bool {
        guard let other = other as? DataFace else { return false }
        return data == other.data && incomplete == other.incomplete
    }
}

extension CEL.Value {
    /// The value with every record of the host turned into a map, so that it can be kept.
    var kept: CEL.Value {
        switch self {
        case .object(let object):
            let names = object.memberNames ?? []
            return .map(MapValue(fields: names.compactMap { name in object.member(name).map { (name, $0.kept) } }))
        case .list(let elements): return .list(elements.map(\.kept))
        case .map(let map):
            guard map.entries.contains(where: { $0.value.holdsObject }) else { return self }
            let entries = map.entries.map { MapValue.Entry(key: $0.key, value: $0.value.kept) }
            return MapValue(uniqueEntries: entries).map(CEL.Value.map) ?? self
        default: return self
        }
    }

    private var holdsObject: Bool {
        switch self {
        case .object: true
        case .list(let elements): elements.contains(where: \.holdsObject)
        case .map(let map): map.entries.contains { $0.value.holdsObject }
        default: false
        }
    }

    /// The value of a field of a map or record.
    func member(_ name: String) -> CEL.Value? {
        switch self {
        case .map(let map): map[name]
        case .object(let object): object.member(name)
        default: nil
        }
    }
}

/// What a formula may refer to, as one evaluation sees it.
final class Names: Activation {
    /// All names, without their types, which only the checker needs.
    static let environment = Environment(
        variables: [
            "data": .dyn, "roles": .dyn, "state": .dyn, "clocks": .dyn, "tasks": .dyn, "approvals": .dyn,
            "children": .dyn, "self": .dyn, "tenant": .dyn, "event": .dyn, "now": .dyn, "before": .dyn, "item": .dyn,
            "occurrence": .dyn,
        ],
        functions: HostFunctions.declarations(found: .dyn))

    /// What each variable of the environment is, by its index.
    private static let slots = environment.variables.map { Slot(rawValue: $0.name) }

    /// The variables that formulas have.
    enum Slot: String {
        case data, roles, state, clocks, tasks, approvals, children, `self`, tenant, event, now, before, item,
            occurrence
    }

    // What the expression does not mention is left out.
    private let item: CEL.Value?
    private let state: String
    private let data: DataFace?
    private let before: DataFace?
    private let instance: Instance?
    private let roles: CEL.Value?
    private let tenant: CEL.Value?
    private let event: CEL.Value?
    /// The present, where it may be asked for.
    private let now: Instant?
    private let occurrence: Instant?
    /// Whether formulas of events see this.
    let isEvent: Bool
    private let context: Context
    private let asked = Mutex<[Read]>([])

    /// What an expression with these mentions sees of a run, with the roles and the tenant if it mentions them.
    init(_ run: borrowing Run, _ mentions: Mentions, _ scope: Scope, roles: CEL.Value?, tenant: CEL.Value?) {
        item = scope.item
        state = run.next.state
        data = mentions.data ? DataFace(run.next.data, without: run.next.incomplete) : nil
        before = mentions.before && scope.isEvent ? DataFace(run.found) : nil
        instance = mentions.records ? Instance(snapshot: run.next, workflow: run.definition.name) : nil
        self.roles = roles
        self.tenant = tenant
        event = mentions.event && scope.isEvent ? run.eventSeen : nil
        now = scope.isEvent ? run.now : nil
        occurrence = scope.occurrence
        isEvent = scope.isEvent
        context = run.context
    }

    /// The instance whose records are looked at; an object, so that evaluations share it.
    final class Instance: Sendable {
        let snapshot: Snapshot
        let workflow: String

        init(snapshot: Snapshot, workflow: String) { (self.snapshot, self.workflow) = (snapshot, workflow) }
    }

    /// The questions that functions have asked.
    var questions: [Read] { asked.withLock { $0 } }

    func value(of variable: Environment.Variable) -> CEL.Value? {
        switch Self.slots[variable.index] {
        case .data: data.map { .object($0) }
        case .before: before.map { .object($0) }
        case .state: .string(state)
        case .item: item
        case .roles: roles
        case .tenant: tenant
        case .event: event
        case .occurrence: occurrence.map { .instant($0) }
        case .now: now.map { .instant($0) }
        case .tasks: instance.map { (at) in face(at.snapshot.tasks) { at.snapshot.taskFace($0) } }
        case .approvals: instance.map { (at) in face(at.snapshot.approvals) { at.snapshot.approvalFace($0) } }
        case .clocks: instance.map { (at) in face(at.snapshot.clocks) { at.snapshot.clockFace($0) } }
        case .children: instance.map { (at) in face(at.snapshot.children) { at.snapshot.childFace($0) } }
        case .self: instance.map { .object(SelfFace($0)) }
        case nil: nil
        }
    }

    private func face<T: Sendable>(
        _ records: Ordered<ItemKey, T>, read: @escaping @Sendable (String) -> CEL.Value?
    ) -> CEL.Value {
        .object(Face(names: { records.map(\.key.name).uniqued() }, read: read))
    }

    func call(_ function: String, _ arguments: [CEL.Value]) throws -> CEL.Value {
        if function == "elapsed" { return try HostFunctions.elapsed(arguments, now: now) }
        let question = try HostFunctions.question(function, arguments, now: now)
        asked.withLock { $0.append(question) }
        guard let answer = context.answers[question] else { throw Unanswered() }
        return answer
    }

    /// Ends an evaluation that lacks an answer.
    struct Unanswered: Error {}
}

/// `self` as formulas see it.
final class SelfFace: CELObject {
    private let instance: Names.Instance

    init(_ instance: Names.Instance) { self.instance = instance }

    func member(_ name: String) -> CEL.Value? {
        name == "workflow" ? .string(instance.workflow) : instance.snapshot.selfMember(name)
    }

    var memberNames: [String]? { ["id", "kind", "openedAt", "reference", "workflow"] }
}

extension Snapshot {
    /// What `self` tells of the instance, but for its workflow.
    func selfMember(_ name: String) -> CEL.Value? {
        switch name {
        case "id": .string(id.description)
        case "reference": .string(reference)
        case "kind": .string(kind.rawValue)
        case "openedAt": .instant(openedAt)
        default: nil
        }
    }
}
