import JSON

/// The shape of a JSON value: it validates bodies and describes them in `/openapi.json`.
indirect enum Schema: Sendable {
    /// Any value.
    case anything
    /// A truth value.
    case boolean
    /// A whole number in a range.
    case integer(ClosedRange<Int64> = .min ... .max)
    /// A number.
    case number
    /// A text with between so many Unicode scalars.
    case text(ClosedRange<Int>, TextFormat? = nil)
    /// One of these texts.
    case choice([String])
    /// A list of at most so many elements.
    case list(of: Schema, limit: Int = 10_000)
    /// An object whose members all have this shape.
    case map(of: Schema)
    /// An object with these members and no others.
    case object([Property])
    /// The shape or null.
    case nullable(Schema)
    /// A shape with a name, described once and referred to.
    case component(String, Schema)

    /// What a text must look like.
    enum TextFormat: String, Sendable {
        /// An RFC 3339 instant.
        case instant = "date-time"
        /// A full date of RFC 3339.
        case date
        /// A UUID.
        case uuid
        /// An absolute URI.
        case uri
        /// A SHA-256 in 64 hexadecimal digits.
        case digest
    }

    /// A member of an object.
    struct Property: Sendable {
        /// Its name.
        var name: String
        /// Its shape.
        var schema: Schema
        /// Whether an object without it is refused.
        var isRequired: Bool
        /// What it means.
        var summary: String

        /// A member that must be there.
        static func required(_ name: String, _ schema: Schema, _ summary: String) -> Property {
            Property(name: name, schema: schema, isRequired: true, summary: summary)
        }

        /// A member that may be absent.
        static func optional(_ name: String, _ schema: Schema, _ summary: String) -> Property {
            Property(name: name, schema: schema, isRequired: false, summary: summary)
        }
    }

    /// A short text that is not empty, such as a name.
    static let name = Schema.text(1...200)
    /// A few such texts, one of which is enough.
    static let names = Schema.list(of: .name, limit: 100)
    /// A longer text that is not empty, such as a comment.
    static let prose = Schema.text(1...20_000)
    /// An RFC 3339 instant with an offset.
    static let instant = Schema.text(20...40, .instant)
    /// A UUID.
    static let uuid = Schema.text(36...36, .uuid)
}
