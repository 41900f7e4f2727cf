import YAML

extension DefinitionDecoder {
    static let actionKeys = ["set", "decide", "assign", "notify", "send", "call"]

    func actions(_ element: Element) -> [Definition.Action] {
        guard element.node.sequence != nil else {
            wrongKind(element, "a list of actions, each a map with one of \(Spelling.list(Self.actionKeys))")
            return []
        }
        return element.elements.flatMap(action)
    }

    private func action(_ element: Element) -> [Definition.Action] {
        guard let record = Record(element, "an action", keys: Self.actionKeys, log: log) else { return [] }
        if element.entries.count > 1 {
            log.report(
                .conflictingKeys, at: element.position,
                "this is more than one action, and maps have no order; write each as an element of the list")
        }
        return element.entries.compactMap { entry in
            guard let value = record[entry.name], let kind = kind(entry.name, value) else { return nil }
            return Definition.Action(kind: kind, position: entry.key.position)
        }
    }

    private func kind(_ name: String, _ value: Element) -> Definition.Action.Kind? {
        switch name {
        case "set": .set(assignments(value, "fields", allowsNull: true))
        case "decide": .decide(names(value, "the name of a decision table"))
        case "assign": .assign(assignments(value, "roles"))
        case "notify": notify(value)
        case "send": send(value)
        default: call(value)
        }
    }

    private func notify(_ element: Element) -> Definition.Action.Kind? {
        guard let record = Record(element, "`notify`", keys: ["to", "template"], log: log) else { return nil }
        guard let to = record["to"] else {
            missing("to", in: record, "whom it tells")
            return nil
        }
        guard let template = record["template"] else {
            missing("template", in: record, "the name of a text under `templates`")
            return nil
        }
        guard let name = word(template, "the name of a template") else { return nil }
        return .notify(to: recipients(to), template: name)
    }

    private func send(_ element: Element) -> Definition.Action.Kind? {
        guard let record = Record(element, "`send`", keys: ["event", "to", "with"], log: log) else { return nil }
        guard let eventElement = record["event"], let event = word(eventElement, "the name of an event") else {
            if record["event"] == nil { missing("event", in: record, "the name of the event") }
            return nil
        }
        guard let to = record["to"] else {
            missing("to", in: record, "`parent`, `children.NAME` or an expression such as `related(\"incident\")`")
            return nil
        }
        guard let destination = destination(to) else { return nil }
        return .send(event: event, to: destination, with: assignments(record["with"], "fields"))
    }

    private func destination(_ element: Element) -> Definition.Action.Destination? {
        guard let text = word(element, "`parent`, `children.NAME` or an expression") else { return nil }
        if text == "parent" { return .parent }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        if parts.count == 2, parts[0] == "children", NamePattern.identifier.matches(String(parts[1])) {
            return .children(String(parts[1]))
        }
        return formula(element).map { .instances($0) }
    }

    private func call(_ element: Element) -> Definition.Action.Kind? {
        guard let record = Record(element, "`call`", keys: ["connector", "with"], log: log) else { return nil }
        guard let connector = record["connector"] else {
            missing("connector", in: record, "the identifier of a connector")
            return nil
        }
        guard let name = word(connector, "the identifier of a connector") else { return nil }
        return .call(connector: name, with: assignments(record["with"], "names"))
    }

    func recipients(_ element: Element) -> [Definition.Recipient] {
        names(element, "a role, `lead of ROLE`, `manager of ROLE`, `oncall SCHEDULE`, `group NAME` or `person ID`")
            .compactMap { recipient($0, element) }
    }

    func recipient(_ text: String, _ element: Element) -> Definition.Recipient? {
        let words = text.split(separator: " ").map(String.init)
        switch words.count {
        case 1: return .role(words[0])
        case 2 where words[0] == "oncall": return .onCall(words[1])
        case 2 where words[0] == "group": return .group(words[1])
        case 2 where words[0] == "person": return .person(words[1])
        case 3 where words[0] == "lead" && words[1] == "of": return .lead(ofRole: words[2])
        case 3 where words[0] == "manager" && words[1] == "of": return .manager(ofRole: words[2])
        default:
            invalid(
                element, "`\(text)` names nobody",
                expected: "a role, `lead of ROLE`, `manager of ROLE`, `oncall SCHEDULE`, `group NAME` or `person ID`")
            return nil
        }
    }

    func decision(_ entry: NamedElement) -> Definition.Decision? {
        guard let record = Record(entry.value, "a decision table", keys: ["hit", "sets", "rows"], log: log) else {
            return nil
        }
        for key in ["hit", "sets", "rows"] where record[key] == nil {
            missing(key, in: record, key == "hit" ? "`first`, `unique` or `collect`" : "a list")
        }
        guard let hitElement = record["hit"], let hit = choice(hitElement, HitWord.self),
            let sets = record["sets"], let rows = record["rows"], let table = self.rows(rows)
        else { return nil }
        return Definition.Decision(
            name: entry.name, hit: hit.policy, sets: names(sets, "the name of a field"), rows: table,
            position: entry.key.position)
    }

    /// The hit policies as words of the language.
    private enum HitWord: String, CaseIterable {
        case first, unique, collect

        var policy: Definition.Decision.HitPolicy {
            switch self {
            case .first: .first
            case .unique: .unique
            case .collect: .collect
            }
        }
    }

    private func rows(_ element: Element) -> Definition.Decision.Rows? {
        if element.node.string == "regimes" { return .regimes }
        guard element.node.sequence != nil else {
            wrongKind(element, "a list of `{ when, then }`, or `regimes`")
            return nil
        }
        return .table(
            element.elements.compactMap { row in
                guard let record = Record(row, "a row", keys: ["when", "then"], log: log) else { return nil }
                guard let then = record["then"], then.node.mapping != nil else {
                    missing("then", in: record, "a map from the fields it sets to plain values")
                    return nil
                }
                return Definition.Decision.Row(
                    when: record["when"].flatMap(formula),
                    then: then.entries.map { entry in
                        warnOfBoolean(entry.value)
                        return (name: entry.name, value: entry.value.json)
                    }, position: row.position)
            })
    }
}
