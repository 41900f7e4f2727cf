// Roles that can be held, approvals that can be given, duties that stay separate.
extension DefinitionCheck {
    func checkPeople() {
        checkSeparation()
        for role in definition.roles where role.initially == .everyone && role.from.isEmpty {
            report(
                .roleNobodyHolds, at: role.position,
                "everyone eligible holds `\(role.name)`, and `from` names no group", length: role.name.count)
        }
        for state in definition.states {
            for event in state.on { checkAllow(event, in: [state.name]) }
            for approval in state.approvals { checkApproval(approval, in: state.name) }
            for task in state.tasks { checkAsked(task.from, "task `\(task.name)`", at: task.position, in: state.name) }
        }
        for event in definition.events { checkAllow(event, in: event.states) }
    }

    /// Whether someone may hold a role in a state: from the start, or by an event on a way there.
    func mayBeHeld(_ name: String, in state: String) -> Bool {
        guard let role = roles[name] else { return true }
        if role.initially != nil || Writes.names(of: definition.open, definition).contains(name) { return true }
        var sources = graph.edges.filter { Writes.names(of: $0, definition).contains(name) }.map(\.to)
        for state in definition.states where Writes.names(of: state.entry + state.exit, definition).contains(name) {
            sources.append(state.name)
        }
        if definition.escalations.contains(where: { $0.rungs.contains { $0.reassign.contains { $0.role == name } } }) {
            return true
        }
        return graph.reachable(from: sources).contains(state)
    }

    private func checkAllow(_ event: Definition.Event, in names: [String]) {
        for case .role(let role) in event.allow {
            let held = names.contains { mayBeHeld(role, in: $0) }
            if !held, !names.isEmpty {
                report(
                    .roleNobodyHolds, at: event.position,
                    "`\(event.name)` allows `\(role)`, which nobody can hold in \(Spelling.list(names))",
                    length: event.name.count,
                    expected: "`initially`, or a form, `takes` or `assign` on the way that gives the role")
            }
        }
        if let taken = event.takes, !event.allow.isEmpty {
            let separate = event.allow.allSatisfy { allowance in
                if case .role(let name) = allowance { return isSeparate(name, taken) }
                return false
            }
            if separate {
                report(
                    .roleBothSides, at: event.position,
                    "whoever may send `\(event.name)` holds a role that must be distinct from `\(taken)`, which it takes",
                    length: event.name.count)
            }
        }
    }

    /// A role that nobody holds is asked of everyone in its groups.
    private func checkAsked(_ from: [String], _ place: String, at position: SourcePosition, in state: String) {
        for name in from {
            guard let role = roles[name], role.from.isEmpty, !mayBeHeld(name, in: state) else { continue }
            report(
                .roleNobodyHolds, at: position,
                "\(place) asks `\(name)`, which nobody can hold in `\(state)`, and which no group is eligible for",
                expected: "`from` with groups at the role, or an event on the way that gives it")
        }
    }

    private func checkApproval(_ approval: Definition.Approval, in state: String) {
        checkAsked(approval.from, "approval `\(approval.name)`", at: approval.position, in: state)
        guard approval.who == nil, !approval.from.isEmpty else { return }
        var voters = 0
        for name in approval.from {
            guard let role = roles[name] else { return }
            let isHeldByOne = !role.many && presence.inside[state]?.contains("roles.\(name)") == true
            // Several people may vote in a role held by many, or in one that nobody holds yet.
            guard isHeldByOne || (!role.many && role.from.isEmpty) else { return }
            voters += isExcluded(role) ? 0 : 1
        }
        for (word, votes) in [("quorum", approval.quorum), ("refusals", approval.refusals)] where votes > voters {
            report(
                .approvalNobodyGives, at: approval.position,
                "`\(approval.name)` needs \(votes) \(votes == 1 ? "vote" : "votes") (`\(word)`), and "
                    + (voters == 0 ? "nobody is left to vote" : "at most \(voters) can vote"),
                length: approval.name.count, expected: "a role with `many: true`, or fewer votes")
            return
        }
    }

    /// Whether a role's only holder is who opened the instance, who also holds a role it must be distinct from.
    private func isExcluded(_ role: Definition.Role) -> Bool {
        guard role.initially == .opener else { return false }
        return definition.roles.contains { isSeparate(role.name, $0.name) && $0.initially == .opener }
    }

    /// Separation is mutual, whichever role declares it.
    private func isSeparate(_ first: String, _ second: String) -> Bool {
        roles[first]?.distinctFrom.contains(second) == true || roles[second]?.distinctFrom.contains(first) == true
    }

    private func checkSeparation() {
        for role in definition.roles {
            if role.distinctFrom.contains(role.name) {
                report(.roleBothSides, at: role.position, "`\(role.name)` is to be distinct from itself")
            }
        }
        for (index, role) in definition.roles.enumerated() {
            for other in definition.roles[..<index] where isSeparate(role.name, other.name) {
                guard role.initially == .opener, other.initially == .opener else { continue }
                report(
                    .roleBothSides, at: role.position,
                    "who opens an instance holds `\(other.name)` and `\(role.name)`, which must be distinct",
                    length: role.name.count)
            }
        }
    }
}
