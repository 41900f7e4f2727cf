import CEL

// Forms: what is sent is merged into the candidate, and everything missing is named.
extension Run {
    /// Who holds the roles when an instance opens, before its form says otherwise.
    mutating func fillRoles(_ form: [String: CEL.Value]) throws(Halt) {
        for role in definition.roles where form[role.name] == nil {
            guard let initially = role.initially, let table = tables.roles[role.name] else { continue }
            switch initially {
            case .opener:
                guard let (person, authority) = persons else { continue }
                if authority != person { try demandSeparate(authority, from: table) }
                try give(table, to: [person])
                markActed(person, authority, as: table)
            case .everyone: break
            case .onCall(let schedule):
                let people = people(.onCall(schedule: schedule))
                if !people.isEmpty { try give(table, to: role.many ? people : [people[0]]) }
            }
        }
    }

    /// Takes over what the parent keeps telling; yields the form with it.
    mutating func follow(
        _ followed: [String: CEL.Value], beside form: [String: CEL.Value]
    ) throws(Halt) -> [String: CEL.Value] {
        guard !followed.isEmpty else { return form }
        let unknown = followed.keys.filter { tables.fields[$0] == nil || tables.fields[$0]?.isDerived == true }
        guard unknown.isEmpty else {
            throw reject(.unexpected(unknown.sorted(), allowed: definition.data.fields.map(\.name)))
        }
        next.followed = Set(followed.keys)
        return form.merging(followed.filter { $0.value != .null }) { _, new in new }
    }

    /// Merges a form; fields that are `given` otherwise count as sent.
    mutating func merge(_ form: [String: CEL.Value], into table: EventTable, given: Set<String>) throws(Halt) {
        var form = form
        if case .parent = actor, !table.accepted.contains("reason") { form["reason"] = nil }
        for name in form.keys where !given.contains(name) {
            guard table.accepted.contains(name), !next.followed.contains(name) else {
                throw unexpectedFields(form.keys.filter { !table.accepted.contains($0) && !given.contains($0) }, table)
            }
        }

        var problems: [Rejection.Problem] = []
        for (name, value) in form.count > 1 ? form.sorted(by: { $0.key < $1.key }) : Array(form) {
            if let field = tables.fields[name] {
                if value == .null {
                    write(field, nil)
                } else {
                    let admitted = admitSent(value, as: field.field.schema, at: SchemaPath(name), &problems)
                    if problems.isEmpty { write(field, admitted) }
                }
            } else if let role = tables.roles[name] {
                if let people = persons(in: value, for: role.role, &problems) { try give(role, to: people) }
            }
        }
        guard !table.event.form.isEmpty || !problems.isEmpty else { return try complete() }
        if problems.isEmpty { try complete() }
        try demandForm(table, form, problems)
    }

    private func unexpectedFields(_ names: [String], _ table: EventTable) -> Halt {
        // Where all are known, the parent keeps telling one of them, so that it is read-only here.
        let names = names.isEmpty ? next.followed.intersection(table.accepted).sorted() : names.sorted()
        return reject(.unexpected(names, allowed: table.accepted.subtracting(next.followed).sorted()))
    }

    /// Derives fields and judges checklists, so that guards see what the form makes true.
    private mutating func complete() throws(Halt) {
        try judgeChecklists()
        try derive()
    }

    /// Names everything that the form lacks, then what is wrong with what was sent.
    private mutating func demandForm(
        _ table: EventTable, _ form: [String: CEL.Value], _ problems: [Rejection.Problem]
    ) throws(Halt) {
        func isSent(_ name: String) -> Bool {
            guard let value = form[name], value != .null else { return false }
            return next.incomplete.isEmpty || !next.incomplete.contains(name)
        }
        var missing: [String] = []
        for item in table.event.form where item.when == nil && !isSent(item.name) { missing.append(item.name) }
        for item in table.event.form {
            guard let when = item.when else { continue }
            let isAsked: Bool
            do throws(Halt) {
                isAsked = try isTrue(when, .event)
            } catch {
                // What was not sent may be what the condition reads; to name it says more than that it failed.
                if case .rejected = error, !missing.isEmpty || !problems.isEmpty { continue }
                throw error
            }
            if isAsked {
                if !isSent(item.name) { missing.append(item.name) }
            } else if form[item.name].map({ $0 != .null }) == true {
                throw unexpectedFields([item.name], table)
            }
        }
        if !missing.isEmpty { throw reject(.missing(try lacking(missing))) }
        if !problems.isEmpty { throw reject(.invalid(problems)) }
    }

    /// The persons that a form names for a role.
    private func persons(
        in value: CEL.Value, for role: Definition.Role, _ problems: inout [Rejection.Problem]
    ) -> [String]? {
        switch value {
        case .string(let person): return [person]
        case .null: return []
        case .list(let elements) where role.many:
            let people = elements.compactMap(\.stringValue)
            if people.count == elements.count { return people }
        default: break
        }
        let wanted = role.many ? "a list of persons" : "the identifier of a person"
        problems.append(Rejection.Problem(path: role.name, message: "must be \(wanted)"))
        return nil
    }

    /// Makes sure that an opened instance has the fields that it may never lack.
    func demandRequired() throws(Halt) {
        let missing = tables.required.filter { next.data[$0] == nil }
        if !missing.isEmpty { throw reject(.missing(missing)) }
    }

    /// Makes sure that the state's required fields and roles are present.
    mutating func demandPresent() throws(Halt) {
        if !changed.isDisjoint(with: tables.requiredInputs) {
            let lost = tables.required.filter { next.data[$0] == nil }
            if !lost.isEmpty { throw reject(.required(lost, state: next.state)) }
        }
        guard let state, !state.state.requires.isEmpty else { return }
        guard changed.contains(.state) || !changed.isDisjoint(with: state.requiredInputs) else { return }
        let absent = state.state.requires.filter { name in
            if let role = tables.roles[name] { return !isHeld(role) }
            return next.data[name] == nil || next.incomplete.contains(name)
        }
        if !absent.isEmpty { throw reject(.required(try lacking(absent), state: next.state)) }
    }
}
