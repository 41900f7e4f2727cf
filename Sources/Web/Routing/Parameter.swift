import JSON

/// A parameter of the query string.
struct Parameter: Sendable {
    /// Its name.
    var name: String
    /// Its shape: a text, choice, whole number, boolean, or a list of these.
    var schema: Schema
    /// What it means.
    var summary: String

    /// Whether a request without it is refused.
    var isRequired: Bool

    /// Creates a parameter.
    init(_ name: String, _ schema: Schema, _ summary: String, isRequired: Bool = false) {
        self.isRequired = isRequired
        self.name = name
        self.schema = schema
        self.summary = summary
    }

    /// The value that texts of the query string stand for, checked against the shape.
    func value(of texts: [String]) throws(Problem) -> JSON {
        let value: JSON
        if case .list(let element, _) = schema {
            let parts = texts.flatMap { $0.split(separator: ",").map(String.init) }
            value = .array(parts.map { Self.plain($0, element) })
        } else {
            guard texts.count == 1 else { throw .parameter(name, "is given \(texts.count) times") }
            value = Self.plain(texts[0], schema)
        }
        if let fault = schema.faults(in: value).first { throw .parameter(name, "has a fault: \(fault.message)") }
        return value
    }

    private static func plain(_ text: String, _ schema: Schema) -> JSON {
        switch schema {
        case .integer: Int64(text).map(JSON.int) ?? .string(text)
        case .boolean: ["true": JSON.bool(true), "false": JSON.bool(false)][text] ?? .string(text)
        case .component(_, let schema), .nullable(let schema): plain(text, schema)
        default: .string(text)
        }
    }
}
