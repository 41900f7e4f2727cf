import CEL

/// A CEL expression of a definition, parsed, with its place in the file.
public struct Formula: Sendable {
    /// The text as the author wrote it.
    public let source: String
    /// Where the text begins.
    public let position: SourcePosition
    /// The syntax tree, which the checker reads.
    public let expression: CEL.Expression

    /// Creates a formula from an expression that has been parsed.
    public init(source: String, position: SourcePosition, expression: CEL.Expression) {
        self.source = source
        self.position = position
        self.expression = expression
    }
}

/// A text with interpolated expressions, such as `"Consent of {{item.name}}"`.
public struct Template: Sendable {
    /// A stretch of a template.
    public enum Segment: Sendable {
        /// Text that stands for itself.
        case text(String)
        /// An expression whose value is written in its place.
        case formula(Formula)
    }

    /// The segments in order.
    public let segments: [Segment]
    /// The text as the author wrote it.
    public let source: String
    /// Where the text begins.
    public let position: SourcePosition

    /// Creates a template.
    public init(segments: [Segment], source: String, position: SourcePosition) {
        self.segments = segments
        self.source = source
        self.position = position
    }
}

/// A name that a definition writes down or computes, as `goal rule calendar zone escalation` allow.
public enum Choosable<Value: Sendable>: Sendable {
    /// What the definition says outright.
    case fixed(Value)
    /// `{ compute: CEL }`.
    case computed(Formula)
}
