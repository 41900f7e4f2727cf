extension String: PostgresCodable {
    /// `text`.
    public static var postgresType: PostgresType { .text }

    /// Writes UTF-8.
    public func encode(into writer: inout PostgresWriter) throws(PostgresCodecFault) { try writer.write(text: self) }

    /// Writes one text after the other.
    public static func encode(elements: [String], into writer: inout PostgresWriter) throws(PostgresCodecFault) {
        for text in elements {
            writer.write(Int32(truncatingIfNeeded: text.utf8.count))
            try writer.write(text: text)
        }
    }

    /// Reads text, JSON, names, enumerations and other types whose binary form is their text.
    public static func decode(from value: PostgresValue) throws(PostgresCodecFault) -> String {
        if value.isText { return try value.text() }
        switch value.type {
        case .text, .varchar, .bpchar, .name, .unknown, .json: return try value.text()
        case .void: return ""
        case .jsonb: return try JSONB.decode(from: value).text
        case .numeric: return try PostgresNumeric.decode(from: value).text
        case let type where type.rawValue >= PostgresType.firstUserDefined: return try value.text()
        default: throw PostgresCodecFault("expected text")
        }
    }
}

/// An enumeration of Swift that is stored as text, or as an enumeration of PostgreSQL with the same labels.
///
///     enum Severity: String, PostgresEnum { case minor, major }
public protocol PostgresEnum: RawRepresentable, PostgresCodable where RawValue == String {}

extension PostgresEnum {
    /// Left to the server, so that it fits text and enumerations alike.
    public static var postgresType: PostgresType { .unspecified }

    /// Writes the label.
    public func encode(into writer: inout PostgresWriter) throws(PostgresCodecFault) {
        try writer.write(text: rawValue)
    }

    /// Reads a label that the Swift type knows.
    public static func decode(from value: PostgresValue) throws(PostgresCodecFault) -> Self {
        let label = try String.decode(from: value)
        guard let known = Self(rawValue: label) else { throw PostgresCodecFault("unknown label \"\(label)\"") }
        return known
    }
}

/// Bytes, kept apart from arrays of small numbers.
public struct Bytea: PostgresCodable, Hashable {
    /// The bytes.
    public var bytes: [UInt8]

    /// Wraps bytes.
    public init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// `bytea`.
    public static var postgresType: PostgresType { .bytea }

    /// Writes the bytes as they are.
    public func encode(into writer: inout PostgresWriter) { writer.write(bytes: bytes) }

    /// Writes one sequence of bytes after the other.
    public static func encode(elements: [Bytea], into writer: inout PostgresWriter) throws(PostgresCodecFault) {
        for element in elements { try writer.write(lengthAnd: element.bytes) }
    }

    /// Reads a `bytea`.
    public static func decode(from value: PostgresValue) throws(PostgresCodecFault) -> Bytea {
        try value.require(.bytea)
        return Bytea([UInt8](value.bytes))
    }
}

/// A JSON document as text, stored as `jsonb`.
public struct JSONB: PostgresCodable, Hashable {
    /// The document; whether it is JSON is for the server to say.
    public var text: String

    /// Wraps a document.
    public init(_ text: String) { self.text = text }

    /// `jsonb`.
    public static var postgresType: PostgresType { .jsonb }

    /// Writes the version of the format, 1, and the text.
    public func encode(into writer: inout PostgresWriter) throws(PostgresCodecFault) {
        writer.write(UInt8(1))
        try writer.write(text: text)
    }

    /// Reads `jsonb` or `json`.
    public static func decode(from value: PostgresValue) throws(PostgresCodecFault) -> JSONB {
        try value.require(.jsonb, .json)
        if value.type == .json { return JSONB(try value.text()) }
        guard try value.integer(UInt8.self) == 1 else { throw PostgresCodecFault("unknown version of jsonb") }
        let rest = PostgresValue(
            type: .jsonb, bytes: UnsafeRawBufferPointer(rebasing: value.bytes.dropFirst()), isText: false)
        return JSONB(try rest.text())
    }
}

/// A universally unique identifier, ordered as PostgreSQL orders them.
public struct PostgresUUID: PostgresCodable, Hashable, Comparable {
    /// The first eight bytes, most significant first.
    public var high: UInt64
    /// The last eight bytes.
    public var low: UInt64

    /// Creates an identifier from its two halves.
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Orders by bytes.
    public static func < (left: PostgresUUID, right: PostgresUUID) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }

    /// `uuid`.
    public static var postgresType: PostgresType { .uuid }

    /// Writes sixteen bytes.
    public func encode(into writer: inout PostgresWriter) {
        writer.write(high)
        writer.write(low)
    }

    /// Reads a `uuid`.
    public static func decode(from value: PostgresValue) throws(PostgresCodecFault) -> PostgresUUID {
        try value.require(.uuid)
        try value.require(size: 16)
        return PostgresUUID(high: try value.integer(), low: try value.integer(at: 8))
    }
}

extension PostgresUUID: LosslessStringConvertible {
    /// Reads the usual form, 8-4-4-4-12 hexadecimal digits of either case.
    public init?(_ text: String) {
        let groups = text.split(separator: "-", omittingEmptySubsequences: false)
        guard groups.map(\.utf8.count) == [8, 4, 4, 4, 12], !text.contains("+") else { return nil }
        guard let high = UInt64(groups[0] + groups[1] + groups[2], radix: 16),
            let low = UInt64(groups[3] + groups[4], radix: 16)
        else { return nil }
        self.init(high: high, low: low)
    }

    /// The usual form in lower case.
    public var description: String {
        func digits(_ value: UInt64, _ count: Int) -> String {
            let text = String(value, radix: 16)
            return String(repeating: "0", count: count - text.utf8.count) + text
        }
        return [
            digits(high >> 32, 8), digits(high >> 16 & 0xffff, 4), digits(high & 0xffff, 4),
            digits(low >> 48, 4), digits(low & 0xffff_ffff_ffff, 12),
        ].joined(separator: "-")
    }
}
