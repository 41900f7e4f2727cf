extension Value: CustomStringConvertible {
    /// The value as messages and explanations show it, long ones shortened.
    public var description: String { text }

    /// The value much as one would write it in CEL, long ones shortened.
    var text: String {
        switch self {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .int(let value): String(value)
        case .uint(let value): String(value) + "u"
        case .double(let value): DoubleText.typed(value)
        case .string(let value): Self.quoted(value)
        case .bytes(let value): "\(value.count) bytes"
        case .timestamp(let value): value.rfc3339
        case .duration(let value): value.text
        case .type(let value): value.name
        case .list(let values): "[" + Self.shortened(values) { $0.text } + "]"
        case .map(let map): "{" + Self.shortened(map.entries) { "\($0.key.value.text): \($0.value.text)" } + "}"
        case .object: "{…}"
        }
    }

    private static func quoted(_ text: String) -> String {
        let limit = 60
        let scalars = text.unicodeScalars
        let kept = scalars.prefix(limit)
        let escaped = ExtendedStrings.quoted(String(Substring(kept)))
        return kept.endIndex == scalars.endIndex ? escaped : String(escaped.dropLast()) + "…\""
    }

    private static func shortened<T>(_ elements: [T], _ text: (T) -> String) -> String {
        let limit = 5
        return elements.prefix(limit).map(text).joined(separator: ", ") + (elements.count > limit ? ", …" : "")
    }
}
