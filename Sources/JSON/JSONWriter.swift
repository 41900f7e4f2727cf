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
        return writer.output
    }

    /// The value as text.
    ///
    /// Doubles are the shortest that read back the same; a non-finite one is written `null`.
    public func text(_ format: Format = .compact) -> String {
        String(decoding: bytes(format), as: UTF8.self)
    }

    /// Appends the value as UTF-8 to a buffer.
    public func write(to buffer: inout [UInt8], _ format: Format = .compact) {
        var writer = JSONWriter(format: format, output: buffer)
        buffer = []
        writer.write(self)
        buffer = writer.output
    }
}

extension JSON: CustomStringConvertible {
    /// The compact text.
    public var description: String { text() }
}

struct JSONWriter {
    let format: JSON.Format
    var output: [UInt8] = []
    private var depth = 0

    init(format: JSON.Format, output: [UInt8] = []) {
        self.format = format
        self.output = output
    }

    mutating func write(_ value: JSON) {
        switch value {
        case .null: output.append(contentsOf: "null".utf8)
        case .bool(let value): output.append(contentsOf: (value ? "true" : "false").utf8)
        case .int(let value): writeInt(value)
        case .double(let value): output.append(contentsOf: JSONNumber.text(value).utf8)
        case .string(let value): writeString(value)
        case .array(let elements): writeArray(elements)
        case .object(let members): writeObject(members)
        }
    }

    mutating func writeInt(_ value: Int64) {
        if (0...9).contains(value) {
            output.append(UInt8(ascii: "0") + UInt8(value))
        } else {
            output.append(contentsOf: String(value).utf8)
        }
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
        output.append(contentsOf: repeatElement(UInt8(ascii: " "), count: depth * 2))
    }

    mutating func writeString(_ string: String) {
        output.append(UInt8(ascii: "\""))
        let written: Void? = string.utf8.withContiguousStorageIfAvailable { writeEscaped($0) }
        if written == nil { Array(string.utf8).withUnsafeBufferPointer { writeEscaped($0) } }
        output.append(UInt8(ascii: "\""))
    }

    private mutating func writeEscaped(_ bytes: UnsafeBufferPointer<UInt8>) {
        var start = 0
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
                output.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[start..<index]))
                writeEscape(byte)
                start = index + 1
            }
            index += 1
        }
        output.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[start...]))
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
            output.append(contentsOf: "u00\(hex.count == 1 ? "0" : "")\(hex)".utf8)
        }
    }
}
