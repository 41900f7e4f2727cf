import Deadlines
import YAML

extension DefinitionDecoder {
    private static let ruleKeys = ["facts", "inputs", "orders"]
    private static let timingKeys = ["goal", "until", "rule"] + ruleKeys + ["calendar", "zone", "escalation"]

    func clock(_ entry: NamedElement) -> Definition.Clock? {
        let keys = ["title", "start", "restart", "pause", "stop", "cancel", "each", "key"] + Self.timingKeys
        guard let record = Record(entry.value, "a clock", keys: keys, log: log) else { return nil }
        if record["start"] == nil {
            missing("start", in: record, "`{ in: STATE }`, `{ on: EVENT }` or `{ when: CEL }`")
        }
        bothOrNeither("each", "key", in: record)
        let timing = timing(record)
        guard let start = record["start"].flatMap(condition), let timing else { return nil }
        var clock = Definition.Clock(name: entry.name, start: start, timing: timing, position: entry.key.position)
        clock.title = record["title"].flatMap(template)
        clock.restart = record["restart"].flatMap(condition)
        clock.pause = record["pause"].flatMap(condition)
        clock.stop = record["stop"].flatMap(condition)
        clock.cancel = record["cancel"].flatMap(condition)
        clock.each = record["each"].flatMap(formula)
        clock.key = record["key"].flatMap(formula)
        return clock
    }

    func due(_ element: Element) -> Definition.Timing? {
        Record(element, "`due`", keys: Self.timingKeys, log: log).flatMap(timing)
    }

    private func timing(_ record: Record) -> Definition.Timing? {
        let measures = ["goal", "until", "rule"].filter { record[$0] != nil }
        guard measures.count == 1, let name = measures.first, let element = record[name] else {
            log.report(
                measures.isEmpty ? .missingKey : .conflictingKeys, at: record.position,
                measures.isEmpty ? "nothing says when it is due" : "only one can say when it is due",
                expected: "exactly one of `goal`, `until` and `rule`")
            return nil
        }
        for key in Self.ruleKeys where name != "rule" {
            guard let element = record[key] else { continue }
            log.report(.conflictingKeys, at: element.position, "`\(key)` belongs beside `rule`")
        }
        let measure: Definition.Timing.Measure? =
            switch name {
            case "goal": goal(element).map { .goal($0) }
            case "until": formula(element).map { .until($0) }
            default:
                choosableName(element, "the identifier of a rule").map {
                    .rule(
                        $0,
                        Definition.Timing.RuleTerms(
                            facts: assignments(record["facts"], "facts of the rule"),
                            inputs: record["inputs"].flatMap(formula), orders: record["orders"].flatMap(formula)))
                }
            }
        return measure.map {
            Definition.Timing(
                measure: $0, calendar: record["calendar"].flatMap { choosableName($0, "the identifier of a calendar") },
                zone: record["zone"].flatMap { choosableName($0, "the IANA name of a time zone") },
                escalation: record["escalation"].flatMap { choosableName($0, "the name of a ladder") },
                position: record.position)
        }
    }

    private func goal(_ element: Element) -> Choosable<Definition.Goal>? {
        if let formula = computed(element) { return formula.map { .computed($0) } }
        guard element.node.mapping != nil else { return period(element).map { .fixed(.period($0)) } }
        let keys = ["workingDays", "workingHours", "calendar"]
        guard let record = Record(element, "a goal", keys: keys, log: log) else { return nil }
        let calendar = record["calendar"].flatMap { word($0, "the identifier of a calendar") }
        switch (record["workingDays"], record["workingHours"]) {
        case (let days?, nil):
            return integer(days, 1...10_000).map { .fixed(.workingDays($0, calendar: calendar)) }
        case (nil, let hours?):
            guard let count = number(hours) else { return nil }
            guard count > 0, count <= 100_000 else {
                invalid(hours, "\(count) is out of range", expected: "more than 0 and at most 100000 hours")
                return nil
            }
            return .fixed(.workingHours(count, calendar: calendar))
        default:
            log.report(
                .conflictingKeys, at: element.position, "a goal is one length of time",
                expected: "an ISO 8601 duration, `workingDays`, `workingHours` or `{ compute: CEL }`")
            return nil
        }
    }

