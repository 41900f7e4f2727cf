import Deadlines
import JSON

/// Why stored text is not what its reader expects.
public struct DecodingFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// Path of the value, such as `clocks[2].rounds[0].due`.
    public let path: String
    /// What was expected.
    public let expected: String

    /// Creates a fault.
    public init(path: String, expected: String) {
        self.path = path
        self.expected = expected
    }

    /// The same fault, its path seen from what holds the value.
    ///
    /// Readers name paths from where they begin, so that nothing is spelled out while all goes well.
    func within(_ outer: String) -> DecodingFault {
        let separator = path.isEmpty || path.hasPrefix("[") || outer.isEmpty ? "" : "."
        return DecodingFault(path: outer + separator + path, expected: expected)
    }

    /// Path and expectation in one line.
    public var description: String { "\(path.isEmpty ? "the value" : path): expected \(expected)" }
}

/// JSON that stored values are read from: a value by itself, or one read in its text.
protocol JSONSource: SendableMetatype {
    var json: JSON { get }
    var stringValue: String? { get }
    var intValue: Int64? { get }
    var boolValue: Bool? { get }
    var doubleValue: Double? { get }
    var isArray: Bool { get }
    var isObject: Bool { get }
    var count: Int { get }
    subscript(key: String) -> Self? { get }
    func eachElement<Failure>(_ body: (Int, Self) throws(Failure) -> Void) throws(Failure)
    func eachMember<Failure>(_ body: (String, Self) throws(Failure) -> Void) throws(Failure)
}

extension JSONView: JSONSource {}

extension JSON: JSONSource {
    var json: JSON { self }
    var isArray: Bool { arrayValue != nil }
    var isObject: Bool { objectValue != nil }
    var count: Int { arrayValue?.count ?? objectValue?.count ?? 0 }

    func eachElement<Failure>(_ body: (Int, JSON) throws(Failure) -> Void) throws(Failure) {
        for (index, element) in (arrayValue ?? []).enumerated() { try body(index, element) }
    }

    func eachMember<Failure>(_ body: (String, JSON) throws(Failure) -> Void) throws(Failure) {
        for (key, value) in objectValue ?? JSONObject() { try body(key, value) }
    }
}

/// A JSON object that is read field by field; faults name the path.
struct JSONFields<Source: JSONSource> {
    let object: Source
    let path: String

    init(_ value: Source, path: String = "") throws(DecodingFault) {
        guard value.isObject else { throw DecodingFault(path: path, expected: "an object") }
        self.object = value
        self.path = path
    }

    func at(_ key: String) -> String { path.isEmpty ? key : path + "." + key }

    func value(_ key: String) throws(DecodingFault) -> Source {
        guard let value = object[key] else { throw DecodingFault(path: at(key), expected: "a value") }
        return value
    }

    func string(_ key: String) throws(DecodingFault) -> String {
        guard let value = object[key]?.stringValue else { throw DecodingFault(path: at(key), expected: "a string") }
        return value
    }

    func optionalString(_ key: String) throws(DecodingFault) -> String? {
        object[key] == nil ? nil : try string(key)
    }

    func int(_ key: String, default absent: Int64? = nil) throws(DecodingFault) -> Int64 {
        if let absent, object[key] == nil { return absent }
        guard let value = object[key]?.intValue else {
            throw DecodingFault(path: at(key), expected: "a whole number")
        }
        return value
    }

    func bool(_ key: String) throws(DecodingFault) -> Bool {
        guard let value = object[key] else { return false }
        guard let value = value.boolValue else { throw DecodingFault(path: at(key), expected: "true or false") }
        return value
    }

    func instant(_ key: String) throws(DecodingFault) -> Instant {
        guard let instant = try optionalInstant(key) else {
            throw DecodingFault(path: at(key), expected: "an RFC 3339 instant")
        }
        return instant
    }

