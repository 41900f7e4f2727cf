extension Parser {
    /// Makes a test of presence of `has(operand.field)`.
    mutating func has(_ arguments: [Node], _ range: SourceRange) throws(SyntaxFault) -> Node {
        guard arguments.count == 1, case .select(let operand, let field) = arguments[0].kind else {
            throw SyntaxFault(message: "has() takes one field, as in has(data.field)", range: range)
        }
        return try node(.has(operand, field), range)
    }

    /// Makes a comprehension of a call such as `list.all(x, x > 0)`; nil where it is no macro's name and shape.
    mutating func comprehension(
        _ name: Node.Name, on target: Node, _ arguments: [Node], _ range: SourceRange
    ) throws(SyntaxFault) -> Node? {
        guard let shape = MacroShape(name.text, argumentCount: arguments.count) else { return nil }
        var variables: [Node.Name] = []
        for argument in arguments.prefix(shape.variableCount) {
            guard case .identifier(let text, false) = argument.kind else {
                throw SyntaxFault(
                    message: "expected the name of a variable as in \(name.text)(\(shape.example))",
                    range: argument.range)
            }
            guard !variables.contains(where: { $0.text == text }) else {
                throw SyntaxFault(message: "both variables are named '\(text)'", range: argument.range)
            }
            variables.append(Node.Name(text: text, range: argument.range))
        }
        let macro = Node.Comprehension(
            macro: shape.macro, range: target, variables: variables,
            filter: shape.hasFilter ? arguments[shape.variableCount] : nil, body: arguments[arguments.count - 1])
        return try node(.comprehension(macro), range)
    }
}

/// How many variables a macro has with so many arguments, and whether there is a filter.
private struct MacroShape {
    let macro: Node.Macro
    let variableCount: Int
    let hasFilter: Bool

    init?(_ name: String, argumentCount: Int) {
        guard let macro = name == "exists_one" ? .existsOne : Node.Macro(rawValue: name) else { return nil }
        self.macro = macro
        switch (macro, argumentCount) {
        case (.all, 2), (.exists, 2), (.existsOne, 2), (.map, 2), (.filter, 2): (variableCount, hasFilter) = (1, false)
        case (.map, 3): (variableCount, hasFilter) = (1, true)
        case (.all, 3), (.exists, 3), (.existsOne, 3): (variableCount, hasFilter) = (2, false)
        case (.transformList, 3), (.transformMap, 3), (.transformMapEntry, 3): (variableCount, hasFilter) = (2, false)
        case (.transformList, 4), (.transformMap, 4), (.transformMapEntry, 4): (variableCount, hasFilter) = (2, true)
        default: return nil
        }
    }

    var example: String {
        (variableCount == 1 ? "x, " : "key, value, ") + (hasFilter ? "condition, " : "") + "…"
    }
}