    /// Exactly one of `in`, `on` and `when`, and perhaps `at`.
    func condition(_ element: Element) -> Definition.Condition? {
        guard let record = Record(element, "a condition", keys: ["in", "on", "when", "at"], log: log) else {
            return nil
        }
        let kinds = ["in", "on", "when"].filter { record[$0] != nil }
        guard kinds.count == 1, let name = kinds.first, let value = record[name] else {
            log.report(
                kinds.isEmpty ? .missingKey : .conflictingKeys, at: element.position,
                kinds.isEmpty ? "the condition is empty" : "a condition says one thing",
                expected: "exactly one of `in` (states), `on` (events) and `when` (CEL)")
            return nil
        }
        let kind: Definition.Condition.Kind? =
            switch name {
            case "in": .states(names(value, "the name of a state"))
            case "on": .events(names(value, "the name of an event"))
            default: formula(value).map { .formula($0) }
            }
        let at = record["at"].flatMap(formula)
        return kind.map { Definition.Condition(kind: $0, at: at, position: element.position) }
    }

    func escalation(_ entry: NamedElement) -> Definition.Escalation? {
        guard entry.value.node.sequence?.isEmpty == false else {
            wrongKind(entry.value, "a list of rungs, each with `share`, `before` or `after`")
            return nil
        }
        return Definition.Escalation(
            name: entry.name, rungs: entry.value.elements.compactMap(rung), position: entry.key.position)
    }

    private func rung(_ element: Element) -> Definition.Rung? {
        let keys = ["share", "before", "after", "notify", "reassign", "send", "repeat", "scale"]
        guard let record = Record(element, "a rung", keys: keys, log: log) else { return nil }
        let moments = ["share", "before", "after"].filter { record[$0] != nil }
        guard moments.count == 1, let name = moments.first, let value = record[name] else {
            log.report(
                moments.isEmpty ? .missingKey : .conflictingKeys, at: element.position, "a rung fires at one moment",
                expected: "exactly one of `share`, `before` and `after`")
            return nil
        }
        let moment: Definition.Rung.Moment? =
            switch name {
            case "share": share(value).map { .share($0) }
            case "before": period(value).map { .before($0) }
            default: period(value, allowsZero: true).map { .after($0) }
            }
        if !["notify", "reassign", "send"].contains(where: { record[$0] != nil }) {
            log.report(.missingKey, at: element.position, "a rung does something: `notify`, `reassign` or `send`")
        }
        if let scale = record["scale"], name != "before" {
            log.report(
                .conflictingKeys, at: scale.position, "only a rung before the due instant can be scaled",
                expected: "`scale` beside `before`")
        }
        return moment.map {
            var rung = Definition.Rung(
                moment: $0, notify: record["notify"].map(recipients) ?? [],
                reassign: record["reassign"].map(reassignments) ?? [],
                send: record["send"].flatMap { word($0, "the name of an event") },
                repeatEvery: record["repeat"].flatMap { period($0) }, position: element.position)
            rung.scaledBelow = record["scale"].flatMap { period($0) }
            return rung
        }
    }

    /// `50%`, or a fraction between 0 and 1.
    private func share(_ element: Element) -> Double? {
        var share: Double?
        switch element.node.scalar?.value {
        case .double(let value)?: share = value
        case .string(let text)? where text.hasSuffix("%"): share = Double(text.dropLast()).map { $0 / 100 }
        default: break
        }
        guard let share, share > 0, share < 1 else {
            invalid(element, "this is no share of the time", expected: "a part such as `50%`, above 0 and below 100")
            return nil
        }
        return share
    }

    private func reassignments(_ element: Element) -> [(role: String, to: Definition.Recipient)] {
        guard element.node.mapping != nil else {
            wrongKind(element, "a map from roles to people, such as `{ owner: lead of owner }`")
            return []
        }
        return element.entries.compactMap { entry in
            guard let text = word(entry.value, "who takes the role over"), let to = recipient(text, entry.value) else {
                return nil
            }
            return (entry.name, to)
        }
    }
}
