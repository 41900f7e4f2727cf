import CEL

/// A definition with its names resolved: what a step looks up.
final class Tables: Sendable {
    let definition: Definition
    let states: Ordered<String, StateTable>
    let fields: Ordered<String, FieldTable>
    let roles: Ordered<String, RoleTable>
    /// Derived fields, each after those it reads.
    let derived: [FieldTable]
    /// What derived fields read, all together.
    let derivedInputs: Inputs
    /// Fields with a checklist.
    let checklists: [FieldTable]
    let required: [String]
    /// The marks of required fields.
    let requiredInputs: Inputs
    /// Clocks, each after those it reads.
    let clocks: [ClockTable]
    let children: [ChildTable]
    /// Who waits for an event, by its name.
    let listeners: Ordered<String, Listeners>
    /// What settling depends on, in whatever state.
    let settledInputs: Inputs
    let messages: Ordered<String, Definition.Message>
    let ladders: Ordered<String, LadderTable>
    let decisions: Ordered<String, Definition.Decision>
    let corrections: Ordered<String, Definition.Correction>

    init(_ definition: Definition) throws(DefinitionError) {
        self.definition = definition
        var fields: Ordered<String, FieldTable> = [:]
        for field in try Self.index(definition.data.fields, by: \.name, at: \.position, kind: "field").values {
            fields[field.name] = try FieldTable(field)
        }
        self.fields = fields
        let roles = try Self.index(definition.roles, by: \.name, at: \.position, kind: "role")
        self.roles = Ordered(
            roles.map { name, role in
                let distinct = definition.roles.filter { other in
                    other.name != name && (role.distinctFrom.contains(other.name) || other.distinctFrom.contains(name))
                }
                return (name, RoleTable(role: role, distinct: distinct.map(\.name)))
            })
        var states: Ordered<String, StateTable> = [:]
        for state in try Self.index(definition.states, by: \.name, at: \.position, kind: "state").values {
            states[state.name] = try StateTable(state, of: definition)
        }
        self.states = states
        let ladders = try Self.index(definition.escalations, by: \.name, at: \.position, kind: "ladder")
        self.ladders = Ordered(ladders.map { ($0.key, LadderTable($0.value)) })
        decisions = try Self.index(definition.decisions, by: \.name, at: \.position, kind: "decision")
        corrections = try Self.index(definition.corrections, by: \.field, at: \.position, kind: "correction")
        _ = try Self.index(definition.clocks, by: \.name, at: \.position, kind: "clock")
        _ = try Self.index(definition.children, by: \.name, at: \.position, kind: "child")

        let derived = definition.data.fields.filter { $0.compute != nil }
        self.derived = Self.sorted(derived, naming: \.name) { field in
            field.compute.map { Self.names(under: "data", in: $0) } ?? []
        }.compactMap { fields[$0.name] }
        derivedInputs = self.derived.reduce(into: Inputs()) { $0.formUnion($1.derivationInputs) }
        checklists = definition.data.fields.filter { $0.checklist != nil }.compactMap { fields[$0.name] }
        let required = definition.data.fields.filter { $0.isRequired && $0.compute == nil }.map(\.name)
        clocks = Self.sorted(definition.clocks, naming: \.name) { clock in
            clock.formulas.reduce(into: []) { $0.formUnion(Self.names(under: "clocks", in: $1)) }
        }.map(ClockTable.init)
        children = definition.children.map(ChildTable.init)
        listeners = Listeners.byEvent(clocks, children)
        messages = try Self.index(definition.templates, by: \.name, at: \.position, kind: "template")
        self.required = required
        requiredInputs = .fields(required)
        let standing = clocks.map(\.inputs) + children.map(\.inputs) + self.states.values.map(\.settledInputs)
        let judged = checklists.map { $0.mark.union($0.field.checklist?.inputs ?? []) }
        settledInputs = (standing + judged).reduce(derivedInputs.union(requiredInputs)) { $0.union($1) }
        try resolveNames()
    }

