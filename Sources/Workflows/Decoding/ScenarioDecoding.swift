import Deadlines
import JSON
import YAML

extension Scenario {
    /// Reads a scenario.
    ///
    /// - Parameters:
    ///   - bytes: the file.
    ///   - path: its path, for messages.
    public static func decode(
        _ bytes: [UInt8], path: String, limits: YAML.Limits = YAML.Limits()
    ) -> Decoded<Scenario> {
        let log = FaultLog()
        let (root, faults) = YAML.read(bytes, limits: limits)
        for fault in faults {
            log.report(
                Fault.Code(rawValue: fault.code.rawValue) ?? .yamlSyntax,
                at: SourcePosition(file: path, line: fault.line, column: fault.column), length: fault.length,
                fault.message)
        }
        let scenario = root.flatMap { ScenarioDecoder(log: log).scenario(Element(node: $0, file: path)) }
        return Decoded(value: scenario, faults: log.sorted, files: [path])
    }
}

/// Turns the tree of a scenario's file into a ``Scenario``.
private struct ScenarioDecoder {
    /// What children and which schedule a scenario has.
    private enum Part: String, CaseIterable { case real, stubs }

    static let acts = ["open", "send", "approve", "refuse", "complete", "correct", "child", "told"]

    let log: FaultLog
    let words: DefinitionDecoder

    init(log: FaultLog) {
        self.log = log
        words = DefinitionDecoder(log: log)
    }

    func scenario(_ root: Element) -> Scenario? {
        let keys = ["workflow", "scenario", "people", "given", "children", "schedule", "steps"]
        guard let record = Record(root, "a scenario", keys: keys, log: log) else { return nil }
        for key in ["workflow", "scenario", "steps"] where record[key] == nil {
            words.missing(key, in: record, key == "steps" ? "a list of steps" : "a text")
        }
        let people = record["people"].map { element in
            words.named(element, "person", pattern: .hyphenated).map {
                Scenario.Person(id: $0.name, groups: words.names($0.value, "the name of a group"))
            }
        }
        guard let workflow = record["workflow"].flatMap({ words.word($0, "the name of a workflow") }),
            let title = record["scenario"].flatMap({ words.text($0) }), let steps = record["steps"]
        else { return nil }
        guard steps.node.sequence?.isEmpty == false else {
            words.wrongKind(steps, "a list of steps")
            return nil
        }
        return Scenario(
            workflow: workflow, title: title, people: people ?? [], given: stubs(record["given"]),
            hasRealChildren: record["children"].flatMap { words.choice($0, Part.self) } == .real,
            hasRealSchedule: record["schedule"].flatMap { words.choice($0, Part.self) } == .real,
            steps: steps.elements.compactMap(step), position: root.position)
    }

    private func stubs(_ element: Element?) -> [Scenario.Stub] {
        guard let element else { return [] }
        return values(element).map { Scenario.Stub(name: $0.name, value: $0.value, position: $0.position) }
    }

    /// The entries of a map as plain values; nothing after a key is a fault, above all where a comma made the key.
    private func values(_ element: Element) -> [(name: String, value: JSON, position: SourcePosition)] {
        guard element.node.mapping != nil else {
            words.wrongKind(element, "a map from names to values")
            return []
        }
        reportAbsent(element)
        return element.entries.map { ($0.name, $0.value.json, $0.key.position) }
    }

    private func reportAbsent(_ element: Element) {
        for item in element.node.sequence == nil ? [] : element.elements { reportAbsent(item) }
        for entry in element.entries {
            if entry.value.node.scalar?.isAbsent == true {
                let isFlow = element.node.mapping?.isFlow == true
                log.report(
                    isFlow ? .yamlFlow : .missingValue, at: entry.key.position, length: entry.key.length,
                    isFlow
                        ? "nothing stands after `\(entry.name)`; if a comma split a text here, put the text in quotes"
                        : "nothing stands after `\(entry.name):`; write a value, or `null`")
            }
            reportAbsent(entry.value)
        }
    }

    private func map(_ element: Element?) -> [String: JSON] {
        guard let element else { return [:] }
        return Dictionary(values(element).map { ($0.name, $0.value) }) { first, _ in first }
    }

    private func step(_ element: Element) -> Scenario.Step? {
        let keys = ["at", "to", "by", "given", "expect", "form", "key", "data", "final", "state", "reason"] + Self.acts
        guard let record = Record(element, "a step", keys: keys, log: log) else { return nil }
        let acts = Self.acts.filter { record[$0] != nil }
        if acts.count > 1 {
            log.report(
                .conflictingKeys, at: element.position, "a step does one thing",
                expected: "one of \(Spelling.list(acts))")
        }
        guard let act = act(acts.first, record) else { return nil }
        refuseStrays(acts.first, record)
        return Scenario.Step(
            at: record["at"].flatMap(moment), to: record["to"].flatMap(path) ?? [],
            by: record["by"].flatMap { words.word($0, "a person, or `parent`") },
            given: stubs(record["given"]), act: act, expect: record["expect"].flatMap(expectation),
            position: element.position)
    }

