/// Where an evaluation finds the values of variables and the functions of the host.
public protocol Activation: Sendable {
    /// The value of a variable; nil where it is not set.
    func value(of variable: Environment.Variable) -> Value?

    /// Calls a function that the environment declares; a receiver is the first argument.
    ///
    /// An ``EvaluationError`` counts as one of the expression's own; any other error ends the evaluation and
    /// comes out as ``EvaluationError/Kind/host(_:)``, whatever stands beside the call.
    func call(_ function: String, _ arguments: [Value]) throws -> Value
}

extension Activation {
    /// Knows no function.
    public func call(_ function: String, _ arguments: [Value]) throws -> Value {
        throw EvaluationError(.noSuchFunction, "the function '\(function)' is not available here")
    }
}

/// Variables by name.
public struct Bindings: Activation, ExpressibleByDictionaryLiteral {
    private let values: [String: Value]

    /// These variables.
    public init(_ values: [String: Value] = [:]) { self.values = values }

    /// These variables.
    public init(dictionaryLiteral elements: (String, Value)...) {
        values = Dictionary(elements) { $1 }
    }

    /// The value of a variable.
    public func value(of variable: Environment.Variable) -> Value? { values[variable.name] }
}

/// How much work an evaluation may do.
public struct CostLimit: Sendable, Hashable {
    /// Units of work: a node visited by a macro, an element built or searched, 16 bytes of text.
    public let units: Int

    /// So many units.
    public init(units: Int) { self.units = units }

    /// A million units, less than a tenth of a second at worst.
    public static let standard = CostLimit(units: 1_000_000)
}

/// What an evaluation carries along.
struct Frame {
    let activation: any Activation
    let zones: any ZoneDatabase
    var locals: [Value] = []
    var budget: Int

    mutating func charge(_ units: Int) throws(EvaluationError) {
        budget -= units
        if budget < 0 {
            throw EvaluationError(.costExceeded, "the evaluation costs more than it may")
        }
    }

    /// Charges for reading or writing this many bytes.
    mutating func charge(bytes: Int) throws(EvaluationError) {
        if bytes >= 16 { try charge(bytes >> 4) }
    }
}