    private static func index<T: Sendable>(
        _ items: [T], by name: KeyPath<T, String>, at position: KeyPath<T, SourcePosition>, kind: String
    ) throws(DefinitionError) -> Ordered<String, T> {
        var index: Ordered<String, T> = [:]
        for item in items {
            let name = item[keyPath: name]
            guard index[name] == nil else {
                throw DefinitionError(
                    message: "The \(kind) \(name) is defined twice.", position: item[keyPath: position])
            }
            index[name] = item
        }
        return index
    }

    /// The names that a formula reads of a variable such as `data` or `clocks`.
    private static func names(under variable: String, in formula: Formula) -> Set<String> {
        var names: Set<String> = []
        formula.expression.root.forEach { node in
            switch node.kind {
            case .select(let operand, let name), .has(let operand, let name):
                if case .identifier(variable, _) = operand.kind { names.insert(name.text) }
            default: break
            }
        }
        return names
    }

    /// The items in an order in which each follows those it reads; those of a circle keep their own order.
    private static func sorted<T>(
        _ items: [T], naming name: KeyPath<T, String>, reads: (T) -> Set<String>
    ) -> [T] {
        var sorted: [T] = []
        var visited: Set<String> = []
        func visit(_ item: T) {
            guard visited.insert(item[keyPath: name]).inserted else { return }
            let read = reads(item)
            for other in items where read.contains(other[keyPath: name]) { visit(other) }
            sorted.append(item)
        }
        items.forEach(visit)
        return sorted
    }
}

/// Why a definition cannot be run.
public struct DefinitionError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong and what would be right.
    public let message: String
    /// Where it is.
    public let position: SourcePosition

    /// `file:line:column: message`.
    public var description: String { "\(position.file):\(position.line):\(position.column): \(message)" }
}

/// A field with what its derivation depends on.
final class FieldTable: Sendable {
    let field: Definition.Field
    let mark: Inputs
    let derivationInputs: Inputs
    /// What the field holds while nothing has been written to it.
    let standard: CEL.Value?

    init(_ field: Definition.Field) throws(DefinitionError) {
        self.field = field
        standard = try field.schema.defaultValue.map { (value) throws(DefinitionError) in
            try field.schema.literal(value, at: field.position)
        }
        mark = .field(field.name)
        derivationInputs = (field.compute?.inputs ?? []).union(field.when?.inputs ?? [])
    }

    var isDerived: Bool { field.compute != nil }
}

/// The clocks and child rules that wait for an event, by their places.
struct Listeners: Sendable {
    private(set) var clocks: Set<Int> = []
    private(set) var children: Set<Int> = []

    static func byEvent(_ clocks: [ClockTable], _ children: [ChildTable]) -> Ordered<String, Listeners> {
        var listeners: [String: Listeners] = [:]
        for (place, table) in clocks.enumerated() {
            for event in table.events { listeners[event, default: Listeners()].clocks.insert(place) }
        }
        for (place, table) in children.enumerated() {
            for event in table.events { listeners[event, default: Listeners()].children.insert(place) }
        }
        return Ordered(listeners.map { ($0, $1) })
    }
}

/// The rungs of a ladder.
final class LadderTable: Sendable {
    let rungs: [Definition.Rung]
    let beats: [Ladder.Beat]

    init(_ ladder: Definition.Escalation) { (rungs, beats) = (ladder.rungs, ladder.rungs.map(Ladder.Beat.init)) }
}

/// A role with those that it must be distinct from, either way.
final class RoleTable: Sendable {
    let role: Definition.Role
    let distinct: [String]

    init(role: Definition.Role, distinct: [String]) {
        self.role = role
        self.distinct = distinct
    }
}

/// A state with the events that can be sent in it.
final class StateTable: Sendable {
    let state: Definition.State
    let events: Ordered<String, EventTable>
    /// Names of the events, in the order of the file.
    let eventNames: [String]
    /// What the state's requirements depend on.
    let requiredInputs: Inputs
    /// What settling in the state depends on beside clocks and children.
    let settledInputs: Inputs
    /// Approvals by the fields that they cover.
    let covering: [String: [String]]
    /// Whether tasks or approvals stand in the state.
    let hasWork: Bool

