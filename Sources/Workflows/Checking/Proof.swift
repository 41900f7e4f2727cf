import CEL

/// Finds reads of optional fields that nothing proves to be set.
///
/// A proof is a set of paths such as `data.awareAt`. CEL's `&&` and `||` absorb errors from either side, so each operand
/// may rely on all others, in whatever order they are written.
struct Proof {
    /// A read that may fail.
    struct Gap {
        let path: String
        let range: SourceRange
    }

    private let result: CheckResult
    private var gaps: [Gap] = []

    /// The reads in `expression` that may fail although everything in `proven` is set.
    static func gaps(in expression: Expression, types: CheckResult, proven: Set<String>) -> [Gap] {
        var proof = Proof(result: types)
        proof.visit(expression.root, proven)
        return proof.gaps
    }

    private init(result: CheckResult) {
        self.result = result
    }

    private mutating func visit(_ node: Node, _ proven: Set<String>) {
        switch node.kind {
        case .literal, .identifier: return
        case .has(let operand, _): visit(operand, proven)
        case .select(let operand, let name):
            visit(operand, proven)
            read(name.text, of: operand, at: name.range, path: Self.path(node), proven)
        case .index(let operand, let index):
            visit(operand, proven)
            visit(index, proven)
            if let name = index.literalValue?.stringValue {
                read(name, of: operand, at: index.range, path: Self.path(node), proven)
            }
        case .and(let operands):
            let facts = proven.union(Self.whenTrue(node))
            for operand in operands { visit(operand, facts) }
        case .or(let operands):
            let facts = proven.union(Self.whenFalse(node))
            for operand in operands { visit(operand, facts) }
        case .conditional(let condition, let then, let otherwise):
            visit(condition, proven)
            visit(then, proven.union(Self.whenTrue(condition)))
            visit(otherwise, proven.union(Self.whenFalse(condition)))
        case .comprehension(let macro): visit(macro, proven)
        default:
            for child in node.children { visit(child, proven) }
        }
    }

    private mutating func visit(_ macro: Node.Comprehension, _ proven: Set<String>) {
        visit(macro.range, proven)
        var inside = proven
        for variable in macro.variables {
            inside = inside.filter { $0 != variable.text && !$0.hasPrefix(variable.text + ".") }
        }
        if let variable = macro.variables.last { inside.formUnion(Self.kept(by: macro.range, as: variable.text)) }
        if let filter = macro.filter {
            visit(filter, inside)
            inside.formUnion(Self.whenTrue(filter))
        }
        visit(macro.body, inside)
    }

    /// What `filter()` proves of each element that it keeps, under another name.
    private static func kept(by range: Node, as name: String) -> Set<String> {
        guard case .comprehension(let filter) = range.kind, filter.macro == .filter,
            let variable = filter.variables.last?.text
        else { return [] }
        let facts = whenTrue(filter.body).union(kept(by: filter.range, as: variable))
        return Set(
            facts.compactMap { $0.hasPrefix(variable + ".") ? name + $0.dropFirst(variable.count) : nil })
    }

    private mutating func read(
        _ name: String, of operand: Node, at range: SourceRange, path: String?, _ proven: Set<String>
    ) {
        guard case .record(let record) = result.type(of: operand), record.fields[name]?.isOptional == true else {
            return
        }
        let path = path ?? name
        if !proven.contains(path) { gaps.append(Gap(path: path, range: range)) }
    }

    /// The path that a chain of fields spells.
    static func path(_ node: Node) -> String? {
        switch node.kind {
        case .identifier(let name, _): return name
        case .select(let operand, let name): return path(operand).map { "\($0).\(name.text)" }
        case .index(let operand, let index):
            guard let name = index.literalValue?.stringValue else { return nil }
            return path(operand).map { "\($0).\(name)" }
        default: return nil
        }
    }

    /// The paths that are set when the node is true.
    static func whenTrue(_ node: Node) -> Set<String> {
        switch node.kind {
        case .has(let operand, let name): return path(operand).map { ["\($0).\(name.text)"] } ?? []
        case .and(let operands): return operands.reduce(into: []) { $0.formUnion(whenTrue($1)) }
        case .or(let operands): return intersection(operands.map(whenTrue))
        case .unary(.not, let operand): return whenFalse(operand)
        default: return []
        }
    }

    /// The paths that are set when the node is false.
    static func whenFalse(_ node: Node) -> Set<String> {
        switch node.kind {
        case .or(let operands): return operands.reduce(into: []) { $0.formUnion(whenFalse($1)) }
        case .and(let operands): return intersection(operands.map(whenFalse))
        case .unary(.not, let operand): return whenTrue(operand)
        default: return []
        }
    }

    private static func intersection(_ sets: [Set<String>]) -> Set<String> {
        guard let first = sets.first else { return [] }
        return sets.dropFirst().reduce(first) { $0.intersection($1) }
    }
}
