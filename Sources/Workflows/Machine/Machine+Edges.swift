extension Machine {
    /// An edge of the state machine.
    public struct Edge: Sendable, Hashable {
        /// The state before; empty for opening.
        public let from: String
        /// The event; `open` for opening, `always` for eventless edges.
        public let event: String
        /// The state after; the same where the instance stays.
        public let to: String

        /// Creates an edge.
        public init(from: String, event: String, to: String) {
            self.from = from
            self.event = event
            self.to = to
        }
    }

    /// All edges that a transition of an instance may take, each once: opening, events, also those that stay, and
    /// `always`.
    public var edges: [Edge] {
        var edges = [Edge(from: "", event: "open", to: definition.initial)]
        for state in definition.states where !state.isFinal {
            for event in definition.events(in: state) {
                for target in event.targets {
                    edges.append(Edge(from: state.name, event: event.name, to: target ?? state.name))
                }
            }
            for branch in state.always {
                edges.append(Edge(from: state.name, event: "always", to: branch.target ?? state.name))
            }
        }
        return edges.uniqued()
    }
}

extension Definition.Event {
    /// The states to which it may lead; nil stands for staying.
    var targets: [String?] {
        switch outcome {
        case .stay: [nil]
        case .target(let target, _): [target]
        case .choose(let branches): branches.map(\.target)
        }
    }
}
