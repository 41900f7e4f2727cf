/// A place where a document is not what it should be.
///
/// Lines and columns start at 1; columns count Unicode scalars, as editors and `libyaml` do.
public struct YAMLFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of fault it is; the raw value is stable and may be looked up in documentation.
    public enum Code: String, Hashable, Sendable, CaseIterable {
        /// The text is not YAML.
        case syntax = "yaml-syntax"
        /// The bytes are not UTF-8, or hold characters that YAML forbids.
        case encoding = "yaml-encoding"
        /// The document is larger than the limit.
        case size = "yaml-size"
        /// The document nests deeper than the limit.
        case depth = "yaml-depth"
        /// There is no document at all.
        case empty = "yaml-empty"
        /// The file holds more than one document.
        case documents = "yaml-documents"
        /// A tag: often an expression that begins with `!` and lacks quotes.
        case tag = "yaml-tag"
        /// An anchor or an alias.
        case anchor = "yaml-anchor"
        /// The same key twice in one mapping.
        case duplicateKey = "yaml-duplicate-key"
        /// A key that is not a plain word.
        case key = "yaml-key"
        /// A number that no 64-bit integer or double can hold.
        case number = "yaml-number"
        /// A directive such as `%TAG` or `%YAML 1.1`.
        case directive = "yaml-directive"
        /// A tab where spaces indent.
        case tab = "yaml-tab"
        /// A value that begins with a quote and goes on after the closing one.
        case leadingQuote = "yaml-leading-quote"
        /// An unquoted `a ? b : c`.
        case conditional = "yaml-conditional"
        /// An unquoted comma, bracket or brace in flow style that splits a value.
        case flow = "yaml-flow"
    }

    /// The line, from 1.
    public var line: Int
    /// The column, from 1, in Unicode scalars.
    public var column: Int
    /// How many columns the faulty text covers; at least 1.
    public var length: Int
    /// The kind of fault.
    public var code: Code
    /// What is wrong and what to do about it, as a sentence.
    public var message: String

    /// Creates a fault.
    public init(line: Int, column: Int, length: Int = 1, code: Code, message: String) {
        self.line = line
        self.column = column
        self.length = max(1, length)
        self.code = code
        self.message = message
    }

    /// The fault as `line:column: message [code]`.
    public var description: String { "\(line):\(column): \(message) [\(code.rawValue)]" }
}

/// Thrown for a document that cannot be used; holds every fault that was found, in order of position.
public struct YAMLError: Error, Sendable, CustomStringConvertible {
    /// The faults; never empty.
    public let faults: [YAMLFault]

    /// The faults, one a line.
    public var description: String { faults.map(\.description).joined(separator: "\n") }
}
