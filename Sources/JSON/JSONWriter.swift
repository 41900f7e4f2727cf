extension JSON {
    /// How a value is written.
    public enum Format: Sendable {
        /// Without white space, members in their order.
        case compact
        /// Two spaces an indentation, members in their order.
        case pretty
        /// One text a value, for hashing: no white space, members sorted by UTF-16 code units as in RFC 8785.
        ///
        /// It differs from RFC 8785 in numbers alone: whole doubles keep `.0`, and ints are written in full.
        case canonical
    }

    /// The value as UTF-8.
    ///
    /// Doubles are the shortest that read back the same; a non-finite one is written `null`.
    public func bytes(_ format: Format = .compact) -> [UInt8] {
        var writer = JSONWriter(format: format)
        writer.write(self)
        return Array(writer.output.bytes)
    }

    /// The value as text.
    ///
    /// Doubles are the shortest that read back the same; a non-finite one is written `null`.
    public func text(_ format: Format = .compact) -> String {
        var writer = JSONWriter(format: format)
        writer.write(self)
        return String(decoding: writer.output.bytes, as: UTF8.self)
    }

    /// Appends the value as UTF-8 to a buffer.
    public func write(to buffer: inout [UInt8], _ format: Format = .compact) {
        var writer = JSONWriter(format: format)
        writer.write(self)
        buffer.append(contentsOf: writer.output.bytes)
    }
}

extension JSON: CustomStringConvertible {
    /// The compact text.
    public var description: String { text() }
}

struct JSONWriter: ~Copyable {
    let format: JSON.Format
    var output: ByteBuffer
    private var depth = 0

    init(format: JSON.Format, capacity: Int = 256) {
        self.format = format
        output = ByteBuffer(capacity: capacity)
    }

    mutating func write(_ value: JSON) {
        switch value {
        case .null: output.append("null")
        case .bool(let value): output.append(value ? "true" : "false")
        case .int(let value): writeInt(value)
        case .double(let value): writeASCII(JSONNumber.text(value))
        case .string(let value): writeString(value)
        case .array(let elements): writeArray(elements)
        case .object(let members): writeObject(members)
        }
    }

    mutating func writeInt(_ value: Int64) {
        if (0...9).contains(value) {
            output.append(UInt8(ascii: "0") + UInt8(value))
        } else {
            writeASCII(String(value))
        }
    }

    private mutating func writeASCII(_ text: String) {
        for byte in text.utf8 { output.append(byte) }
    }

    private mutating func writeArray(_ elements: [JSON]) {
        output.append(UInt8(ascii: "["))
        depth += 1
        for (index, element) in elements.enumerated() {
            separate(index)
            write(element)
        }
        close(UInt8(ascii: "]"), empty: elements.isEmpty)
    }

    private mutating func writeObject(_ members: JSONObject) {
        output.append(UInt8(ascii: "{"))
        depth += 1
        if format == .canonical {
            for (index, place) in members.sortedPlaces.enumerated() { writeMember(members[place], index) }
        } else {
            for index in members.indices { writeMember(members[index], index) }
        }
        close(UInt8(ascii: "}"), empty: members.isEmpty)
    }

    private mutating func writeMember(_ member: JSONObject.Element, _ index: Int) {
        separate(index)
        writeString(member.key)
        output.append(UInt8(ascii: ":"))
        if format == .pretty { output.append(UInt8(ascii: " ")) }
        write(member.value)
    }

    private mutating func separate(_ index: Int) {
        if index > 0 { output.append(UInt8(ascii: ",")) }
        if format == .pretty { newLine() }
    }

    private mutating func close(_ bracket: UInt8, empty: Bool) {
        depth -= 1
        if format == .pretty, !empty { newLine() }
        output.append(bracket)
    }

    private mutating func newLine() {
        output.append(UInt8(ascii: "\n"))
        for _ in 0..<depth * 2 { output.append(UInt8(ascii: " ")) }
    }

    mutating func writeString(_ string: String) {
        output.append(UInt8(ascii: "\""))
        let written: Void? = string.utf8.withContiguousStorageIfAvailable { writeEscaped($0) }
        if written == nil { Array(string.utf8).withUnsafeBufferPointer { writeEscaped($0) } }
        output.append(UInt8(ascii: "\""))
    }

    private mutating func writeEscaped(_ bytes: UnsafeBufferPointer<UInt8>) {
        if Self.arePlain(UnsafeRawBufferPointer(bytes)) { return output.append(bytes) }
        for byte in bytes {
            if Self.needsEscape(byte) { writeEscape(byte) } else { output.append(byte) }
        }
    }

    /// Whether no byte needs an escape, eight at a time: a byte is less than another where subtracting borrows.
    private static func arePlain(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let (ones, tops): (UInt64, UInt64) = (0x0101_0101_0101_0101, 0x8080_8080_8080_8080)
        var offset = 0
        while offset + 8 <= bytes.count {
            let word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            let quotes = word ^ (ones &* UInt64(UInt8(ascii: "\"")))
            let slashes = word ^ (ones &* UInt64(UInt8(ascii: "\\")))
            let controls = (word &- ones &* 0x20) & ~word
            let found = controls | (quotes &- ones) & ~quotes | (slashes &- ones) & ~slashes
            guard found & tops == 0 else { return false }
            offset += 8
        }
        return !bytes[offset...].contains(where: needsEscape)
    }

    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private mutating func writeEscape(_ byte: UInt8) {
        output.append(UInt8(ascii: "\\"))
        switch byte {
        case 0x08: output.append(UInt8(ascii: "b"))
        case 0x09: output.append(UInt8(ascii: "t"))
        case 0x0A: output.append(UInt8(ascii: "n"))
        case 0x0C: output.append(UInt8(ascii: "f"))
        case 0x0D: output.append(UInt8(ascii: "r"))
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): output.append(byte)
        default:
            let hex = String(byte, radix: 16)
            writeASCII("u00\(hex.count == 1 ? "0" : "")\(hex)")
        }
    }
}
