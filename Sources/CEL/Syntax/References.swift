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
    /// The variables of the macros around a node.
    private var scopes: [String] = []

    mutating func visit(_ node: Node) {
        if let path = path(of: node) {
            add(path, node, isTested: false)
            return
        }
        switch node.kind {
        case .has(let operand, let field):
            visit(operand)
            if let path = path(of: operand) { add(path + [field.text], node, isTested: true) }
        case .comprehension(let macro):
            visit(macro.range)
            scopes.append(contentsOf: macro.variables.map(\.text))
            if let filter = macro.filter { visit(filter) }
            visit(macro.body)
            scopes.removeLast(macro.variables.count)
        default: for child in node.children { visit(child) }
        }
    }

    /// The variable and the fields that a node spells, a macro's variable being marked; nil for anything else.
    private func path(of node: Node) -> [String]? {
        switch node.kind {
        case .identifier(let name, let isAbsolute): [!isAbsolute && scopes.contains(name) ? "" : name]
        case .select(let operand, let field): path(of: operand).map { $0 + [field.text] }
        case .index(let operand, let index):
            index.literalValue?.stringValue.flatMap { name in path(of: operand).map { $0 + [name] } }
        default: nil
        }
    }

    private mutating func add(_ path: [String], _ node: Node, isTested: Bool) {
        guard let root = path.first, !root.isEmpty else { return }
        references.append(
            Reference(root: root, path: Array(path.dropFirst()), range: node.range, isTested: isTested))
    }
}
