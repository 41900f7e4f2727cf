import CEL

/// A comparison of one thing with constants.
struct Atom {
    enum Test {
        case isTrue
        case compare(Node.BinaryOperator, Axis.Value)
        case isIn([Axis.Value])
    }

    let name: String
    let test: Test

    init?(_ node: Node) {
        switch node.kind {
        case .has: (name, test) = (Spelled.text(node), .isTrue)
        case .identifier, .select:
            guard let path = Proof.path(node) else { return nil }
            (name, test) = (path, .isTrue)
        case .binary(.isIn, let left, let right):
            guard let path = Self.subject(left), case .list(let elements) = right.kind else { return nil }
            let values = elements.compactMap(Self.constant)
            guard values.count == elements.count else { return nil }
            (name, test) = (path, .isIn(values))
        case .binary(let comparison, let left, let right):
            if let path = Self.subject(left), let value = Self.constant(right) {
                (name, test) = (path, .compare(comparison, value))
            } else if let path = Self.subject(right), let value = Self.constant(left),
                let turned = Self.turned[comparison]
            {
                (name, test) = (path, .compare(turned, value))
            } else {
                return nil
            }
        default: return nil
        }
    }

    private static let turned: [Node.BinaryOperator: Node.BinaryOperator] = [
        .equal: .equal, .notEqual: .notEqual, .less: .greater, .lessOrEqual: .greaterOrEqual, .greater: .less,
        .greaterOrEqual: .lessOrEqual,
    ]

    /// A field, or the size of one.
    private static func subject(_ node: Node) -> String? {
        if let path = Proof.path(node) { return path }
        guard case .call(let call) = node.kind, call.function.text == "size" else { return nil }
        let argument = call.target ?? call.arguments.first
        return argument.flatMap(Proof.path).map { "size(\($0))" }
    }

    private static func constant(_ node: Node) -> Axis.Value? {
        if case .unary(.negate, let operand) = node.kind, case .number(let number)? = constant(operand) {
            return .number(-number)
        }
        switch node.literalValue {
        case .bool(let value)?: return .bool(value)
        case .int(let value)?: return .number(Double(value))
        case .uint(let value)?: return .number(Double(value))
        case .double(let value)?: return .number(value)
        case .string(let value)?: return .text(value)
        default: return nil
        }
    }

    /// The constants that the test names.
    var constants: [Axis.Value] {
        switch test {
        case .isTrue: [.bool(true)]
        case .compare(_, let value): [value]
        case .isIn(let values): values
        }
    }

    func holds(for value: Axis.Value) -> Bool {
        switch test {
        case .isTrue: return value == .bool(true)
        case .isIn(let values): return values.contains(value)
        case .compare(.equal, let other): return value == other
        case .compare(.notEqual, let other): return value != other
        case .compare(let comparison, .number(let bound)):
            guard case .number(let number) = value else { return false }
            switch comparison {
            case .less: return number < bound
            case .lessOrEqual: return number <= bound
            case .greater: return number > bound
            case .greaterOrEqual: return number >= bound
            default: return false
            }
        case .compare: return false
        }
    }
}
