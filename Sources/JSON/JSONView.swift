/// A value of a JSON text, read in its place: the text is checked as a whole, and of its values only those that are
/// asked for are made.
///
///     let due = try JSONView.read(bytes) { $0["clock"]?["due"]?.stringValue }
///
/// A view is good as long as the closure runs that it is given to.
public struct JSONView {
    @usableFromInline let bytes: UnsafeBufferPointer<UInt8>
    @usableFromInline let tokens: UnsafeBufferPointer<JSONToken>
    @usableFromInline let place: Int

    /// Checks that a text is exactly one JSON value in UTF-8 (RFC 8259), and lets a closure read it.
    ///
    /// - Throws: ``JSONError`` where it is not.
    public static func read<Value>(
        _ bytes: [UInt8], _ options: JSON.ParsingOptions = JSON.ParsingOptions(), _ body: (JSONView) -> Value
    ) throws(JSONError) -> Value {
        let result = bytes.withUnsafeBufferPointer { bytes in
            Result { () throws(JSONError) in try read(bytes, options, body) }
        }
        return try result.get()
    }

    static func read<Value>(
        _ bytes: UnsafeBufferPointer<UInt8>, _ options: JSON.ParsingOptions, _ body: (JSONView) -> Value
    ) throws(JSONError) -> Value {
        var scanner = try JSONScanner(bytes, options)
        try scanner.document()
        return scanner.tokens.withUnsafeBufferPointer { body(JSONView(bytes, $0, 0)) }
    }

    @inlinable
    init(_ bytes: UnsafeBufferPointer<UInt8>, _ tokens: UnsafeBufferPointer<JSONToken>, _ place: Int) {
        (self.bytes, self.tokens, self.place) = (bytes, tokens, place)
    }

    @inlinable var token: JSONToken { tokens[place] }
    @inlinable var next: JSONView { JSONView(bytes, tokens, Int(token.next)) }
    @inlinable var inner: JSONView { JSONView(bytes, tokens, place + 1) }

    // MARK: - Values

    /// The boolean, or nil for any other kind of value.
    @inlinable
    public var boolValue: Bool? {
        switch token.kind {
        case .true: true
        case .false: false
        default: nil
        }
    }

    /// The whole number, or nil for any other kind of value, doubles included.
    @inlinable
    public var intValue: Int64? { token.kind == .int ? Int64(bitPattern: token.bits) : nil }

    /// The number as a double, whether written as int or as double.
    @inlinable
    public var doubleValue: Double? {
        token.kind == .double ? Double(bitPattern: token.bits) : intValue.map { Double($0) }
    }

    /// The string, or nil for any other kind of value.
    @inlinable
    public var stringValue: String? { isString ? token.text(in: bytes) : nil }

    /// The value by itself.
    public var json: JSON {
        switch token.kind {
        case .null: return .null
        case .false: return .bool(false)
        case .true: return .bool(true)
        case .int: return .int(Int64(bitPattern: token.bits))
        case .double: return .double(Double(bitPattern: token.bits))
        case .string, .escaped: return .string(token.text(in: bytes))
        case .array:
            var elements: [JSON] = []
            elements.reserveCapacity(Int(token.length))
            eachElement { elements.append($1.json) }
            return .array(elements)
        case .object:
            var members = JSONObject()
            members.reserveCapacity(Int(token.length))
            let areNew = token.bits == 1
            eachMember { if areNew { members.append($0, $1.json) } else { members[$0] = $1.json } }
            return .object(members)
        }
    }

    @inlinable var isString: Bool { token.kind == .string || token.kind == .escaped }

    // MARK: - Contents

    /// Whether this is an array.
    @inlinable
    public var isArray: Bool { token.kind == .array }
    /// Whether this is an object.
    @inlinable
    public var isObject: Bool { token.kind == .object }
    /// How many elements or members there are; 0 in any other kind of value.
    @inlinable
    public var count: Int { isArray || isObject ? Int(token.length) : 0 }

    /// Goes through the elements of an array with their places; there are none in any other kind of value.
    @inlinable
    public func eachElement<Failure>(
        _ body: (Int, JSONView) throws(Failure) -> Void
    ) throws(Failure) {
        guard isArray else { return }
        var element = inner
        for index in 0..<count {
            try body(index, element)
            element = element.next
        }
    }

    /// Goes through the members of an object, in order; there are none in any other kind of value.
    @inlinable
    public func eachMember<Failure>(
        _ body: (String, JSONView) throws(Failure) -> Void
    ) throws(Failure) {
        guard isObject else { return }
        var key = inner
        for _ in 0..<count {
            let value = key.next
            try body(key.token.text(in: bytes), value)
            key = value.next
        }
    }

    /// The member of an object, the last of its key; nil where there is none or this is no object.
    public subscript(key: String) -> JSONView? {
        guard isObject else { return nil }
        let found = key.utf8.withContiguousStorageIfAvailable { place(of: $0) }
        return (found ?? Array(key.utf8).withUnsafeBufferPointer { place(of: $0) }).map { JSONView(bytes, tokens, $0) }
    }

    private func place(of key: UnsafeBufferPointer<UInt8>) -> Int? {
        var name = place + 1
        var found: Int?
        for _ in 0..<count {
            if tokens[name].holds(key, in: bytes) {
                found = name + 1
                if token.bits == 1 { break }
            }
            name = Int(tokens[name + 1].next)
        }
        return found
    }
}

/// Where a value stands in a text.
@usableFromInline
struct JSONToken {
    @usableFromInline
    enum Kind: UInt8 {
        case null, `false`, `true`, int, double
        /// A string as it is written, and one with escapes.
        case string, escaped
        case array, object
    }

    @usableFromInline let kind: Kind
    /// The first byte of a string's contents.
    @usableFromInline let start: Int32
    /// How many bytes a string's contents have; how many elements or members there are.
    @usableFromInline var length: Int32
    /// The place of the token behind this value and all that is in it.
    @usableFromInline var next: Int32
    /// The number, or how many bytes a string has without its escapes, or 1 where no key of an object is repeated.
    @usableFromInline var bits: UInt64

    @inlinable
    var range: Range<Int> { Int(start)..<Int(start) + Int(length) }

    /// The string, which has been checked.
    @usableFromInline
    func text(in bytes: UnsafeBufferPointer<UInt8>) -> String {
        let contents = UnsafeBufferPointer(rebasing: bytes[range])
        if kind == .string { return String(decoding: contents, as: UTF8.self) }
        let quoted = UnsafeBufferPointer(rebasing: bytes[Int(start)...range.upperBound])
        var scanner = try? JSONScanner(quoted, JSON.ParsingOptions(maximumBytes: quoted.count))
        return (try? scanner?.escapedString(from: 0, opening: 0)) ?? ""
    }

    /// Whether this is the same string, byte for byte.
    func holds(_ other: UnsafeBufferPointer<UInt8>, in bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        if kind == .escaped { return bits == other.count && text(in: bytes).utf8.elementsEqual(other) }
        guard Int(length) == other.count else { return false }
        let contents = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[range])
        return contents.hasSameBytes(as: UnsafeRawBufferPointer(other))
    }
}
