import CEL

// What definitions demand of each other, as far as the others are known.
extension DefinitionCheck {
    func checkContracts() {
        for child in definition.children { checkChild(child) }
        for state in definition.states {
            checkSends(state.entry + state.exit)
            for edge in graph.edges(from: state.name) { checkSends(edge.actions) }
        }
        checkSends(definition.open.actions)
        if let schedule = definition.schedule { checkSchedule(schedule) }
    }

    private func checkChild(_ child: Definition.Child) {
        guard let other = child.workflow == definition.name ? definition : library[child.workflow] else {
            guard !library.isEmpty else { return }
            report(
                .unknownWorkflow, at: child.position, "there is no workflow `\(child.workflow)` here",
                length: child.name.count, suggestion: Spelling.nearest(to: child.workflow, among: library.keys))
            return
        }
        if !other.open.allow.isEmpty, !other.open.allow.contains(.parent) {
            report(
                .contractSender, at: child.position,
                "`\(other.name)` does not let a parent open it", length: child.name.count,
                expected: "`parent` in `allow` of its `open`")
        }
        checkOpening(of: other, with: child.with, following: child.follow, at: child.position)
        for assignment in child.follow { checkFollow(assignment, child, other) }
        for (word, name) in [("drop", child.drop), ("keep", child.keep)] {
            guard let name else { continue }
            checkEvent(name, of: other, from: .parent, with: nil, at: child.position, "`\(word)`")
        }
    }

    /// What opens an instance gives all that its `open` asks for, and nothing that it does not take.
    private func checkOpening(
        of other: Definition, with: [Definition.Assignment], following: [Definition.Assignment],
        at position: SourcePosition
    ) {
        let open = other.open
        let takes = open.form.map(\.name) + open.optional
        for assignment in with {
            guard takes.contains(assignment.name) else {
                report(
                    .contractField, at: assignment.position,
                    "opening `\(other.name)` does not take `\(assignment.name)`", length: assignment.name.count,
                    suggestion: Spelling.nearest(to: assignment.name, among: takes))
                continue
            }
            checkType(assignment, other)
        }
        let given = Set((with + following).map(\.name))
        for item in open.form where item.when == nil && !given.contains(item.name) {
            report(
                .contractField, at: position, "opening `\(other.name)` asks for `\(item.name)`, which is not given",
                expected: "`\(item.name)` in `with`")
        }
    }

    private func checkFollow(
        _ assignment: Definition.Assignment, _ child: Definition.Child, _ other: Definition
    ) {
        guard let field = other.data.fields.first(where: { $0.name == assignment.name }) else {
            report(
                .contractField, at: assignment.position,
                "`\(other.name)` has no field `\(assignment.name)` to follow", length: assignment.name.count,
                suggestion: Spelling.nearest(to: assignment.name, among: other.data.fields.map(\.name)))
            return
        }
        if field.compute != nil {
            report(
                .contractField, at: assignment.position,
                "`\(assignment.name)` of `\(other.name)` is computed there and cannot follow")
        }
        checkType(assignment, other)
    }

    private func checkType(_ assignment: Definition.Assignment, _ other: Definition) {
        guard let type = givenTypes[assignment.position] else { return }
        let expected: CELType
        if let role = other.roles.first(where: { $0.name == assignment.name }) {
            expected = role.many ? .list(.string) : .string
            if role.many, type.isAssignable(to: .string) { return }
        } else if let field = other.data.fields.first(where: { $0.name == assignment.name }) {
            expected = CELType(of: field.schema, named: assignment.name)
        } else {
            return
        }
        if !type.isAssignable(to: expected) {
            report(
                .contractType, at: assignment.position,
                "`\(assignment.name)` of `\(other.name)` is \(expected), and this yields \(type)",
                length: assignment.name.count)
        }
    }

    /// An event that another definition is sent must exist there, allow the sender, and take what is sent with it.
    ///
    /// - Parameter with: what is sent; nil for `drop` and `keep`, which carry the reason where the event takes one.
    private func checkEvent(
        _ name: String, of other: Definition, from sender: Definition.Allowance, with: [Definition.Assignment]?,
        at position: SourcePosition, _ place: String
    ) {
        let events = other.states.flatMap(\.on).filter { $0.name == name } + other.events.filter { $0.name == name }
        guard !events.isEmpty else {
            let names = other.states.flatMap(\.on).map(\.name) + other.events.map(\.name)
            report(
                .contractEvent, at: position, "\(place) sends `\(name)`, which `\(other.name)` does not know",
                suggestion: Spelling.nearest(to: name, among: names))
            return
        }
        guard events.contains(where: { $0.allow.contains(sender) }) else {
            report(
                .contractSender, at: position,
                "\(place) sends `\(name)`, which `\(other.name)` does not allow from there",
                expected:
                    "\(sender == .parent ? "`parent`" : sender == .child ? "`child`" : "`connector`") in its `allow`")
            return
        }
        let given = with?.map(\.name) ?? ["reason"]
        for assignment in with ?? [] {
            let takes = events.flatMap { $0.form.map(\.name) + $0.optional }
            if takes.contains(assignment.name) {
                checkType(assignment, other)
            } else {
                report(
                    .contractField, at: assignment.position,
                    "`\(name)` of `\(other.name)` does not take `\(assignment.name)`",
                    length: assignment.name.count,
                    suggestion: Spelling.nearest(to: assignment.name, among: takes))
            }
        }
        for event in events {
            for item in event.form where item.when == nil && !given.contains(item.name) {
                report(
                    .contractEvent, at: position,
                    "\(place) sends `\(name)`, whose form in `\(other.name)` asks for `\(item.name)` as well")
            }
        }
    }

    private func checkSends(_ actions: [Definition.Action]) {
        for action in actions {
            guard case .send(let event, let destination, let with) = action.kind else { continue }
            switch destination {
            case .children(let name):
                guard let child = definition.children.first(where: { $0.name == name }),
                    let other = library[child.workflow]
                else { continue }
                checkEvent(event, of: other, from: .parent, with: with, at: action.position, "`send`")
            case .parent:
                for parent in library.values.sorted(by: { $0.name < $1.name })
                where parent.children.contains(where: { $0.workflow == definition.name }) {
                    checkEvent(event, of: parent, from: .child, with: with, at: action.position, "`send`")
                }
            case .instances(let formula):
                guard let other = found(by: formula.expression.root) else { continue }
                checkEvent(event, of: other, from: .connector, with: with, at: action.position, "`send`")
            }
        }
    }

    private func checkSchedule(_ schedule: Definition.Schedule) {
        if !definition.open.allow.isEmpty, !definition.open.allow.contains(.schedule) {
            report(
                .contractSender, at: schedule.position, "`open` does not allow the schedule",
                expected: "`schedule` in `allow` of `open`")
        }
        checkOpening(of: definition, with: schedule.with, following: [], at: schedule.position)
    }
}
