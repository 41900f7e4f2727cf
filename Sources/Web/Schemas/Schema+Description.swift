import JSON

extension Schema {
    /// The JSON Schema (2020-12) of the shape; components are referred to and collected.
    func description(_ components: inout [String: JSON]) -> JSON {
        switch self {
        case .anything: return [:]
        case .boolean: return ["type": "boolean"]
        case .number: return ["type": "number"]
        case .integer(let range): return Schema.describe(range)
        case .text(let lengths, let format): return Schema.describe(lengths, format)
        case .choice(let choices): return ["type": "string", "enum": .array(choices.map(JSON.string))]
        case .list(let element, let limit):
            return ["type": "array", "items": element.description(&components), "maxItems": .int(Int64(limit))]
        case .map(let element):
            return [
                "type": "object", "additionalProperties": element.description(&components),
                "propertyNames": ["pattern": .string(Schema.storable)],
            ]
        case .object(let properties):
            return Schema.describe(properties, &components)
        case .nullable(let schema):
            return ["anyOf": [schema.description(&components), ["type": "null"]]]
        case .component(let name, let schema):
            if components[name] == nil {
                components[name] = [:]  // a shape may refer to itself
                components[name] = schema.description(&components)
            }
            return ["$ref": .string("#/components/schemas/\(name)")]
        }
    }

    /// Texts that PostgreSQL can keep: those without the character NUL.
    static let storable = #"^[^\u0000]*$"#

    private static func describe(_ range: ClosedRange<Int64>) -> JSON {
        var schema: JSONObject = ["type": "integer", "format": "int64"]
        if range.lowerBound > .min { schema["minimum"] = .int(range.lowerBound) }
        if range.upperBound < .max { schema["maximum"] = .int(range.upperBound) }
        return .object(schema)
    }

    private static func describe(_ lengths: ClosedRange<Int>, _ format: TextFormat?) -> JSON {
        switch format {
        case .digest: return ["type": "string", "pattern": "^[0-9A-Fa-f]{64}$"]
        case let format?: return ["type": "string", "format": .string(format.rawValue)]
        case nil:
            return [
                "type": "string", "minLength": .int(Int64(lengths.lowerBound)),
                "maxLength": .int(Int64(lengths.upperBound)), "pattern": .string(Schema.storable),
            ]
        }
    }

    private static func describe(_ properties: [Property], _ components: inout [String: JSON]) -> JSON {
        var members: JSONObject = [:]
        for property in properties {
            var schema = property.schema.description(&components).objectValue ?? [:]
            schema["description"] = .string(property.summary)
            members[property.name] = .object(schema)
        }
        var schema: JSONObject = [
            "type": "object", "properties": .object(members), "additionalProperties": false,
        ]
        let required = properties.filter(\.isRequired).map { JSON.string($0.name) }
        if !required.isEmpty { schema["required"] = .array(required) }
        return .object(schema)
    }
}
