import CEL
import Deadlines
import JSON

/// Values of CEL as JSON that keeps their types.
///
/// What JSON lacks is an object of one member: `{"$uint": "1"}`, `{"$double": "NaN"}`, `{"$bytes": base64}`,
/// `{"$timestamp": RFC 3339}`, `{"$duration": "3600s"}`, `{"$map": [[key, value], …]}`.
enum ValueCoding {
    static func json(_ value: CEL.Value) -> JSON {
        switch value {
        case .null: .null
        case .bool(let value): .bool(value)
        case .int(let value): .int(value)
        case .uint(let value): ["$uint": .string(String(value))]
        case .double(let value): value.isFinite ? .double(value) : ["$double": .string(name(ofNonFinite: value))]
        case .string(let value): .string(value)
        case .bytes(let value): ["$bytes": .string(Base64.encode(value))]
        case .timestamp(let value): ["$timestamp": .string(value.rfc3339)]
        case .duration(let value): ["$duration": .string(value.text)]
        case .list(let values): .array(values.map(json))
        case .map(let map): json(map)
        case .type(let type): ["$type": .string(type.name)]
        case .object(let object): json(object)
        }
    }

    /// Fields by name, in the order of their names.
    static func json(_ fields: [String: CEL.Value]) -> JSON {
        .object(JSONObject(fields.sorted { $0.key < $1.key }.map { ($0.key, json($0.value)) }))
    }

    private static func json(_ map: MapValue) -> JSON {
        var object = JSONObject()
        for entry in map.entries {
            guard case .string(let key) = entry.key, !key.hasPrefix("$") else {
                return ["$map": .array(map.entries.map { [json($0.key.value), json($0.value)] })]
            }
            object[key] = json(entry.value)
        }
        return .object(object)
    }

    private static func json(_ object: any CELObject) -> JSON {
        let names = object.memberNames ?? []
        return json(MapValue(fields: names.compactMap { name in object.member(name).map { (name, $0) } }))
    }

    private static func name(ofNonFinite value: Double) -> String {
        value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity"
    }

    static func value(_ source: some JSONSource, _ path: String = "") throws(DecodingFault) -> CEL.Value {
        if let text = source.stringValue { return .string(text) }
        if source.isObject { return try members(source, path) }
        if source.isArray {
            var values: [CEL.Value] = []
            values.reserveCapacity(source.count)
            try source.eachElement { (_, element) throws(DecodingFault) in values.append(try value(element, path)) }
            return .list(values)
        }
        if let value = source.intValue { return .int(value) }
        if let value = source.boolValue { return .bool(value) }
        return source.doubleValue.map { .double($0) } ?? .null
    }

    private static func members(_ source: some JSONSource, _ path: String) throws(DecodingFault) -> CEL.Value {
        if source.count == 1, let value = try typed(source, path) { return value }
        var fields: [(String, CEL.Value)] = []
        fields.reserveCapacity(source.count)
        try source.eachMember { (key, member) throws(DecodingFault) in
            fields.append((key, try value(member, of: key, path)))
        }
        return .map(MapValue(fields: fields))
    }

    static func fields(_ json: JSON, _ path: String = "") throws(DecodingFault) -> [String: CEL.Value] {
        guard let object = json.objectValue else { throw DecodingFault(path: path, expected: "an object") }
        var fields: [String: CEL.Value] = Dictionary(minimumCapacity: object.count)
        for (key, member) in object { fields[key] = try value(member, of: key, path) }
        return fields
    }

    private static func value(
        _ json: some JSONSource, of key: String, _ path: String
    ) throws(DecodingFault) -> CEL.Value {
        do {
            return try value(json)
        } catch {
            throw error.within(path.isEmpty ? key : path + "." + key)
        }
    }

    /// The value that an object of one member stands for; nil where it is an object like others.
    private static func typed(_ object: some JSONSource, _ path: String) throws(DecodingFault) -> CEL.Value? {
        var value: CEL.Value?
        try object.eachMember { (key, member) throws(DecodingFault) in
            if key.hasPrefix("$") { value = try typed(key, member.json, path) }
        }
        return value
    }

    private static func typed(_ tag: String, _ json: JSON, _ path: String) throws(DecodingFault) -> CEL.Value {
        let text = json.stringValue
        switch tag {
        case "$uint":
            if let value = text.flatMap(UInt64.init) { return .uint(value) }
        case "$int":
            if let value = text.flatMap(Int64.init) { return .int(value) }
        case "$double":
            if let value = text.flatMap(Double.init) { return .double(value) }
        case "$bytes":
            if let value = text.flatMap(Base64.decode) { return .bytes(value) }
        case "$timestamp":
            if let instant = text.flatMap({ Instant(written: $0) }) { return .instant(instant) }
            if let value = text.flatMap({ Timestamp(rfc3339: $0) }) { return .timestamp(value) }
        case "$duration":
            if let value = text.flatMap({ Span(parsing: $0) }) { return .duration(value) }
        case "$type":
            if let text { return .type(TypeValue(text)) }
        case "$map":
            var entries: [MapValue.Entry] = []
            for pair in json.arrayValue ?? [] {
                guard let key = pair[0], let content = pair[1], let key = MapKey(try value(key, path)) else {
                    throw DecodingFault(path: path, expected: "pairs of key and value")
                }
                entries.append(MapValue.Entry(key: key, value: try value(content, path)))
            }
            if json.arrayValue != nil, let map = MapValue(uniqueEntries: entries) { return .map(map) }
        default: break
        }
        throw DecodingFault(path: path, expected: "a typed value, not \(tag)")
    }
}

/// Base64 of RFC 4648 with padding.
enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        var index = 0
        while index < bytes.count {
            let rest = min(3, bytes.count - index)
            var group = UInt32(bytes[index]) << 16
            if rest > 1 { group |= UInt32(bytes[index + 1]) << 8 }
            if rest > 2 { group |= UInt32(bytes[index + 2]) }
            for place in 0..<4 {
                let digit = Int(group >> UInt32(18 - 6 * place)) & 63
                text.append(place <= rest ? alphabet[digit] : UInt8(ascii: "="))
            }
            index += 3
        }
        return String(decoding: text, as: UTF8.self)
    }

    static func decode(_ text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        var group: UInt32 = 0
        var digits = 0
        var padding = 0
        for byte in text.utf8 {
            if byte == UInt8(ascii: "=") {
                padding += 1
                continue
            }
            guard padding == 0, let digit = alphabet.firstIndex(of: byte) else { return nil }
            group = group << 6 | UInt32(digit)
            digits += 1
            if digits % 4 == 0 {
                bytes += [UInt8(truncatingIfNeeded: group >> 16), UInt8(truncatingIfNeeded: group >> 8)]
                bytes.append(UInt8(truncatingIfNeeded: group))
                group = 0
            }
        }
        guard (digits + padding) % 4 == 0, padding < 3 else { return nil }
        switch digits % 4 {
        case 2: bytes.append(UInt8(truncatingIfNeeded: group >> 4))
        case 3: bytes += [UInt8(truncatingIfNeeded: group >> 10), UInt8(truncatingIfNeeded: group >> 2)]
        default: break
        }
        return bytes
    }
}
