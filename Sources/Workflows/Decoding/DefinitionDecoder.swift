import JSON
import YAML

extension Definition {
    /// Reads a definition and the fragments that it includes.
    ///
    /// Nothing but `file` says what is read: the closure gets paths such as `incident/incident.yaml` or
    /// `shared/ladders.yaml`, made from the first one and what `include` names.
    ///
    /// - Parameters:
    ///   - path: path of the definition's file.
    ///   - limits: how large and deep a file may be.
    ///   - file: the bytes of a file; nil where there is none or it cannot be read.
    /// - Returns: the definition as far as it could be understood, with every fault found.
    public static func decode(
        _ path: String, limits: YAML.Limits = YAML.Limits(), file: (String) -> [UInt8]?
    ) -> Decoded<Definition> {
        let log = FaultLog()
        var inclusion = Inclusion(log: log, limits: limits)
        var definition: Definition?
        if let root = inclusion.unite(path, file: file) {
            definition = DefinitionDecoder(log: log).definition(root)
        }
        return Decoded(value: definition, faults: log.sorted, files: inclusion.files)
    }

    /// Reads a definition that includes nothing from text.
    public static func decode(text: String, path: String = "definition.yaml") -> Decoded<Definition> {
        decode(path) { $0 == path ? Array(text.utf8) : nil }
    }
}

/// Turns the tree of a definition's files into a ``Definition`` and reports all that does not fit.
final class DefinitionDecoder {
    static let rootKeys = [
        "workflow", "title", "reference", "language", "include", "roles", "data", "open", "decisions", "initial",
        "states", "on", "correct", "exports", "schedule", "clocks", "children", "escalations", "templates",
    ]

    let log: FaultLog
    var roleNames: Set<String> = []

    init(log: FaultLog) {
        self.log = log
    }

    func definition(_ root: UnitedRoot) -> Definition? {
        let record = Record(root.element, entries: root.entries, "a definition", keys: Self.rootKeys, log: log)
        let roles = named(record["roles"], "role").compactMap(role)
        roleNames = Set(roles.map(\.name))
        let name = workflowName(record)
        let data = record["data"].flatMap(rootSchema)
        if data == nil, record["data"] == nil { missing("data", in: record, "the fields of an instance") }
        let states = named(record["states"], "state", pattern: .hyphenated).compactMap(state)
        if record["states"] == nil { missing("states", in: record, "at least one state") }
        let initial = record["initial"].flatMap { word($0, "the name of a state") }
        if record["initial"] == nil { missing("initial", in: record, "the name of the first state") }
        let open = record["open"].flatMap { openEvent($0) }
        if record["open"] == nil { missing("open", in: record, "what is sent to open an instance, at least `{}`") }
        guard let name, !states.isEmpty else { return nil }

        var definition = Definition(
            name: name,
            title: record["title"].flatMap { text($0) } ?? Spelling.title(of: name),
            reference: reference(record, name: name),
            data: data ?? Definition.Schema(shape: .object(fields: []), position: root.element.position),
            open: open ?? Definition.Event(name: "open", position: root.element.position),
            initial: initial ?? states[0].name, states: states, position: root.element.position)
        definition.roles = roles
        definition.languageVersion = languageVersion(record)
        definition.decisions = named(record["decisions"], "decision table").compactMap(decision)
        definition.events = named(record["on"], "event", pattern: .hyphenated).compactMap { event($0, at: .root) }
        definition.corrections = named(record["correct"], "correction").compactMap(correction)
        definition.exports = record["exports"].map { names($0, "the name of a field") } ?? []
        definition.schedule = record["schedule"].flatMap(schedule)
        definition.clocks = named(record["clocks"], "clock").compactMap(clock)
        definition.children = named(record["children"], "child").compactMap(child)
        definition.escalations = named(record["escalations"], "ladder", pattern: .hyphenated).compactMap(escalation)
        definition.templates = named(record["templates"], "template", pattern: .hyphenated).compactMap(message)
        return definition
    }

    private func workflowName(_ record: Record) -> String? {
        guard let element = record["workflow"] else {
            missing("workflow", in: record, "the name of the workflow, such as `incident`")
            return nil
        }
        guard let name = word(element, "the name of the workflow") else { return nil }
        if !NamePattern.workflow.matches(name) { invalidName(name, element, .workflow) }
        return name
    }

    private func reference(_ record: Record, name: String) -> String {
        guard let element = record["reference"] else {
            missing("reference", in: record, "two to eight capital letters, such as `INC`")
            return String(name.uppercased().filter(\.isLetter).prefix(3))
        }
        guard let reference = word(element, "the prefix of references") else { return "" }
        if !NamePattern.reference.matches(reference) { invalidName(reference, element, .reference) }
        return reference
    }

    private func languageVersion(_ record: Record) -> Int {
        guard let element = record["language"], let version = integer(element, 1...1) else { return 1 }
        return version
    }

    func missing(_ key: String, in record: Record, _ expected: String) {
        log.report(
            .missingKey, at: record.position, "`\(key)` is missing", expected: expected)
    }
}
