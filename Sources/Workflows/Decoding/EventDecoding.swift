import YAML

extension DefinitionDecoder {
    /// Where an event is declared.
    enum EventPlace {
        case root, state, opening
    }

    func event(_ entry: NamedElement, at place: EventPlace) -> Definition.Event? {
        var keys = ["title", "allow", "form", "optional", "guard", "takes", "actions"]
        if place != .opening { keys += ["target", "choose", "reenter"] }
        if place == .root { keys.append("in") }
        let kind = place == .opening ? "`open`" : "an event"
        guard let record = Record(entry.value, kind, keys: keys, log: log) else { return nil }
        var event = Definition.Event(name: entry.name, position: entry.key.position)
        event.title = record["title"].flatMap { text($0) }
        event.allow = record["allow"].map(allowances) ?? []
        if place != .opening, record["allow"] == nil {
            log.report(
                .missingAllow, at: entry.key.position, length: entry.key.length,
                "nobody may send `\(entry.name)`", expected: "`allow` with roles, groups, `parent` or another sender")
        }
        event.form = record["form"].map(form) ?? []
        event.optional = record["optional"].map { names($0, "the name of a field or role") } ?? []
        event.guards = record["guard"].map(guards) ?? []
        event.takes = record["takes"].flatMap { word($0, "the name of a role") }
        event.actions = record["actions"].map(actions) ?? []
        event.outcome = outcome(record)
        if place == .root {
            event.states = record["in"].map { names($0, "the name of a state") } ?? []
            if record["in"] == nil {
                log.report(
                    .missingKey, at: entry.key.position, length: entry.key.length,
                    "`in` is missing: an event at the root names the states it is for")
            }
        }
        return event
    }

    func openEvent(_ element: Element) -> Definition.Event? {
        event(NamedElement(name: "open", key: element, value: element), at: .opening)
    }

    private func outcome(_ record: Record) -> Definition.Event.Outcome {
        let reenter = record["reenter"].flatMap(boolean) ?? false
        if let target = record["target"] {
            if let choose = record["choose"] {
                log.report(
                    .conflictingKeys, at: choose.position, "an event has `target` or `choose`, not both")
            }
            guard let name = word(target, "the name of a state") else { return .stay }
            return .target(name, reenter: reenter)
        }
        if let reenter = record["reenter"] {
            log.report(.conflictingKeys, at: reenter.position, "`reenter` belongs beside `target`")
        }
        guard let choose = record["choose"] else { return .stay }
        guard let list = choose.node.sequence, !list.isEmpty else {
            wrongKind(choose, "a list of `{ guard, target, actions }`")
            return .stay
        }
        return .choose(choose.elements.compactMap { branch($0, "a branch of `choose`") })
    }

    func branch(_ element: Element, _ kind: String) -> Definition.Branch? {
        guard let record = Record(element, kind, keys: ["guard", "target", "actions"], log: log) else { return nil }
        return Definition.Branch(
            when: record["guard"].flatMap(formula),
            target: record["target"].flatMap { word($0, "the name of a state") },
            actions: record["actions"].map(actions) ?? [], position: element.position)
    }

    func allowances(_ element: Element) -> [Definition.Allowance] {
        let list = names(element, "a role, a group, or `parent`, `child`, `connector`, `schedule` or `ladder`")
        if list.isEmpty, element.node.sequence?.isEmpty == true {
            log.report(.missingAllow, at: element.position, "the list is empty: nobody is allowed")
        }
        return list.map { name in
            switch name {
            case "parent": .parent
            case "child": .child
            case "connector": .connector
            case "schedule": .schedule
            case "ladder": .ladder
            default: roleNames.contains(name) ? .role(name) : .group(name)
            }
        }
    }

    func form(_ element: Element) -> [Definition.FormItem] {
        guard element.node.mapping == nil else {
            wrongKind(element, "a list of fields and roles, each a name or `{ name: { when: CEL } }`")
            return []
        }
        let items = element.elements.flatMap { item -> [Definition.FormItem] in
            if item.node.mapping != nil {
                return item.entries.compactMap { entry in
                    guard
                        let record = Record(entry.value, "an item of a form", keys: ["when"], log: log),
                        let when = record["when"]
                    else { return nil }
                    return formula(when).map {
                        Definition.FormItem(name: entry.name, when: $0, position: entry.key.position)
                    }
                }
            }
            guard let name = word(item, "the name of a field or role") else { return [] }
            return [Definition.FormItem(name: name, when: nil, position: item.position)]
        }
        var seen: Set<String> = []
        for item in items where !seen.insert(item.name).inserted {
            log.report(
                .duplicateName, at: item.position, length: item.name.count, "`\(item.name)` stands in the form twice")
        }
        return items
    }

    /// CEL, or a list of `{ when, else }`.
    func guards(_ element: Element) -> [Definition.Guard] {
        guard element.node.sequence != nil else {
            return formula(element).map { [Definition.Guard(when: $0, otherwise: nil)] } ?? []
        }
        return element.elements.compactMap { item in
            guard item.node.mapping != nil else {
                return formula(item).map { Definition.Guard(when: $0, otherwise: nil) }
            }
            guard let record = Record(item, "a guard", keys: ["when", "else"], log: log) else { return nil }
            guard let when = record["when"] else {
                missing("when", in: record, "the condition, in CEL")
                return nil
            }
            let otherwise = record["else"].flatMap { text($0) }
            return formula(when).map { Definition.Guard(when: $0, otherwise: otherwise) }
        }
    }

    func correction(_ entry: NamedElement) -> Definition.Correction? {
        guard let record = Record(entry.value, "a correction", keys: ["allow", "guard"], log: log) else { return nil }
        if record["allow"] == nil {
            log.report(
                .missingAllow, at: entry.key.position, length: entry.key.length,
                "nobody may correct `\(entry.name)`", expected: "`allow` with roles or groups")
        }
        return Definition.Correction(
            field: entry.name, allow: record["allow"].map(allowances) ?? [], guards: record["guard"].map(guards) ?? [],
            position: entry.key.position)
    }
}
