extension JSONScanner {
    /// Notes a string in quotes; the position is at the opening one.
    mutating func string() throws(JSONError) {
        let opening = position
        position += 1
        let start = position
        var union: UInt8 = 0
        while position < bytes.count {
            let byte = bytes[position]
            union |= byte
            switch byte {
            case UInt8(ascii: "\""):
                if union >= 0x80, String(validating: bytes[start..<position], as: UTF8.self) == nil {
                    throw fault("invalid UTF-8 in a string", at: start)
                }
                add(.string, start, position - start)
                position += 1
                return
            case UInt8(ascii: "\\"):
                let text = try escapedString(from: start, opening: opening)
                return add(.escaped, start, position - 1 - start, bits: UInt64(text.utf8.count))
            case 0..<0x20:
                throw fault("a control character in a string must be escaped")
            default:
                position += 1
            }
        }
        throw fault("this string does not end", at: opening)
    }

    /// Reads a string with escapes, of which the position is at the first.
    mutating func escapedString(from start: Int, opening: Int) throws(JSONError) -> String {
        var buffer = Array(bytes[start..<position])
        while position < bytes.count {
            let byte = bytes[position]
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                guard let text = String(validating: buffer, as: UTF8.self) else {
                    throw fault("invalid UTF-8 in a string", at: start)
                }
                return text
            case UInt8(ascii: "\\"):
                try escape(into: &buffer)
            case 0..<0x20:
                throw fault("a control character in a string must be escaped")
            default:
                buffer.append(byte)
                position += 1
            }
        }
        throw fault("this string does not end", at: opening)
    }

    private mutating func escape(into buffer: inout [UInt8]) throws(JSONError) {
        let start = position
        position += 1
        guard position < bytes.count else { throw fault("expected an escape after '\\'") }
        let byte = bytes[position]
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): buffer.append(byte)
        case UInt8(ascii: "b"): buffer.append(0x08)
        case UInt8(ascii: "f"): buffer.append(0x0C)
        case UInt8(ascii: "n"): buffer.append(0x0A)
        case UInt8(ascii: "r"): buffer.append(0x0D)
        case UInt8(ascii: "t"): buffer.append(0x09)
        case UInt8(ascii: "u"): buffer.append(contentsOf: try unicodeEscape(from: start))
        default: throw fault("no such escape; allowed are \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX", at: start)
        }
    }

    /// Reads the digits after `\u`, and those of the second half of a surrogate pair.
    private mutating func unicodeEscape(from start: Int) throws(JSONError) -> String.UTF8View {
        let first = try hexDigits()
        var code = UInt32(first)
        if (0xD800..<0xDC00).contains(first) {
            guard position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
                bytes[position + 1] == UInt8(ascii: "u")
            else { throw fault("half a surrogate pair", at: start) }
            position += 2
            let second = try hexDigits()
            guard (0xDC00..<0xE000).contains(second) else { throw fault("half a surrogate pair", at: start) }
            code = 0x10000 + (UInt32(first) - 0xD800) << 10 + (UInt32(second) - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(code) else { throw fault("half a surrogate pair", at: start) }
        return String(scalar).utf8
    }

    private mutating func hexDigits() throws(JSONError) -> UInt16 {
        var value: UInt16 = 0
        for _ in 0..<4 {
            guard position < bytes.count, let digit = Character(Unicode.Scalar(bytes[position])).hexDigitValue,
                bytes[position] < 0x80
            else { throw fault("expected four hexadecimal digits after \\u, found \(found())") }
            value = value << 4 | UInt16(digit)
            position += 1
        }
        return value
    }
}
