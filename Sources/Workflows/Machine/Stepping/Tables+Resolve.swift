extension Tables {
    /// Makes sure that whatever a step will look up is there.
    ///
    /// The checker says much more and says it better; this only keeps a definition that it never saw from running.
    func resolveNames() throws(DefinitionError) {
        try demandState(definition.initial, at: definition.position)
        try resolve(definition.open)
        for state in definition.states {
            for event in state.on { try resolve(event) }
            for branch in state.always {
                guard branch.target != nil else {
                    throw DefinitionError(message: "An edge of `always` needs a target.", position: branch.position)
                }
                try resolve(branch)
            }
            try resolve(state.entry + state.exit)
            for task in state.tasks { try resolve(task.from, task.due, at: task.position) }
            for approval in state.approvals { try resolve(approval.from, approval.due, at: approval.position) }
            for name in state.requires where fields[name] == nil && roles[name] == nil {
                throw unknown("field or role", name, at: state.position)
            }
        }
        for event in definition.events {
            for state in event.states { try demandState(state, at: event.position) }
            try resolve(event)
        }
        for clock in definition.clocks { try resolve(clock) }
        for ladder in definition.escalations where isClimbed(ladder.name) { try resolve(ladder) }
        for correction in definition.corrections where fields[correction.field] == nil {
            throw unknown("field", correction.field, at: correction.position)
        }
        for name in definition.exports where fields[name] == nil {
            throw unknown("field", name, at: definition.position)
        }
    }

    /// Whether a clock names a ladder outright; shared ladders that none does may speak of roles that are not here.
    private func isClimbed(_ ladder: String) -> Bool {
        let work = definition.states.flatMap { $0.tasks.map(\.due) + $0.approvals.map(\.due) }
        let timings = definition.clocks.map(\.timing) + work.compactMap { $0 }
        return timings.contains { timing in
            if case .fixed(ladder)? = timing.escalation { true } else { false }
        }
    }

    private func unknown(_ kind: String, _ name: String, at position: SourcePosition) -> DefinitionError {
        DefinitionError(message: "There is no \(kind) named \(name).", position: position)
    }

    private func demandState(_ name: String, at position: SourcePosition) throws(DefinitionError) {
        guard states[name] != nil else { throw unknown("state", name, at: position) }
    }

    private func demandRole(_ name: String, at position: SourcePosition) throws(DefinitionError) {
        guard roles[name] != nil else { throw unknown("role", name, at: position) }
    }

    private func resolve(_ event: Definition.Event) throws(DefinitionError) {
        if let role = event.takes { try demandRole(role, at: event.position) }
        for case .role(let role) in event.allow { try demandRole(role, at: event.position) }
        for name in event.form.map(\.name) + event.optional where fields[name] == nil && roles[name] == nil {
            throw unknown("field or role", name, at: event.position)
        }
        try resolve(event.actions)
        switch event.outcome {
        case .stay: break
        case .target(let target, _): try demandState(target, at: event.position)
        case .choose(let branches): for branch in branches { try resolve(branch) }
        }
    }

    private func resolve(_ branch: Definition.Branch) throws(DefinitionError) {
        if let target = branch.target { try demandState(target, at: branch.position) }
        try resolve(branch.actions)
    }

    private func resolve(_ actions: [Definition.Action]) throws(DefinitionError) {
        for action in actions {
            switch action.kind {
            case .set(let assignments):
                for item in assignments where fields[item.name] == nil {
                    throw unknown("field", item.name, at: item.position)
                }
            case .decide(let names):
                for name in names where decisions[name] == nil {
                    throw unknown("decision", name, at: action.position)
                }
            case .assign(let assignments):
                for item in assignments { try demandRole(item.name, at: item.position) }
            case .notify(let recipients, _): try resolve(recipients, at: action.position)
            case .send(_, let destination, _):
                if case .children(let name) = destination, !definition.children.contains(where: { $0.name == name }) {
                    throw unknown("child", name, at: action.position)
                }
            case .call: break
            }
        }
    }

    private func resolve(_ recipients: [Definition.Recipient], at position: SourcePosition) throws(DefinitionError) {
        for recipient in recipients {
            switch recipient {
            case .role(let role), .lead(let role), .manager(let role): try demandRole(role, at: position)
            case .onCall, .group, .person: break
            }
        }
    }

    private func resolve(
        _ roles: [String], _ due: Definition.Timing?, at position: SourcePosition
    ) throws(DefinitionError) {
        for role in roles { try demandRole(role, at: position) }
        if let due { try resolve(due) }
    }

    private func resolve(_ timing: Definition.Timing) throws(DefinitionError) {
        if case .fixed(let ladder)? = timing.escalation, ladders[ladder] == nil {
            throw unknown("ladder", ladder, at: timing.position)
        }
    }

    private func resolve(_ clock: Definition.Clock) throws(DefinitionError) {
        try resolve(clock.timing)
        for condition in [clock.start, clock.restart, clock.pause, clock.stop, clock.cancel].compactMap({ $0 }) {
            guard case .states(let names) = condition.kind else { continue }
            for name in names { try demandState(name, at: condition.position) }
        }
    }

    private func resolve(_ ladder: Definition.Escalation) throws(DefinitionError) {
        for rung in ladder.rungs {
            try resolve(rung.notify, at: rung.position)
            for (role, recipient) in rung.reassign {
                try demandRole(role, at: rung.position)
                try resolve([recipient], at: rung.position)
            }
        }
    }
}
