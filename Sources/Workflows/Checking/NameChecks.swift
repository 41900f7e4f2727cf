// Names that refer to something must refer to something that exists, and to what may be written there.
extension DefinitionCheck {
    func checkNames() {
        checkDeclarations()
        if !graph.names.contains(definition.initial) {
            report(
                .unknownName, at: definition.position, "`initial` names no state: there is no `\(definition.initial)`",
                suggestion: Spelling.nearest(to: definition.initial, among: graph.names))
        }
        checkEvent(definition.open)
        for state in definition.states {
            for event in state.on { checkEvent(event) }
            for branch in state.always { checkBranch(branch) }
            checkActions(state.entry + state.exit)
            for name in state.requires { fieldOrRole(name, at: state.position, "`requires` of `\(state.name)`") }
            checkWork(of: state)
        }
        for event in definition.events {
            checkEvent(event)
            for name in event.states { stateName(name, at: event.position, "`in` of `\(event.name)`") }
        }
        for correction in definition.corrections {
            field(correction.field, at: correction.position, "`correct`")
            writable(correction.field, at: correction.position, "corrected")
            checkAllow(correction.allow, at: correction.position)
        }
        for name in definition.exports { field(name, at: definition.position, "`exports`") }
        checkClockNames()
        checkDecisionNames()
    }

    /// Fields and roles share forms, so they share names; tasks, approvals and states may not repeat them either.
    private func checkDeclarations() {
        for role in definition.roles where fields[role.name] != nil {
            report(
                .duplicateName, at: role.position,
                "`\(role.name)` is a field and a role; forms could not tell them apart")
        }
        var tasks: Set<String> = []
        var approvals: Set<String> = []
        for state in definition.states {
            for task in state.tasks where !tasks.insert(task.name).inserted {
                report(.duplicateName, at: task.position, "there is a task `\(task.name)` in another state already")
            }
            for approval in state.approvals where !approvals.insert(approval.name).inserted {
                report(
                    .duplicateName, at: approval.position,
                    "there is an approval `\(approval.name)` in another state already")
            }
        }
        for role in definition.roles {
            for other in role.distinctFrom { roleName(other, at: role.position, "`distinctFrom` of `\(role.name)`") }
        }
    }

    private func unknown(
        _ name: String, _ kind: NameKind, at position: SourcePosition, _ place: String,
        among names: some Sequence<String>
    ) {
        report(
            .unknownName, at: position, "\(place) refers to `\(name)`, and there is no such \(kind.words)",
            suggestion: Spelling.nearest(to: name, among: names))
    }

    func field(_ name: String, at position: SourcePosition, _ place: String) {
        used[.field, default: []].insert(name)
        if fields[name] == nil { unknown(name, .field, at: position, place, among: fields.keys) }
    }

    func roleName(_ name: String, at position: SourcePosition, _ place: String) {
        used[.role, default: []].insert(name)
        if roles[name] == nil { unknown(name, .role, at: position, place, among: roles.keys) }
    }

    func stateName(_ name: String, at position: SourcePosition, _ place: String) {
        if states[name] == nil { unknown(name, .state, at: position, place, among: states.keys) }
    }

    private func fieldOrRole(_ name: String, at position: SourcePosition, _ place: String) {
        if roles[name] != nil {
            used[.role, default: []].insert(name)
        } else if fields[name] != nil {
            used[.field, default: []].insert(name)
        } else {
            report(
                .unknownName, at: position, "\(place) refers to `\(name)`, and there is no such field or role",
                suggestion: Spelling.nearest(to: name, among: Array(fields.keys) + Array(roles.keys)))
        }
    }

    /// A computed field follows from others; nobody writes it.
    private func writable(_ name: String, at position: SourcePosition, _ act: String) {
        guard let field = fields[name], field.compute != nil else { return }
        report(.readOnlyField, at: position, "`\(name)` is computed and cannot be \(act)")
    }

