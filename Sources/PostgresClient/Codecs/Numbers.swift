extension Bool: PostgresCodable {
    /// `boolean`.
    public static var postgresType: PostgresType { .bool }

    /// Writes one byte.
    public func encode(into writer: inout PostgresWriter) { writer.write(UInt8(self ? 1 : 0)) }

    /// Reads a `boolean`.
    public static func decode(from value: PostgresValue) throws(PostgresCodecFault) -> Bool {
        try value.require(.bool)
        return try value.integer(UInt8.self) != 0
    }
}

extension Int16: PostgresCodable {
    /// `smallint`.
    public static var postgresType: PostgresType { .int2 }

    /// Writes two bytes.
    public func encode(into writer: inout PostgresWriter) { writer.write(self) }

    /// Reads an integer of any size that fits.
    public static func decode(from value: PostgresValue) throws(PostgresCodecFault) -> Int16 {
        try value.anyInteger()
    }
}

extension Int32: PostgresCodable {
    /// `integer`.
    public static var postgresType: PostgresType { .int4 }

    /// Writes four bytes.
    public func encode(into writer: inout PostgresWriter) { writer.write(self) }

    /// Writes all elements at once.
    public static func encode(elements: [Int32], into writer: inout PostgresWriter) {
        writer.write(integers: elements)
    }

    /// Reads an integer of any size that fits.
    public static func decode(from value: PostgresValue) throws(PostgresCodecFault) -> Int32 {
        try value.anyInteger()
    }
}

extension Int64: PostgresCodable {
    /// `bigint`.
    public static var postgresType: PostgresType { .int8 }

    /// Writes eight bytes.
    public func encode(into writer: inout PostgresWriter) { writer.write(self) }

    /// Writes all elements at once.
    public static func encode(elements: [Int64], into writer: inout PostgresWriter) {
        writer.write(integers: elements)
    }

    /// Reads an integer of any size.
    public static func decode(from value: PostgresValue) throws(PostgresCodecFault) -> Int64 {
        try value.anyInteger()
    }
}

extension Int: PostgresCodable {
    /// `bigint`.
    public static var postgresType: PostgresType { .int8 }

    /// Writes eight bytes.
    public func encode(into writer: inout PostgresWriter) { writer.write(Int64(self)) }

    /// Writes all elements at once.
    public static func encode(elements: [Int], into writer: inout PostgresWriter) {
        writer.write(integers: elements)
    }

    /// Reads an integer of any size.
    public static func decode(from value: PostgresValue) throws(PostgresCodecFault) -> Int {
        try value.anyInteger()
    }
}

extension Double: PostgresCodable {
    /// `double precision`.
    public static var postgresType: PostgresType { .float8 }

    /// Writes eight bytes.
    public func encode(into writer: inout PostgresWriter) { writer.write(bitPattern) }

    /// Writes all elements at once.
    public static func encode(elements: [Double], into writer: inout PostgresWriter) {
        writer.write(integers: elements.map(\.bitPattern))
    }

    /// Reads a `double precision` or `real`.
    public static func decode(from value: PostgresValue) throws(PostgresCodecFault) -> Double {
        try value.require(.float8, .float4)
        if value.type == .float4 { return Double(Float(bitPattern: try value.integer())) }
        return Double(bitPattern: try value.integer())
    }
}

extension PostgresValue {
    /// Reads an integer of any size, if it fits.
    func anyInteger<Value: FixedWidthInteger>() throws(PostgresCodecFault) -> Value {
        try requireBinary()
        let wide: Int64
        switch type {
        case .int8: wide = try integer()
        case .int4: wide = Int64(try integer(Int32.self))
        case .int2: wide = Int64(try integer(Int16.self))
        case .oid, .xid: wide = Int64(try integer(UInt32.self))
        case .xid8:
            guard let value = Int64(exactly: try integer(UInt64.self)) else {
                throw PostgresCodecFault("the value does not fit")
            }
            wide = value
        default: throw PostgresCodecFault("expected an integer")
        }
        guard let value = Value(exactly: wide) else { throw PostgresCodecFault("\(wide) does not fit") }
        return value
    }
}

extension PostgresWriter {
    /// Appends integers, each preceded by its size.
    mutating func write<Value: FixedWidthInteger>(integers: [Value]) {
        let size = MemoryLayout<Value>.size
        let chunk = [UInt8](unsafeUninitializedCapacity: integers.count * (size + 4)) { buffer, count in
            let raw = UnsafeMutableRawBufferPointer(buffer)
            var offset = 0
            for value in integers {
                raw.storeBytes(of: Int32(size).bigEndian, toByteOffset: offset, as: Int32.self)
                raw.storeBytes(of: value.bigEndian, toByteOffset: offset + 4, as: Value.self)
                offset += size + 4
            }
            count = offset
        }
        write(bytes: chunk)
    }
}
