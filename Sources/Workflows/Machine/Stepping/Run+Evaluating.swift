import CEL
import Deadlines

/// Which names a formula may use, and the element it is about.
struct Scope {
    /// Conditions, derived fields, `always`: only what the instance holds.
    static let plain = Scope()
    /// Events, opening, corrections: also the event, the present, the data as they were found, and reads.
    static let event = Scope(isEvent: true)

    var item: CEL.Value?
    var isEvent = false
    /// The instant for which a schedule opens; nil everywhere else.
    var occurrence: Instant?

    /// Whether it is the same for many formulas.
    var isShared: Bool { item == nil && occurrence == nil }

    /// The same names with an element.
    func with(_ item: CEL.Value?) -> Scope {
        var copy = self
        copy.item = item ?? self.item
        return copy
    }
}

extension Run {
    /// The value of a formula; where it has none, the input is refused with the place that failed.
    mutating func value(of formula: Formula, _ scope: Scope) throws(Halt) -> CEL.Value {
        switch try evaluate(formula, scope) {
        case .success(let value): return value
        case .failure(let error): throw failed(formula, error.message, at: error.position)
        }
    }

    /// The value of a formula; an error of the formula itself is a result, not the end of the step.
    mutating func evaluate(_ formula: Formula, _ scope: Scope) throws(Halt) -> Result<CEL.Value, EvaluationError> {
        if let path = formula.path, let value = try look(path, formula.mentions, scope) { return .success(value) }
        return try evaluate(formula, try names(formula.mentions, scope))
    }

    private mutating func evaluate(
        _ formula: Formula, _ names: Names
    ) throws(Halt) -> Result<CEL.Value, EvaluationError> {
        do throws(EvaluationError) {
            let value = try formula.program.evaluate(names)
            if formula.mentions.reads { for question in names.questions { _ = try? demand(question) } }
            return .success(value)
        } catch {
            if formula.mentions.reads { for question in names.questions { _ = try demand(question) } }
            return .failure(error)
        }
    }

    /// What formulas see.
    private mutating func names(_ mentions: Mentions, _ scope: Scope) throws(Halt) -> Names {
        let isShared = !mentions.asks && !mentions.records && !mentions.event && scope.isShared
        if isShared, let seen, seen.isEvent == scope.isEvent { return seen }
        guard !isShared else {
            let names = Names(self, .fields, scope, roles: nil, tenant: nil)
            seen = names
            return names
        }
        let roles = mentions.roles.isEmpty ? nil : try rolesFace(mentions.roles)
        let tenant = mentions.tenant ? try demand(.tenant) : nil
        return Names(self, mentions, scope, roles: roles, tenant: tenant)
    }

    private mutating func rolesFace(_ names: [String]) throws(Halt) -> CEL.Value {
        var fields: [(String, CEL.Value)] = []
        for name in names {
            if let face = try roleFace(name) { fields.append((name, face)) }
        }
        return .map(MapValue(fields: fields))
    }

    /// The holder or holders of a role; nil where there is nobody.
    private mutating func roleFace(_ name: String) throws(Halt) -> CEL.Value? {
        guard let role = tables.roles[name] else { return nil }
        let pending = reads.needed.count
        let people = holders(of: role)
        guard reads.needed.count == pending else { throw .needs }
        guard !people.isEmpty else { return nil }
        return role.role.many ? .list(people.map(CEL.Value.string)) : .string(people[0])
    }

    /// `event`: its name, who sent it, when it happened, and what was sent with it.
    var eventSeen: CEL.Value {
        [
            "name": .string(event ?? ""), "by": .string(persons?.acting ?? actor.words),
            "at": .instant(input.happenedAt ?? now), "form": .map(MapValue(sent)),
        ]
    }

    /// The value of a bare field, looked up without the trouble of an evaluation; nil where it is unset.
    private mutating func look(
        _ path: Formula.FieldPath, _ mentions: Mentions, _ scope: Scope
    ) throws(Halt) -> CEL.Value? {
        guard let name = path.first else { return try names(mentions, scope).value(of: path.variable) }
        var value: CEL.Value? =
            switch path.slot {
            case .data: next.incomplete.contains(name) ? nil : next.data[name]
            case .before: scope.isEvent ? found[name] : nil
            case .item: scope.item?.member(name)
            case .roles: try roleFace(name)
            case .tenant: try demand(.tenant).member(name)
            case .event: scope.isEvent ? eventSeen.member(name) : nil
            case .self: name == "workflow" ? .string(definition.name) : next.selfMember(name)
            case .tasks: next.taskFace(name)
            case .approvals: next.approvalFace(name)
            case .clocks: next.clockFace(name)
            case .children: next.childFace(name)
            case .state, .now, .occurrence: nil
            }
        for name in path.others { value = value?.member(name) }
        return value
    }

    /// Whether a condition is true.
    mutating func isTrue(_ formula: Formula, _ scope: Scope) throws(Halt) -> Bool {
        let value = try value(of: formula, scope)
        guard case .bool(let truth) = value else {
            throw failed(formula, "a condition yields true or false, and this yields \(value.type.name)", at: nil)
        }
        return truth
    }