    init(_ state: Definition.State, of definition: Definition) throws(DefinitionError) {
        self.state = state
        var events: Ordered<String, EventTable> = [:]
        var names: [String] = []
        for event in definition.events(in: state) {
            names.append(event.name)
            guard events[event.name] == nil else {
                throw DefinitionError(
                    message: "The event \(event.name) is declared twice for the state \(state.name).",
                    position: event.position)
            }
            events[event.name] = EventTable(event)
        }
        self.events = events
        eventNames = names
        requiredInputs = .fields(state.requires).union(.roles)
        settledInputs = state.always.reduce(requiredInputs) { inputs, branch in
            inputs.union(branch.when?.inputs ?? .everything)
        }
        var covering: [String: [String]] = [:]
        for approval in state.approvals {
            for field in approval.covers { covering[field, default: []].append(approval.name) }
        }
        self.covering = covering
        hasWork = !state.tasks.isEmpty || !state.approvals.isEmpty
    }

    func task(_ name: String) -> Definition.Task? { state.tasks.first { $0.name == name } }
    func approval(_ name: String) -> Definition.Approval? { state.approvals.first { $0.name == name } }
}

/// An event that can be sent.
final class EventTable: Sendable {
    let event: Definition.Event
    /// Names that may be sent with it.
    let accepted: Set<String>

    init(_ event: Definition.Event) {
        self.event = event
        accepted = Set(event.form.map(\.name)).union(event.optional)
    }
}

/// A clock with what its conditions and its due instant depend on.
final class ClockTable: Sendable {
    let clock: Definition.Clock
    /// What decides whether rounds begin, pause and end, and for which elements.
    let conditionInputs: Inputs
    /// What the due instant and the ladder of an open round depend on.
    let timingInputs: Inputs
    /// What decides, with these, whether a round that has ended was met.
    let endInputs: Inputs
    /// Whether a condition waits for events, and which.
    let events: Set<String>
    /// Whether a condition asks for states.
    let watchesStates: Bool
    let title: Template

    /// All of these inputs.
    var inputs: Inputs { conditionInputs.union(timingInputs).union(endInputs) }

    init(_ clock: Definition.Clock) {
        self.clock = clock
        let conditions = [clock.start, clock.restart, clock.pause, clock.stop, clock.cancel].compactMap { $0 }
        conditionInputs = conditions.reduce(into: clock.each?.inputs ?? []) { inputs, condition in
            if case .formula(let formula) = condition.kind { inputs.formUnion(formula.inputs) }
        }
        timingInputs = clock.timing.inputs.union(clock.start.at?.inputs ?? []).union(clock.restart?.at?.inputs ?? [])
            .union(clock.each?.inputs ?? [])
        endInputs = clock.stop?.at?.inputs ?? []
        events = conditions.reduce(into: []) { events, condition in
            if case .events(let names) = condition.kind { events.formUnion(names) }
        }
        watchesStates = conditions.contains { if case .states = $0.kind { true } else { false } }
        title = clock.title ?? Template(text: clock.name.asTitle, position: clock.position)
    }
}

/// A child rule with what it depends on.
final class ChildTable: Sendable {
    let child: Definition.Child
    let inputs: Inputs
    let events: Set<String>
    let watchesStates: Bool
    /// Conditions that have to be remembered are known by this name.
    let held: String

    init(_ child: Definition.Child) {
        self.child = child
        let conditions = [child.start, child.stop].compactMap { $0 }
        var inputs = child.each?.inputs ?? []
        for condition in conditions {
            if case .formula(let formula) = condition.kind { inputs.formUnion(formula.inputs) }
        }
        for assignment in child.follow { inputs.formUnion(assignment.value?.inputs ?? []) }
        self.inputs = inputs
        events = conditions.reduce(into: []) { events, condition in
            if case .events(let names) = condition.kind { events.formUnion(names) }
        }
        watchesStates = conditions.contains { if case .states = $0.kind { true } else { false } }
        held = "children.\(child.name).start"
    }
}
