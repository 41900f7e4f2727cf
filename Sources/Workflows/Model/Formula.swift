import CEL

/// A CEL expression of a definition, parsed, with its place in the file.
///
/// It is a class so that the many places which hold it stay small; it never changes.
public final class Formula: Sendable {
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
    /// The names that have to be looked up before it is evaluated.
    let mentions: Mentions
    /// The names of a bare field such as `data.window.from`, which may pass on that it is unset; nil for all else.
    let path: FieldPath?

    /// A variable and the fields that lead on from it.
    final class FieldPath: Sendable {
        let variable: Environment.Variable
        let slot: Names.Slot
        /// The first field; nil for the variable itself.
        let first: String?
        let others: ArraySlice<String>

        /// The path of a qualified name; nil where it leads from no variable of a formula.
        init?(_ name: String) {
            let parts = name.split(separator: ".").map(String.init)
            guard let variable = Names.environment.variable(named: parts[0]), let slot = Names.Slot(rawValue: parts[0])
            else { return nil }
            (self.variable, self.slot) = (variable, slot)
            let fields = parts.dropFirst()
            (first, others) = (fields.first, fields.dropFirst())
        }
    }

    /// Creates a formula from an expression that has been parsed.
    public init(source: String, position: SourcePosition, expression: CEL.Expression) {
        self.source = source
        self.position = position
        self.expression = expression
        program = Program(expression, in: Names.environment)
        inputs = Inputs(of: expression.root)
        mentions = Mentions(in: expression.root)
        path = expression.root.qualifiedName.flatMap(FieldPath.init)
    }
}

/// What formulas mention that takes a look beyond the fields of the instance.
struct Mentions: Sendable {
    /// The roles that are read.
    private(set) var roles: [String] = []
    /// Whether questions beyond the instance are asked.
    private(set) var reads = false
    /// Whether what is known of the tenant is read.
    private(set) var tenant = false
    /// Whether the instance's fields are read as they stand, and as the step found them.
    private(set) var data = false
    private(set) var before = false
    /// Whether the event is looked at.
    private(set) var event = false
    /// Whether tasks, approvals, clocks, children or the instance itself are looked at.
    private(set) var records = false

    /// The fields, as they stand and as they were found.
    static let fields: Mentions = {
        var mentions = Mentions(in: [])
        (mentions.data, mentions.before) = (true, true)
        return mentions
    }()

    /// Whether a look at what is mentioned may ask questions.
    var asks: Bool { tenant || reads || !roles.isEmpty }

    init(in node: Node) {
        node.forEach { node in
            switch node.kind {
            case .select(let operand, let name), .has(let operand, let name):
                if case .identifier("roles", _) = operand.kind, !roles.contains(name.text) { roles.append(name.text) }
            case .identifier("tenant", _): tenant = true
            case .identifier("data", _): data = true
            case .identifier("before", _): before = true
            case .identifier("event", _): event = true
            case .identifier("tasks", _), .identifier("approvals", _), .identifier("clocks", _),
                .identifier("children", _), .identifier("self", _):
                records = true
            case .call(let call): reads = reads || HostFunctions.reads.contains(call.function.text)
            default: break
            }
        }
    }

    init(in formulas: [Formula]) {
        roles = formulas.flatMap(\.mentions.roles).uniqued()
        reads = formulas.contains(where: \.mentions.reads)
        tenant = formulas.contains(where: \.mentions.tenant)
        data = formulas.contains(where: \.mentions.data)
        before = formulas.contains(where: \.mentions.before)
        event = formulas.contains(where: \.mentions.event)
        records = formulas.contains(where: \.mentions.records)
    }
}

/// A text with interpolated expressions, such as `"Consent of {{item.name}}"`.
public final class Template: Sendable {
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
    /// The names that have to be looked up before it is written out.
    let mentions: Mentions

    /// Creates a template.
    public init(segments: [Segment], source: String, position: SourcePosition) {
        self.segments = segments
        self.source = source
        self.position = position
        let formulas: [Formula] = segments.compactMap { if case .formula(let formula) = $0 { formula } else { nil } }
        mentions = Mentions(in: formulas)
    }
}

/// A name that a definition writes down or computes, as `goal rule calendar zone escalation` allow.
public enum Choosable<Value: Sendable>: Sendable {
    /// What the definition says outright.
    case fixed(Value)
    /// `{ compute: CEL }`.
    case computed(Formula)
}