    private func checkEvent(_ event: Definition.Event) {
        let place = event.name == "open" ? "`open`" : "event `\(event.name)`"
        checkAllow(event.allow, at: event.position)
        for item in event.form {
            fieldOrRole(item.name, at: item.position, "the form of \(place)")
            writable(item.name, at: item.position, "sent")
        }
        for name in event.optional {
            fieldOrRole(name, at: event.position, "`optional` of \(place)")
            writable(name, at: event.position, "sent")
            if event.form.contains(where: { $0.name == name && $0.when == nil }) {
                report(.duplicateName, at: event.position, "`\(name)` is in `form` and in `optional` of \(place)")
            }
        }
        if let role = event.takes { roleName(role, at: event.position, "`takes` of \(place)") }
        checkActions(event.actions)
        switch event.outcome {
        case .stay: break
        case .target(let name, _): stateName(name, at: event.position, "`target` of \(place)")
        case .choose(let branches): for branch in branches { checkBranch(branch) }
        }
    }

    /// A word in `allow` that is no role is a group; one that looks like a role is probably a slip.
    private func checkAllow(_ allow: [Definition.Allowance], at position: SourcePosition) {
        for allowance in allow {
            switch allowance {
            case .role(let name): used[.role, default: []].insert(name)
            case .group(let name):
                guard let near = Spelling.nearest(to: name, among: roles.keys) else { continue }
                report(
                    .groupLikeRole, at: position, "`\(name)` in `allow` is no role and is taken for a group",
                    suggestion: near)
            case .parent, .child, .connector, .schedule, .ladder: continue
            }
        }
    }

    private func checkBranch(_ branch: Definition.Branch) {
        if let target = branch.target { stateName(target, at: branch.position, "`target`") }
        checkActions(branch.actions)
    }

    private func checkActions(_ actions: [Definition.Action]) {
        for action in actions {
            switch action.kind {
            case .set(let assignments):
                for assignment in assignments {
                    field(assignment.name, at: assignment.position, "`set`")
                    writable(assignment.name, at: assignment.position, "set")
                }
            case .decide(let names):
                for name in names {
                    used[.decision, default: []].insert(name)
                    if !definition.decisions.contains(where: { $0.name == name }) {
                        unknown(
                            name, .decision, at: action.position, "`decide`",
                            among: definition.decisions.map(\.name))
                    }
                }
            case .assign(let assignments):
                for assignment in assignments { roleName(assignment.name, at: assignment.position, "`assign`") }
            case .notify(let recipients, let template):
                for recipient in recipients { checkRecipient(recipient, at: action.position) }
                used[.template, default: []].insert(template)
                let templates = definition.templates.map(\.name)
                // A template without text is told in words made from the instance; a near name is a slip.
                if !templates.contains(template), let near = Spelling.nearest(to: template, among: templates) {
                    report(
                        .unknownName, at: action.position, "there is no template `\(template)`", suggestion: near)
                }
            case .send(_, let destination, _):
                guard case .children(let name) = destination else { continue }
                childName(name, at: action.position)
            case .call: continue
            }
        }
    }

    private func childName(_ name: String, at position: SourcePosition) {
        used[.child, default: []].insert(name)
        if !definition.children.contains(where: { $0.name == name }) {
            unknown(name, .child, at: position, "`send`", among: definition.children.map(\.name))
        }
    }

    private func checkRecipient(_ recipient: Definition.Recipient, at position: SourcePosition) {
        switch recipient {
        case .role(let name), .lead(ofRole: let name), .manager(ofRole: let name):
            roleName(name, at: position, "a recipient")
        case .onCall, .group, .person: break
        }
    }

    private func checkWork(of state: Definition.State) {
        for task in state.tasks {
            for name in task.from { roleName(name, at: task.position, "`from` of task `\(task.name)`") }
            ladder(task.due, "task `\(task.name)`")
        }
        for approval in state.approvals {
            for name in approval.from { roleName(name, at: approval.position, "`from` of approval `\(approval.name)`") }
            for name in approval.covers { field(name, at: approval.position, "`covers` of `\(approval.name)`") }
            ladder(approval.due, "approval `\(approval.name)`")
        }
    }

