import JSON

final class NotPlan: Plan {
    let operand: any Plan
    let range: SourceRange

    init(_ operand: any Plan, _ range: SourceRange) {
        self.operand = operand
        self.range = range
    }

    func run(_ frame: inout Frame) throws(EvaluationError) -> Value {
        switch try operand.run(&frame) {
        case .bool(let value): return .bool(!value)
        case let other:
            throw EvaluationError(
                .noSuchOverload, "expected a bool after '!', found a value of type \(other.type.name)", at: range)
        }
    }
}

final class NegatePlan: Plan {
    let operand: any Plan
    let range: SourceRange

    init(_ operand: any Plan, _ range: SourceRange) {
        self.operand = operand
        self.range = range
    }

    func run(_ frame: inout Frame) throws(EvaluationError) -> Value {
        switch try operand.run(&frame) {
        case .int(let value) where value != .min: return .int(-value)
        case .double(let value): return .double(-value)
        case .duration(let value) where value.nanoseconds != .min:
            return .duration(Span(nanoseconds: -value.nanoseconds))
        case .int, .duration: throw EvaluationError(.overflow, "the negated value is out of range", at: range)
        case let other:
            throw EvaluationError(
                .noSuchOverload, "expected a number after '-', found a value of type \(other.type.name)", at: range)
        }
    }
}

final class EqualityPlan: Plan {
    let left: any Plan
    let right: any Plan
    let isNegated: Bool

    init(_ left: any Plan, _ right: any Plan, isNegated: Bool) {
        self.left = left
        self.right = right
        self.isNegated = isNegated
    }

    func run(_ frame: inout Frame) throws(EvaluationError) -> Value {
        let left = try left.run(&frame)
        let right = try right.run(&frame)
        try frame.charge(comparing: left)
        return .bool(left.celEquals(right) != isNegated)
    }
}

final class OrderPlan: Plan {
    let left: any Plan
    let right: any Plan
    let binary: Node.BinaryOperator
    let range: SourceRange

    init(_ left: any Plan, _ right: any Plan, _ binary: Node.BinaryOperator, _ range: SourceRange) {
        self.left = left
        self.right = right
        self.binary = binary
        self.range = range
    }

    func run(_ frame: inout Frame) throws(EvaluationError) -> Value {
        let left = try left.run(&frame)
        let right = try right.run(&frame)
        guard let order = left.order(right) else { throw mismatch(binary, left, right, range) }
        try frame.charge(comparing: left)
        switch binary {
        case .less: return .bool(order == .before)
        case .lessOrEqual: return .bool(order == .before || order == .same)
        case .greater: return .bool(order == .after)
        default: return .bool(order == .after || order == .same)
        }
    }
}

final class MembershipPlan: Plan {
    let element: any Plan
    let container: any Plan
    let range: SourceRange

    init(_ element: any Plan, _ container: any Plan, _ range: SourceRange) {
        self.element = element
        self.container = container
        self.range = range
    }

    func run(_ frame: inout Frame) throws(EvaluationError) -> Value {
        let element = try element.run(&frame)
        let container = try container.run(&frame)
        switch container {
        case .list(let elements):
            try frame.charge(elements.count)
            for other in elements where other.celEquals(element) { return .bool(true) }
            return .bool(false)
        case .map(let map):
            return .bool(MapKey(element).map { map[$0] != nil } ?? false)
        case .object(let object):
            if case .string(let name) = element { return .bool(object.hasMember(name)) }
            return .bool(false)
        default: throw mismatch(.isIn, element, container, range)
        }
    }
}

final class ArithmeticPlan: Plan {
    let left: any Plan
    let right: any Plan
    let binary: Node.BinaryOperator
    let range: SourceRange

    init(_ left: any Plan, _ right: any Plan, _ binary: Node.BinaryOperator, _ range: SourceRange) {
        self.left = left
        self.right = right
        self.binary = binary
        self.range = range
    }

