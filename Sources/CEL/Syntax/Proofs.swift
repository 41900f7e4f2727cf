/// A chain of names that stands for a field: a variable and the fields read from it.
struct FieldPath: Hashable {
    /// The variable; with a number where it is a macro's, so that equal names in different macros differ.
    let root: String
    let fields: [String]

    func prefix(_ count: Int) -> FieldPath { FieldPath(root: root, fields: Array(fields.prefix(count))) }

    func appending(_ field: String) -> FieldPath { FieldPath(root: root, fields: fields + [field]) }
}

/// The variables of the macros around a node, innermost last.
struct MacroScopes {
    private(set) var names: [String] = []

    mutating func enter(_ variables: [Node.Name]) { names.append(contentsOf: variables.map(\.text)) }

    mutating func leave(_ variables: [Node.Name]) { names.removeLast(variables.count) }

    func isLocal(_ name: String) -> Bool { names.contains(name) }

    /// The field that a node spells, with constant string indices counting as fields; nil for anything else.
    func path(of node: Node) -> FieldPath? {
        switch node.kind {
        case .identifier(let name, let isAbsolute):
            let slot = isAbsolute ? nil : names.lastIndex(of: name)
            return FieldPath(root: slot.map { "\(name)#\($0)" } ?? name, fields: [])
        case .select(let operand, let field): return path(of: operand)?.appending(field.text)
        case .index(let operand, let index):
            guard case .string(let name)? = index.literalValue else { return nil }
            return path(of: operand)?.appending(name)
        default: return nil
        }
    }

    // MARK: What is known to be set

    /// The fields that are set whenever a condition is `outcome`, as `has()` in it says.
    func proofs(of node: Node, being outcome: Bool) -> Set<FieldPath> {
        switch node.kind {
        case .has(let operand, let field):
            guard outcome, let path = path(of: operand)?.appending(field.text) else { return [] }
            // Where a field is set, so is everything on the way to it.
            return Set((1...path.fields.count).map { path.prefix($0) })
        case .unary(.not, let operand): return proofs(of: operand, being: !outcome)
        case .and(let operands): return outcome ? union(operands, outcome) : intersection(operands, outcome)
        case .or(let operands): return outcome ? intersection(operands, outcome) : union(operands, outcome)
        case .conditional(let condition, let then, let otherwise):
            let first = proofs(of: condition, being: true).union(proofs(of: then, being: outcome))
            let second = proofs(of: condition, being: false).union(proofs(of: otherwise, being: outcome))
            if then.literalValue == .bool(!outcome) { return second }
            if otherwise.literalValue == .bool(!outcome) { return first }
            return first.intersection(second)
        default: return []
        }
    }

    private func union(_ operands: [Node], _ outcome: Bool) -> Set<FieldPath> {
        operands.reduce(into: []) { $0.formUnion(proofs(of: $1, being: outcome)) }
    }

    private func intersection(_ operands: [Node], _ outcome: Bool) -> Set<FieldPath> {
        operands.dropFirst().reduce(proofs(of: operands[0], being: outcome)) {
            $0.intersection(proofs(of: $1, being: outcome))
        }
    }

    /// What one operand of `&&` (deciding false) or `||` (deciding true) may take as proven.
    ///
    /// Since the other operands' order does not matter to the result, nor does it here: where another one decides,
    /// an error of this one is absorbed.
    func proofs(beside index: Int, in operands: [Node], deciding: Bool) -> Set<FieldPath> {
        var proven: Set<FieldPath> = []
        for (other, operand) in operands.enumerated() where other != index {
            proven.formUnion(proofs(of: operand, being: !deciding))
        }
        return proven
    }
}
