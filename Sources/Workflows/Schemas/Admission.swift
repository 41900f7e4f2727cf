import CEL
import Deadlines
import JSON

/// Judges values by their schemas, and gives plain ones the type that the schema wants.
///
/// A text becomes a timestamp or duration where the format says so, a whole number a fraction where the schema asks
/// for a number; a value that has its type already is left as it is.
struct Admission {
    /// What does not fit, by path.
    var problems: [Rejection.Problem] = []
    /// What the value refers to and the definition cannot judge.
    var references: [Reference] = []

    /// A mention of something in the directory, the catalogue or the library.
    struct Reference {
        let format: Definition.Format
        let id: String
        let path: SchemaPath
    }

    mutating func admit(_ value: CEL.Value, as schema: Definition.Schema, at path: SchemaPath) -> CEL.Value {
        let admitted = convert(value, schema, path)
        guard let admitted else { return value }
        if !schema.allowed.isEmpty, !schema.allowed.contains(where: { CEL.Value(json: $0).celEquals(admitted) }) {
            let options = schema.allowed.map { $0.stringValue ?? $0.text() }.joined(separator: ", ")
            refuse(path, "must be one of \(options)")
        }
        return admitted
    }

    private mutating func refuse(_ path: SchemaPath, _ message: String) {
        problems.append(Rejection.Problem(path: path.description, message: message))
    }

    /// The value in the type of the schema; nil where it has another.
    private mutating func convert(
        _ value: CEL.Value, _ schema: Definition.Schema, _ path: SchemaPath
    ) -> CEL.Value? {
        switch (schema.shape, value) {
        case (.string, _): return text(value, schema, path)
        case (.boolean, .bool): return value
        case (.integer, .int(let number)): judge(Double(number), schema, path)
        case (.integer, .uint(let number)):
            guard let signed = Int64(exactly: number) else { break }
            judge(Double(signed), schema, path)
            return .int(signed)
        case (.integer, .double(let number)):
            guard let whole = Int64(exactly: number) else { break }
            judge(number, schema, path)
            return .int(whole)
        case (.number, .double(let number)):
            guard number.isFinite else { break }
            judge(number, schema, path)
        case (.number, .int(let number)):
            judge(Double(number), schema, path)
            return .double(Double(number))
        case (.number, .uint(let number)):
            judge(Double(number), schema, path)
            return .double(Double(number))
        case (.array(let items), .list(let elements)): return list(elements, items, schema, path)
        case (.object(let fields), .map(let map)): return record(map, fields, path)
        default: break
        }
        switch (schema.shape, value) {
        case (.integer, .int), (.number, .double): return value
        default:
            refuse(path, "must be \(schema.kind), not \(value.type.name)")
            return nil
        }
    }

    private mutating func judge(_ number: Double, _ schema: Definition.Schema, _ path: SchemaPath) {
        if let least = schema.minimum, number < least { refuse(path, "must be at least \(least.words)") }
        if let most = schema.maximum, number > most { refuse(path, "must be at most \(most.words)") }
        if let bound = schema.exclusiveMinimum, number <= bound { refuse(path, "must be above \(bound.words)") }
        if let bound = schema.exclusiveMaximum, number >= bound { refuse(path, "must be below \(bound.words)") }
    }

    private mutating func list(
        _ elements: [CEL.Value], _ items: Definition.Schema, _ schema: Definition.Schema, _ path: SchemaPath
    ) -> CEL.Value {
        if let least = schema.minItems, elements.count < least { refuse(path, "needs at least \(least) elements") }
        if let most = schema.maxItems, elements.count > most { refuse(path, "may have at most \(most) elements") }
        var admitted: [CEL.Value] = []
        admitted.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() {
            admitted.append(admit(element, as: items, at: path.element(index)))
        }
        if schema.uniqueItems, Set(admitted).count < admitted.count { refuse(path, "repeats an element") }
        return .list(admitted)
    }

    private mutating func record(_ map: MapValue, _ fields: [Definition.Field], _ path: SchemaPath) -> CEL.Value {
        // A record without declared fields holds whatever is put into it.
        guard !fields.isEmpty else { return .map(map) }
        var admitted: [MapValue.Entry] = []
        admitted.reserveCapacity(map.count)
        for entry in map.entries {
            guard case .string(let name) = entry.key, let field = fields.first(where: { $0.name == name }) else {
                refuse(path.field(entry.key.value.words), "is not known here")
                continue
            }
            guard entry.value != .null else { continue }
            let value = admit(entry.value, as: field.schema, at: path.field(name))
            admitted.append(MapValue.Entry(key: entry.key, value: value))
        }
        for field in fields where !admitted.contains(where: { $0.key == .string(field.name) }) {
            if let value = field.schema.defaultValue {
                let value = admit(CEL.Value(json: value), as: field.schema, at: path.field(field.name))
                admitted.append(MapValue.Entry(key: .string(field.name), value: value))
            } else if field.isRequired {
                refuse(path.field(field.name), "is missing")
            }
        }
        return MapValue(uniqueEntries: admitted).map(CEL.Value.map) ?? .map(map)
    }
}

extension Definition.Schema {
    /// What the schema asks for, in words.
    var kind: String {
        switch (shape, format) {
        case (.object, _): "an object"
        case (.array, _): "a list"
        case (.string, .dateTime?): "an instant such as 2026-03-27T21:00:00+01:00"
        case (.string, .duration?): "an ISO 8601 duration such as PT4H"
        case (.string, _): "a text"
        case (.integer, _): "a whole number"
        case (.number, _): "a number"
        case (.boolean, _): "true or false"
        }
    }

    /// A value that the definition writes down.
    func literal(_ plain: JSON, at position: SourcePosition) throws(DefinitionError) -> CEL.Value {
        var admission = Admission()
        let value = admission.admit(CEL.Value(json: plain), as: self, at: SchemaPath(""))
        guard let problem = admission.problems.first else { return value }
        throw DefinitionError(message: "The value \(plain.text()) \(problem.message).", position: position)
    }
}

extension Double {
    /// The number as people write it: without a fraction where it is whole.
    fileprivate var words: String {
        self == rounded() && magnitude < 1e15 ? String(Int64(self)) : "\(self)"
    }
}

extension CEL.Value {
    /// The value as JSON that people and programs outside understand: instants in RFC 3339, durations in ISO 8601.
    public var plain: JSON {
        switch self {
        case .null: return .null
        case .bool(let truth): return .bool(truth)
        case .int(let number): return .int(number)
        case .uint(let number): return Int64(exactly: number).map(JSON.int) ?? .double(Double(number))
        case .double(let number): return .double(number)
        case .string(let text): return .string(text)
        case .bytes(let bytes): return .array(bytes.map { .int(Int64($0)) })
        case .timestamp(let timestamp): return .string(timestamp.rfc3339)
        case .duration(let span): return .string(Period(microseconds: span.nanoseconds / 1000).description)
        case .list(let elements): return .array(elements.map(\.plain))
        case .map(let map):
            return .object(JSONObject(map.entries.map { ($0.key.value.words, $0.value.plain) }))
        case .type(let type): return .string(type.name)
        case .object: return kept.plain
        }
    }
}
