import CEL

// Every place where an expression stands: what it may name there, what it must yield, and what is set when it is judged.
extension DefinitionCheck {
    func checkExpressions() {
        for field in definition.data.fields { check(field) }
        checkEvents()
        for state in definition.states { check(state) }
        for clock in definition.clocks { check(clock) }
        for child in definition.children { check(child) }
        for correction in definition.corrections {
            let proven = presence.always.union(["data.\(correction.field)"])
            check(correction.guards, proven: proven)
        }
        for message in definition.templates {
            check(message.subject, .event)
            check(message.body, .event)
        }
        if let schedule = definition.schedule {
            let item = element(schedule.each, schedule.key, .schedule, proven: [])
            for assignment in schedule.with {
                givenTypes[assignment.position] = check(
                    assignment.value, .schedule, item: item, yields: .anything, proven: nil)
            }
        }
        for decision in definition.decisions {
            guard case .table(let rows) = decision.rows else { continue }
            let proven = decisionProofs[decision.name] ?? presence.always
            for row in rows { check(row.when, .event, yields: .bool, proven: proven) }
        }
    }

    private func check(_ field: Definition.Field) {
        // A computed field is unset where its expression fails, so nothing has to be proved.
        let type = CELType(of: field.schema, named: "data.\(field.name)")
        check(
            field.compute, .instance, yields: .oneOf([type, .null], words: "\(type), as `\(field.name)` is declared"),
            proven: nil)
        check(field.when, .instance, yields: .bool, proven: nil)
        check(field.checklist, .instance, yields: .text, proven: nil)
    }

    func check(_ guards: [Definition.Guard], proven: Set<String>) {
        for item in guards { check(item.when, .event, yields: .bool, proven: proven) }
    }

    /// Judges events once, with what is set in all states that have them.
    private func checkEvents() {
        check(definition.open, proven: presence.sent(initially, definition.open))
        for state in definition.states {
            for event in state.on { check(event, in: [state.name]) }
        }
        for event in definition.events { check(event, in: event.states) }
    }

    /// What is set before anything is sent: required fields, since opening is refused without them, and defaults.
    private var initially: Set<String> {
        var facts: Set<String> = []
        for field in definition.data.fields where field.isRequired || field.schema.defaultValue != nil {
            facts.insert("data.\(field.name)")
        }
        for role in definition.roles where role.initially != nil { facts.insert("roles.\(role.name)") }
        return facts
    }

    private func check(_ event: Definition.Event, in states: [String]) {
        let before = presence.throughout(states).subtracting([])
        let beforePaths = Set(before.compactMap { $0.hasPrefix("data.") ? "before." + $0.dropFirst(5) : nil })
        let facts = presence.sent(before, event).union(beforePaths)
        check(event, proven: facts)
    }

    private func check(_ event: Definition.Event, proven facts: Set<String>) {
        for item in event.form { check(item.when, .event, yields: .bool, proven: facts) }
        check(event.guards, proven: facts)
        let afterwards = check(event.actions, proven: facts)
        guard case .choose(let branches) = event.outcome else { return }
        for branch in branches {
            check(branch.when, .event, yields: .bool, proven: facts)
            let chosen = branch.when.map { Proof.whenTrue($0.expression.root) } ?? []
            check(branch.actions, proven: afterwards.union(chosen))
        }
    }

    private func check(_ state: Definition.State) {
        let facts = presence.inside[state.name] ?? []
        let entering = facts.subtracting(state.requires.map(presence.path))
        check(state.entry, proven: facts.union(entering))
        check(state.exit, proven: facts)
        for branch in state.always {
            check(branch.when, .instance, yields: .bool, proven: facts)
            let chosen = branch.when.map { Proof.whenTrue($0.expression.root) } ?? []
            check(branch.actions, proven: facts.union(chosen))
        }
        for task in state.tasks {
            let item = element(task.each, task.key, .instance, proven: facts)
            check(task.title, .instance, item: item)
            check(task.who, .instance, item: item, yields: .people, proven: facts)
            check(task.due, item: item, proven: facts)
        }
        for approval in state.approvals {
            let item = element(approval.each, approval.key, .instance, proven: facts)
            check(approval.title, .instance, item: item)
            check(approval.who, .instance, item: item, yields: .people, proven: facts)
            check(approval.due, item: item, proven: facts)
        }
    }

