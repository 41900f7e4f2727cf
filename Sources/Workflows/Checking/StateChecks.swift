// Whether every state can be reached and left, and whether edges can be taken.
extension DefinitionCheck {
    func checkStates() {
        let live = graph.live
        for state in definition.states where !live.contains(state.name) {
            report(
                .unreachableState, at: state.position, "no path leads from `\(definition.initial)` to `\(state.name)`",
                length: state.name.count)
        }
        let finals = Set(definition.states.filter(\.isFinal).map(\.name))
        if finals.isEmpty {
            report(
                .stateWithoutEnd, at: definition.position, "no state is final: an instance would never end",
                expected: "`final: true` in at least one state")
        } else {
            let ending = graph.reaching(finals)
            for state in definition.states where live.contains(state.name) && !ending.contains(state.name) {
                report(
                    .stateWithoutEnd, at: state.position, "no path leads from `\(state.name)` to a final state",
                    length: state.name.count)
            }
        }
        for state in definition.states where state.isFinal { checkFinal(state) }
        checkAlwaysCycles()
        checkAmbiguousEvents()
    }

    private func checkFinal(_ state: Definition.State) {
        let parts = [
            ("on", !state.on.isEmpty), ("always", !state.always.isEmpty), ("tasks", !state.tasks.isEmpty),
            ("approvals", !state.approvals.isEmpty), ("exit", !state.exit.isEmpty),
        ].filter(\.1).map(\.0)
        if !parts.isEmpty {
            report(
                .finalState, at: state.position,
                "`\(state.name)` is final: everything in it is closed, so \(Spelling.list(parts, or: "and")) cannot happen"
            )
        }
        for event in definition.events where event.states.contains(state.name) {
            report(.finalState, at: event.position, "`\(event.name)` cannot be sent in the final state `\(state.name)`")
        }
    }

    private func checkAlwaysCycles() {
        var reported: Set<String> = []
        for state in definition.states where !reported.contains(state.name) {
            guard let cycle = alwaysPath(from: state.name, to: state.name) else { continue }
            reported.formUnion(cycle)
            report(
                .alwaysCycle, at: state.position,
                "`always` edges lead in a circle: \((cycle + [state.name]).joined(separator: " → "))",
                length: state.name.count)
        }
    }

    /// The states on a path of `always` edges, without the goal; nil where there is none.
    private func alwaysPath(from start: String, to goal: String) -> [String]? {
        var seen: Set<String> = []
        func search(_ state: String) -> [String]? {
            for edge in graph.edges(from: state) where edge.isAlways {
                if edge.to == goal { return [state] }
                if seen.insert(edge.to).inserted, let rest = search(edge.to) { return [state] + rest }
            }
            return nil
        }
        return search(start)
    }

    private func checkAmbiguousEvents() {
        for state in definition.states {
            for event in definition.events where event.states.contains(state.name) {
                if state.on.contains(where: { $0.name == event.name }) {
                    report(
                        .ambiguousEvent, at: event.position,
                        "`\(event.name)` is for `\(state.name)`, which declares an event of that name itself")
                }
            }
        }
    }

    func checkEdges() {
        for state in definition.states {
            for event in definition.events(in: state) {
                if case .target(let target, let reenter) = event.outcome, target == state.name, !reenter {
                    report(
                        .selfTarget, at: event.position,
                        "`\(event.name)` targets the state it is sent in",
                        expected: "`reenter: true` to leave and enter it again, or no `target` to stay")
                }
            }
            for event in state.on { checkChoice(event) }
            checkBranches(state.always, "edge of `always`", presence: state)
            for edge in graph.edges(from: state.name) { checkRequires(edge) }
        }
        for event in definition.events { checkChoice(event) }
        checkOpening()
    }

    private func checkChoice(_ event: Definition.Event) {
        guard case .choose(let branches) = event.outcome else { return }
        checkBranches(branches, "branch", presence: nil)
    }

    /// Reports branches that an earlier one always takes first, and `always` edges that are never true.
    private func checkBranches(_ branches: [Definition.Branch], _ kind: String, presence state: Definition.State?) {
        let table = ConditionTable(branches.map { $0.when?.expression.root }, fields: fields)
        for (index, branch) in branches.enumerated() {
            switch table.verdict(index) {
            case .never where state != nil:
                report(.alwaysNeverFires, at: branch.position, "the guard of this \(kind) is never true")
            case .shadowed(let earlier):
                report(
                    .shadowedEdge, at: branch.position,
                    earlier.map {
                        "this \(kind) is never taken: the one on line \(branches[$0].position.line) comes first"
                    }
                        ?? "this \(kind) is never taken: those before it cover every case")
            default: break
            }
            if let state, let formula = branch.when, let missing = absentWork(formula, in: state) {
                report(
                    .alwaysNeverFires, at: branch.position,
                    "the guard of this \(kind) waits for `\(missing)`, which cannot have happened in `\(state.name)`")
            }
        }
    }