    /// The value of a formula of which a bare field passes on that it is unset.
    mutating func passed(_ formula: Formula, _ scope: Scope) throws(Halt) -> CEL.Value? {
        guard let path = formula.path else { return try value(of: formula, scope) }
        let value = try look(path, formula.mentions, scope)
        if case .null? = value { return nil }
        return value
    }

    /// The instant that a condition's `at` says; that of the step where it says none.
    mutating func instant(_ at: Formula?, _ scope: Scope) throws(Halt) -> Instant {
        guard let at else { return now }
        return try instant(of: at, scope)
    }

    mutating func instant(of formula: Formula, _ scope: Scope) throws(Halt) -> Instant {
        let value = try value(of: formula, scope)
        guard let instant = value.instantValue else {
            throw failed(formula, "an instant is wanted, and this yields \(value.type.name)", at: nil)
        }
        return instant
    }

    /// A text with the values of its formulas in their places; a value that cannot be had leaves a gap.
    mutating func text(_ template: Template, _ scope: Scope) throws(Halt) -> String {
        // What asks does so for all formulas at once, whatever their order.
        let names = template.mentions.asks ? try names(template.mentions, scope) : nil
        if template.segments.count == 1 { return try text(template.segments[0], scope, names) }
        var text = ""
        text.reserveCapacity(template.source.utf8.count)
        for segment in template.segments { text += try self.text(segment, scope, names) }
        return text
    }

    private mutating func text(
        _ segment: Template.Segment, _ scope: Scope, _ names: Names?
    ) throws(Halt) -> String {
        switch segment {
        case .text(let text): return text
        case .formula(let formula):
            let result = if let names { try evaluate(formula, names) } else { try evaluate(formula, scope) }
            guard case .success(let value) = result else { return "" }
            return value.words
        }
    }

    /// What a definition says outright or computes as a text.
    ///
    /// Where it may be unset, a bare field that is means nil.
    mutating func chosen(
        _ choice: Choosable<String>?, _ scope: Scope, mayBeUnset: Bool = false
    ) throws(Halt) -> String? {
        switch choice {
        case nil: return nil
        case .fixed(let text): return text
        case .computed(let formula):
            if mayBeUnset, formula.path != nil, try passed(formula, scope) == nil { return nil }
            let value = try value(of: formula, scope)
            guard case .string(let text) = value else {
                throw failed(formula, "a name is wanted, and this yields \(value.type.name)", at: nil)
            }
            return text
        }
    }

    /// The values of assignments; those that are unset are absent.
    mutating func values(of assignments: [Definition.Assignment], _ scope: Scope) throws(Halt) -> [String: CEL.Value] {
        var values: [String: CEL.Value] = Dictionary(minimumCapacity: assignments.count)
        for assignment in assignments {
            guard let formula = assignment.value else { continue }
            values[assignment.name] = try passed(formula, scope)?.kept
        }
        return values
    }

    /// The elements that something stands for, each with its key; one without key where there is no list.
    mutating func elements(
        _ each: Formula?, _ key: Formula?, _ scope: Scope
    ) throws(Halt) -> [(key: String, item: CEL.Value?)] {
        guard let each else { return [("", nil)] }
        guard let list = try passed(each, scope) else { return [] }
        guard case .list(let items) = list.kept else {
            throw failed(each, "a list is wanted, and this yields \(list.type.name)", at: nil)
        }
        var elements: [(key: String, item: CEL.Value?)] = []
        var seen: Set<String> = []
        for (index, item) in items.enumerated() {
            let name = try key.map { (formula) throws(Halt) in try value(of: formula, scope.with(item)) } ?? item
            guard let text = name.keyText ?? (key == nil ? String(index) : nil) else {
                throw failed(key ?? each, "a key is a text or a whole number, not \(name.type.name)", at: nil)
            }
            guard seen.insert(text).inserted else {
                throw failed(key ?? each, "two elements have the key \"\(text)\"", at: nil)
            }
            elements.append((text, item))
        }
        return elements
    }

    func failed(_ formula: Formula, _ message: String, at place: CEL.SourcePosition?) -> Halt {
        var position = formula.position
        if let place {
            if place.line == 1 { position.column += place.column - 1 } else { position.column = place.column }
            position.line += place.line - 1
        }
        return reject(.failed(expression: formula.source, message: message, position: position))
    }
}

extension CEL.Value {
    /// The value as a key of an element; nil where it cannot be one.
    var keyText: String? {
        switch self {
        case .string(let text): text
        case .int(let number): String(number)
        case .uint(let number): String(number)
        default: nil
        }
    }

    /// The value as people read it in a title.
    var words: String {
        switch self {
        case .string(let text): text
        case .int(let number): String(number)
        case .uint(let number): String(number)
        case .double(let number): number == number.rounded() && abs(number) < 1e15 ? String(Int64(number)) : "\(number)"
        case .bool(let truth): truth ? "yes" : "no"
        case .timestamp(let timestamp): timestamp.rfc3339
        case .duration(let span): span.text
        case .list(let elements): elements.map(\.words).joined(separator: ", ")
        case .null: ""
        default: type.name
        }
    }
}

extension Run {
    /// Why a condition is false: the parts that made it so, with their values.
    mutating func explain(_ formula: Formula, _ scope: Scope) throws(Halt) -> [String] {
        formula.program.explain(try names(formula.mentions, scope)).reasons
    }
}
