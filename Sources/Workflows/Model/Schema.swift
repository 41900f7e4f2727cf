import JSON

extension Definition {
    /// A value written down in a definition, such as a default or the outcome of a decision row.
    public typealias PlainValue = JSON

    /// The shape of a value: the subset of JSON Schema 2020-12 that definitions use, and what Reeve adds to it.
    public indirect enum Shape: Sendable {
        /// A record with named fields.
        case object(fields: [Field])
        /// A list.
        case array(items: Schema)
        /// A text.
        case string
        /// A whole number of 64 bits.
        case integer
        /// A number with fraction.
        case number
        /// A truth value.
        case boolean
    }

    /// What a `format` says about a text.
    public enum Format: String, Sendable, CaseIterable {
        /// RFC 3339 instant; a timestamp in CEL.
        case dateTime = "date-time"
        /// ISO 8601 duration; a duration in CEL.
        case duration
        /// RFC 3339 full date; a string in CEL.
        case date
        /// A person of the directory.
        case person
        /// A team or group of the directory.
        case group
        /// A service of the catalogue.
        case service
        /// A configuration item of the catalogue.
        case item
        /// A vendor of the catalogue.
        case vendor
        /// Evidence by its SHA-256.
        case evidence
        /// An instance by its reference.
        case instance
        /// A deadline rule.
        case rule
        /// A regime.
        case regime
        /// A checklist of a regime.
        case checklist
        /// An absolute URI.
        case uri
        /// An address of electronic mail.
        case email
    }

    /// A shape with its constraints.
    public struct Schema: Sendable {
        /// The shape.
        public var shape: Shape
        /// Title that people see.
        public var title: String?
        /// Explanation that people see.
        public var explanation: String?
        /// Format of a text.
        public var format: Format?
        /// The only values allowed; empty means any.
        public var allowed: [PlainValue] = []
        /// Value of a field that was never set.
        public var defaultValue: PlainValue?
        /// Least length of a text in Unicode scalars.
        public var minLength: Int?
        /// Greatest length of a text in Unicode scalars.
        public var maxLength: Int?
        /// Pattern of a text, in the syntax of CEL's `matches`.
        public var pattern: String?
        /// Least value of a number.
        public var minimum: Double?
        /// Greatest value of a number.
        public var maximum: Double?
        /// Value that a number exceeds.
        public var exclusiveMinimum: Double?
        /// Value that a number stays below.
        public var exclusiveMaximum: Double?
        /// Least number of elements.
        public var minItems: Int?
        /// Greatest number of elements.
        public var maxItems: Int?
        /// Whether no two elements may be equal.
        public var uniqueItems = false
        /// A shape of the regime library, such as `regimes/obligation`; ``shape`` holds what it stands for.
        public var reference: String?
        /// Where the schema stands.
        public var position: SourcePosition

        /// Creates a schema without constraints.
        public init(shape: Shape, position: SourcePosition) {
            self.shape = shape
            self.position = position
        }

        /// The fields of an object; empty for other shapes.
        public var fields: [Field] {
            if case .object(let fields) = shape { fields } else { [] }
        }
    }

    /// A named field of an object.
    public struct Field: Sendable {
        /// Name of the field.
        public var name: String
        /// What it may hold.
        public var schema: Schema
        /// Whether an object without it is invalid.
        public var isRequired: Bool
        /// Derives the field; it is unset on an error or while ``when`` is false.
        public var compute: Formula?
        /// Whether the field is derived at all.
        public var when: Formula?
        /// Names the checklist whose contents the field holds; it is present when they are complete.
        public var checklist: Formula?
        /// Where the field is declared.
        public var position: SourcePosition

        /// Creates a field.
        public init(name: String, schema: Schema, isRequired: Bool, position: SourcePosition) {
            self.name = name
            self.schema = schema
            self.isRequired = isRequired
            self.position = position
        }
    }
}
