extension JSON {
    /// What the parser accepts beyond the grammar's own limits.
    public struct ParsingOptions: Sendable {
        /// How deeply arrays and objects may nest.
        public var maximumDepth: Int
        /// How many bytes a text may have.
        public var maximumBytes: Int
        /// Whether a repeated key keeps its last value; refused otherwise.
        public var allowsDuplicateKeys: Bool

        /// Strict by default: 200 levels, 64 MiB, no repeated keys.
        public init(
            maximumDepth: Int = 200, maximumBytes: Int = 64 << 20, allowsDuplicateKeys: Bool = false
        ) {
            self.maximumDepth = min(maximumDepth, 500)
            self.maximumBytes = maximumBytes
            self.allowsDuplicateKeys = allowsDuplicateKeys
        }
    }

    /// Parses a text that holds exactly one JSON value (RFC 8259).
    public init(parsing text: String, options: ParsingOptions = ParsingOptions()) throws(JSONError) {
        var text = text
        let result = text.withUTF8 { JSON.parse($0, options) }
        self = try result.get()
    }

    /// Parses bytes that hold exactly one JSON value in UTF-8 (RFC 8259); invalid UTF-8 is refused.
    public init(parsing bytes: [UInt8], options: ParsingOptions = ParsingOptions()) throws(JSONError) {
        let result = bytes.withUnsafeBufferPointer { JSON.parse($0, options) }
        self = try result.get()
    }

    /// Parses a buffer that holds exactly one JSON value in UTF-8 (RFC 8259); invalid UTF-8 is refused.
    public init(
        parsing buffer: UnsafeBufferPointer<UInt8>, options: ParsingOptions = ParsingOptions()
    ) throws(JSONError) {
        self = try JSON.parse(buffer, options).get()
    }

    private static func parse(
        _ bytes: UnsafeBufferPointer<UInt8>, _ options: ParsingOptions
    ) -> Result<JSON, JSONError> {
        Result { () throws(JSONError) in
            try JSONView.read(bytes, options) { $0.json }
        }
    }
}

/// Checks a text against the grammar, by recursive descent over its bytes, and notes where its values stand.
struct JSONScanner {
    let bytes: UnsafeBufferPointer<UInt8>
    let options: JSON.ParsingOptions
    var position = 0
    private var depth = 0
    /// Each value before those in it; of an object's member the key before the value.
    private(set) var tokens: ContiguousArray<JSONToken> = []

    /// - Throws: ``JSONError`` where the text is too long.
    init(_ bytes: UnsafeBufferPointer<UInt8>, _ options: JSON.ParsingOptions) throws(JSONError) {
        self.bytes = bytes
        self.options = options
        guard bytes.count <= min(options.maximumBytes, Int(Int32.max)) else {
            throw fault("\(bytes.count) bytes are more than the \(options.maximumBytes) allowed", at: 0)
        }
        tokens.reserveCapacity(bytes.count / 8 + 4)
    }

    func fault(_ message: String, at offset: Int? = nil) -> JSONError {
        JSONError(message, at: offset ?? position, in: bytes)
    }

    mutating func document() throws(JSONError) {
        try value()
        guard next() == nil else { throw fault("expected the end after the value, found \(found())") }
    }

    mutating func add(_ kind: JSONToken.Kind, _ start: Int = 0, _ length: Int = 0, bits: UInt64 = 0) {
        tokens.append(
            JSONToken(
                kind: kind, start: Int32(truncatingIfNeeded: start), length: Int32(truncatingIfNeeded: length),
                next: Int32(truncatingIfNeeded: tokens.count + 1), bits: bits))
    }

