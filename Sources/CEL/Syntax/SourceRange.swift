/// A stretch of an expression's text, in bytes of UTF-8.
public struct SourceRange: Sendable, Hashable {
    /// Where it begins, from 0.
    public let start: Int
    /// Where it ends, exclusive.
    public let end: Int

    /// A stretch from `start` up to `end`.
    public init(_ start: Int, _ end: Int) {
        self.start = start
        self.end = max(start, end)
    }

    /// The stretch from the start of this to the end of the other.
    func joined(_ other: SourceRange) -> SourceRange { SourceRange(start, other.end) }
}

/// A place in an expression's text, as people count.
public struct SourcePosition: Sendable, Hashable {
    /// The line, from 1.
    public let line: Int
    /// The column in Unicode scalars, from 1.
    public let column: Int
    /// The length in Unicode scalars, at least 1.
    public let length: Int

    /// Counts the lines and columns of a stretch of text.
    init(_ range: SourceRange, in source: String) {
        let bytes = source.utf8
        var line = 1
        var column = 1
        var length = 0
        for (offset, byte) in bytes.enumerated() {
            guard offset < range.end else { break }
            if offset >= range.start {
                length += byte & 0xC0 == 0x80 ? 0 : 1
            } else if byte == UInt8(ascii: "\n") {
                line += 1
                column = 1
            } else if byte & 0xC0 != 0x80 {
                column += 1
            }
        }
        self.line = line
        self.column = column
        self.length = max(1, length)
    }
}

/// Why a text is no expression, and where.
public struct CELSyntaxError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What was found and what was expected.
    public let message: String
    /// Where it is.
    public let position: SourcePosition

    /// The line of the fault, from 1.
    public var line: Int { position.line }
    /// The column of the fault in Unicode scalars, from 1.
    public var column: Int { position.column }
    /// The length of the fault in Unicode scalars.
    public var length: Int { position.length }

    /// `line:column: message`.
    public var description: String { "\(line):\(column): \(message)" }
}