    func run(_ frame: inout Frame) throws(EvaluationError) -> Value {
        let left = try left.run(&frame)
        let right = try right.run(&frame)
        switch (left, right) {
        case (.int(let left), .int(let right)): return .int(try whole(left, right))
        case (.uint(let left), .uint(let right)): return .uint(try whole(left, right))
        case (.double(let one), .double(let other)):
            switch binary {
            case .add: return .double(one + other)
            case .subtract: return .double(one - other)
            case .multiply: return .double(one * other)
            case .divide: return .double(one / other)
            default: throw mismatch(binary, left, right, range)
            }
        case (.string(let one), .string(let other)) where binary == .add:
            try frame.charge(bytes: one.utf8.count + other.utf8.count)
            return .string(one + other)
        case (.bytes(let one), .bytes(let other)) where binary == .add:
            try frame.charge(bytes: one.count + other.count)
            return .bytes(one + other)
        case (.list(let one), .list(let other)) where binary == .add:
            try frame.charge(one.count + other.count)
            return .list(one + other)
        default: return try time(left, right)
        }
    }

    private func whole<T: FixedWidthInteger>(_ left: T, _ right: T) throws(EvaluationError) -> T {
        let result: (partialValue: T, overflow: Bool)
        switch binary {
        case .add: result = left.addingReportingOverflow(right)
        case .subtract: result = left.subtractingReportingOverflow(right)
        case .multiply: result = left.multipliedReportingOverflow(by: right)
        case .divide:
            guard right != 0 else { throw EvaluationError(.divisionByZero, "division by zero", at: range) }
            result = left.dividedReportingOverflow(by: right)
        default:
            guard right != 0 else { throw EvaluationError(.divisionByZero, "modulus by zero", at: range) }
            result = left.remainderReportingOverflow(dividingBy: right)
        }
        guard !result.overflow else {
            throw EvaluationError(
                .overflow, "\(left) \(binary.rawValue) \(right) is out of the range of its type", at: range)
        }
        return result.partialValue
    }

    private func time(_ left: Value, _ right: Value) throws(EvaluationError) -> Value {
        let result: Value?
        switch (left, binary, right) {
        case (.timestamp(let instant), .add, .duration(let span)), (.duration(let span), .add, .timestamp(let instant)):
            result = instant.adding(span).map { .timestamp($0) }
        case (.timestamp(let instant), .subtract, .duration(let span)):
            result = instant.subtracting(span).map { .timestamp($0) }
        case (.timestamp(let instant), .subtract, .timestamp(let other)):
            result = instant.since(other).map { .duration($0) }
        case (.duration(let one), .add, .duration(let other)):
            let sum = one.nanoseconds.addingReportingOverflow(other.nanoseconds)
            result = sum.overflow ? nil : .duration(Span(nanoseconds: sum.partialValue))
        case (.duration(let one), .subtract, .duration(let other)):
            let difference = one.nanoseconds.subtractingReportingOverflow(other.nanoseconds)
            result = difference.overflow ? nil : .duration(Span(nanoseconds: difference.partialValue))
        default: throw mismatch(binary, left, right, range)
        }
        guard let result else {
            throw EvaluationError(
                .overflow, "\(left.text) \(binary.rawValue) \(right.text) is out of range", at: range)
        }
        return result
    }
}

private func mismatch(
    _ binary: Node.BinaryOperator, _ left: Value, _ right: Value, _ range: SourceRange
) -> EvaluationError {
    EvaluationError(
        .noSuchOverload,
        "no such overload: '\(binary.rawValue)' between \(left.type.name) and \(right.type.name)", at: range)
}

extension Frame {
    /// Charges for comparing a value with another.
    mutating func charge(comparing value: Value) throws(EvaluationError) {
        switch value {
        case .string(let text): try charge(bytes: text.utf8.count)
        case .bytes(let bytes): try charge(bytes: bytes.count)
        case .list(let elements):
            try charge(elements.count)
            for element in elements { try charge(comparing: element) }
        case .map(let map):
            try charge(map.count)
            for entry in map.entries { try charge(comparing: entry.value) }
        default: break
        }
    }
}
