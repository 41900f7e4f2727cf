/// A part of an expression, with its place in the text.
public struct Node: Sendable, Identifiable {
    /// Distinguishes the nodes of one expression, from 0.
    public let id: Int
    /// Where the text of this part lies.
    public let range: SourceRange
    /// What it is.
    public let kind: Kind
    /// Whether it stands in parentheses of its own, which keep it from being part of a dotted name.
    public let isParenthesized: Bool
    /// How many levels of nodes this one spans.
    let height: Int

    /// The kinds of nodes.
    public indirect enum Kind: Sendable {
        case literal(Value)
        /// A name; absolute when written with a leading dot, which passes by the variables of macros.
        case identifier(String, isAbsolute: Bool)
        /// `operand.field`
        case select(Node, Name)
        /// `has(operand.field)`
        case has(Node, Name)
        /// `operand[index]`
        case index(Node, Node)
        /// `function(arguments)` or `target.function(arguments)`
        case call(Call)
        case unary(UnaryOperator, Node)
        case binary(BinaryOperator, Node, Node)
        /// Two or more operands joined by `&&`.
        case and([Node])
        /// Two or more operands joined by `||`.
        case or([Node])
        /// `condition ? then : otherwise`
        case conditional(Node, Node, Node)
        case list([Node])
        case map([(key: Node, value: Node)])
        case comprehension(Comprehension)
    }

    /// A name with its place in the text.
    public struct Name: Sendable, Hashable {
        /// The name, without backquotes.
        public let text: String
        /// Where it is written.
        public let range: SourceRange
    }

    /// A call of a function.
    public struct Call: Sendable {
        /// The function's name.
        public let function: Name
        /// What stands before the dot; nil where nothing does.
        public let target: Node?
        /// What stands in the parentheses.
        public let arguments: [Node]
    }

    /// A macro that visits the elements of a list or the keys of a map.
    public struct Comprehension: Sendable {
        /// Which macro.
        public let macro: Macro
        /// The list or map.
        public let range: Node
        /// One variable (element or key), or two (index or key, value).
        public let variables: [Name]
        /// The condition of `map` and `transform…` with a filter.
        public let filter: Node?
        /// The predicate or the transformation.
        public let body: Node
    }

    /// The macros over lists and maps.
    public enum Macro: String, Sendable, CaseIterable {
        case all, exists, existsOne, map, filter, transformList, transformMap, transformMapEntry
    }

    /// The operators with one operand.
    public enum UnaryOperator: String, Sendable {
        case not = "!"
        case negate = "-"
    }

    /// The operators with two operands, but for `&&` and `||`.
    public enum BinaryOperator: String, Sendable {
        case add = "+"
        case subtract = "-"
        case multiply = "*"
        case divide = "/"
        case modulo = "%"
        case equal = "=="
        case notEqual = "!="
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
        case isIn = "in"
    }
}

extension Node {
    /// The nodes directly below this one, in the order of the text.
    public var children: [Node] {
        switch kind {
        case .literal, .identifier: []
        case .select(let operand, _), .has(let operand, _), .unary(_, let operand): [operand]
        case .index(let left, let right), .binary(_, let left, let right): [left, right]
        case .call(let call): (call.target.map { [$0] } ?? []) + call.arguments
        case .and(let operands), .or(let operands), .list(let operands): operands
        case .conditional(let condition, let then, let otherwise): [condition, then, otherwise]
        case .map(let entries): entries.flatMap { [$0.key, $0.value] }
        case .comprehension(let macro): [macro.range] + (macro.filter.map { [$0] } ?? []) + [macro.body]
        }
    }

    /// The dotted name that this node spells, such as `a.b.c`; nil where it is more than names and dots.
    public var qualifiedName: String? {
        switch kind {
        case .identifier(let name, _): name
        case .select(let operand, let field) where !operand.isParenthesized:
            operand.qualifiedName.map { $0 + "." + field.text }
        default: nil
        }
    }

    /// The name a chain of fields begins with, and whether it has a leading dot; nil where it begins otherwise.
    var rootIdentifier: (name: String, isAbsolute: Bool)? {
        switch kind {
        case .identifier(let name, let isAbsolute): (name, isAbsolute)
        case .select(let operand, _): operand.rootIdentifier
        default: nil
        }
    }

    /// The literal's value; nil for any other node.
    public var literalValue: Value? { if case .literal(let value) = kind { value } else { nil } }

    /// Visits this node and everything below, parents first.
    public func forEach(_ body: (Node) -> Void) {
        body(self)
        for child in children { child.forEach(body) }
    }
}
