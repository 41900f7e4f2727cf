/// Why an expression has no value, and where.
public struct EvaluationError: Error, Sendable, CustomStringConvertible {
    /// The kinds of errors.
    public enum Kind: Sendable {
        /// A variable that is not declared or not set.
        case noSuchVariable
        case noSuchFunction
        /// A field that is not set, or that its record does not have.
        case noSuchField
        case noSuchKey
        case indexOutOfRange
        /// An operator or function that has no meaning for these types.
        case noSuchOverload
        /// A result outside the range of its type.
        case overflow
        case divisionByZero
        /// A value that cannot be converted, or that a function refuses.
        case invalidArgument
        case costExceeded
        /// An error that a function of the host threw.
        case host(any Error)
    }

    private final class Storage: Sendable {
        let kind: Kind
        let message: String
        let range: SourceRange?
        let position: SourcePosition?

        init(kind: Kind, message: String, range: SourceRange?, position: SourcePosition?) {
            self.kind = kind
            self.message = message
            self.range = range
            self.position = position
        }
    }

    // Boxed, so that functions that hardly ever throw stay cheap.
    private let storage: Storage

    /// An error for a host's function to throw; it is given the call's position and can be absorbed.
    public init(_ kind: Kind, _ message: String) {
        storage = Storage(kind: kind, message: message, range: nil, position: nil)
    }

    init(_ kind: Kind, _ message: String, at range: SourceRange) {
        storage = Storage(kind: kind, message: message, range: range, position: nil)
    }

    /// What kind of error it is.
    public var kind: Kind { storage.kind }
    /// What is wrong and what was expected.
    public var message: String { storage.message }
    /// The part of the expression that failed.
    public var range: SourceRange? { storage.range }
    /// Line and column of that part.
    public var position: SourcePosition? { storage.position }

    /// Whether `&&`, `||`, `all` and `exists` may ignore it where another operand decides the result.
    ///
    /// Errors of the host and an exceeded cost limit always end the evaluation.
    public var isAbsorbable: Bool {
        switch kind {
        case .costExceeded, .host: false
        default: true
        }
    }

    /// `line:column: message`.
    public var description: String {
        position.map { "\($0.line):\($0.column): \(message)" } ?? message
    }

    func located(at range: SourceRange) -> EvaluationError {
        self.range == nil ? EvaluationError(kind, message, at: range) : self
    }

    func positioned(in source: String) -> EvaluationError {
        guard let range, position == nil else { return self }
        return EvaluationError(
            storage: Storage(
                kind: kind, message: message, range: range, position: SourcePosition(range, in: source)))
    }

    private init(storage: Storage) { self.storage = storage }
}
