import CEL

// What transitions do; each action sees the writes of those before it.
extension Run {
    mutating func perform(_ actions: [Definition.Action]) throws(Halt) {
        for action in actions {
            try derive()
            switch action.kind {
            case .set(let assignments): try set(assignments)
            case .decide(let names):
                for name in names { try decide(name) }
            case .assign(let assignments): try assign(assignments)
            case .notify(let recipients, let template): try tell(resolve(recipients), template)
            case .send(let event, let destination, let with): try send(event, to: destination, with)
            case .call(let connector, let with):
                effects.append(.call(connector: connector, with: try values(of: with, .event)))
                note(.called(connector: connector))
            }
        }
    }

    private mutating func set(_ assignments: [Definition.Assignment]) throws(Halt) {
        var values: [(Definition.Assignment, CEL.Value?)] = []
        for assignment in assignments {
            var value: CEL.Value?
            if let formula = assignment.value { value = try self.value(of: formula, .event).kept }
            values.append((assignment, value))
        }
        for (assignment, value) in values {
            guard let value, value != .null else {
                if let table = tables.fields[assignment.name] { write(table, nil) }
                continue
            }
            try writeAdmitted(assignment.name, value)
        }
        try judgeChecklists()
    }

    /// Writes a value that an action has made, which must fit the schema like any other.
    private mutating func writeAdmitted(_ name: String, _ value: CEL.Value) throws(Halt) {
        guard let table = tables.fields[name] else { return }
        var problems: [Rejection.Problem] = []
        let admitted = admit(value, as: table.field.schema, at: SchemaPath(name), &problems)
        guard problems.isEmpty else { throw reject(.invalid(problems)) }
        write(table, admitted)
    }

    private mutating func assign(_ assignments: [Definition.Assignment]) throws(Halt) {
        for assignment in assignments {
            guard let role = tables.roles[assignment.name] else { continue }
            var people: [String] = []
            if let formula = assignment.value {
                switch try value(of: formula, .event) {
                case .string(let person): people = [person]
                case .list(let list): people = list.compactMap(\.stringValue)
                case .null: break
                case let other:
                    throw failed(formula, "a person or a list of persons is wanted, not \(other.type.name)", at: nil)
                }
            }
            try give(role, to: role.role.many ? people : Array(people.prefix(1)))
        }
    }

    /// Tells people with the text that the definition has for it.
    private mutating func tell(_ people: [String], _ template: String) throws(Halt) {
        guard let message = tables.messages.read(template, { ($0.subject, $0.body) }) else {
            return notify(people, template)
        }
        let (subject, body) = (try text(message.0, .event), try text(message.1, .event))
        notify(people, template, (subject, body))
    }

    /// Tells people; with a clock where it is about one.
    mutating func notify(
        _ people: [String], _ template: String, _ message: (subject: String, body: String)? = nil,
        about clock: ItemKey? = nil
    ) {
        note(.notified(template: template, to: people))
        guard !people.isEmpty else { return }
        let standing = clock.flatMap { next.clocks.read($0) { (due: $0.last?.due, isOverdue: $0.last?.isOverdue) } }
        effects.append(
            .notify(
                Notification(
                    template: template, recipients: people, subject: message?.subject, body: message?.body,
                    clock: clock, due: standing?.due, isOverdue: standing?.isOverdue ?? false)))
    }

    private mutating func send(
        _ event: String, to destination: Definition.Action.Destination, _ with: [Definition.Assignment]
    ) throws(Halt) {
        let form = try values(of: with, .event)
        switch destination {
        case .parent:
            guard let parent = next.parent else { return }
            message(parent.instance, as: .child(parent.child, next.id), event, form)
        case .children(let name):
            for key in next.children.keys(named: name) {
                guard let child = next.children[key], child.isRunning else { continue }
                message(child.instance, as: .parent(next.id), event, form)
            }
        case .instances(let formula):
            let value = try value(of: formula, .event)
            guard let list = value.listValue else {
                throw failed(formula, "a list of instances is wanted, not \(value.type.name)", at: nil)
            }
            for element in list {
                guard let text = (element.member("id") ?? element).stringValue, let id = Identifier(text) else {
                    throw failed(formula, "an element has no `id` of an instance", at: nil)
                }
                message(id, as: .instance(next.id), event, form)
            }
        }
    }

    /// Sends an event to another instance.
    mutating func message(_ id: Identifier, as actor: Actor, _ event: String, _ form: [String: CEL.Value]) {
        let input = Input(actor: actor, happenedAt: now, act: .event(event, form: form))
        effects.append(.message(to: id, input))
        note(.sent(event: event, to: id))
    }
}