    /// Reports keys that mean nothing beside the step's act.
    private func refuseStrays(_ act: String?, _ record: Record) {
        let fitting: [String: [String]] = [
            "form": ["send", "complete"], "key": ["approve", "refuse", "complete"], "data": ["child"],
            "final": ["child"], "state": ["child"], "reason": ["correct"],
        ]
        for (key, acts) in fitting {
            guard let element = record[key], !acts.contains(act ?? "") else { continue }
            log.report(
                .conflictingKeys, at: element.position, "`\(key)` belongs beside \(Spelling.list(acts))")
        }
    }

    private func act(_ name: String?, _ record: Record) -> Scenario.Act? {
        guard let name, let value = record[name] else { return .wait }
        func item() -> ItemKey? {
            words.word(value, "a name").map { ItemKey($0, record["key"].flatMap(key) ?? "") }
        }
        switch name {
        case "open": return .open(map(value))
        case "send": return words.word(value, "the name of an event").map { .send($0, form: map(record["form"])) }
        case "approve": return item().map { .approve($0) }
        case "refuse": return item().map { .refuse($0) }
        case "complete": return item().map { .complete($0, result: map(record["form"])) }
        case "correct": return .correct(map(value), reason: record["reason"].flatMap { words.text($0) })
        case "told": return .told(map(value))
        default:
            guard let child = words.word(value, "a child as `NAME/KEY`") else { return nil }
            return .child(
                itemKey(child), data: map(record["data"]), state: record["state"].flatMap { words.word($0, "a state") },
                isFinal: record["final"].flatMap { words.boolean($0) } ?? false)
        }
    }

    /// The key of an element; a number is taken as it is written.
    private func key(_ element: Element) -> String? {
        guard let scalar = element.node.scalar, scalar.value != .null else {
            words.wrongKind(element, "the key of an element")
            return nil
        }
        return scalar.text
    }

    /// The way to a child, as `NAME/KEY`, and on to a child of that as `NAME/KEY/NAME/KEY`.
    private func path(_ element: Element) -> [ItemKey]? {
        guard let text = words.word(element, "a child as `NAME/KEY`") else { return nil }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        return stride(from: 0, to: parts.count, by: 2).map {
            ItemKey(parts[$0], $0 + 1 < parts.count ? parts[$0 + 1] : "")
        }
    }

    private func itemKeys(_ element: Element) -> [String] {
        element.node.sequence == nil ? [] : element.elements.compactMap(key)
    }

    private func itemKey(_ text: String) -> ItemKey {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        return ItemKey(String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
    }

    private func moment(_ element: Element) -> Scenario.Moment? {
        guard let text = element.node.string else {
            words.wrongKind(element, "an instant, or `+` and an ISO 8601 duration")
            return nil
        }
        if text.hasPrefix("+"), let period = try? Period(String(text.dropFirst())) { return .after(period) }
        return instant(element, "an instant such as 2026-03-27T21:00:00+01:00, or `+PT10M` after the step before")
            .map { .instant($0) }
    }

    private func instant(_ element: Element, _ expected: String) -> Instant? {
        guard let text = element.node.string, let instant = try? Instant(text) else {
            words.invalid(element, "this is no instant", expected: expected)
            return nil
        }
        return instant
    }

    private func expectation(_ element: Element) -> Scenario.Expectation? {
        let keys = ["state", "data", "clocks", "children", "opened", "notified", "rejected", "log"]
        guard let record = Record(element, "`expect`", keys: keys, log: log) else { return nil }
        var expectation = Scenario.Expectation(position: element.position)
        expectation.state = record["state"].flatMap { words.word($0, "the name of a state") }
        expectation.data = record["data"].map(values) ?? []
        expectation.clocks = record["clocks"]?.entries.compactMap(clock) ?? []
        expectation.children =
            record["children"]?.entries.map { ($0.name, itemKeys($0.value), $0.key.position) } ?? []
        expectation.opened = record["opened"].map(itemKeys)
        expectation.notified = record["notified"].map { words.names($0, "the name of a template") }
        expectation.rejected = record["rejected"].flatMap { words.text($0) }
        expectation.log = record["log"].map { $0.elements.compactMap { words.text($0) } } ?? []
        return expectation
    }

    private func clock(_ entry: NamedElement) -> Scenario.ClockExpectation? {
        var clock = Scenario.ClockExpectation(clock: itemKey(entry.name), position: entry.key.position)
        guard entry.value.node.mapping != nil else {
            clock.status = words.choice(entry.value, Scenario.ClockStatus.self)
            return clock.status == nil ? nil : clock
        }
        guard let record = Record(entry.value, "a clock", keys: ["status", "due", "rounds"], log: log) else {
            return nil
        }
        clock.status = record["status"].flatMap { words.choice($0, Scenario.ClockStatus.self) }
        clock.due = record["due"].flatMap { instant($0, "an instant such as 2026-03-27T21:00:00+01:00") }
        clock.rounds = record["rounds"]?.elements.compactMap { words.choice($0, Scenario.ClockStatus.self) }
        return clock
    }
}
