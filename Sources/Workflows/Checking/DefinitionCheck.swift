import CEL

extension Definition {
    /// Finds what is wrong with a definition beyond its syntax.
    ///
    /// - Parameter library: the other definitions by name, against which children, messages and exports are matched;
    ///   what refers to a workflow that is not among them is only checked on this side.
    /// - Returns: the faults in order of file, line and column.
    public func check(among library: [String: Definition] = [:]) -> [Fault] {
        let check = DefinitionCheck(self, library: library)
        check.run()
        return check.log.sorted
    }
}

/// One pass of the checker over a definition, with what its parts need to know of each other.
final class DefinitionCheck {
    let definition: Definition
    let library: [String: Definition]
    let log = FaultLog()
    let graph: StateGraph
    let fields: [String: Definition.Field]
    let roles: [String: Definition.Role]
    let states: [String: Definition.State]
    let types: TypeTable
    /// What is certainly set in each state.
    var presence: Presence
    /// Names that something refers to, by kind.
    var used: [NameKind: Set<String>] = [:]
    private var environments: [EnvironmentKey: CEL.Environment] = [:]
    /// What is set wherever a decision table is used.
    var decisionProofs: [String: Set<String>] = [:]
    /// The types of what other instances are given, by the place of each assignment.
    var givenTypes: [SourcePosition: CELType] = [:]

    init(_ definition: Definition, library: [String: Definition]) {
        self.definition = definition
        self.library = library
        graph = StateGraph(definition)
        fields = Dictionary(definition.data.fields.map { ($0.name, $0) }) { first, _ in first }
        roles = Dictionary(definition.roles.map { ($0.name, $0) }) { first, _ in first }
        states = Dictionary(definition.states.map { ($0.name, $0) }) { first, _ in first }
        types = TypeTable(definition, library: library)
        presence = Presence(definition, graph: graph, types: types)
    }

    func run() {
        checkNames()
        checkExpressions()
        checkUnused()
        checkStates()
        checkEdges()
        checkClocks()
        checkLadders()
        checkPeople()
        checkDecisions()
        checkContracts()
    }

    /// The names of a place, made once for each kind of `item`.
    func environment(_ place: TypeTable.Place, item: CELType?) -> CEL.Environment {
        let key = EnvironmentKey(place: place, item: item)
        if let known = environments[key] { return known }
        let environment = types.environment(place, item: item)
        environments[key] = environment
        return environment
    }

    private struct EnvironmentKey: Hashable {
        let place: TypeTable.Place
        let item: CELType?
    }

    func report(
        _ code: Fault.Code, at position: SourcePosition, _ message: String, length: Int = 1, expected: String? = nil,
        suggestion: String? = nil
    ) {
        log.report(code, at: position, length: length, message, expected: expected, suggestion: suggestion)
    }
}

/// The kinds of names a definition gives.
enum NameKind: Hashable {
    case field, role, state, event, decision, template, escalation, clock, child, task, approval

    var words: String {
        switch self {
        case .field: "field"
        case .role: "role"
        case .state: "state"
        case .event: "event"
        case .decision: "decision table"
        case .template: "template"
        case .escalation: "ladder"
        case .clock: "clock"
        case .child: "child"
        case .task: "task"
        case .approval: "approval"
        }
    }
}
