import Deadlines
import JSON
import PostgresClient
import Workflows

extension Identifier: PostgresEncodable, PostgresDecodable {
    /// `uuid`.
    public static var postgresType: PostgresType { .uuid }

    /// Writes sixteen bytes.
    public func encode(into writer: inout PostgresWriter) {
        writer.write(high)
        writer.write(low)
    }

    /// Writes one identifier after the other.
    public static func encode(elements: [Identifier], into writer: inout PostgresWriter) {
        for element in elements {
            writer.write(length: 16, element.high, element.low)
        }
    }

    /// Reads a `uuid`.
    public static func decode(from value: PostgresValue) throws(PostgresCodecFault) -> Identifier {
        let uuid = try PostgresUUID.decode(from: value)
        return Identifier(high: uuid.high, low: uuid.low)
    }
}

extension Instant: PostgresEncodable, PostgresDecodable {
    /// `timestamptz`.
    public static var postgresType: PostgresType { .timestamptz }

    /// Writes microseconds.
    public func encode(into writer: inout PostgresWriter) throws(PostgresCodecFault) {
        try PostgresTimestamp(microsecondsSinceEpoch: microseconds).encode(into: &writer)
    }

    /// Reads a `timestamptz`; infinities become the earliest and the latest instant.
    public static func decode(from value: PostgresValue) throws(PostgresCodecFault) -> Instant {
        Instant(microseconds: try PostgresTimestamp.decode(from: value).microsecondsSinceEpoch)
    }
}

/// Bytes of a JSON document on their way to `jsonb`, and from `json` or `jsonb`.
struct StoredJSON: PostgresEncodable, PostgresDecodable {
    var bytes: [UInt8]

    init(bytes: [UInt8]) { self.bytes = bytes }

    init(_ json: JSON) { bytes = json.bytes() }

    /// The document; the server has checked that it is one.
    var json: JSON {
        get throws(JSONError) { try JSON(parsing: bytes) }
    }

    static var postgresType: PostgresType { .jsonb }

    func encode(into writer: inout PostgresWriter) {
        writer.write(UInt8(1))
        writer.write(bytes: bytes)
    }

    static func decode(from value: PostgresValue) throws(PostgresCodecFault) -> StoredJSON {
        try value.require(.jsonb, .json)
        return StoredJSON(bytes: Array(value.type == .jsonb ? value.bytes.dropFirst() : value.bytes[...]))
    }
}

/// Bytes of a JSON document on their way to `json`, which keeps them as they are.
struct VerbatimJSON: PostgresEncodable {
    var bytes: [UInt8]

    static var postgresType: PostgresType { .json }

    func encode(into writer: inout PostgresWriter) { writer.write(bytes: bytes) }

    static func encode(elements: [VerbatimJSON], into writer: inout PostgresWriter) throws(PostgresCodecFault) {
        for element in elements { try writer.write(lengthAnd: element.bytes) }
    }
}
