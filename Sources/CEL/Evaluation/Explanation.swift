/// What an expression and each of its parts came to, to tell people why.
public struct Explanation: Sendable {
    /// The text of this part, on one line.
    public let text: String
    /// Where it is written.
    public let range: SourceRange
    /// Its value, or why it has none.
    public let outcome: Result<Value, EvaluationError>
    /// Its parts, but for literals; of a macro its range and the conditions of the elements that decided.
    public let children: [Explanation]

    let form: Form

    /// What the reasons depend on.
    enum Form: Sendable {
        case and, or, not, conditional, test
        case comparison(Node.BinaryOperator, left: Value?, right: Value?)
        /// `all` or `exists` over so many elements, with the numbers of those among the children, from 1.
        case quantifier(count: Int, shown: [Int])
        case other
    }

    /// The value, or nil where there is none.
    public var value: Value? { try? outcome.get() }

    /// Why the outcome is what it is: a sentence for each smallest part that is responsible.
    ///
    /// For a false `a && b` these are the operands that are false, for a false `a || b` both:
    /// `data.awareAt >= data.detectedAt (2026-03-27T19:50:00Z >= 2026-03-27T19:55:00Z) is false`.
    public var reasons: [String] {
        switch outcome {
        case .failure(let error): return [failure(error)]
        case .success(.bool(let flag)): return reasons(for: flag)
        case .success(let value): return [text == value.text ? text : "\(text) is \(value.text)"]
        }
    }

    private func failure(_ error: EvaluationError) -> String {
        if let range = error.range, let part = part(at: range) { return "\(part.text): \(error.message)" }
        return "\(text): \(error.message)"
    }

    private func part(at range: SourceRange) -> Explanation? {
        if self.range == range { return self }
        for child in children {
            if let part = child.part(at: range) { return part }
        }
        return nil
    }

    private func reasons(for flag: Bool) -> [String] {
        switch form {
        case .and, .or:
            let deciding = children.filter { $0.value == .bool(flag) }
            return deciding.flatMap(\.reasons)
        case .not: return children.flatMap(\.reasons)
        case .conditional: return children.last?.reasons ?? [sentence(flag)]
        case .test:
            let field = text.hasPrefix("has(") && text.hasSuffix(")") ? String(text.dropFirst(4).dropLast()) : text
            return ["\(field) is \(flag ? "set" : "not set")"]
        case .comparison(let binary, let left, let right):
            return [sentence(flag, detail: Self.detail(text, binary, left, right))]
        case .quantifier(let count, let shown): return [quantified(flag, count, shown)]
        case .other:
            let details = children.compactMap { child in
                child.value.flatMap { child.text == $0.text ? nil : "\(child.text) = \($0.text)" }
            }
            return [sentence(flag, detail: details.isEmpty ? nil : details.joined(separator: ", "))]
        }
    }

    private func sentence(_ flag: Bool, detail: String? = nil) -> String {
        text + (detail.map { " (\($0))" } ?? "") + (flag ? " is true" : " is false")
    }

    private static func detail(
        _ text: String, _ binary: Node.BinaryOperator, _ left: Value?, _ right: Value?
    ) -> String? {
        guard let left, let right else { return nil }
        let filled = "\(left.text) \(binary.rawValue) \(right.text)"
        return filled == text ? nil : filled
    }

    private func quantified(_ flag: Bool, _ count: Int, _ shown: [Int]) -> String {
        let conditions = children.suffix(shown.count)
        let elements = zip(shown, conditions).map { number, condition in
            "for element \(number): " + condition.reasons.joined(separator: "; ")
        }
        if elements.isEmpty { return sentence(flag, detail: count == 1 ? "1 element" : "\(count) elements") }
        return sentence(flag) + " " + elements.joined(separator: "; ")
    }
}

extension Program {
    /// Evaluates the expression part by part and keeps what each came to.
    ///
    /// Slower than ``evaluate(_:limit:)`` by far; for answers to people.
    public func explain(_ activation: some Activation, limit: CostLimit = .standard) -> Explanation {
        var explainer = Explainer(program: self, activation: activation, limit: limit)
        return explainer.explain(expression.root)
    }
}

private struct Explainer {
    let program: Program
    let limit: CostLimit
    private var frame: Frame
    /// How many elements of a macro are shown one by one.
    private static let shownElements = 3

