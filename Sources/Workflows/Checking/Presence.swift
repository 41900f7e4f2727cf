import CEL

/// What is certainly set, state by state: the greatest sets that every way into a state agrees on.
///
/// Paths are those of ``Proof``: `data.FIELD` and `roles.ROLE`. A field is set by a form that demands it, by `requires`,
/// by actions and decisions, and stays so until an action unsets it.
struct Presence {
    /// What is set while the instance rests in a state.
    private(set) var inside: [String: Set<String>] = [:]
    /// What is set whenever the instance exists.
    private(set) var always: Set<String> = []
    /// Everything that can be set at all.
    let universe: Set<String>

    private let definition: Definition
    /// Fields that an instance is never without.
    private let lasting: Set<String>
    private let computed: [(path: String, expression: Expression, types: CheckResult, when: Node?)]
    private let decisions: [String: Definition.Decision]

    init(_ definition: Definition, graph: StateGraph, types: TypeTable) {
        self.definition = definition
        lasting = Set(
            definition.data.fields.filter { $0.isRequired || $0.schema.defaultValue != nil }.map(\.name))
        universe = Set(definition.data.fields.map { "data.\($0.name)" } + definition.roles.map { "roles.\($0.name)" })
        decisions = Dictionary(definition.decisions.map { ($0.name, $0) }) { first, _ in first }
        let environment = types.environment(.instance)
        computed = definition.data.fields.compactMap { field in
            field.compute.map {
                ("data.\(field.name)", $0.expression, $0.expression.check(environment), field.when?.expression.root)
            }
        }
        solve(graph)
    }

    /// Narrows the sets along the edges until nothing changes.
    private mutating func solve(_ graph: StateGraph) {
        var entering: [String: Set<String>] = [:]
        for state in definition.states { entering[state.name] = universe }
        let states = Dictionary(definition.states.map { ($0.name, $0) }) { first, _ in first }
        entering[definition.initial]?.formIntersection(opened)
        var changes = true
        while changes {
            changes = false
            for state in definition.states {
                inside[state.name] = resting(in: state, entering[state.name] ?? [], graph)
            }
            for edge in graph.edges where edge.moves {
                guard let from = states[edge.from], let at = inside[edge.from] else { continue }
                let facts = after(from.exit + edge.actions, sent(at, edge.event))
                let narrowed = entering[edge.to, default: universe].intersection(facts)
                if narrowed != entering[edge.to] {
                    entering[edge.to] = narrowed
                    changes = true
                }
            }
        }
        let live = graph.live
        always = definition.states.filter { live.contains($0.name) }
            .reduce(universe) { $0.intersection(inside[$1.name] ?? []) }
    }

    private func resting(in state: Definition.State, _ entering: Set<String>, _ graph: StateGraph) -> Set<String> {
        var facts = after(state.entry, entering)
        for edge in graph.edges(from: state.name) where !edge.moves {
            if let event = edge.event { facts = facts.intersection(sent(facts, event)) }
            for case .set(let assignments) in edge.actions.map(\.kind) {
                facts = without(assignments.filter { $0.value == nil }.map(\.name), facts)
            }
        }
        return closed(facts.union(state.requires.map(path)))
    }

    /// What is set when the instance has been opened, before the initial state is entered.
    var opened: Set<String> {
        var facts = sent([], definition.open)
        facts.formUnion(lasting.map { "data.\($0)" })
        for role in definition.roles where role.initially != nil { facts.insert("roles.\(role.name)") }
        return closed(after(definition.open.actions, facts))
    }

    /// What is set once an event's form is merged; what may be sent may be sent as null, which unsets.
    func sent(_ facts: Set<String>, _ event: Definition.Event?) -> Set<String> {
        guard let event else { return facts }
        var facts = without(event.optional.filter { !lasting.contains($0) }, facts)
        facts.formUnion(event.form.filter { $0.when == nil }.map { path($0.name) })
        if let role = event.takes { facts.insert("roles.\(role)") }
        return closed(facts)
    }

    /// What is set when fields have been unset; what is computed has to be proved anew.
    private func without(_ names: [String], _ facts: Set<String>) -> Set<String> {
        guard !names.isEmpty else { return facts }
        return facts.subtracting(names.map { "data.\($0)" } + computed.map(\.path))
    }

    /// What is set once actions have run.
    func after(_ actions: [Definition.Action], _ facts: Set<String>) -> Set<String> {
        var facts = facts
        for action in actions {
            switch action.kind {
            case .set(let assignments):
                for assignment in assignments {
                    if assignment.value == nil {
                        facts = without([assignment.name], facts)
                    } else {
                        facts.insert("data.\(assignment.name)")
                    }
                }
            case .assign(let assignments): facts.formUnion(assignments.map { "roles.\($0.name)" })
            case .decide(let names):
                for name in names { facts.formUnion(decisions[name].map(certain) ?? []) }
            case .notify, .send, .call: continue
            }
        }
        return closed(facts)
    }

    /// The fields that a decision table sets whatever row matches.
    private func certain(_ decision: Definition.Decision) -> Set<String> {
        guard case .table(let rows) = decision.rows, decision.hit != .collect else {
            return Set(decision.sets.map { "data.\($0)" })
        }
        let isTotal = decision.hit == .unique || rows.last?.when == nil
        guard isTotal else { return [] }
        return Set(
            decision.sets.filter { field in rows.allSatisfy { $0.then.contains { $0.name == field } } }
                .map { "data.\($0)" })
    }

    /// Adds the computed fields whose inputs are all set.
    func closed(_ facts: Set<String>) -> Set<String> {
        var facts = facts
        var grows = true
        while grows {
            grows = false
            for field in computed where !facts.contains(field.path) {
                guard field.when.map({ isCertain($0, facts) }) ?? true,
                    Proof.gaps(in: field.expression, types: field.types, proven: facts).isEmpty
                else { continue }
                facts.insert(field.path)
                grows = true
            }
        }
        return facts
    }

    /// Whether a condition only asks for fields that are set.
    private func isCertain(_ node: Node, _ facts: Set<String>) -> Bool {
        switch node.kind {
        case .has: return Proof.whenTrue(node).isSubset(of: facts)
        case .and(let operands): return operands.allSatisfy { isCertain($0, facts) }
        default: return false
        }
    }

    /// What is certainly set while the instance is in one of these states; everything for none.
    func throughout(_ states: some Sequence<String>) -> Set<String> {
        states.reduce(universe) { $0.intersection(inside[$1] ?? universe) }
    }

    func path(_ name: String) -> String {
        definition.roles.contains { $0.name == name } ? "roles.\(name)" : "data.\(name)"
    }
}
