import CEL

/// A CEL expression of a definition, parsed, with its place in the file.
public struct Formula: Sendable {
    /// The text as the author wrote it.
    public let source: String
    /// Where the text begins.
    public let position: SourcePosition
    /// The syntax tree, which the checker reads.
    public let expression: CEL.Expression
    /// The expression made ready to evaluate.
    let program: Program
    /// What its value depends on.
    let inputs: Inputs
    /// The names of a bare field such as `data.window.from`, which may pass on that it is unset; nil for all else.
    let path: [String]?
    /// The roles that it reads.
    let roles: [String]
    /// Whether it asks questions beyond the instance.
    let reads: Bool
    /// Whether it reads what is known of the tenant.
    let readsTenant: Bool

    /// Creates a formula from an expression that has been parsed.
    public init(source: String, position: SourcePosition, expression: CEL.Expression) {
        self.source = source
        self.position = position
        self.expression = expression
        program = Program(expression, in: Names.environment)
        inputs = Inputs(of: expression.root)
        path = expression.root.qualifiedName.map { $0.split(separator: ".").map(String.init) }
        var roles: Set<String> = []
        var reads = false
        var readsTenant = false
        expression.root.forEach { node in
            switch node.kind {
            case .select(let operand, let name), .has(let operand, let name):
                if case .identifier("roles", _) = operand.kind { roles.insert(name.text) }
            case .identifier("tenant", _): readsTenant = true
            case .call(let call): reads = reads || Names.functions.contains(call.function.text)
            default: break
            }
        }
        self.roles = roles.sorted()
        self.reads = reads
        self.readsTenant = readsTenant
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
