/// A value that can be read from a column.
///
/// To conform a type of your own, decode it through one that conforms already and wrap the outcome; throw
/// `PostgresCodecFault` with the reason where there is no such value. The row adds column and type.
public protocol PostgresDecodable: Sendable {
    /// Reads a value that is not NULL.
    static func decode(from value: PostgresValue) throws(PostgresCodecFault) -> Self

    /// The value that stands for NULL. By default there is none.
    static func decodeNull() throws(PostgresCodecFault) -> Self
}

extension PostgresDecodable {
    /// Refuses NULL.
    public static func decodeNull() throws(PostgresCodecFault) -> Self {
        throw PostgresCodecFault("the value is NULL")
    }
}

/// Values that go both ways.
public typealias PostgresCodable = PostgresDecodable & PostgresEncodable

extension Optional: PostgresDecodable where Wrapped: PostgresDecodable {
    /// Reads what is wrapped.
    public static func decode(from value: PostgresValue) throws(PostgresCodecFault) -> Self {
        .some(try Wrapped.decode(from: value))
    }

    /// Nil.
    public static func decodeNull() throws(PostgresCodecFault) -> Self { nil }
}

/// The binary form of one value that is not NULL.
///
/// Valid only while it is being decoded: do not keep it.
public struct PostgresValue {
    /// The type that the server says it has.
    public let type: PostgresType
    /// The bytes.
    public let bytes: UnsafeRawBufferPointer
    /// Whether the bytes are the value's text, as after a simple query.
    let isText: Bool

    /// Refuses a value whose type is not among the given ones.
    public func require(_ types: PostgresType...) throws(PostgresCodecFault) {
        try requireBinary()
        for type in types where type == self.type { return }
        throw PostgresCodecFault("expected \(types.map(\.description).joined(separator: " or "))")
    }

    func requireBinary() throws(PostgresCodecFault) {
        if isText { throw PostgresCodecFault("the rows of a simple query can only be read as String") }
    }

    /// Reads a big-endian integer at an offset in bytes.
    public func integer<Value: FixedWidthInteger>(
        _: Value.Type = Value.self, at offset: Int = 0
    ) throws(PostgresCodecFault) -> Value {
        guard offset >= 0, offset + MemoryLayout<Value>.size <= bytes.count else {
            throw PostgresCodecFault("the value is cut short: \(bytes.count) bytes")
        }
        return Value(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Value.self))
    }

    /// Refuses a value that is not of the given size in bytes.
    public func require(size: Int) throws(PostgresCodecFault) {
        if bytes.count != size { throw PostgresCodecFault("expected \(size) bytes, found \(bytes.count)") }
    }

    /// Reads all bytes as UTF-8.
    public func text() throws(PostgresCodecFault) -> String {
        // Decoding is faster than validating, and ASCII needs no validation.
        if bytes.allSatisfy({ $0 < 0x80 }) { return String(decoding: bytes, as: UTF8.self) }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw PostgresCodecFault("the text is not valid UTF-8; the database's encoding should be UTF8")
        }
        return text
    }
}

extension Array: PostgresDecodable where Element: PostgresDecodable {
    /// Reads an array of one dimension, whatever its bounds.
    public static func decode(from value: PostgresValue) throws(PostgresCodecFault) -> [Element] {
        try value.requireBinary()
        let dimensions = try value.integer(Int32.self)
        guard value.bytes.count >= 12, (0...6).contains(dimensions) else {
            throw PostgresCodecFault("expected an array")
        }
        let type = PostgresType(rawValue: try value.integer(at: 8))
        guard value.type == type.array || value.type.rawValue >= PostgresType.firstUserDefined else {
            throw PostgresCodecFault("expected an array")
        }
        if dimensions == 0 { return [] }
        guard dimensions == 1 else { throw PostgresCodecFault("expected one dimension, found \(dimensions)") }
        return try elements(of: value, type: type)
    }

    private static func elements(of value: PostgresValue, type: PostgresType) throws(PostgresCodecFault) -> [Element] {
        let count = Int(try value.integer(Int32.self, at: 12))
        guard count >= 0, count <= value.bytes.count / 4 else { throw PostgresCodecFault("the array is cut short") }
        var elements: [Element] = []
        elements.reserveCapacity(count)
        var offset = 20
        for _ in 0..<count {
            let length = Int(try value.integer(Int32.self, at: offset))
            offset += 4
            if length < 0 {
                elements.append(try Element.decodeNull())
                continue
            }
            guard offset + length <= value.bytes.count else { throw PostgresCodecFault("the array is cut short") }
            let bytes = UnsafeRawBufferPointer(rebasing: value.bytes[offset..<offset + length])
            elements.append(try Element.decode(from: PostgresValue(type: type, bytes: bytes, isText: false)))
            offset += length
        }
        return elements
    }
}
