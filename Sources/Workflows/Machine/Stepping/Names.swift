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
    private let data: [String: CEL.Value]
    private let incomplete: Set<String>

    init(_ data: [String: CEL.Value], without incomplete: Set<String> = []) {
        self.data = data
        self.incomplete = incomplete
    }

    func member(_ name: String) -> CEL.Value? {
        guard let value = data[name], incomplete.isEmpty || !incomplete.contains(name) else { return nil }
        return value
    }

    var memberNames: [String]? { data.keys.filter { !incomplete.contains($0) }.sorted() }

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

    private enum Slot: String {
        case data, roles, state, clocks, tasks, approvals, children, `self`, tenant, event, now, before, item,
            occurrence
    }

    private let values: Values
    private let context: Context
    private let asked = Mutex<[Read]>([])

    init(values: Values, context: Context) {
        self.values = values
        self.context = context
    }

    /// What one evaluation needs; what its expression does not mention is left out.
    struct Values {
        var item: CEL.Value?
        var state: String
        var data: CEL.Value?
        var before: CEL.Value?
        var instance: Instance?
        var roles: CEL.Value?
        var tenant: CEL.Value?
        var event: Event?
        /// The present, where it may be asked for.
        var now: Instant?
        var occurrence: Instant?

        init(item: CEL.Value?, state: String) { (self.item, self.state) = (item, state) }
    }

    /// The instance whose records are looked at; an object, so that evaluations share it.
    final class Instance: Sendable {
        let snapshot: Snapshot
        let workflow: String

        init(snapshot: Snapshot, workflow: String) { (self.snapshot, self.workflow) = (snapshot, workflow) }
    }

    /// What formulas of events see beside the instance.
    struct Event {
        let name: String
        let by: String
        let at: Instant
        let sent: [String: CEL.Value]

        /// `event`: its name, who sent it, when it happened, and what was sent with it.
        var face: CEL.Value {
            ["name": .string(name), "by": .string(by), "at": .instant(at), "form": .map(MapValue(sent))]
        }
    }

    /// The questions that functions have asked.
    var questions: [Read] { asked.withLock { $0 } }

    func value(of variable: Environment.Variable) -> CEL.Value? {
        switch Self.slots[variable.index] {
        case .data: values.data
        case .before: values.before
        case .state: .string(values.state)
        case .item: values.item
        case .roles: values.roles
        case .tenant: values.tenant
        case .event: values.event?.face
        case .occurrence: values.occurrence.map { .instant($0) }
        case .now: values.now.map { .instant($0) }
        case .tasks, .approvals, .clocks, .children, .self: values.instance.flatMap { record(variable.name, of: $0) }
        case nil: nil
        }
    }

    private func record(_ name: String, of instance: Instance) -> CEL.Value? {
        switch name {
        case "tasks": face(instance.snapshot.tasks) { instance.snapshot.taskFace($0) }
        case "approvals": face(instance.snapshot.approvals) { instance.snapshot.approvalFace($0) }
        case "clocks": face(instance.snapshot.clocks) { instance.snapshot.clockFace($0) }
        case "children": face(instance.snapshot.children) { instance.snapshot.childFace($0) }
        default: .object(SelfFace(instance))
        }
    }

    private func face<T: Sendable>(
        _ records: [ItemKey: T], read: @escaping @Sendable (String) -> CEL.Value?
    ) -> CEL.Value {
        .object(Face(names: { records.keys.map(\.name).uniqued().sorted() }, read: read))
    }

    func call(_ function: String, _ arguments: [CEL.Value]) throws -> CEL.Value {
        if function == "elapsed" { return try HostFunctions.elapsed(arguments, now: values.now) }
        let question = try HostFunctions.question(function, arguments, now: values.now)
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
        switch name {
        case "id": .string(instance.snapshot.id.description)
        case "reference": .string(instance.snapshot.reference)
        case "workflow": .string(instance.workflow)
        case "kind": .string(instance.snapshot.kind.rawValue)
        case "openedAt": .instant(instance.snapshot.openedAt)
        default: nil
        }
    }

    var memberNames: [String]? { ["id", "kind", "openedAt", "reference", "workflow"] }
}
