import JSON

/// A compiled part of an expression.
protocol Plan: AnyObject, Sendable {
    func run(_ frame: inout Frame) throws(EvaluationError) -> Value
}

final class ConstantPlan: Plan {
    let value: Value

    init(_ value: Value) { self.value = value }

    func run(_ frame: inout Frame) throws(EvaluationError) -> Value { value }
}

/// Always an error: a name or function that does not exist.
final class FailurePlan: Plan {
    let error: EvaluationError

    init(_ kind: EvaluationError.Kind, _ message: String, at range: SourceRange) {
        error = EvaluationError(kind, message, at: range)
    }

    func run(_ frame: inout Frame) throws(EvaluationError) -> Value { throw error }
}

final class VariablePlan: Plan {
    let variable: Environment.Variable
    let range: SourceRange

    init(_ variable: Environment.Variable, _ range: SourceRange) {
        self.variable = variable
        self.range = range
    }

    func run(_ frame: inout Frame) throws(EvaluationError) -> Value {
        if let value = frame.activation.value(of: variable) { return value }
        throw EvaluationError(.noSuchVariable, "'\(variable.name)' is not set", at: range)
    }
}

/// A variable of a macro.
final class LocalPlan: Plan {
    let slot: Int

    init(_ slot: Int) { self.slot = slot }

    func run(_ frame: inout Frame) throws(EvaluationError) -> Value { frame.locals[slot] }
}

final class SelectPlan: Plan {
    let operand: any Plan
    let field: String
    let isTest: Bool
    let range: SourceRange

    init(_ operand: any Plan, _ field: String, isTest: Bool, _ range: SourceRange) {
        self.operand = operand
        self.field = field
        self.isTest = isTest
        self.range = range
    }

    func run(_ frame: inout Frame) throws(EvaluationError) -> Value {
        switch try operand.run(&frame) {
        case .object(let object):
            if isTest { return .bool(object.hasMember(field)) }
            if let value = object.member(field) { return value }
            throw EvaluationError(.noSuchField, "'\(field)' is not set", at: range)
        case .map(let map):
            let value = map[field]
            if isTest { return .bool(value != nil) }
            if let value { return value }
            throw EvaluationError(.noSuchKey, "no such key: '\(field)'", at: range)
        case let other:
            throw EvaluationError(
                .noSuchOverload, "a value of type \(other.type.name) has no field '\(field)'", at: range)
        }
    }
}

final class IndexPlan: Plan {
    let operand: any Plan
    let index: any Plan
    let range: SourceRange

    init(_ operand: any Plan, _ index: any Plan, _ range: SourceRange) {
        self.operand = operand
        self.index = index
        self.range = range
    }

    func run(_ frame: inout Frame) throws(EvaluationError) -> Value {
        let container = try operand.run(&frame)
        let key = try index.run(&frame)
        switch container {
        case .list(let elements):
            guard let index = position(key) else {
                throw EvaluationError(
                    .invalidArgument, "a value of type \(key.type.name) is no index of a list", at: range)
            }
            guard elements.indices.contains(index) else {
                throw EvaluationError(
                    .indexOutOfRange, "index \(index) is outside a list of \(elements.count)", at: range)
            }
            return elements[index]
        case .map(let map):
            if let key = MapKey(key), let value = map[key] { return value }
            throw EvaluationError(.noSuchKey, "no such key: \(key.text)", at: range)
        case .object(let object):
            if case .string(let name) = key, let value = object.member(name) { return value }
            throw EvaluationError(.noSuchField, "no such field: \(key.text)", at: range)
        default:
            throw EvaluationError(
                .noSuchOverload, "a value of type \(container.type.name) has no elements", at: range)
        }
    }

    private func position(_ key: Value) -> Int? {
        switch key {
        case .int(let value): Int(exactly: value)
        case .uint(let value): Int(exactly: value) ?? .max
        case .double(let value): Int(exactly: value)
        default: nil
        }
    }
}

final class ConditionalPlan: Plan {
    let condition: any Plan
    let then: any Plan
    let otherwise: any Plan
    let range: SourceRange

    init(_ condition: any Plan, _ then: any Plan, _ otherwise: any Plan, _ range: SourceRange) {
        self.condition = condition
        self.then = then
        self.otherwise = otherwise
        self.range = range
    }

    func run(_ frame: inout Frame) throws(EvaluationError) -> Value {
        switch try condition.run(&frame) {
        case .bool(true): return try then.run(&frame)
        case .bool(false): return try otherwise.run(&frame)
        case let other:
            throw EvaluationError(
                .noSuchOverload, "expected a bool before '?', found a value of type \(other.type.name)", at: range)
        }
    }
}

/// `&&` and `||` over any number of operands: one that decides wins over the errors of the others.
final class LogicPlan: Plan {
    let operands: [any Plan]
    /// The value that decides: false for `&&`, true for `||`.
    let deciding: Bool
    let range: SourceRange

    init(_ operands: [any Plan], deciding: Bool, _ range: SourceRange) {
        self.operands = operands
        self.deciding = deciding
        self.range = range
    }

    func run(_ frame: inout Frame) throws(EvaluationError) -> Value {
        var failure: EvaluationError?
        for operand in operands {
            do throws(EvaluationError) {
                switch try operand.run(&frame) {
                case .bool(let value):
                    if value == deciding { return .bool(value) }
                case let other:
                    let name = deciding ? "||" : "&&"
                    failure =
                        failure
                        ?? EvaluationError(
                            .noSuchOverload,
                            "expected a bool beside '\(name)', found a value of type \(other.type.name)", at: range)
                }
            } catch {
                guard error.isAbsorbable else { throw error }
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
        return .bool(!deciding)
    }
}

final class ListPlan: Plan {
    let elements: [any Plan]

    init(_ elements: [any Plan]) { self.elements = elements }

    func run(_ frame: inout Frame) throws(EvaluationError) -> Value {
        var values: [Value] = []
        values.reserveCapacity(elements.count)
        for element in elements { values.append(try element.run(&frame)) }
        return .list(values)
    }
}

final class MapPlan: Plan {
    let entries: [(key: any Plan, value: any Plan, range: SourceRange)]

    init(_ entries: [(key: any Plan, value: any Plan, range: SourceRange)]) { self.entries = entries }

    func run(_ frame: inout Frame) throws(EvaluationError) -> Value {
        var built: [MapValue.Entry] = []
        built.reserveCapacity(entries.count)
        for entry in entries {
            let value = try entry.key.run(&frame)
            if case .double = value { throw unsupported(value, entry.range) }
            guard let key = MapKey(value) else { throw unsupported(value, entry.range) }
            built.append(MapValue.Entry(key: key, value: try entry.value.run(&frame)))
        }
        guard let map = MapValue(uniqueEntries: built) else {
            throw EvaluationError(.invalidArgument, "a key is here a second time", at: entries[0].range)
        }
        return .map(map)
    }

    private func unsupported(_ value: Value, _ range: SourceRange) -> EvaluationError {
        EvaluationError(.invalidArgument, "a value of type \(value.type.name) cannot be a key", at: range)
    }
}
