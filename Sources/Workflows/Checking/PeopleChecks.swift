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
        checkOpeners()
        let live = graph.live
        for correction in definition.corrections {
            for case .role(let role) in correction.allow where !live.contains(where: { mayBeHeld(role, in: $0) }) {
                report(
                    .roleNobodyHolds, at: correction.position,
                    "correcting `\(correction.field)` is allowed to `\(role)`, which nobody can ever hold")
            }
        }
    }

    /// Who opens an instance holds only those roles that it opens with.
    private func checkOpeners() {
        let given = definition.open.form.map(\.name) + definition.open.optional
        for case .role(let role) in definition.open.allow where roles[role]?.initially == nil && !given.contains(role) {
            report(
                .roleNobodyHolds, at: definition.open.position,
                "`open` allows `\(role)`, which nobody can hold before there is an instance",
                expected: "a group, `initially` at the role, or the role in `form` of `open`")
        }
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
        guard let voters = approval.who.map({ voters($0, approval) }) ?? voters(approval.from, in: state) else {
            return
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

    /// How many people an expression names at most; nil where there is no telling.
    private func voters(_ who: Formula, _ approval: Definition.Approval) -> Int? {
        if case .list(let people) = who.expression.root.kind {
            let known = people.compactMap { $0.literalValue?.stringValue }
            return known.count == people.count ? Set(known).count : people.count
        }
        let environment = environment(.instance, item: approval.each.map { _ in .dyn })
        return who.expression.check(environment).type == .string ? 1 : nil
    }

    /// How many people can vote at most in one of these roles; nil where there is no telling.
    private func voters(_ names: [String], in state: String) -> Int? {
        guard !names.isEmpty else { return nil }
        var voters: Set<String> = []
        for name in names {
            guard let role = roles[name] else { return nil }
            let isHeldByOne = !role.many && presence.inside[state]?.contains("roles.\(name)") == true
            // Several people may vote in a role held by many, or in one that nobody holds yet.
            guard isHeldByOne || (!role.many && role.from.isEmpty) else { return nil }
            guard isOpeners(name, in: state) else {
                voters.insert(name)
                continue
            }
            let isExcluded = roles.keys.contains { isSeparate(name, $0) && isOpeners($0, in: state) }
            // Whoever opened the instance has one vote, in whatever roles.
            if !isExcluded { voters.insert("") }
        }
        return voters.count
    }

    /// Whether it is certain that whoever opened the instance holds a role in a state, by what the definition says.
    private func isOpeners(_ name: String, in state: String, without visited: Set<String> = []) -> Bool {
        guard let role = roles[name], !role.many, !visited.contains(name) else { return false }
        let events = definition.states.flatMap(\.on) + definition.events + [definition.open]
        let takers = events.filter { $0.takes == name }
        let isGiven =
            events.contains { event in
                var given = event
                given.takes = nil
                if case .choose(let branches) = event.outcome { given.actions += branches.flatMap(\.actions) }
                return Writes.names(of: given, definition).contains(name)
            }
            || definition.states.contains { state in
                Writes.names(of: state.entry + state.exit + state.always.flatMap(\.actions), definition).contains(name)
            }
            || definition.escalations.contains { $0.rungs.contains { $0.reassign.contains { $0.role == name } } }
        guard !isGiven, role.initially == .opener || presence.inside[state]?.contains("roles.\(name)") == true else {
            return false
        }
        guard role.initially == .opener || (role.initially == nil && !takers.isEmpty) else { return false }
        return takers.allSatisfy { event in
            !event.allow.isEmpty
                && event.allow.allSatisfy { allowance in
                    guard case .role(let sender) = allowance else { return false }
                    return isOpeners(sender, in: state, without: visited.union([name]))
                }
        }
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