    func optionalInstant(_ key: String) throws(DecodingFault) -> Instant? {
        guard let text = try optionalString(key) else { return nil }
        if let instant = Instant(written: text) { return instant }
        do { return try Instant(text) } catch {
            throw DecodingFault(path: at(key), expected: "an RFC 3339 instant")
        }
    }

    func identifier(_ key: String) throws(DecodingFault) -> Identifier {
        guard let identifier = Identifier(try string(key)) else {
            throw DecodingFault(path: at(key), expected: "a UUID")
        }
        return identifier
    }

    /// A word of an enumeration.
    func word<Word: RawRepresentable>(_ key: String) throws(DecodingFault) -> Word where Word.RawValue == String {
        guard let word = Word(rawValue: try string(key)) else {
            throw DecodingFault(path: at(key), expected: "a known word")
        }
        return word
    }

    /// The elements of a list; none where the key is absent.
    func list<Element>(
        _ key: String, _ decode: (Source, String) throws(DecodingFault) -> Element
    ) throws(DecodingFault) -> [Element] {
        var decoded: [Element] = []
        decoded.reserveCapacity(object[key]?.count ?? 0)
        try eachElement(of: key) { (element) throws(DecodingFault) in decoded.append(try decode(element, "")) }
        return decoded
    }

    /// Reads the elements of a list, in their order; there are none where the key is absent.
    func eachElement(
        of key: String, _ read: (Source) throws(DecodingFault) -> Void
    ) throws(DecodingFault) {
        guard let value = object[key] else { return }
        guard value.isArray else { throw DecodingFault(path: at(key), expected: "a list") }
        try value.eachElement { (index, element) throws(DecodingFault) in
            do throws(DecodingFault) {
                try read(element)
            } catch {
                throw error.within("\(at(key))[\(index)]")
            }
        }
    }

    func strings(_ key: String) throws(DecodingFault) -> [String] {
        try list(key) { (element, path) throws(DecodingFault) in
            guard let text = element.stringValue else { throw DecodingFault(path: path, expected: "a string") }
            return text
        }
    }

    /// The elements of a list of strings, each once.
    func set(_ key: String) throws(DecodingFault) -> Set<String> {
        object[key] == nil ? [] : Set(try strings(key))
    }

    /// The members of an object; none where the key is absent.
    func map<Element>(
        _ key: String, _ decode: (Source, String) throws(DecodingFault) -> Element
    ) throws(DecodingFault) -> [String: Element] {
        var decoded: [String: Element] = [:]
        try members(key, decode) { decoded[$0] = $1 }
        return decoded
    }

    /// The members of an object in the order of their names; none where the key is absent.
    func ordered<Element>(
        _ key: String, _ decode: (Source, String) throws(DecodingFault) -> Element
    ) throws(DecodingFault) -> Ordered<String, Element> {
        var decoded = Ordered<String, Element>()
        try members(key, decode) { decoded[$0] = $1 }
        return decoded
    }

    private func members<Element>(
        _ key: String, _ decode: (Source, String) throws(DecodingFault) -> Element, _ take: (String, Element) -> Void
    ) throws(DecodingFault) {
        guard let value = object[key] else { return }
        guard value.isObject else { throw DecodingFault(path: at(key), expected: "an object") }
        try value.eachMember { (name, member) throws(DecodingFault) in
            do throws(DecodingFault) {
                take(name, try decode(member, ""))
            } catch {
                throw error.within(at(key) + "." + name)
            }
        }
    }
}

extension JSONObject {
    /// Sets the member unless there is nothing to set.
    mutating func set(_ key: String, _ value: JSON?) {
        if let value { self[key] = value }
    }

    mutating func set(_ key: String, _ value: String?) { set(key, value.map(JSON.string)) }

    mutating func set(_ key: String, _ value: Instant?) { set(key, value.map { JSON.string($0.description) }) }

    /// Sets a list unless it is empty.
    mutating func set(_ key: String, list: [JSON]) {
        if !list.isEmpty { self[key] = .array(list) }
    }

    mutating func set(_ key: String, strings: some Sequence<String>) {
        set(key, list: strings.map(JSON.string))
    }
}
