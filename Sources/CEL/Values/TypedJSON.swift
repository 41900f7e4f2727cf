import JSON

/// Why JSON stands for no value of CEL.
public struct TypedJSONError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong and what was expected.
    public let message: String

    /// The message.
    public var description: String { message }
}

extension Value {
    /// Reads a value from JSON in which types that JSON lacks are written as objects with one `$` member.
    ///
    /// `{"$int": "1"}`, `{"$uint": "1"}`, `{"$double": "NaN"}`, `{"$bytes": base64}`, `{"$timestamp": RFC 3339}`,
    /// `{"$duration": "3600s"}`, `{"$type": "int"}`, `{"$map": [[key, value], …]}`. A plain number is an int where
    /// it is whole and written without fraction or exponent, else a double; a plain object is a map from strings.
    public init(typedJSON json: JSON) throws(TypedJSONError) {
        switch json {
        case .array(let elements):
            var values: [Value] = []
            values.reserveCapacity(elements.count)
            for element in elements { values.append(try Value(typedJSON: element)) }
            self = .list(values)
        case .object(let object):
            if object.count == 1, object[0].key.utf8.first == UInt8(ascii: "$") {
                self = try Value(marked: object[0].key, object[0].value)
                return
            }
            var fields: [(String, Value)] = []
            fields.reserveCapacity(object.count)
            for member in object { fields.append((member.key, try Value(typedJSON: member.value))) }
            self = .map(MapValue(fields: fields))
        default: self = Value(json: json)
        }
    }

    private init(marked marker: String, _ json: JSON) throws(TypedJSONError) {
        if marker == "$map" {
            self = .map(try MapValue(typedJSON: json))
            return
        }
        guard case .string(let text) = json else {
            throw TypedJSONError(message: "\(marker) takes a string, found \(json.kind)")
        }
        let value: Value? =
            switch marker {
            case "$int": Int64(text).map { .int($0) }
            case "$uint": UInt64(text).map { .uint($0) }
            case "$double": Double(text).map { .double($0) }
            case "$bytes": Base64.decode(text).map { .bytes($0) }
            case "$timestamp": Timestamp(rfc3339: text).map { .timestamp($0) }
            case "$duration": Span(parsing: text).map { .duration($0) }
            case "$type": .type(TypeValue(text))
            default:
                throw TypedJSONError(
                    message: "unknown type \(marker); expected one of $int, $uint, $double, $bytes, $timestamp, "
                        + "$duration, $type, $map")
            }
        guard let value else { throw TypedJSONError(message: "\"\(text)\" is no value for \(marker)") }
        self = value
    }

    /// The value as JSON that keeps its type; see ``init(typedJSON:)``.
    public var typedJSON: JSON {
        switch self {
        case .null: .null
        case .bool(let value): .bool(value)
        case .string(let value): .string(value)
        case .int(let value): ["$int": .string(String(value))]
        case .uint(let value): ["$uint": .string(String(value))]
        case .double(let value): ["$double": .string(DoubleText.typed(value))]
        case .bytes(let value): ["$bytes": .string(Base64.encode(value))]
        case .timestamp(let value): ["$timestamp": .string(value.rfc3339)]
        case .duration(let value): ["$duration": .string(value.text)]
        case .type(let value): ["$type": .string(value.name)]
        case .list(let values): .array(values.map(\.typedJSON))
        case .map(let map):
            ["$map": .array(map.entries.map { [$0.key.value.typedJSON, $0.value.typedJSON] })]
        case .object(let object):
            ["$map": .array(object.fields.map { [.string($0), $1.typedJSON] })]
        }
    }

    /// A value from plain JSON: ints and doubles as they are written, objects as maps from strings.
    public init(json: JSON) {
        switch json {
        case .null: self = .null
        case .bool(let value): self = .bool(value)
        case .int(let value): self = .int(value)
        case .double(let value): self = .double(value)
        case .string(let value): self = .string(value)
        case .array(let elements): self = .list(elements.map { Value(json: $0) })
        case .object(let object): self = .map(MapValue(fields: object.map { ($0.key, Value(json: $0.value)) }))
        }
    }

    /// The value as plain JSON, as well as that goes: bytes in base64, instants in RFC 3339, durations in seconds
    /// (`"3600s"`), types by name, keys of maps as text, a uint beyond the range of ints as a double.
    public var plainJSON: JSON {
        switch self {
        case .null: .null
        case .bool(let value): .bool(value)
        case .string(let value): .string(value)
        case .int(let value): .int(value)
        case .uint(let value): Int64(exactly: value).map { .int($0) } ?? .double(Double(value))
        case .double(let value): .double(value)
        case .bytes(let value): .string(Base64.encode(value))
        case .timestamp(let value): .string(value.rfc3339)
        case .duration(let value): .string(value.text)
        case .type(let value): .string(value.name)
        case .list(let values): .array(values.map(\.plainJSON))
        case .map(let map): .object(JSONObject(map.entries.map { ($0.key.plainText, $0.value.plainJSON) }))
        case .object(let object): .object(JSONObject(object.fields.map { ($0, $1.plainJSON) }))
        }
    }
}

extension MapValue {
    fileprivate init(typedJSON json: JSON) throws(TypedJSONError) {
        guard case .array(let pairs) = json else {
            throw TypedJSONError(message: "$map takes an array of [key, value], found \(json.kind)")
        }
        var entries: [Entry] = []
        for pair in pairs {
            guard case .array(let pair) = pair, pair.count == 2 else {
                throw TypedJSONError(message: "an entry of $map is an array [key, value]")
            }
            let value = try Value(typedJSON: pair[0])
            guard let key = MapKey(value), value.type != .double else {
                throw TypedJSONError(message: "a value of type \(value.type.name) cannot be a key")
            }
            entries.append(Entry(key: key, value: try Value(typedJSON: pair[1])))
        }
        guard let map = MapValue(uniqueEntries: entries) else {
            throw TypedJSONError(message: "$map holds a key a second time")
        }
        self = map
    }
}

extension MapKey {
    fileprivate var plainText: String {
        switch self {
        case .bool(let value): value ? "true" : "false"
        case .int(let value): String(value)
        case .uint(let value): String(value)
        case .string(let value): value
        }
    }
}

extension CELObject {
    /// The fields that are set and can be listed.
    fileprivate var fields: [(String, Value)] {
        (memberNames ?? []).compactMap { name in member(name).map { (name, $0) } }
    }
}
