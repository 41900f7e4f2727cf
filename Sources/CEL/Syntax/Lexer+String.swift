extension Lexer {
    /// Reads a string or bytes literal; the position is at its opening quote, behind any prefix.
    mutating func string(isRaw: Bool, isBytes: Bool) throws(SyntaxFault) -> Token.Kind {
        let opening = position
        let quote = peek()
        let isTriple = peek(1) == quote && peek(2) == quote
        let width = isTriple ? 3 : 1
        position += width

        var content: [UInt8] = []
        while true {
            guard position < bytes.count else {
                throw fault("this string does not end", from: opening, to: opening + width)
            }
            let byte = bytes[position]
            if byte == quote, !isTriple || (peek(1) == quote && peek(2) == quote) {
                position += width
                return isBytes ? .bytes(content) : .string(String(decoding: content, as: UTF8.self))
            }
            if byte == UInt8(ascii: "\\"), !isRaw {
                try escape(isBytes: isBytes, into: &content)
                continue
            }
            if !isTriple, byte == 0x0A || byte == 0x0D {
                throw fault("the line ends inside a string; three quotes allow that", from: opening)
            }
            content.append(byte)
            position += 1
        }
    }

    private mutating func escape(isBytes: Bool, into content: inout [UInt8]) throws(SyntaxFault) {
        let start = position
        position += 1
        let byte = peek()
        position += 1
        switch byte {
        case UInt8(ascii: "a"): content.append(0x07)
        case UInt8(ascii: "b"): content.append(0x08)
        case UInt8(ascii: "f"): content.append(0x0C)
        case UInt8(ascii: "n"): content.append(0x0A)
        case UInt8(ascii: "r"): content.append(0x0D)
        case UInt8(ascii: "t"): content.append(0x09)
        case UInt8(ascii: "v"): content.append(0x0B)
        case UInt8(ascii: "\\"), UInt8(ascii: "?"), UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "`"):
            content.append(byte)
        case UInt8(ascii: "x"), UInt8(ascii: "X"):
            try append(hexadecimal(2, from: start), isBytes: isBytes, from: start, into: &content)
        case UInt8(ascii: "u") where !isBytes:
            try append(codeUnits(from: start), isBytes: false, from: start, into: &content)
        case UInt8(ascii: "U") where !isBytes:
            try append(hexadecimal(8, from: start), isBytes: false, from: start, into: &content)
        case UInt8(ascii: "0")...UInt8(ascii: "3"):
            position -= 1
            try append(octal(from: start), isBytes: isBytes, from: start, into: &content)
        default:
            position = min(position, bytes.count)
            while peek() & 0xC0 == 0x80 { position += 1 }
            let remedy = isBytes ? "\\xHH, \\OOO" : "\\xHH, \\uHHHH, \\UHHHHHHHH, \\OOO"
            throw fault(
                "no such escape; expected one of \\\\ \\' \\\" \\` \\? \\a \\b \\f \\n \\r \\t \\v, " + remedy,
                from: start)
        }
    }

    private mutating func hexadecimal(_ count: Int, from start: Int) throws(SyntaxFault) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<count {
            guard peek().isHexDigit else { throw fault("expected \(count) hexadecimal digits", from: start) }
            value = value << 4 | peek().hexValue
            position += 1
        }
        return value
    }

    /// Reads the digits after `\u`, and those of the second half of a surrogate pair.
    private mutating func codeUnits(from start: Int) throws(SyntaxFault) -> UInt32 {
        let first = try hexadecimal(4, from: start)
        guard (0xD800..<0xDC00).contains(first), peek() == UInt8(ascii: "\\"), peek(1) == UInt8(ascii: "u") else {
            return first
        }
        position += 2
        let second = try hexadecimal(4, from: start)
        guard (0xDC00..<0xE000).contains(second) else { return first }
        return 0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)
    }

    private mutating func octal(from start: Int) throws(SyntaxFault) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<3 {
            guard peek().isDigit, peek() < UInt8(ascii: "8") else {
                throw fault("expected three octal digits", from: start)
            }
            value = value << 3 | peek().hexValue
            position += 1
        }
        return value
    }

    private func append(
        _ code: UInt32, isBytes: Bool, from start: Int, into content: inout [UInt8]
    ) throws(SyntaxFault) {
        if isBytes {
            content.append(UInt8(truncatingIfNeeded: code))
        } else if let scalar = Unicode.Scalar(code) {
            content.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        } else {
            throw fault("U+\(String(code, radix: 16, uppercase: true)) is no Unicode scalar", from: start)
        }
    }
}
