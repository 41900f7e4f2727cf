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
        guard bytes.count <= options.maximumBytes else {
            return .failure(
                JSONError("\(bytes.count) bytes are more than the \(options.maximumBytes) allowed", at: 0, in: bytes))
        }
        var parser = JSONParser(bytes: bytes, options: options)
        do throws(JSONError) {
            return .success(try parser.document())
        } catch {
            return .failure(error)
        }
    }
}

/// A recursive-descent parser over UTF-8 bytes.
struct JSONParser {
    let bytes: UnsafeBufferPointer<UInt8>
    let options: JSON.ParsingOptions
    var position = 0
    private var depth = 0

    init(bytes: UnsafeBufferPointer<UInt8>, options: JSON.ParsingOptions) {
        self.bytes = bytes
        self.options = options
    }

    func fault(_ message: String, at offset: Int? = nil) -> JSONError {
        JSONError(message, at: offset ?? position, in: bytes)
    }

    mutating func document() throws(JSONError) -> JSON {
        let value = try value()
        guard next() == nil else { throw fault("expected the end after the value, found \(found())") }
        return value
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

    private mutating func value() throws(JSONError) -> JSON {
        guard let byte = next() else { throw fault("expected a value, found the end") }
        switch byte {
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try array()
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        default: throw fault("expected a value, found \(found())")
        }
    }

    private mutating func array() throws(JSONError) -> JSON {
        try enter()
        var elements: [JSON] = []
        if next() == UInt8(ascii: "]") {
            leave()
            return .array(elements)
        }
        while true {
            elements.append(try value())
            switch next() {
            case UInt8(ascii: ","): position += 1
            case UInt8(ascii: "]"):
                leave()
                return .array(elements)
            default: throw fault("expected ',' or ']' after an element, found \(found())")
            }
        }
    }

    private mutating func object() throws(JSONError) -> JSON {
        try enter()
        var members = JSONObject()
        if next() == UInt8(ascii: "}") {
            leave()
            return .object(members)
        }
        while true {
            guard next() == UInt8(ascii: "\"") else { throw fault("expected a key in quotes, found \(found())") }
            let start = position
            let key = try string()
            guard next() == UInt8(ascii: ":") else { throw fault("expected ':' after the key, found \(found())") }
            position += 1
            let value = try value()
            if options.allowsDuplicateKeys {
                members[key] = value
            } else if !members.insert(value, forNewKey: key) {
                throw fault("the key \"\(key)\" is here a second time", at: start)
            }
            switch next() {
            case UInt8(ascii: ","): position += 1
            case UInt8(ascii: "}"):
                leave()
                return .object(members)
            default: throw fault("expected ',' or '}' after a member, found \(found())")
            }
        }
    }

    private mutating func enter() throws(JSONError) {
        depth += 1
        guard depth <= options.maximumDepth else {
            throw fault("nested more than \(options.maximumDepth) levels deep")
        }
        position += 1
    }

    private mutating func leave() {
        depth -= 1
        position += 1
    }

    private mutating func word(_ word: StaticString, _ value: JSON) throws(JSONError) -> JSON {
        for offset in 0..<word.utf8CodeUnitCount {
            guard position + offset < bytes.count, bytes[position + offset] == word.utf8Start[offset] else {
                throw fault("expected \(word)")
            }
        }
        position += word.utf8CodeUnitCount
        return value
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
