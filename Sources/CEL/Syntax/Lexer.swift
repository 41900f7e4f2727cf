/// Splits an expression into tokens.
struct Lexer {
    let bytes: [UInt8]
    var position = 0

    init(_ source: String) { bytes = Array(source.utf8) }

    mutating func tokens() throws(SyntaxFault) -> [Token] {
        var tokens: [Token] = []
        while true {
            skipBlanks()
            let start = position
            let kind = try next()
            tokens.append(Token(kind: kind, range: SourceRange(start, position)))
            if kind == .end { return tokens }
        }
    }

    /// The byte at an offset from the position; 0 beyond the end.
    func peek(_ offset: Int = 0) -> UInt8 {
        position + offset < bytes.count ? bytes[position + offset] : 0
    }

    func fault(_ message: String, from start: Int, to end: Int? = nil) -> SyntaxFault {
        SyntaxFault(message: message, range: SourceRange(start, end ?? position))
    }

    private mutating func skipBlanks() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0C, 0x0D: position += 1
            case UInt8(ascii: "/") where peek(1) == UInt8(ascii: "/"):
                while position < bytes.count, bytes[position] != 0x0A { position += 1 }
            default: return
            }
        }
    }

    private mutating func next() throws(SyntaxFault) -> Token.Kind {
        guard position < bytes.count else { return .end }
        let byte = bytes[position]
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        case UInt8(ascii: ".") where peek(1).isDigit: return try number()
        case UInt8(ascii: "\""), UInt8(ascii: "'"): return try string(isRaw: false, isBytes: false)
        case UInt8(ascii: "`"): return try quotedField()
        case _ where byte.startsName: return try prefixedStringOrName()
        default: return try symbol()
        }
    }

    private mutating func prefixedStringOrName() throws(SyntaxFault) -> Token.Kind {
        let first = peek() | 0x20
        let second = peek(1)
        if first == UInt8(ascii: "r") || first == UInt8(ascii: "b"), second.isQuote {
            position += 1
            return try string(isRaw: first == UInt8(ascii: "r"), isBytes: first == UInt8(ascii: "b"))
        }
        if first == UInt8(ascii: "b"), second | 0x20 == UInt8(ascii: "r"), peek(2).isQuote {
            position += 2
            return try string(isRaw: true, isBytes: true)
        }
        let start = position
        while peek().continuesName { position += 1 }
        let name = String(decoding: bytes[start..<position], as: UTF8.self)
        if let keyword = Token.Keyword(rawValue: name) { return .keyword(keyword) }
        return Self.reserved.contains(name) ? .reserved(name) : .identifier(name)
    }

    private static let reserved: Set<String> = [
        "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package",
        "namespace", "return", "var", "void", "while",
    ]

    private mutating func quotedField() throws(SyntaxFault) -> Token.Kind {
        let start = position
        position += 1
        while position < bytes.count, bytes[position] != UInt8(ascii: "`") {
            let byte = bytes[position]
            guard byte.continuesName || [UInt8](" .-/".utf8).contains(byte) else {
                throw fault("a name in backquotes holds letters, digits, '_', '.', '-', '/' and spaces", from: start)
            }
            position += 1
        }
        guard position < bytes.count else { throw fault("this backquote is not closed", from: start, to: start + 1) }
        guard position > start + 1 else {
            throw fault("a name in backquotes cannot be empty", from: start, to: position + 1)
        }
        position += 1
        return .quoted(String(decoding: bytes[start + 1..<position - 1], as: UTF8.self))
    }

    private mutating func symbol() throws(SyntaxFault) -> Token.Kind {
        for length in [2, 1] where position + length <= bytes.count {
            let text = String(decoding: bytes[position..<position + length], as: UTF8.self)
            if let symbol = Token.Symbol(rawValue: text) {
                position += length
                return .symbol(symbol)
            }
        }
        let start = position
        repeat { position += 1 } while peek() & 0xC0 == 0x80
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        let remedy =
            switch text {
            case "=": "; equality is '=='"
            case "&": "; conjunction is '&&'"
            case "|": "; disjunction is '||'"
            default: ""
            }
        let name = bytes[start] < 0x20 ? "control character 0x" + String(bytes[start], radix: 16) : "'\(text)'"
        throw fault("\(name) has no meaning here" + remedy, from: start)
    }

    private mutating func number() throws(SyntaxFault) -> Token.Kind {
        let start = position
        if peek() == UInt8(ascii: "0"), peek(1) | 0x20 == UInt8(ascii: "x") {
            position += 2
            while peek().isHexDigit { position += 1 }
            guard position > start + 2 else { throw fault("expected hexadecimal digits after '0x'", from: start) }
            return try whole(String(decoding: bytes[start + 2..<position], as: UTF8.self), radix: 16, from: start)
        }
        while peek().isDigit { position += 1 }
        var isDouble = false
        if peek() == UInt8(ascii: "."), peek(1).isDigit {
            isDouble = true
            position += 1
            while peek().isDigit { position += 1 }
        }
        if peek() | 0x20 == UInt8(ascii: "e") {
            let sign = peek(1) == UInt8(ascii: "+") || peek(1) == UInt8(ascii: "-") ? 1 : 0
            if peek(1 + sign).isDigit {
                isDouble = true
                position += 1 + sign
                while peek().isDigit { position += 1 }
            }
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        guard isDouble else { return try whole(text, radix: 10, from: start) }
        try endNumber(from: start)
        guard let value = Double(text.hasPrefix(".") ? "0" + text : text) else {
            throw fault("this is no number", from: start)
        }
        guard value.isFinite else { throw fault("the number is out of the range of a double", from: start) }
        return .double(value)
    }

    private mutating func whole(_ digits: String, radix: Int, from start: Int) throws(SyntaxFault) -> Token.Kind {
        let isUnsigned = peek() | 0x20 == UInt8(ascii: "u")
        if isUnsigned { position += 1 }
        try endNumber(from: start)
        guard let magnitude = UInt64(digits, radix: radix) else {
            throw fault("the number is out of the range of \(isUnsigned ? "a uint" : "an int")", from: start)
        }
        return isUnsigned ? .uint(magnitude) : .int(magnitude: magnitude)
    }

    private func endNumber(from start: Int) throws(SyntaxFault) {
        guard !peek().continuesName else {
            throw fault("a number cannot be followed by a letter", from: start, to: position + 1)
        }
    }
}

extension UInt8 {
    var isDigit: Bool { self &- UInt8(ascii: "0") <= 9 }
    var isHexDigit: Bool { isDigit || (self | 0x20) &- UInt8(ascii: "a") < 6 }
    var isQuote: Bool { self == UInt8(ascii: "\"") || self == UInt8(ascii: "'") }
    var startsName: Bool { (self | 0x20) &- UInt8(ascii: "a") < 26 || self == UInt8(ascii: "_") }
    var continuesName: Bool { startsName || isDigit }

    /// The value of a hexadecimal digit.
    var hexValue: UInt32 { isDigit ? UInt32(self) - 0x30 : UInt32(self | 0x20) - 0x61 + 10 }
}
