/// What checking an expression yields.
public struct CheckResult: Sendable {
    /// The type of the whole expression; `dyn` where it is unknown.
    public let type: CELType
    /// Every fault found, in the order of the text; the expression is sound where there is none.
    public let issues: [CELIssue]
    /// The types of all nodes, by their ids.
    let types: [CELType]
    /// Whether the type of some part is not known, so that a value may still be refused for its type.
    ///
    /// Such are fields of `dyn`, empty lists, and elements of lists that mix types.
    public let isPartlyUnknown: Bool

    /// The type of one node of the expression.
    public func type(of node: Node) -> CELType { types.indices.contains(node.id) ? types[node.id] : .dyn }
}

/// A fault that the checker found.
public struct CELIssue: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kinds of faults.
    public enum Kind: String, Sendable {
        case unknownName, unknownField, unknownFunction, unknownValue, wrongType, wrongLiteral
    }

    /// What kind of fault it is.
    public let kind: Kind
    /// What is wrong and what was expected.
    public let message: String
    /// The name that was probably meant.
    public let suggestion: String?
    /// Where it is, in bytes.
    public let range: SourceRange
    /// Where it is, in lines and columns.
    public let position: SourcePosition

    /// `line:column: message`.
    public var description: String { "\(position.line):\(position.column): \(message)" }
}

extension Expression {
    /// Finds every fault that can be found without values, and the type of the result.
    ///
    /// That a field may be unset is no fault here: more than the expression decides whether it is.
    public func check(_ environment: Environment) -> CheckResult {
        var checker = Checker(expression: self, environment: environment)
        let type = checker.check(root)
        let issues = checker.issues.sorted { $0.range.start < $1.range.start }
        return CheckResult(
            type: type, issues: issues, types: checker.types, isPartlyUnknown: checker.isPartlyUnknown)
    }
}
