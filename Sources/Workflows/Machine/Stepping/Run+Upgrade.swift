import CEL

// An upgrade: the instance, which stood under an older version, is given its places in this one.
extension Run {
    /// Whether the instance comes from an older version in this step.
    var isUpgrading: Bool { if case .upgrade = input.act { true } else { false } }

    /// Takes the instance over; everything that would be lost without a word is named together.
    mutating func upgrade(_ upgrade: Upgrade) throws(Halt) {
        begin(.upgrade, "upgrade")
        event = nil
        var needs: [Upgrade.Need] = []
        carryFields(upgrade, &needs)
        carryRoles(upgrade, &needs)
        let ends = carryState(upgrade, &needs)
        carryWork(upgrade, ends: ends, &needs)
        carryClocks(upgrade, &needs)
        carryChildren(upgrade, &needs)
        guard needs.isEmpty else { throw reject(.stranded(needs)) }
        try setFields(upgrade)
        changed = .everything
        underived = .everything
        guard next.status != .suspended else {
            next.isUnsettled = true
            return
        }
        if let state, isRunning { try openMissingWork(of: state) }
        try settle()
    }

    // MARK: Data and roles

    private mutating func carryFields(_ upgrade: Upgrade, _ needs: inout [Upgrade.Need]) {
        var data: Ordered<String, CEL.Value> = [:]
        for (name, value) in next.data {
            let taker = upgrade.fields[name] ?? name
            if let table = tables.fields[taker] {
                if table.isDerived { data[taker] = value }
                guard !table.isDerived, upgrade.set[taker] == nil else { continue }
                var problems: [Rejection.Problem] = []
                let admitted = admit(value, as: table.field.schema, at: SchemaPath(taker), &problems)
                if problems.isEmpty {
                    data[taker] = admitted
                } else if !upgrade.consents.contains(.init(.field, name)) {
                    needs.need(
                        .init(.field, name),
                        "its value no longer fits: \(problems.map(\.message).joined(separator: "; "))",
                        "a value for `\(taker)` under `set`, or consent that it is dropped")
                }
            } else if upgrade.set[taker] == nil, !upgrade.origin.derived.contains(name),
                !upgrade.consents.contains(.init(.field, name))
            {
                needs.need(
                    .init(.field, name), "the field is gone, and its value would be lost",
                    "the field that takes it over under `fields`, or consent that it is dropped")
            }
        }
        for name in tables.required where data[name] == nil && upgrade.set[name] == nil {
            guard let standard = tables.fields[name]?.standard else {
                needs.need(.init(.field, name), "it is required now, and is not set", "a value for it under `set`")
                continue
            }
            data[name] = standard
        }
        seen = nil
        next.data = data
        next.followed = Set(next.followed.map { upgrade.fields[$0] ?? $0 }.filter { tables.fields[$0] != nil })
        next.incomplete = Set(next.incomplete.map { upgrade.fields[$0] ?? $0 }.filter { tables.fields[$0] != nil })
    }

    private mutating func carryRoles(_ upgrade: Upgrade, _ needs: inout [Upgrade.Need]) {
        var holders: Ordered<String, [String]> = [:]
        var acted: Ordered<String, Set<String>> = [:]
        for (name, people) in next.holders {
            let taker = upgrade.roles[name] ?? name
            if let role = tables.roles[taker]?.role {
                let all = ((holders[taker] ?? []) + people).uniqued()
                holders[taker] = all
                guard !role.many, all.count > 1 else { continue }
                needs.need(
                    .init(.role, name), "it is held by one person now, and \(all.count) hold it",
                    "assign it to one of them first")
            } else if !people.isEmpty, !upgrade.consents.contains(.init(.role, name)) {
                needs.need(
                    .init(.role, name), "the role is gone, and \(people.joined(separator: ", ")) would lose their part",
                    "the role that takes them over under `roles`, or consent that they lose it")
            }
        }
        for (name, people) in next.acted {
            let taker = upgrade.roles[name] ?? name
            acted[taker] = people.union(acted[taker] ?? [])
        }
        next.holders = holders
        next.acted = acted
    }

    /// Gives fields the values that the upgrade has for them.
    private mutating func setFields(_ upgrade: Upgrade) throws(Halt) {
        var problems: [Rejection.Problem] = []
        for (name, source) in upgrade.set.sorted(by: { $0.key < $1.key }) {
            guard let table = tables.fields[name], !table.isDerived else {
                problems.append(.init(path: name, message: "is no field that can be set"))
                continue
            }
            let position = SourcePosition(file: "upgrade", line: 1, column: 1)
            let formula: Formula
            do throws(CELSyntaxError) {
                formula = Formula(source: source, position: position, expression: try Expression(parsing: source))
            } catch {
                throw reject(.failed(expression: source, message: error.message, position: position))
            }
            let value = try value(of: formula, .event)
            seen = nil
            if value == .null {
                next.data[name] = nil
            } else {
                next.data[name] = admitSent(value, as: table.field.schema, at: SchemaPath(name), &problems)
            }
            written.append(name)
        }
        if !problems.isEmpty { throw reject(.invalid(problems)) }
    }

    // MARK: State and work

    /// Puts the instance in its state; says whether it ends there.
    private mutating func carryState(_ upgrade: Upgrade, _ needs: inout [Upgrade.Need]) -> Bool {
        let name = next.state
        let taker = upgrade.states[name] ?? name
        guard let table = tables.states[taker] else {
            needs.need(
                .init(.state, name), "the state is gone, and the instance would have no place",
                "the state in its stead under `states`")
            return false
        }
        enter(taker)
        guard table.state.isFinal else { return false }
        if !upgrade.consents.contains(.init(.state, name)) {
            needs.need(
                .init(.state, name), "`\(taker)` is final, and the instance would end at once",
                "another state under `states`, or consent that it ends")
        }
        next.status = .final
        return true
    }

