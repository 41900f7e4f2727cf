import Deadlines
import YAML

extension DefinitionDecoder {
    func role(_ entry: NamedElement) -> Definition.Role? {
        let keys = ["title", "from", "initially", "many", "distinctFrom"]
        guard let record = Record(entry.value, "a role", keys: keys, log: log) else { return nil }
        return Definition.Role(
            name: entry.name, title: record["title"].flatMap { text($0) } ?? Spelling.title(of: entry.name),
            from: record["from"].map { names($0, "the name of a group") } ?? [],
            initially: record["initially"].flatMap(initially), many: record["many"].flatMap(boolean) ?? false,
            distinctFrom: record["distinctFrom"].map { names($0, "the name of a role") } ?? [],
            position: entry.key.position)
    }

    private func initially(_ element: Element) -> Definition.Role.Initially? {
        if element.node.mapping != nil {
            guard let record = Record(element, "`initially`", keys: ["oncall"], log: log) else { return nil }
            return record["oncall"].flatMap { word($0, "the identifier of an on-call schedule") }.map { .onCall($0) }
        }
        guard let text = word(element, "`opener`, `everyone` or `{ oncall: ID }`") else { return nil }
        switch text {
        case "opener": return .opener
        case "everyone": return .everyone
        default:
            invalid(
                element, "`\(text)` is nobody", expected: "`opener`, `everyone` or `{ oncall: ID }`",
                suggestion: Spelling.nearest(to: text, among: ["opener", "everyone"]))
            return nil
        }
    }

    func state(_ entry: NamedElement) -> Definition.State? {
        let keys = ["title", "on", "always", "entry", "exit", "tasks", "approvals", "requires", "final"]
        guard let record = Record(entry.value, "a state", keys: keys, log: log) else { return nil }
        var state = Definition.State(name: entry.name, position: entry.key.position)
        state.title = record["title"].flatMap { text($0) }
        state.on = named(record["on"], "event", pattern: .hyphenated).compactMap { event($0, at: .state) }
        state.always = record["always"].map(always) ?? []
        state.entry = record["entry"].map(actions) ?? []
        state.exit = record["exit"].map(actions) ?? []
        state.tasks = named(record["tasks"], "task").compactMap(task)
        state.approvals = named(record["approvals"], "approval").compactMap(approval)
        state.requires = record["requires"].map { names($0, "the name of a field or role") } ?? []
        state.isFinal = record["final"].flatMap(boolean) ?? false
        return state
    }

    private func always(_ element: Element) -> [Definition.Branch] {
        guard element.node.sequence != nil else {
            wrongKind(element, "a list of `{ guard, target, actions }`")
            return []
        }
        return element.elements.compactMap { item in
            guard let branch = branch(item, "an edge of `always`") else { return nil }
            if item.node["target"] == nil {
                log.report(
                    .missingKey, at: item.position, "`target` is missing: an edge of `always` leads to another state")
            }
            return branch
        }
    }

    func schedule(_ element: Element) -> Definition.Schedule? {
        let keys = ["every", "starting", "zone", "each", "key", "with"]
        guard let record = Record(element, "a schedule", keys: keys, log: log) else { return nil }
        guard let everyElement = record["every"], let every = word(everyElement, "a recurrence rule of RFC 5545") else {
            if record["every"] == nil { missing("every", in: record, "a recurrence rule such as `FREQ=MONTHLY`") }
            return nil
        }
        do throws(DeadlineError) {
            _ = try RecurrenceRule(every)
        } catch {
            invalid(everyElement, "\(error)")
        }
        guard let startingElement = record["starting"], let starting = word(startingElement, "a date") else {
            if record["starting"] == nil { missing("starting", in: record, "a date such as `2026-01-13`") }
            return nil
        }
        if !PlainCheck.isDate(starting) {
            invalid(startingElement, "`\(starting)` is no date", expected: "a date such as `2026-01-13`")
        }
        let schedule = Definition.Schedule(
            every: every, starting: starting, zone: record["zone"].flatMap { word($0, "the IANA name of a time zone") },
            each: record["each"].flatMap(formula), key: record["key"].flatMap(formula),
            with: assignments(record["with"], "fields and roles"), position: element.position)
        bothOrNeither("each", "key", in: record)
        return schedule
    }

    func message(_ entry: NamedElement) -> Definition.Message? {
        guard let record = Record(entry.value, "a template", keys: ["subject", "body"], log: log) else { return nil }
        for key in ["subject", "body"] where record[key] == nil { missing(key, in: record, "a text") }
        guard let subject = record["subject"].flatMap(template), let body = record["body"].flatMap(template) else {
            return nil
        }
        return Definition.Message(name: entry.name, subject: subject, body: body, position: entry.key.position)
    }

    /// Reports a key that means nothing without another.
    func bothOrNeither(_ first: String, _ second: String, in record: Record) {
        for (present, absent) in [(first, second), (second, first)] {
            if let element = record[present], record[absent] == nil {
                log.report(
                    .missingKey, at: element.position, length: element.length,
                    "`\(present)` needs `\(absent)` beside it")
            }
        }
    }
}
