import CEL
import JSON

/// What a formula must yield.
enum Expected {
    case bool, timestamp, list, anything
    /// One of these types.
    case oneOf([CELType], words: String)

    func accepts(_ type: CELType) -> Bool {
        switch self {
        case .anything: true
        case .bool: type.isAssignable(to: .bool)
        case .timestamp: type.isAssignable(to: .timestamp)
        case .list: type.isAssignable(to: .list(.dyn))
        case .oneOf(let types, _): types.contains { type.isAssignable(to: $0) }
        }
    }

    var words: String {
        switch self {
        case .anything: "any value"
        case .bool: "a bool"
        case .timestamp: "a timestamp"
        case .list: "a list"
        case .oneOf(_, let words): words
        }
    }

    static let text = Expected.oneOf([.string], words: "a string")
    static let key = Expected.oneOf([.string, .int], words: "a string or an int")
    static let people = Expected.oneOf([.string, .list(.string)], words: "a person's identifier or a list of them")
    static let length = Expected.oneOf([.duration, .string], words: "a duration, or an ISO 8601 text")
    static let facts = Expected.oneOf([.timestamp, .list(.timestamp)], words: "a timestamp or a list of them")
}

// The types of all expressions, what they may refer to where they stand, and optional fields read without proof.
extension DefinitionCheck {
    /// Judges one formula.
    ///
    /// - Parameters:
    ///   - proven: the paths that are set; nil where an unset field does no harm.
    ///   - passesUnset: whether a bare field may be unset, as in `with`, `follow`, `facts` and `each`.
    @discardableResult
    func check(
        _ formula: Formula?, _ place: TypeTable.Place, item: CELType? = nil, yields expected: Expected,
        proven: Set<String>?, passesUnset: Bool = false
    ) -> CELType {
        guard let formula else { return .dyn }
        let result = formula.expression.check(environment(place, item: item))
        note(formula.expression.root)
        for issue in result.issues { report(issue, in: formula, place) }
        checkReads(formula)
        if result.issues.isEmpty, !expected.accepts(result.type) {
            report(
                .wrongType, at: formula.position, "this yields \(result.type)", length: formula.source.count,
                expected: expected.words)
        }
        if let proven, !(passesUnset && Proof.path(formula.expression.root) != nil) {
            for gap in Proof.gaps(in: formula.expression, types: result, proven: presence.closed(proven)) {
                let place = formula.place(of: gap.range)
                report(
                    .optionalField, at: place.position, "`\(gap.path)` may be unset here", length: place.length,
                    expected: "`has(\(gap.path)) &&` before it, or a form, `requires`, `required` or `default`")
            }
        }
        return result.type
    }

    private func report(_ issue: CELIssue, in formula: Formula, _ place: TypeTable.Place) {
        let at = formula.place(of: issue.range)
        let name = formula.expression.text(of: issue.range)
        switch issue.kind {
        case .unknownName, .unknownFunction:
            guard TypeTable.restricted.contains(name) else { break }
            let why =
                switch name {
                case "item": "`item` is only known beside `each` and `key`"
                case "occurrence": "`occurrence` is only known in `schedule`"
                default:
                    "`\(name)` is only known in events, `open`, `correct`, actions and `schedule`: "
                        + "elsewhere nothing would wake when it changes"
                }
            report(.unavailableName, at: at.position, why, length: at.length)
            return
        default: break
        }
        let isName = [.unknownName, .unknownField, .unknownFunction].contains(issue.kind)
        report(isName ? .unknownName : .wrongType, at: at.position, issue.message, length: at.length)
    }

    /// A read's answer is collected before the step, so its arguments cannot depend on another read.
    private func checkReads(_ formula: Formula) {
        formula.expression.root.forEach { node in
            guard case .call(let call) = node.kind, Self.reads.contains(call.function.text) else { return }
            for argument in call.arguments {
                argument.forEach { inner in
                    guard case .call(let nested) = inner.kind, Self.reads.contains(nested.function.text) else { return }
                    let place = formula.place(of: inner.range)
                    report(
                        .nestedRead, at: place.position,
                        "a read stands in the arguments of `\(call.function.text)()`; reads are answered before the step",
                        length: place.length)
                }
            }
        }
    }

    private static let reads: Set<String> = ["related", "covering", "services"]

    /// Remembers the names that an expression uses.
    private func note(_ root: Node) {
        let kinds: [String: NameKind] = [
            "data": .field, "before": .field, "roles": .role, "clocks": .clock, "tasks": .task,
            "approvals": .approval, "children": .child,
        ]
        root.forEach { node in
            guard let path = Proof.path(node)?.split(separator: ".").map(String.init), path.count >= 2 else {
                if case .has(let operand, let name) = node.kind, let path = Proof.path(operand),
                    let kind = kinds[path]
                {
                    used[kind, default: []].insert(name.text)
                }
                return
            }
            if let kind = kinds[path[0]] { used[kind, default: []].insert(path[1]) }
        }
    }

    func check(_ template: Template?, _ place: TypeTable.Place, item: CELType? = nil) {
        for case .formula(let formula) in template?.segments ?? [] {
            check(formula, place, item: item, yields: .anything, proven: nil)
        }
    }

    /// The type of `item` beside a list, after judging the list and the key.
    func element(_ each: Formula?, _ key: Formula?, _ place: TypeTable.Place, proven: Set<String>) -> CELType? {
        guard let each else { return nil }
        let type = check(each, place, yields: .list, proven: proven, passesUnset: true)
        var item = CELType.dyn
        if case .list(let element) = type { item = element }
        check(key, place, item: item, yields: .key, proven: proven)
        return item
    }
}

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
                check(assignment.value, .schedule, item: item, yields: .anything, proven: nil)
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
                    check(assignment.value, .event, yields: .anything, proven: facts, passesUnset: true)
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
        case .rule(let rule, let facts):
            if case .computed(let formula) = rule {
                check(formula, .instance, item: item, yields: .text, proven: proven)
            }
            for fact in facts {
                check(fact.value, .instance, item: item, yields: .facts, proven: proven, passesUnset: true)
            }
        }
        for case .computed(let formula)? in [timing.calendar, timing.zone, timing.escalation] {
            check(formula, .instance, item: item, yields: .text, proven: proven)
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
            childTypes["\(child.name).\(assignment.name)"] = type
        }
    }
}
