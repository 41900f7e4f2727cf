extension Definition {
    /// Finds what a new version would take from instances that run under an old one.
    ///
    /// Instances stay with the version they were opened under until they are upgraded; these findings say what an
    /// upgrade has to be told, each in its `expected`. Where there is none, every running instance can be upgraded as it
    /// is.
    ///
    /// - Returns: the faults, at the place in the new version, in order of file, line and column.
    public static func compare(old: Definition, new: Definition) -> [Fault] {
        let comparison = VersionComparison(old: old, new: new)
        comparison.compareStates()
        comparison.compareFields()
        comparison.compareRoles()
        comparison.compareClocks()
        comparison.compareChildren()
        return comparison.log.sorted
    }
}

/// Two versions side by side.
private struct VersionComparison {
    let old: Definition
    let new: Definition
    let log = FaultLog()

    private func report(
        _ code: Fault.Code, at position: SourcePosition?, _ message: String, needs: String, suggestion: String? = nil
    ) {
        log.report(
            code, at: position ?? new.position, message, expected: "\(needs), for `upgrade`", suggestion: suggestion)
    }

    func compareStates() {
        for state in old.states {
            guard let other = new.states.first(where: { $0.name == state.name }) else {
                // Instances that have ended are not upgraded.
                guard !state.isFinal else { continue }
                let names = new.states.map(\.name).filter { name in !old.states.contains { $0.name == name } }
                report(
                    .upgradeState, at: nil, "the state `\(state.name)` is gone; instances in it would have no place",
                    needs: "a state in its stead", suggestion: Spelling.nearest(to: state.name, among: names))
                continue
            }
            if other.isFinal, !state.isFinal {
                report(
                    .upgradeState, at: other.position,
                    "`\(state.name)` is final now; instances resting in it would end at once",
                    needs: "another state, or consent that they end")
            }
            compareWork(of: state, with: other)
        }
    }

    private func compareWork(of state: State, with other: State) {
        for task in state.tasks {
            let now = other.tasks.first { $0.name == task.name }
            if now == nil || (now?.each == nil) != (task.each == nil) {
                report(
                    .upgradeWork, at: now?.position ?? other.position,
                    now == nil
                        ? "the task `\(task.name)` of `\(state.name)` is gone; open ones would be cancelled"
                        : "the task `\(task.name)` is counted by other keys; open ones would be cancelled",
                    needs: "consent that they are cancelled")
            }
        }
        for approval in state.approvals {
            let now = other.approvals.first { $0.name == approval.name }
            if now == nil || (now?.each == nil) != (approval.each == nil) {
                report(
                    .upgradeWork, at: now?.position ?? other.position,
                    now == nil
                        ? "the approval `\(approval.name)` of `\(state.name)` is gone; votes given would be lost"
                        : "the approval `\(approval.name)` is counted by other keys; votes given would be lost",
                    needs: "consent that they are void")
            }
        }
    }

    func compareFields() {
        compare(old.data.fields, new.data.fields, path: "")
    }

    private func compare(_ before: [Field], _ after: [Field], path: String) {
        for field in before where field.compute == nil {
            let name = path + field.name
            guard let other = after.first(where: { $0.name == field.name }) else {
                let names = after.map(\.name).filter { name in !before.contains { $0.name == name } }
                report(
                    .upgradeField, at: nil, "the field `\(name)` is gone; its values would be lost",
                    needs: "the field that takes them over, or consent that they are dropped",
                    suggestion: Spelling.nearest(to: field.name, among: names))
                continue
            }
            compare(field.schema, other.schema, name, at: other.position)
        }
        for field in after where field.isRequired && field.schema.defaultValue == nil {
            let earlier = before.first { $0.name == field.name }
            if earlier.map({ !$0.isRequired && $0.schema.defaultValue == nil }) ?? true {
                report(
                    .upgradeField, at: field.position,
                    "`\(path)\(field.name)` is required now, and running instances may lack it",
                    needs: "a value for those that lack it")
            }
        }
    }