    /// Judges actions in order and returns what is set after them.
    @discardableResult
    func check(_ actions: [Definition.Action], proven: Set<String>) -> Set<String> {
        var facts = proven
        for action in actions {
            switch action.kind {
            case .set(let assignments):
                for assignment in assignments { check(assignment, proven: facts) }
            case .assign(let assignments):
                for assignment in assignments {
                    check(assignment.value, .event, yields: .people, proven: facts)
                }
            case .send(_, let destination, let with):
                if case .instances(let formula) = destination {
                    check(formula, .event, yields: .anything, proven: facts)
                }
                for assignment in with {
                    givenTypes[assignment.position] = check(
                        assignment.value, .event, yields: .anything, proven: facts, passesUnset: true)
                }
            case .call(_, let with):
                for assignment in with {
                    check(assignment.value, .event, yields: .anything, proven: facts, passesUnset: true)
                }
            case .decide(let names):
                for name in names {
                    decisionProofs[name] = decisionProofs[name].map { $0.intersection(facts) } ?? facts
                }
            case .notify: break
            }
            facts = presence.after([action], facts)
        }
        return facts
    }

    private func check(_ assignment: Definition.Assignment, proven: Set<String>) {
        guard let field = fields[assignment.name] else {
            check(assignment.value, .event, yields: .anything, proven: proven)
            return
        }
        let type = CELType(of: field.schema, named: "data.\(field.name)")
        check(
            assignment.value, .event, yields: .oneOf([type], words: "\(type), as `\(field.name)` is declared"),
            proven: proven)
        if let formula = assignment.value, let text = formula.expression.root.literalValue?.stringValue,
            let reason = PlainCheck.fault(in: .string(text), for: field.schema)
        {
            report(.wrongType, at: formula.position, reason, length: formula.source.count)
        }
    }

    private func check(_ clock: Definition.Clock) {
        let span = graph.span(from: clock.start, until: [clock.stop, clock.cancel])
        let running = presence.throughout(span.filter { states[$0]?.isFinal != true })
        let item = element(clock.each, clock.key, .instance, proven: running)
        check(clock.title, .instance, item: item)
        for condition in [clock.start, clock.restart, clock.pause, clock.stop, clock.cancel] {
            check(condition, item: item)
        }
        check(clock.timing, item: item, proven: running)
    }

    private func check(_ condition: Definition.Condition?, item: CELType?) {
        guard let condition else { return }
        var facts: Set<String>
        switch condition.kind {
        case .states(let names): facts = presence.throughout(names)
        case .events(let names):
            facts = presence.universe
            for edge in graph.edges {
                guard let event = edge.event, names.contains(event.name) else { continue }
                let sent = presence.sent(presence.inside[edge.from] ?? presence.universe, event)
                facts.formIntersection(presence.after(edge.actions, sent))
            }
        case .formula(let formula):
            check(formula, .instance, item: item, yields: .bool, proven: presence.always)
            facts = presence.always.union(Proof.whenTrue(formula.expression.root))
        }
        check(condition.at, .instance, item: item, yields: .timestamp, proven: facts)
    }

    private func check(_ timing: Definition.Timing?, item: CELType?, proven: Set<String>) {
        guard let timing else { return }
        switch timing.measure {
        case .goal(.computed(let formula)): check(formula, .instance, item: item, yields: .length, proven: proven)
        case .goal(.fixed): break
        case .until(let formula): check(formula, .instance, item: item, yields: .timestamp, proven: proven)
        case .rule(let rule, let terms):
            if case .computed(let formula) = rule {
                check(formula, .instance, item: item, yields: .text, proven: proven)
            }
            for fact in terms.facts {
                check(fact.value, .instance, item: item, yields: .facts, proven: proven, passesUnset: true)
            }
            for list in [terms.inputs, terms.orders] {
                check(list, .instance, item: item, yields: .list, proven: proven, passesUnset: true)
            }
        }
        for case .computed(let formula)? in [timing.calendar, timing.zone, timing.escalation] {
            check(formula, .instance, item: item, yields: .text, proven: proven, passesUnset: true)
        }
    }

    private func check(_ child: Definition.Child) {
        let span = graph.span(from: child.start, until: [child.stop])
        let facts = presence.throughout(span)
        let item = element(child.each, child.key, .instance, proven: facts)
        check(child.start, item: nil)
        check(child.stop, item: nil)
        for assignment in child.with + child.follow {
            let type = check(
                assignment.value, .instance, item: item, yields: .anything, proven: facts, passesUnset: true)
            givenTypes[assignment.position] = type
        }
    }
}
