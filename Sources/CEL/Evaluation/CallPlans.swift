final class UnaryCallPlan: Plan {
    let function: Builtin.Unary
    let argument: any Plan
    let range: SourceRange

    init(_ function: @escaping Builtin.Unary, _ argument: any Plan, _ range: SourceRange) {
        self.function = function
        self.argument = argument
        self.range = range
    }

    func run(_ frame: inout Frame) throws(EvaluationError) -> Value {
        let argument = try argument.run(&frame)
        do throws(EvaluationError) {
            return try function(argument, &frame)
        } catch {
            throw error.located(at: range)
        }
    }
}

final class BinaryCallPlan: Plan {
    let function: Builtin.Binary
    let first: any Plan
    let second: any Plan
    let range: SourceRange

    init(_ function: @escaping Builtin.Binary, _ first: any Plan, _ second: any Plan, _ range: SourceRange) {
        self.function = function
        self.first = first
        self.second = second
        self.range = range
    }

    func run(_ frame: inout Frame) throws(EvaluationError) -> Value {
        let first = try first.run(&frame)
        let second = try second.run(&frame)
        do throws(EvaluationError) {
            return try function(first, second, &frame)
        } catch {
            throw error.located(at: range)
        }
    }
}

final class CallPlan: Plan {
    let function: Builtin.Variadic
    let arguments: [any Plan]
    let range: SourceRange

    init(_ function: @escaping Builtin.Variadic, _ arguments: [any Plan], _ range: SourceRange) {
        self.function = function
        self.arguments = arguments
        self.range = range
    }

    func run(_ frame: inout Frame) throws(EvaluationError) -> Value {
        var values: [Value] = []
        values.reserveCapacity(arguments.count)
        for argument in arguments { values.append(try argument.run(&frame)) }
        do throws(EvaluationError) {
            return try function(values, &frame)
        } catch {
            throw error.located(at: range)
        }
    }
}

/// `matches` with a pattern known beforehand.
final class MatchPlan: Plan {
    let text: any Plan
    let regex: Regex
    let range: SourceRange

    init(_ text: any Plan, _ regex: Regex, _ range: SourceRange) {
        self.text = text
        self.regex = regex
        self.range = range
    }

    func run(_ frame: inout Frame) throws(EvaluationError) -> Value {
        let value = try text.run(&frame)
        guard case .string(let text) = value else {
            throw EvaluationError(
                .noSuchOverload, "no such overload: matches() on a value of type \(value.type.name)", at: range)
        }
        try frame.charge(matching: text, regex)
        return .bool(regex.matches(text))
    }
}

extension Frame {
    /// Charges for following a pattern's states over a text.
    mutating func charge(matching text: String, _ regex: Regex) throws(EvaluationError) {
        try charge(text.utf8.count * regex.size >> 2)
    }
}

/// A function of the host.
final class HostCallPlan: Plan {
    let function: String
    let arguments: [any Plan]
    let range: SourceRange

    init(_ function: String, _ arguments: [any Plan], _ range: SourceRange) {
        self.function = function
        self.arguments = arguments
        self.range = range
    }

    func run(_ frame: inout Frame) throws(EvaluationError) -> Value {
        var values: [Value] = []
        values.reserveCapacity(arguments.count)
        for argument in arguments { values.append(try argument.run(&frame)) }
        try frame.charge(10)
        do {
            return try frame.activation.call(function, values)
        } catch let error as EvaluationError {
            throw error.located(at: range)
        } catch {
            throw EvaluationError(.host(error), "\(function)() failed: \(error)", at: range)
        }
    }
}
