import CEL

/// What a condition cannot be true without.
enum Demand {
    /// The paths that must be true for the node to be.
    static func paths(_ node: Node) -> Set<String> {
        switch node.kind {
        case .identifier, .select: Proof.path(node).map { [$0] } ?? []
        case .and(let operands): operands.reduce(into: []) { $0.formUnion(paths($1)) }
        case .or(let operands):
            operands.dropFirst().reduce(operands.first.map(paths) ?? []) { $0.intersection(paths($1)) }
        default: []
        }
    }
}

/// Writes a node so that equal conditions read the same, whatever their spaces.
enum Spelled {
    static func text(_ node: Node) -> String {
        switch node.kind {
        case .literal(let value): return "\(value)"
        case .identifier(let name, _): return name
        case .select(let operand, let name): return "\(text(operand)).\(name.text)"
        case .has(let operand, let name): return "has(\(text(operand)).\(name.text))"
        case .index(let operand, let index): return "\(text(operand))[\(text(index))]"
        case .unary(let sign, let operand): return "\(sign.rawValue)\(text(operand))"
        case .binary(let sign, let left, let right): return "(\(text(left)) \(sign.rawValue) \(text(right)))"
        case .and(let operands): return "(\(operands.map(text).joined(separator: " && ")))"
        case .or(let operands): return "(\(operands.map(text).joined(separator: " || ")))"
        case .conditional(let condition, let then, let otherwise):
            return "(\(text(condition)) ? \(text(then)) : \(text(otherwise)))"
        case .list(let elements): return "[\(elements.map(text).joined(separator: ", "))]"
        case .map(let entries):
            return "{\(entries.map { "\(text($0.key)): \(text($0.value))" }.joined(separator: ", "))}"
        case .call(let call):
            let target = call.target.map { text($0) + "." } ?? ""
            return "\(target)\(call.function.text)(\(call.arguments.map(text).joined(separator: ", ")))"
        case .comprehension(let macro):
            let names = macro.variables.map(\.text).joined(separator: ", ")
            let filter = macro.filter.map { text($0) + ", " } ?? ""
            return "\(text(macro.range)).\(macro.macro.rawValue)(\(names), \(filter)\(text(macro.body)))"
        }
    }
}