    init(program: Program, activation: any Activation, limit: CostLimit) {
        self.program = program
        self.limit = limit
        frame = Frame(activation: activation, zones: program.environment.zones, budget: limit.units)
    }

    mutating func explain(_ node: Node) -> Explanation {
        let outcome = outcome(node)
        switch node.kind {
        case .and(let operands): return make(node, .and, outcome, operands.map { explain($0) })
        case .or(let operands): return make(node, .or, outcome, operands.map { explain($0) })
        case .unary(.not, let operand): return make(node, .not, outcome, [explain(operand)])
        case .has(let operand, _): return make(node, .test, outcome, parts([operand]))
        case .conditional(let condition, let then, let otherwise):
            let first = explain(condition)
            guard case .bool(let flag)? = first.value else { return make(node, .conditional, outcome, [first]) }
            return make(node, .conditional, outcome, [first, explain(flag ? then : otherwise)])
        case .binary(let binary, let left, let right) where StandardLibrary.yieldsBool(binary):
            let form = Explanation.Form.comparison(
                binary, left: try? self.outcome(left).get(), right: try? self.outcome(right).get())
            return make(node, form, outcome, parts([left, right]))
        case .comprehension(let macro): return comprehension(macro, node, outcome)
        case .select, .identifier: return make(node, .other, outcome, [])
        default: return make(node, .other, outcome, parts(node.children))
        }
    }

    private mutating func outcome(_ node: Node) -> Result<Value, EvaluationError> {
        guard let plan = program.plans[node.id] else {
            return .failure(EvaluationError(.noSuchVariable, "this part is not evaluated by itself", at: node.range))
        }
        frame.budget = limit.units
        do throws(EvaluationError) {
            return .success(try plan.run(&frame))
        } catch {
            return .failure(error.positioned(in: program.expression.source))
        }
    }

    private mutating func parts(_ nodes: [Node]) -> [Explanation] {
        var parts: [Explanation] = []
        // A name before a function, such as `strings` in `strings.quote(x)`, is not evaluated by itself.
        for node in nodes where node.literalValue == nil && program.plans[node.id] != nil {
            parts.append(explain(node))
        }
        return parts
    }

    private func make(
        _ node: Node, _ form: Explanation.Form, _ outcome: Result<Value, EvaluationError>, _ children: [Explanation]
    ) -> Explanation {
        let words = program.expression.text(of: node.range).split(whereSeparator: \.isWhitespace)
        return Explanation(
            text: words.joined(separator: " "), range: node.range, outcome: outcome, children: children, form: form)
    }

    // MARK: Macros

    private mutating func comprehension(
        _ macro: Node.Comprehension, _ node: Node, _ outcome: Result<Value, EvaluationError>
    ) -> Explanation {
        let range = explain(macro.range)
        guard case .bool(let flag)? = try? outcome.get(), let elements = range.value?.elements,
            macro.macro == .all || macro.macro == .exists
        else { return make(node, .other, outcome, [range]) }

        // One element decides a false `all` and a true `exists`; otherwise all of them do.
        let isDecided = flag == (macro.macro == .exists)
        var shown: [Int] = []
        var conditions: [Explanation] = []
        for (index, element) in elements.enumerated() {
            guard isDecided || elements.count <= Self.shownElements else { break }
            frame.locals.append(element.first(index, isPair: macro.variables.count == 2))
            if macro.variables.count == 2 { frame.locals.append(element.value) }
            let condition = explain(macro.body)
            frame.locals.removeLast(macro.variables.count)
            if condition.value == .bool(flag) || !isDecided {
                shown.append(index + 1)
                conditions.append(condition)
                if isDecided { break }
            }
        }
        return make(node, .quantifier(count: elements.count, shown: shown), outcome, [range] + conditions)
    }
}

extension Value {
    /// What a macro visits.
    fileprivate struct Element {
        let key: Value?
        let value: Value

        /// What the first variable stands for.
        func first(_ index: Int, isPair: Bool) -> Value { key ?? (isPair ? .int(Int64(index)) : value) }
    }

    /// What a macro visits in this value; nil where it is no list and no map.
    fileprivate var elements: [Element]? {
        switch self {
        case .list(let values): values.map { Element(key: nil, value: $0) }
        case .map(let map): map.entries.map { Element(key: $0.key.value, value: $0.value) }
        case .object(let object):
            object.memberNames?.map { Element(key: .string($0), value: object.member($0) ?? .null) }
        default: nil
        }
    }
}
