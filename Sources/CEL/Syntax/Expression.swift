/// A parsed expression.
public struct Expression: Sendable, CustomStringConvertible {
    /// The text as written.
    public let source: String
    /// The outermost node.
    public let root: Node
    /// How many nodes there are; their ids are below it.
    public let nodeCount: Int

    /// What the parser accepts beyond the grammar's own limits.
    public struct Limits: Sendable {
        /// How many bytes the text may have.
        public var sourceBytes = 64 << 10
        /// How deeply parentheses, brackets and calls may nest.
        public var nesting = 100
        /// How many levels the tree may have: a chain of operators or fields adds one a link.
        public var height = 250

        /// 64 KiB, 100 levels of nesting, 250 levels in all.
        public init() {}
    }

    /// Parses a text, or says where it fails and what was expected there.
    public init(parsing source: String, limits: Limits = Limits()) throws(CELSyntaxError) {
        guard source.utf8.count <= limits.sourceBytes else {
            throw CELSyntaxError(
                message: "the expression has \(source.utf8.count) bytes; \(limits.sourceBytes) are allowed",
                position: SourcePosition(SourceRange(0, 0), in: ""))
        }
        do throws(SyntaxFault) {
            var lexer = Lexer(source)
            var parser = Parser(tokens: try lexer.tokens(), limits: limits)
            root = try parser.expression()
            nodeCount = parser.nodeCount
            self.source = source
        } catch {
            throw CELSyntaxError(message: error.message, position: SourcePosition(error.range, in: source))
        }
    }

    /// Parses UTF-8 bytes, or says where they fail; invalid UTF-8 is refused.
    public init(parsing bytes: [UInt8], limits: Limits = Limits()) throws(CELSyntaxError) {
        guard let source = String(validating: bytes, as: UTF8.self) else {
            throw CELSyntaxError(
                message: "the expression is not valid UTF-8", position: SourcePosition(SourceRange(0, 0), in: ""))
        }
        try self.init(parsing: source, limits: limits)
    }

    /// The text as written.
    public var description: String { source }

    /// The text of a part.
    public func text(of range: SourceRange) -> String {
        let bytes = source.utf8
        let start = bytes.index(bytes.startIndex, offsetBy: min(range.start, bytes.count))
        let end = bytes.index(bytes.startIndex, offsetBy: min(range.end, bytes.count))
        return String(source[start..<end])
    }

    /// Line, column and length of a part.
    public func position(of range: SourceRange) -> SourcePosition { SourcePosition(range, in: source) }
}

/// A fault in the text before its line and column are counted.
struct SyntaxFault: Error {
    let message: String
    let range: SourceRange
}
