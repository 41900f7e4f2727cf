import CEL
import Deadlines

/// The functions that definitions have beside those of CEL.
enum HostFunctions {
    /// Functions that are answered from outside the instance, before the step.
    static let reads: Set<String> = ["related", "covering", "services", "workingDays", "daysUntil"]

    /// All functions, by name.
    static let names = reads.union(["elapsed"])

    /// The functions with their types; instances that are found are maps of their exports.
    static func declarations(found: CELType) -> [FunctionDeclaration] {
        [
            FunctionDeclaration("related", [.function([.string], found)]),
            FunctionDeclaration("covering", [.function([.string, .string, .list(.string)], found)]),
            FunctionDeclaration("services", [.function([.string], found)]),
            FunctionDeclaration(
                "workingDays",
                [.function([.timestamp, .timestamp], .int), .function([.timestamp, .timestamp, .string], .int)]),
            FunctionDeclaration("daysUntil", [.function([.timestamp], .int)]),
            FunctionDeclaration(
                "elapsed", [.function([.timestamp], .duration), .function([.timestamp, .timestamp], .duration)]),
        ]
    }

    /// The question that a call asks.
    static func question(_ function: String, _ arguments: [CEL.Value], now: Instant?) throws(EvaluationError) -> Read {
        switch function {
        case "related": return .related(workflow: try text(arguments, 0, function))
        case "services": return .services(try text(arguments, 0, function))
        case "covering":
            guard arguments.count == 3, let keys = arguments[2].listValue else {
                throw EvaluationError(.invalidArgument, "covering() takes a workflow, a field and a list of keys")
            }
            return .covering(
                workflow: try text(arguments, 0, function), field: try text(arguments, 1, function),
                keys: keys.compactMap(\.stringValue))
        case "workingDays":
            let calendar = arguments.count > 2 ? try text(arguments, 2, function) : nil
            return .days(
                DayCount(
                    .working(calendar), from: try instant(arguments, 0, function),
                    to: try instant(arguments, 1, function)
                ))
        case "daysUntil":
            return .days(
                DayCount(.calendar, from: try present(now, function), to: try instant(arguments, 0, function)))
        default: throw EvaluationError(.noSuchFunction, "the function '\(function)' is not available here")
        }
    }

    /// The time that has passed between two instants, or from one until now; negative where the second comes first.
    static func elapsed(_ arguments: [CEL.Value], now: Instant?) throws(EvaluationError) -> CEL.Value {
        let start = try instant(arguments, 0, "elapsed")
        let end = arguments.count > 1 ? try instant(arguments, 1, "elapsed") : try present(now, "elapsed")
        let passed = (end - start).wholeMicroseconds
        let (seconds, rest) = passed.quotientAndRemainder(dividingBy: 1_000_000)
        guard let span = Span(seconds: seconds, nanos: Int32(rest * 1000)) else {
            throw EvaluationError(.overflow, "elapsed() is longer than a duration can be")
        }
        return .duration(span)
    }

    private static func present(_ now: Instant?, _ function: String) throws(EvaluationError) -> Instant {
        guard let now else { throw EvaluationError(.invalidArgument, "\(function)() has no present instant here") }
        return now
    }

    private static func text(_ arguments: [CEL.Value], _ index: Int, _ function: String) throws(EvaluationError)
        -> String
    {
        guard index < arguments.count, let text = arguments[index].stringValue else {
            throw EvaluationError(.invalidArgument, "\(function)() takes a text as argument \(index + 1)")
        }
        return text
    }

    private static func instant(
        _ arguments: [CEL.Value], _ index: Int, _ function: String
    ) throws(EvaluationError) -> Instant {
        guard index < arguments.count, let instant = arguments[index].instantValue else {
            throw EvaluationError(.invalidArgument, "\(function)() takes a timestamp as argument \(index + 1)")
        }
        return instant
    }
}