    /// The next byte that is not white space; nil at the end.
    private mutating func next() -> UInt8? {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            case let byte: return byte
            }
        }
        return nil
    }

    private mutating func value() throws(JSONError) {
        guard let byte = next() else { throw fault("expected a value, found the end") }
        switch byte {
        case UInt8(ascii: "{"): try object()
        case UInt8(ascii: "["): try array()
        case UInt8(ascii: "\""): try string()
        case UInt8(ascii: "t"): try word("true", .true)
        case UInt8(ascii: "f"): try word("false", .false)
        case UInt8(ascii: "n"): try word("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try number()
        default: throw fault("expected a value, found \(found())")
        }
    }

    private mutating func array() throws(JSONError) {
        let place = try enter(.array)
        var count = 0
        if next() == UInt8(ascii: "]") { return leave(place, count) }
        while true {
            try value()
            count += 1
            switch next() {
            case UInt8(ascii: ","): position += 1
            case UInt8(ascii: "]"): return leave(place, count)
            default: throw fault("expected ',' or ']' after an element, found \(found())")
            }
        }
    }

    private mutating func object() throws(JSONError) {
        let place = try enter(.object)
        var count = 0
        var last: Int?
        var isAscending = true
        if next() == UInt8(ascii: "}") { return leave(place, count) }
        while true {
            guard next() == UInt8(ascii: "\"") else { throw fault("expected a key in quotes, found \(found())") }
            let key = tokens.count
            try string()
            if let last, isAscending { isAscending = precedes(last, key) }
            last = key
            guard next() == UInt8(ascii: ":") else { throw fault("expected ':' after the key, found \(found())") }
            position += 1
            try value()
            count += 1
            switch next() {
            case UInt8(ascii: ","): position += 1
            case UInt8(ascii: "}"):
                leave(place, count)
                // Keys that ascend are different.
                tokens[place].bits = isAscending || !options.allowsDuplicateKeys ? 1 : 0
                if !isAscending, !options.allowsDuplicateKeys { try refuseRepeatedKeys(of: place) }
                return
            default: throw fault("expected ',' or '}' after a member, found \(found())")
            }
        }
    }

    private mutating func enter(_ kind: JSONToken.Kind) throws(JSONError) -> Int {
        depth += 1
        guard depth <= options.maximumDepth else {
            throw fault("nested more than \(options.maximumDepth) levels deep")
        }
        position += 1
        add(kind)
        return tokens.count - 1
    }

    private mutating func leave(_ place: Int, _ count: Int) {
        depth -= 1
        position += 1
        tokens[place].length = Int32(truncatingIfNeeded: count)
        tokens[place].next = Int32(truncatingIfNeeded: tokens.count)
    }

    // MARK: - Keys

    /// Whether the bytes of a key come before those of another; false where one is written with escapes.
    private func precedes(_ left: Int, _ right: Int) -> Bool {
        let (left, right) = (tokens[left], tokens[right])
        guard left.kind == .string, right.kind == .string else { return false }
        return bytes[left.range].lexicographicallyPrecedes(bytes[right.range])
    }

    private func refuseRepeatedKeys(of place: Int) throws(JSONError) {
        var seen: Set<ExactString> = []
        var key = place + 1
        for _ in 0..<tokens[place].length {
            let text = tokens[key].text(in: bytes)
            guard seen.insert(ExactString(text)).inserted else {
                throw fault("the key \"\(text)\" is here a second time", at: Int(tokens[key].start) - 1)
            }
            key = Int(tokens[key + 1].next)
        }
    }

    // MARK: - Words

    private mutating func word(_ word: StaticString, _ kind: JSONToken.Kind) throws(JSONError) {
        for offset in 0..<word.utf8CodeUnitCount {
            guard position + offset < bytes.count, bytes[position + offset] == word.utf8Start[offset] else {
                throw fault("expected \(word)")
            }
        }
        position += word.utf8CodeUnitCount
        add(kind)
    }

    /// What stands at the position, for messages.
    func found() -> String {
        guard position < bytes.count else { return "the end" }
        let byte = bytes[position]
        switch byte {
        case 0x21...0x7E: return "'\(Character(Unicode.Scalar(byte)))'"
        case 0x0A, 0x0D: return "the end of the line"
        default: return "byte 0x" + String(byte, radix: 16, uppercase: true)
        }
    }
}
