/// A single value: its text, how it was written, and what the core schema makes of it.
public struct YAMLScalar: Sendable {
    /// How a scalar is written.
    public enum Style: Sendable, Hashable {
        /// Without quotes.
        case plain
        /// In single quotes.
        case singleQuoted
        /// In double quotes.
        case doubleQuoted
        /// As a block after `|`.
        case literal
        /// As a block after `>`.
        case folded
    }

    /// What the core schema of YAML 1.2 makes of a scalar.
    public enum Value: Sendable, Hashable {
        /// `null`, `~` or nothing.
        case null
        /// `true` or `false`.
        case bool(Bool)
        /// A whole number.
        case int(Int64)
        /// A number with fraction or exponent, an infinity or not a number.
        case double(Double)
        /// Everything else, and everything in quotes.
        case string(String)
    }

    /// The text with quotes and escapes resolved.
    public let text: String
    /// How it is written.
    public let style: Style
    /// What it means by the core schema; quoted scalars are always strings.
    public let value: Value
    let layout: Layout

    /// Whether it is written in quotes or as a block, so that it can only be a string.
    public var isQuoted: Bool { style != .plain }

    /// Whether nothing is written at all, as after `key:`.
    public var isAbsent: Bool { style == .plain && text.isEmpty }

    /// Whether readers of YAML 1.1 take this unquoted word for a boolean: `yes`, `no`, `on`, `off`, `y`, `n`.
    public var isBooleanInYAML11: Bool {
        guard style == .plain, text.utf8.count <= 3 else { return false }
        switch text {
        case "y", "Y", "n", "N", "yes", "Yes", "YES", "no", "No", "NO", "on", "On", "ON", "off", "Off", "OFF":
            return true
        default:
            return false
        }
    }

    /// What the scalar is, in words that suit a message.
    public var summary: String {
        switch value {
        case .null: isAbsent ? "nothing" : "null"
        case .bool(let value): value ? "true" : "false"
        case .int(let value): "the number \(value)"
        case .double: "the number \(text)"
        case .string(let value): value.count > 40 ? "the text \"\(value.prefix(37))…\"" : "the text \"\(value)\""
        }
    }

    /// The place in the file of a place in the scalar's text; both count lines and columns from 1.
    ///
    /// Exact for values on one line and for blocks after `|`; otherwise the beginning of the value.
    public func position(line: Int, column: Int) -> (line: Int, column: Int) {
        layout.position(line: line, column: column)
    }
}

extension YAMLScalar {
    /// Where the characters of the text stand in the file.
    enum Layout: Sendable {
        /// The text stands as it is, on one line, from this place on.
        case verbatim(line: Int, column: Int)
        /// The text stands on one line with escapes; the columns are those of its scalars.
        case escaped(line: Int, columns: [Int])
        /// The lines of the text stand one below the other, indented alike.
        case block(line: Int, column: Int)
        /// The text was folded or continued over several lines.
        case folded(line: Int, column: Int)

        func position(line: Int, column: Int) -> (line: Int, column: Int) {
            switch self {
            case .verbatim(let first, let start) where line == 1:
                return (first, start + column - 1)
            case .escaped(let first, let columns) where line == 1:
                guard let last = columns.last else { return (first, 1) }
                return (first, columns.indices.contains(column - 1) ? columns[column - 1] : last)
            case .block(let first, let start):
                return (first + line - 1, start + column - 1)
            case .verbatim(let first, let start), .folded(let first, let start):
                return (first, start)
            case .escaped(let first, let columns):
                return (first, columns.first ?? 1)
            }
        }
    }
}

extension YAMLScalar.Value {
    /// Resolves an unquoted scalar by the core schema of YAML 1.2 (section 10.3.2).
    ///
    /// Returns nil for an integer that 64 bits cannot hold and for a decimal number beyond every double.
    static func resolve(plain text: String) -> YAMLScalar.Value? {
        guard let first = text.utf8.first else { return .null }
        switch first {
        case UInt8(ascii: "n"), UInt8(ascii: "N"), UInt8(ascii: "~"):
            return ["null", "Null", "NULL", "~"].contains(text) ? .null : .string(text)
        case UInt8(ascii: "t"), UInt8(ascii: "T"):
            return ["true", "True", "TRUE"].contains(text) ? .bool(true) : .string(text)
        case UInt8(ascii: "f"), UInt8(ascii: "F"):
            return ["false", "False", "FALSE"].contains(text) ? .bool(false) : .string(text)
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
            return number(text)
        default:
            return .string(text)
        }
    }

    private static func number(_ text: String) -> YAMLScalar.Value? {
        switch Shape(of: Array(text.utf8)) {
        case .decimal:
            return Int64(text.hasPrefix("+") ? String(text.dropFirst()) : text).map { .int($0) }
        case .octal:
            return Int64(text.dropFirst(2), radix: 8).map { .int($0) }
        case .hexadecimal:
            return Int64(text.dropFirst(2), radix: 16).map { .int($0) }
        case .real:
            var digits = text.hasPrefix("+") ? String(text.dropFirst()) : text
            if digits.hasSuffix(".") { digits.append("0") }
            digits = digits.replacing(dotBefore: "eE")
            guard let value = Double(digits), value.isFinite else { return nil }
            return .double(value)
        case .infinity: return .double(text.hasPrefix("-") ? -.infinity : .infinity)
        case .notANumber: return .double(.nan)
        case nil: return .string(text)
        }
    }

    /// The shapes of numbers that the core schema knows.
    private enum Shape {
        case decimal, octal, hexadecimal, real, infinity, notANumber

        init?(of bytes: [UInt8]) {
            func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
            if bytes.starts(with: Array("0o".utf8)), bytes.count > 2 {
                guard bytes.dropFirst(2).allSatisfy({ (0x30...0x37).contains($0) }) else { return nil }
                self = .octal
                return
            }
            if bytes.starts(with: Array("0x".utf8)), bytes.count > 2 {
                guard bytes.dropFirst(2).allSatisfy({ Character(UnicodeScalar($0)).isHexDigit }) else { return nil }
                self = .hexadecimal
                return
            }
            if [".nan", ".NaN", ".NAN"].contains(where: { bytes.elementsEqual($0.utf8) }) {
                self = .notANumber
                return
            }
            var rest = bytes[...]
            if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
            if [".inf", ".Inf", ".INF"].contains(where: { rest.elementsEqual($0.utf8) }) {
                self = .infinity
                return
            }
            let whole = rest.prefix(while: isDigit)
            rest = rest.dropFirst(whole.count)
            if rest.isEmpty, !whole.isEmpty {
                self = .decimal
                return
            }
            if rest.first == UInt8(ascii: ".") {
                rest = rest.dropFirst()
                let fraction = rest.prefix(while: isDigit)
                guard !(whole.isEmpty && fraction.isEmpty) else { return nil }
                rest = rest.dropFirst(fraction.count)
            } else if whole.isEmpty {
                return nil
            }
            if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
                rest = rest.dropFirst()
                if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
                guard !rest.isEmpty, rest.allSatisfy(isDigit) else { return nil }
                rest = []
            }
            guard rest.isEmpty else { return nil }
            self = .real
        }
    }
}

extension String {
    /// Turns `1.e5` into `1.0e5`, which the standard library reads.
    fileprivate func replacing(dotBefore letters: String) -> String {
        var result = ""
        for character in self {
            if result.last == ".", letters.contains(character) { result.append("0") }
            result.append(character)
        }
        return result
    }
}