    /// A task, approval or child that the guard demands and that cannot have begun on the way to the state.
    private func absentWork(_ formula: Formula, in state: Definition.State) -> String? {
        let before = graph.reaching([state.name])
        for path in Demand.paths(formula.expression.root) {
            let parts = path.split(separator: ".").map(String.init)
            guard parts.count == 3 else { continue }
            switch (parts[0], parts[2]) {
            case ("tasks", "done"):
                let homes = definition.states.filter { $0.tasks.contains { $0.name == parts[1] } }.map(\.name)
                if !homes.isEmpty, before.isDisjoint(with: homes) { return path }
            case ("approvals", "granted"), ("approvals", "refused"):
                let homes = definition.states.filter { $0.approvals.contains { $0.name == parts[1] } }.map(\.name)
                if !homes.isEmpty, before.isDisjoint(with: homes) { return path }
            case ("children", "done"):
                guard let child = definition.children.first(where: { $0.name == parts[1] }),
                    case .states(let names) = child.start.kind
                else { continue }
                if before.isDisjoint(with: names) { return path }
            default: continue
            }
        }
        return nil
    }

    /// A state's `requires` must hold on entering; what no path provides cannot be there.
    private func checkRequires(_ edge: StateGraph.Edge) {
        guard edge.moves, let target = states[edge.to], let from = states[edge.from] else { return }
        let given = presence.after(
            from.exit + edge.actions, presence.sent(presence.inside[edge.from] ?? [], edge.event))
        let entered = presence.after(target.entry, given)
        for name in target.requires where !entered.contains(presence.path(name)) {
            if possible(name, by: edge) { continue }
            report(
                .requiresNotGiven, at: edge.position,
                "`\(edge.to)` requires `\(name)`, and nothing can have set it on the way there by this edge")
        }
    }

    /// Whether something on some way to an edge may set a field or role.
    private func possible(_ name: String, by edge: StateGraph.Edge) -> Bool {
        if roles[name]?.initially != nil || fields[name]?.compute != nil || fields[name]?.checklist != nil {
            return true
        }
        if definition.corrections.contains(where: { $0.field == name }) { return true }
        if Writes.names(of: definition.open, definition).union(Writes.names(of: edge, definition)).contains(name) {
            return true
        }
        let writers = graph.edges.filter { Writes.names(of: $0, definition).contains(name) }
        let entries = definition.states.filter { Writes.names(of: $0.entry + $0.exit, definition).contains(name) }
        // A field that nothing here writes is told by the parent.
        if writers.isEmpty, entries.isEmpty { return fields[name] != nil }
        return graph.reachable(from: writers.map(\.to) + entries.map(\.name)).contains(edge.from)
    }

    /// Required fields must come with opening.
    private func checkOpening() {
        let given = Writes.names(of: definition.open, definition)
        for field in definition.data.fields where field.isRequired && field.schema.defaultValue == nil {
            if !given.contains(field.name) {
                report(
                    .requiresNotGiven, at: definition.open.position,
                    "`\(field.name)` is required, and opening an instance does not give it",
                    expected: "`\(field.name)` in `form` of `open`, or set there")
            }
        }
    }
}

/// What events and actions may write.
enum Writes {
    static func names(of event: Definition.Event, _ definition: Definition) -> Set<String> {
        var names = Set(event.form.map(\.name) + event.optional)
        if let role = event.takes { names.insert(role) }
        return names.union(Self.names(of: event.actions, definition))
    }

    static func names(of edge: StateGraph.Edge, _ definition: Definition) -> Set<String> {
        (edge.event.map { names(of: $0, definition) } ?? []).union(names(of: edge.actions, definition))
    }

    static func names(of actions: [Definition.Action], _ definition: Definition) -> Set<String> {
        var names: Set<String> = []
        for action in actions {
            switch action.kind {
            case .set(let assignments):
                names.formUnion(assignments.filter { $0.value != nil }.map(\.name))
            case .assign(let assignments): names.formUnion(assignments.map(\.name))
            case .decide(let tables):
                for table in definition.decisions where tables.contains(table.name) { names.formUnion(table.sets) }
            case .notify, .send, .call: continue
            }
        }
        return names
    }
}
