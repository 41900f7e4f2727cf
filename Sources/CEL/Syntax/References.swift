/// A place where an expression reads a variable or one of its fields.
public struct Reference: Sendable, Hashable {
    /// The variable.
    public let root: String
    /// The fields read from it, one from the other; a constant string index counts as one.
    public let path: [String]
    /// Where it is written.
    public let range: SourceRange
    /// Whether it stands under `has()`, which asks for the last field without reading it.
    public let isTested: Bool
    /// Whether `has()` elsewhere in the expression makes sure that the last field is set where it is read.
    public let isProven: Bool

    /// The variable and its fields, with dots.
    public var name: String { ([root] + path).joined(separator: ".") }
}

/// A function call, for those who look at what an expression asks of its host.
public struct CallReference: Sendable {
    /// The function, with its namespace if it has one.
    public let function: String
    /// The arguments, with a receiver first.
    public let arguments: [Node]
    /// Where it is written.
    public let range: SourceRange

    /// The values of the arguments where all of them are literals; nil otherwise.
    public var constantArguments: [Value]? {
        let values = arguments.compactMap(\.literalValue)
        return values.count == arguments.count ? values : nil
    }
}

extension Expression {
    /// Every variable and field that is read, in the order of the text; variables of macros are left out.
    ///
    /// Of a chain of fields only the whole is listed. `has(a.b.c)` is listed as a test of `a.b.c` and, since it
    /// reads that, as a reading of `a.b`.
    public var references: [Reference] {
        var collector = ReferenceCollector()
        collector.visit(root)
        return collector.references.sorted { $0.range.start < $1.range.start }
    }

    /// Every call of a function, in the order of the text; macros and operators are none.
    public var calls: [CallReference] {
        var calls: [CallReference] = []
        root.forEach { node in
            guard case .call(let call) = node.kind else { return }
            let arguments = (call.target.map { [$0] } ?? []) + call.arguments
            calls.append(CallReference(function: call.function.text, arguments: arguments, range: node.range))
        }
        return calls.sorted { $0.range.start < $1.range.start }
    }
}

private struct ReferenceCollector {
    var references: [Reference] = []
    private var scopes = MacroScopes()
    private var proven: Set<FieldPath> = []

    mutating func visit(_ node: Node) {
        if let path = scopes.path(of: node) {
            add(path, node, isTested: false)
            return
        }
        switch node.kind {
        case .has(let operand, let field):
            visit(operand)
            if let path = scopes.path(of: operand) { add(path.appending(field.text), node, isTested: true) }
        case .and(let operands): visit(operands, deciding: false)
        case .or(let operands): visit(operands, deciding: true)
        case .conditional(let condition, let then, let otherwise):
            visit(condition)
            visit(then, proving: scopes.proofs(of: condition, being: true))
            visit(otherwise, proving: scopes.proofs(of: condition, being: false))
        case .comprehension(let macro):
            visit(macro.range)
            scopes.enter(macro.variables)
            if let filter = macro.filter { visit(filter) }
            visit(macro.body, proving: macro.filter.map { scopes.proofs(of: $0, being: true) } ?? [])
            scopes.leave(macro.variables)
        default: for child in node.children { visit(child) }
        }
    }

    private mutating func visit(_ operands: [Node], deciding: Bool) {
        for (index, operand) in operands.enumerated() {
            visit(operand, proving: scopes.proofs(beside: index, in: operands, deciding: deciding))
        }
    }

    private mutating func visit(_ node: Node, proving facts: Set<FieldPath>) {
        let outer = proven
        proven.formUnion(facts)
        visit(node)
        proven = outer
    }

    private mutating func add(_ path: FieldPath, _ node: Node, isTested: Bool) {
        guard !path.root.contains("#") else { return }
        references.append(
            Reference(
                root: path.root, path: path.fields, range: node.range, isTested: isTested,
                isProven: proven.contains(path)))
    }
}