    private mutating func carryWork(_ upgrade: Upgrade, ends: Bool, _ needs: inout [Upgrade.Need]) {
        let tasks = tables.definition.states.flatMap(\.tasks)
        for (key, record) in next.tasks {
            let here = state?.state.tasks.first { $0.name == key.name }
            if record.status == .open, here == nil || (here?.each == nil) != key.key.isEmpty {
                if !ends, !upgrade.consents.contains(.init(.task, key.name)) {
                    needs.need(
                        .init(.task, key.name), "it is open, and would be cancelled", "consent that it is cancelled")
                }
                cancelTask(key)
            }
            if !tasks.contains(where: { $0.name == key.name }) { next.tasks[key] = nil }
        }
        let approvals = tables.definition.states.flatMap(\.approvals)
        for (key, record) in next.approvals {
            let here = state?.state.approvals.first { $0.name == key.name }
            if record.status == .open, here == nil || (here?.each == nil) != key.key.isEmpty {
                if !ends, !upgrade.consents.contains(.init(.approval, key.name)) {
                    needs.need(
                        .init(.approval, key.name), "it is open, and its votes would be void", "consent that they are")
                }
                cancelApproval(key)
            }
            if !approvals.contains(where: { $0.name == key.name }) { next.approvals[key] = nil }
        }
    }

    // MARK: Clocks and children

    private mutating func carryClocks(_ upgrade: Upgrade, _ needs: inout [Upgrade.Need]) {
        for (key, record) in next.clocks {
            guard let round = record.open, !key.name.contains(":") else { continue }
            let taker = upgrade.clocks[key.name] ?? key.name
            let part = Upgrade.Part(.clock, key.name)
            let hasConsent = upgrade.consents.contains(part)
            let clock = tables.clocks.first { $0.clock.name == taker }?.clock
            guard let clock, (clock.each == nil) == key.key.isEmpty else {
                if !hasConsent {
                    needs.need(
                        part,
                        "\(clock == nil ? "the clock is gone" : "it is counted by other keys"), and its open "
                            + "round would be neither met nor missed",
                        "the clock that takes it over under `clocks`, or consent that it is cancelled")
                }
                cancelRound(key, at: now)
                continue
            }
            if case .rule? = round.basis?.measure, !clock.timing.followsRule, !hasConsent {
                needs.need(
                    part, "it followed a rule of law and would count an internal length of time",
                    "consent of whoever answers for the duty")
            }
            if taker != key.name { hand(round, of: key, to: ItemKey(taker, key.key)) }
        }
        next.held = next.held.filter { name in
            !name.hasPrefix("clocks.")
                || tables.clocks.contains {
                    name.hasPrefix("clocks.\($0.clock.name).") || name.hasPrefix("clocks.\($0.clock.name)/")
                }
        }
    }

    /// Ends a round under one name and goes on with it under another.
    private mutating func hand(_ round: ClockRecord.Round, of key: ItemKey, to taker: ItemKey) {
        cancelRound(key, at: now)
        var round = round
        round.timer = nil
        let number = append(round, to: taker)
        note(.clockStarted(taker, round: number, startedAt: round.startedAt, due: round.due))
        for part in ["start", "restart"] where next.held.remove(Self.heldName(key, part)) != nil {
            next.held.insert(Self.heldName(taker, part))
        }
    }

    private mutating func carryChildren(_ upgrade: Upgrade, _ needs: inout [Upgrade.Need]) {
        var children: Ordered<ItemKey, ChildRecord> = [:]
        for (key, record) in next.children {
            let taker = upgrade.children[key.name] ?? key.name
            let child = tables.children.first { $0.child.name == taker }?.child
            let former = upgrade.origin.workflows[key.name]
            if let child, former == nil || former == child.workflow, (child.each == nil) == key.key.isEmpty {
                children[ItemKey(taker, key.key)] = record
            } else if record.isRunning, !upgrade.consents.contains(.init(.child, key.name)) {
                needs.need(
                    .init(.child, key.name),
                    "the child rule is gone or opens another workflow, and the running "
                        + "\(former ?? "child") would report to nobody",
                    "the child rule that takes it over under `children`, or consent that it is let go")
            }
        }
        next.children = children
        let taken = next.wanted.map { upgrade.children[$0] ?? $0 }
        next.wanted = Set(taken.filter { name in tables.children.contains { $0.child.name == name } })
    }
}

extension [Upgrade.Need] {
    fileprivate mutating func need(_ part: Upgrade.Part, _ message: String, _ remedy: String) {
        append(Upgrade.Need(part: part, message: message, remedy: remedy))
    }
}

extension Definition.Timing {
    /// Whether it counts what the law says.
    fileprivate var followsRule: Bool { if case .rule = measure { true } else { false } }
}

extension Machine {
    /// What an upgrade to this machine's version has still to be told before an instance can be taken along.
    ///
    /// Where it is nothing, the upgrade may still be refused for what the whole step leads to, such as a field that the
    /// state requires.
    ///
    /// - Parameters:
    ///   - upgrade: what has been said so far.
    ///   - snapshot: the instance under its present version.
    public func needs(of upgrade: Upgrade, on snapshot: Snapshot) -> [Upgrade.Need] {
        let input = Input(actor: .worker, act: .upgrade(upgrade, reason: ""))
        var run = Run(tables: tables, snapshot: snapshot, input: input, context: Context(), now: snapshot.lastAt)
        do throws(Halt) {
            try run.upgrade(upgrade)
        } catch .rejected(.stranded(let needs)) {
            return needs
        } catch {
            return []
        }
        return []
    }
}