    private func compare(_ before: Schema, _ after: Schema, _ name: String, at position: SourcePosition) {
        switch (before.shape, after.shape) {
        case (.object(let old), .object(let new)): compare(old, new, path: name + ".")
        case (.array(let old), .array(let new)): compare(old, new, name + "[]", at: position)
        case (.string, .string):
            if before.format != after.format {
                changed(name, before.format?.rawValue ?? "string", after.format?.rawValue ?? "string", at: position)
            }
        case (.integer, .integer), (.number, .number), (.integer, .number), (.boolean, .boolean): break
        default:
            changed(name, PlainCheck.name(of: before.shape), PlainCheck.name(of: after.shape), at: position)
        }
        guard !after.allowed.isEmpty else { return }
        let gone = before.allowed.filter { value in !after.allowed.contains { PlainCheck.equal($0, value) } }
        if !gone.isEmpty || before.allowed.isEmpty {
            report(
                .upgradeField, at: position,
                gone.isEmpty
                    ? "`\(name)` may only be one of a few values now, and instances may hold others"
                    : "`\(name)` may no longer be \(gone.map { $0.text() }.joined(separator: " or "))",
                needs: "a value in the stead of those")
        }
    }

    private func changed(_ name: String, _ before: String, _ after: String, at position: SourcePosition) {
        report(
            .upgradeField, at: position, "`\(name)` was \(before) and is \(after)", needs: "a conversion of its values")
    }

    func compareRoles() {
        for role in old.roles {
            guard let other = new.roles.first(where: { $0.name == role.name }) else {
                let names = new.roles.map(\.name).filter { name in !old.roles.contains { $0.name == name } }
                report(
                    .upgradeRole, at: nil, "the role `\(role.name)` is gone; its holders would lose their part",
                    needs: "the role that takes them over, or consent that they lose it",
                    suggestion: Spelling.nearest(to: role.name, among: names))
                continue
            }
            if role.many, !other.many {
                report(
                    .upgradeRole, at: other.position,
                    "`\(role.name)` is held by one person now, and several may hold it",
                    needs: "which of them keeps it")
            }
        }
    }

    func compareClocks() {
        for clock in old.clocks {
            guard let other = new.clocks.first(where: { $0.name == clock.name }) else {
                let names = new.clocks.map(\.name).filter { name in !old.clocks.contains { $0.name == name } }
                report(
                    .upgradeClock, at: nil,
                    "the clock `\(clock.name)` is gone; its open rounds would never be met or missed",
                    needs: "the clock that takes them over, or consent that they are cancelled",
                    suggestion: Spelling.nearest(to: clock.name, among: names))
                continue
            }
            if case .rule = clock.timing.measure {
                if case .rule = other.timing.measure { continue }
                report(
                    .upgradeClock, at: other.position,
                    "the clock `\(clock.name)` followed a rule of law and now counts an internal length of time",
                    needs: "consent of whoever answers for the duty")
            } else if (clock.each == nil) != (other.each == nil) {
                report(
                    .upgradeClock, at: other.position,
                    "the clock `\(clock.name)` is counted by other keys; its open rounds would be cancelled",
                    needs: "consent that they are cancelled")
            }
        }
    }

    func compareChildren() {
        for child in old.children {
            let other = new.children.first { $0.name == child.name }
            if let other, other.workflow == child.workflow, (other.each == nil) == (child.each == nil) { continue }
            let message =
                switch other {
                case nil: "the child `\(child.name)` is gone; running ones would report to nobody"
                case let other? where other.workflow != child.workflow:
                    "the child `\(child.name)` is now a `\(other.workflow)`; running ones are a `\(child.workflow)`"
                default: "the child `\(child.name)` is counted by other keys; running ones would not be found again"
                }
            report(
                .upgradeChild, at: other?.position, message,
                needs: "the child rule that takes them over, or consent that they are let go")
        }
    }

    typealias State = Definition.State
    typealias Field = Definition.Field
    typealias Schema = Definition.Schema
}
