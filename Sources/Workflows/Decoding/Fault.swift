/// Something wrong in a file of a definition, scenario or fragment, with its place and the way out.
public struct Fault: Error, Hashable, Sendable {
    /// How bad it is.
    public enum Severity: String, Sendable, Hashable {
        /// The definition cannot be published.
        case error
        /// It can, but probably does not do what its author wants.
        case warning
    }

    /// Path of the file as it was given.
    public var file: String
    /// The line, from 1.
    public var line: Int
    /// The column in Unicode scalars, from 1.
    public var column: Int
    /// How many columns the faulty text covers; at least 1.
    public var length: Int
    /// How bad it is.
    public var severity: Severity
    /// What kind of fault it is; stable, with a section of its own in the documentation.
    public var code: Code
    /// What is wrong, as a sentence without full stop.
    public var message: String
    /// What would be right here; nil where the message says it.
    public var expected: String?
    /// A near name that may be meant.
    public var suggestion: String?

    /// Creates a fault.
    public init(
        at position: SourcePosition, length: Int = 1, severity: Severity = .error, code: Code, message: String,
        expected: String? = nil, suggestion: String? = nil
    ) {
        file = position.file
        line = position.line
        column = position.column
        self.length = max(1, length)
        self.severity = severity
        self.code = code
        self.message = message
        self.expected = expected
        self.suggestion = suggestion
    }
}

extension Fault: Comparable, CustomStringConvertible {
    /// Orders by file, line and column, then by what is said.
    public static func < (left: Fault, right: Fault) -> Bool {
        (left.file, left.line, left.column, left.code.rawValue, left.message)
            < (right.file, right.line, right.column, right.code.rawValue, right.message)
    }

    /// The fault as compilers print it: `file:line:column: error: message [code]`.
    public var description: String {
        "\(file):\(line):\(column): \(severity.rawValue): \(sentence) [\(code.rawValue)]"
    }

    /// The message with what was expected and what may be meant.
    public var sentence: String {
        var text = message
        if let expected { text += "; expected \(expected)" }
        if let suggestion { text += "; did you mean `\(suggestion)`?" }
        return text
    }
}

/// Thrown where a definition with errors was to be used; holds every fault found.
public struct Faults: Error, Sendable, CustomStringConvertible {
    /// The faults in order of file, line and column; at least one is an error.
    public let faults: [Fault]

    /// Creates an error from faults, at least one of them an error.
    public init(faults: [Fault]) { self.faults = faults.sorted() }

    /// The faults, one a line.
    public var description: String { faults.map(\.description).joined(separator: "\n") }
}

/// What was understood of a file, and what was wrong with it.
public struct Decoded<Value: Sendable>: Sendable {
    /// The value as far as it could be read; complete only where ``faults`` holds no error.
    public var value: Value?
    /// What is wrong, in order of file, line and column.
    public var faults: [Fault]
    /// Every file that was read, the first one first.
    public var files: [String]

    /// The value, if there is no error.
    ///
    /// - Throws: ``Faults`` where there is one.
    public func get() throws(Faults) -> Value {
        guard let value, !faults.contains(where: { $0.severity == .error }) else { throw Faults(faults: faults) }
        return value
    }
}

/// Gathers faults while files are read and judged.
final class FaultLog {
    private(set) var faults: Set<Fault> = []

    func report(_ fault: Fault) {
        faults.insert(fault)
    }

    func report(
        _ code: Fault.Code, at position: SourcePosition, length: Int = 1, _ message: String, expected: String? = nil,
        suggestion: String? = nil
    ) {
        report(
            Fault(
                at: position, length: length, severity: code.severity, code: code, message: message,
                expected: expected, suggestion: suggestion))
    }

    var sorted: [Fault] { faults.sorted() }
}
