/// The edges of a definition, and what can be reached along them.
struct StateGraph {
    /// One way from a state to a state.
    struct Edge {
        /// What it is taken by.
        enum Cause {
            case event(Definition.Event)
            case always
        }

        let from: String
        /// The target; the state itself for an event that stays.
        let to: String
        let cause: Cause
        /// Whether the instance leaves its state, if only to enter it again.
        let moves: Bool
        /// The actions on the way, without those of leaving and entering.
        let actions: [Definition.Action]
        /// The branch of `choose` or `always`; nil for a plain event.
        let branch: Definition.Branch?
        let position: SourcePosition

        var event: Definition.Event? {
            if case .event(let event) = cause { return event }
            return nil
        }

        var isAlways: Bool { event == nil }
    }

    let edges: [Edge]
    let initial: String
    let names: [String]
    private let outgoing: [String: [Edge]]

    init(_ definition: Definition) {
        var edges: [Edge] = []
        for state in definition.states where !state.isFinal {
            for event in definition.events(in: state) { edges += Self.edges(of: event, from: state.name) }
            for branch in state.always {
                guard let target = branch.target else { continue }
                edges.append(
                    Edge(
                        from: state.name, to: target, cause: .always, moves: true, actions: branch.actions,
                        branch: branch, position: branch.position))
            }
        }
        names = definition.states.map(\.name)
        let known = Set(names)
        self.edges = edges.filter { known.contains($0.to) }
        initial = definition.initial
        outgoing = Dictionary(grouping: self.edges, by: \.from)
    }

    private static func edges(of event: Definition.Event, from state: String) -> [Edge] {
        func edge(_ target: String?, _ actions: [Definition.Action], _ branch: Definition.Branch?) -> Edge {
            Edge(
                from: state, to: target ?? state, cause: .event(event), moves: target != nil,
                actions: event.actions + actions, branch: branch, position: branch?.position ?? event.position)
        }
        switch event.outcome {
        case .stay: return [edge(nil, [], nil)]
        case .target(let target, _): return [edge(target, [], nil)]
        case .choose(let branches): return branches.map { edge($0.target, $0.actions, $0) }
        }
    }

    func edges(from state: String) -> [Edge] { outgoing[state] ?? [] }

    /// The states that can be reached from these, themselves included, without entering any of `barriers`.
    func reachable(from start: some Sequence<String>, without barriers: Set<String> = []) -> Set<String> {
        var seen = Set(start).subtracting(barriers)
        var waiting = Array(seen)
        while let state = waiting.popLast() {
            for edge in edges(from: state) where edge.moves && !barriers.contains(edge.to) {
                if seen.insert(edge.to).inserted { waiting.append(edge.to) }
            }
        }
        return seen
    }

    /// The states that can be reached from the initial one.
    var live: Set<String> { reachable(from: [initial]) }

    /// The states from which one of these can be reached, themselves included.
    func reaching(_ goals: Set<String>) -> Set<String> {
        var seen = goals
        var grows = true
        while grows {
            grows = false
            for edge in edges where edge.moves && seen.contains(edge.to) && seen.insert(edge.from).inserted {
                grows = true
            }
        }
        return seen
    }

    /// The states in which something may be open that starts and ends under these conditions.
    func span(from start: Definition.Condition, until ends: [Definition.Condition?]) -> Set<String> {
        var barriers: Set<String> = []
        for case .states(let names)? in ends.map({ $0?.kind }) { barriers.formUnion(names) }
        switch start.kind {
        case .states(let names): return reachable(from: names, without: barriers.subtracting(names))
        case .events(let events):
            let targets = edges.filter { edge in edge.event.map { events.contains($0.name) } ?? false }.map(\.to)
            return reachable(from: targets, without: barriers)
        case .formula: return reachable(from: [initial]).subtracting(barriers)
        }
    }
}
