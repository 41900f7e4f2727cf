/// Takes SQL apart at the semicolons between its statements.
enum StatementSplitter {
    /// The statements of a script, without empty ones; quotes, dollar quotes and comments are kept whole.
    static func statements(of script: String) -> [String] {
        let bytes = Array(script.utf8)
        var statements: [String] = []
        var start = 0
        var position = 0
        var hasWords = false
        func finish(at end: Int) {
            if hasWords { statements.append(String(decoding: bytes[start..<end], as: UTF8.self)) }
        }
        while position < bytes.count {
            if let end = endOfComment(bytes, position) {
                position = end
                continue
            }
            let byte = bytes[position]
            if byte == UInt8(ascii: ";") {
                finish(at: position)
                position += 1
                (start, hasWords) = (position, false)
                continue
            }
            if byte > UInt8(ascii: " ") { hasWords = true }
            position = endOfQuote(bytes, position) ?? position + 1
        }
        finish(at: bytes.count)
        return statements
    }

    /// Where a comment that begins here ends; nil where none does.
    private static func endOfComment(_ bytes: [UInt8], _ start: Int) -> Int? {
        if bytes[start...].starts(with: "--".utf8) {
            return bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
        }
        guard bytes[start...].starts(with: "/*".utf8) else { return nil }
        var depth = 0
        var position = start
        while position < bytes.count {
            if bytes[position...].starts(with: "/*".utf8) {
                (depth, position) = (depth + 1, position + 2)
            } else if bytes[position...].starts(with: "*/".utf8) {
                (depth, position) = (depth - 1, position + 2)
                if depth == 0 { return position }
            } else {
                position += 1
            }
        }
        return bytes.count
    }

    /// Where a quoted stretch that begins here ends; nil where none does.
    private static func endOfQuote(_ bytes: [UInt8], _ start: Int) -> Int? {
        let quote = bytes[start]
        if quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") {
            return bytes[(start + 1)...].firstIndex(of: quote).map { $0 + 1 } ?? bytes.count
        }
        guard quote == UInt8(ascii: "$") else { return nil }
        let name = bytes[(start + 1)...].prefix { byte in
            byte == UInt8(ascii: "_") || byte > 127 || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte & ~0x20)
        }
        guard name.endIndex < bytes.count, bytes[name.endIndex] == UInt8(ascii: "$") else { return nil }
        let tag = bytes[start...name.endIndex]
        var position = name.endIndex + 1
        while position + tag.count <= bytes.count {
            if bytes[position...].starts(with: tag) { return position + tag.count }
            position += 1
        }
        return bytes.count
    }
}
