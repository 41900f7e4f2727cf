/// One version of a workflow as its files describe it: a flat state machine and what stands beside it.
///
/// A definition is a value. It is decoded from YAML, judged by the checker and run by ``Machine``.
public struct Definition: Sendable {
    /// The version of the definition language that the files are written in.
    public var languageVersion = 1
    /// The name by which other definitions and people refer to the workflow, such as `incident`.
    public var name: String
    /// The title that people see.
    public var title: String
    /// The prefix of references, such as `INC` in `INC-2026-0042`.
    public var reference: String
    /// Roles in the order of the file.
    public var roles: [Role]
    /// The fields of an instance.
    public var data: Schema
    /// The transition into ``initial``.
    public var open: Event
    /// Decision tables.
    public var decisions: [Decision]
    /// Name of the state in which an instance begins.
    public var initial: String
    /// States in the order of the file.
    public var states: [State]
    /// Events for several states, each with the states it is for in ``Event/states``.
    public var events: [Event]
    /// Who may correct which field.
    public var corrections: [Correction]
    /// The fields that other instances may read.
    public var exports: [String]
    /// What opens instances of this workflow by itself.
    public var schedule: Schedule?
    /// Deadlines and service levels.
    public var clocks: [Clock]
    /// Instances of other workflows that this one opens.
    public var children: [Child]
    /// Ladders by name.
    public var escalations: [Escalation]
    /// What people are told.
    ///
    /// The root's `templates` is a map of names to `subject` and `body`, both interpolated. A `notify` whose template
    /// is not among them gets a text made from the instance alone.
    public var templates: [Message]
    /// Where the definition begins.
    public var position: SourcePosition

    /// Creates a definition with nothing but a name and one state; decoders fill in the rest.
    public init(
        name: String, title: String, reference: String, data: Schema, open: Event, initial: String, states: [State],
        position: SourcePosition
    ) {
        self.name = name
        self.title = title
        self.reference = reference
        self.data = data
        self.open = open
        self.initial = initial
        self.states = states
        self.position = position
        roles = []
        decisions = []
        events = []
        corrections = []
        exports = []
        clocks = []
        children = []
        escalations = []
        templates = []
    }

    /// Events that can be sent in a state: its own, then those of `on` at the root that name it.
    public func events(in state: State) -> [Event] {
        state.on + events.filter { $0.states.contains(state.name) }
    }
}
