import Glibc

/// Collects the binary form of parameters, numbers in network byte order.
public struct PostgresWriter: Sendable {
    /// What was written so far.
    public private(set) var bytes: [UInt8] = []

    init() {}

    /// Appends an integer, most significant byte first.
    @inlinable
    public mutating func write<Value: FixedWidthInteger>(_ value: Value) {
        withUnsafeBytes(of: value.bigEndian) { append($0) }
    }

    /// Appends a length and two integers, most significant bytes first, as an element of sixteen bytes is written.
    public mutating func write(length: Int32, _ first: UInt64, _ second: UInt64) {
        withUnsafeTemporaryAllocation(byteCount: 20, alignment: 8) { raw in
            raw.storeBytes(of: length.bigEndian, as: Int32.self)
            raw.storeBytes(of: first.bigEndian, toByteOffset: 4, as: UInt64.self)
            raw.storeBytes(of: second.bigEndian, toByteOffset: 12, as: UInt64.self)
            bytes.append(contentsOf: raw)
        }
    }

    /// Appends bytes after their number, as an element of an array is written.
    ///
    /// - Throws: `PostgresCodecFault` when there are more than PostgreSQL takes, 2³¹ - 1.
    public mutating func write(lengthAnd more: [UInt8]) throws(PostgresCodecFault) {
        guard let length = Int32(exactly: more.count) else {
            throw PostgresCodecFault("the value has \(more.count) bytes, more than PostgreSQL takes")
        }
        write(length)
        bytes.append(contentsOf: more)
    }

    /// Appends bytes as they are.
    public mutating func write(bytes more: some Collection<UInt8>) {
        bytes.append(contentsOf: more)
    }

    /// Appends text in UTF-8.
    ///
    /// - Throws: `PostgresCodecFault` when it holds a NUL, which PostgreSQL cannot store.
    public mutating func write(text: String) throws(PostgresCodecFault) {
        var text = text
        let start = bytes.count
        text.withUTF8 { bytes.append(contentsOf: $0) }
        let hasNUL = bytes.withUnsafeBytes { buffer in
            guard start < buffer.count, let base = buffer.baseAddress else { return false }
            return memchr(base + start, 0, buffer.count - start) != nil
        }
        if hasNUL { throw PostgresCodecFault("text holds a NUL character (U+0000), which PostgreSQL cannot store") }
    }

    /// Appends a value preceded by its length, as elements of an array are written.
    public mutating func write<Value: PostgresEncodable>(element value: Value) throws(PostgresCodecFault) {
        guard !value.isPostgresNull else { return write(Int32(-1)) }
        let mark = bytes.count
        write(Int32(0))
        try value.encode(into: &self)
        let length = bytes.count - mark - 4
        guard let short = Int32(exactly: length) else {
            throw PostgresCodecFault("the value has \(length) bytes, more than PostgreSQL takes")
        }
        overwrite(short, at: mark)
    }

    /// Makes room for as many bytes more.
    public mutating func reserve(_ count: Int) { bytes.reserveCapacity(bytes.count + count) }

    @usableFromInline
    mutating func append(_ raw: UnsafeRawBufferPointer) { bytes.append(contentsOf: raw) }

    mutating func overwrite(_ value: Int32, at offset: Int) {
        withUnsafeBytes(of: value.bigEndian) { raw in
            for index in 0..<4 { bytes[offset + index] = raw[index] }
        }
    }
}

/// Why a single value could not be encoded or decoded; the caller adds which one it was.
public struct PostgresCodecFault: Error, Sendable, Hashable {
    /// What was wrong.
    public var reason: String

    /// Creates a fault from what was wrong.
    public init(_ reason: String) { self.reason = reason }
}