    private func ladder(_ timing: Definition.Timing?, _ place: String) {
        guard let timing, case .fixed(let name)? = timing.escalation else { return }
        used[.escalation, default: []].insert(name)
        let names = definition.escalations.map(\.name)
        if !names.contains(name) {
            unknown(name, .escalation, at: timing.position, "`escalation` of \(place)", among: names)
        }
    }

    private func checkClockNames() {
        let events = Set(definition.states.flatMap(\.on).map(\.name) + definition.events.map(\.name))
        func condition(_ condition: Definition.Condition?, _ place: String) {
            switch condition?.kind {
            case .states(let names)?:
                for name in names { stateName(name, at: condition?.position ?? .none, place) }
            case .events(let names)?:
                for name in names where !events.contains(name) && name != "open" {
                    unknown(name, .event, at: condition?.position ?? .none, place, among: events)
                }
            case .formula?, nil: break
            }
        }
        for clock in definition.clocks {
            for (word, part) in [
                ("start", clock.start), ("restart", clock.restart), ("pause", clock.pause), ("stop", clock.stop),
                ("cancel", clock.cancel),
            ] {
                condition(part, "`\(word)` of clock `\(clock.name)`")
            }
            ladder(clock.timing, "clock `\(clock.name)`")
        }
        for child in definition.children {
            condition(child.start, "`start` of child `\(child.name)`")
            condition(child.stop, "`stop` of child `\(child.name)`")
        }
        for escalation in definition.escalations where isUsed(escalation) {
            for rung in escalation.rungs {
                for recipient in rung.notify { checkRecipient(recipient, at: rung.position) }
                for reassignment in rung.reassign {
                    roleName(reassignment.role, at: rung.position, "`reassign`")
                    checkRecipient(reassignment.to, at: rung.position)
                }
                if let event = rung.send, !events.contains(event) {
                    unknown(event, .event, at: rung.position, "`send` of ladder `\(escalation.name)`", among: events)
                }
            }
        }
    }

    /// Whether a clock, task or approval climbs the ladder, or may, because it computes which.
    func isUsed(_ escalation: Definition.Escalation) -> Bool {
        timings.contains { timing in
            switch timing.escalation {
            case .fixed(let name)?: name == escalation.name
            case .computed?: true
            case nil: false
            }
        }
    }

    /// The timings of all clocks, tasks and approvals.
    var timings: [Definition.Timing] {
        definition.clocks.map(\.timing)
            + definition.states.flatMap { state in
                state.tasks.compactMap(\.due) + state.approvals.compactMap(\.due)
            }
    }

    private func checkDecisionNames() {
        for decision in definition.decisions {
            for name in decision.sets {
                field(name, at: decision.position, "`sets` of `\(decision.name)`")
                writable(name, at: decision.position, "set")
            }
            guard case .table(let rows) = decision.rows else { continue }
            for row in rows {
                for (name, value) in row.then {
                    guard decision.sets.contains(name) else {
                        report(
                            .unknownName, at: row.position, "`then` sets `\(name)`, which is not among `sets`",
                            suggestion: Spelling.nearest(to: name, among: decision.sets))
                        continue
                    }
                    checkOutcome(value, of: name, in: decision, at: row.position)
                }
                for name in decision.sets
                where !row.then.contains(where: { $0.name == name }) && decision.hit != .collect {
                    report(.missingKey, at: row.position, "this row says nothing of `\(name)`, which the table sets")
                }
            }
        }
    }

    private func checkOutcome(
        _ value: Definition.PlainValue, of name: String, in decision: Definition.Decision, at position: SourcePosition
    ) {
        guard var schema = fields[name]?.schema else { return }
        if decision.hit == .collect, case .array(let items) = schema.shape { schema = items }
        if let reason = PlainCheck.fault(in: value, for: schema) {
            report(.wrongType, at: position, "`\(name)`: \(reason)")
        }
    }
}
