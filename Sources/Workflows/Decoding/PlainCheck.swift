import CEL
import Deadlines
import JSON

/// Judges values that are written down in files against the shape of a field.
enum PlainCheck {
    /// Why a value does not fit, as a sentence; nil when it does.
    static func fault(in value: JSON, for schema: Definition.Schema) -> String? {
        if let reason = kindFault(value, schema) { return reason }
        if !schema.allowed.isEmpty, !schema.allowed.contains(where: { equal($0, value) }) {
            return "\(value.text()) is none of \(schema.allowed.map { $0.text() }.joined(separator: ", "))"
        }
        return nil
    }

    /// Whether two values are the same; `1` and `1.0` are, since fields decide which of them is meant.
    static func equal(_ left: JSON, _ right: JSON) -> Bool {
        if let left = left.doubleValue, let right = right.doubleValue { return left == right }
        return left == right
    }

    private static func kindFault(_ value: JSON, _ schema: Definition.Schema) -> String? {
        switch (schema.shape, value) {
        case (.string, .string(let text)): return textFault(text, schema)
        case (.integer, .int(let number)): return rangeFault(Double(number), schema)
        case (.number, .int), (.number, .double):
            return value.doubleValue.flatMap { rangeFault($0, schema) }
        case (.boolean, .bool): return nil
        case (.array(let items), .array(let elements)):
            if let least = schema.minItems, elements.count < least {
                return "the list has fewer than \(least) elements"
            }
            if let most = schema.maxItems, elements.count > most { return "the list has more than \(most) elements" }
            return elements.lazy.compactMap { fault(in: $0, for: items) }.first
        case (.object(let fields), .object(let object)):
            for field in fields {
                guard let member = object[field.name] else {
                    if field.isRequired { return "`\(field.name)` is missing" }
                    continue
                }
                if let reason = fault(in: member, for: field.schema) { return "`\(field.name)`: \(reason)" }
            }
            return object.keys.first { key in !fields.contains { $0.name == key } }.map { "there is no field `\($0)`" }
        default:
            return "\(name(of: schema.shape)) is expected, and this is \(name(of: value))"
        }
    }

    private static func textFault(_ text: String, _ schema: Definition.Schema) -> String? {
        switch schema.format {
        case .dateTime? where (try? Instant(text)) == nil:
            return "\"\(text)\" is no instant such as 2026-03-27T20:55:00+01:00"
        case .duration? where (try? Period(text)) == nil:
            return "\"\(text)\" is no ISO 8601 duration such as PT30M"
        case .date? where !isDate(text): return "\"\(text)\" is no date such as 2026-03-27"
        default: break
        }
        let length = text.unicodeScalars.count
        if let least = schema.minLength, length < least { return "the text has fewer than \(least) characters" }
        if let most = schema.maxLength, length > most { return "the text has more than \(most) characters" }
        if let pattern = schema.pattern, (try? CEL.Regex(pattern))?.matches(text) == false {
            return "\"\(text)\" does not match \(pattern)"
        }
        return nil
    }

    private static func rangeFault(_ number: Double, _ schema: Definition.Schema) -> String? {
        if let least = schema.minimum, number < least { return "\(number) is less than \(least)" }
        if let most = schema.maximum, number > most { return "\(number) is more than \(most)" }
        if let bound = schema.exclusiveMinimum, number <= bound { return "\(number) is not more than \(bound)" }
        if let bound = schema.exclusiveMaximum, number >= bound { return "\(number) is not less than \(bound)" }
        return nil
    }

    /// Whether a text is a day of the calendar, as `YYYY-MM-DD`.
    static func isDate(_ text: String) -> Bool { CivilDate(text) != nil && text.utf8.count == 10 }

    static func name(of shape: Definition.Shape) -> String {
        switch shape {
        case .object: "a map"
        case .array: "a list"
        case .string: "a text"
        case .integer: "a whole number"
        case .number: "a number"
        case .boolean: "true or false"
        }
    }

    private static func name(of value: JSON) -> String {
        switch value {
        case .null: "null"
        case .bool: "a truth value"
        case .int: "a whole number"
        case .double: "a number with a fraction"
        case .string: "a text"
        case .array: "a list"
        case .object: "a map"
        }
    }
}
