import CEL

// Opening and events: allowance, form, guards, then the move.
extension Run {
    /// Opens the instance.
    mutating func open(_ opening: Opening) throws(Halt) {
        let table = EventTable(definition.open)
        entries.append(Entry(kind: .transition, event: "open", from: "", to: ""))
        (event, sent, reason) = ("open", opening.form, opening.form["reason"]?.stringValue)
        seen = nil
        for (name, table) in tables.fields {
            if let standard = table.standard { next.data[name] = standard }
        }
        changed = .everything
        underived = .everything
        try fillRoles(opening.form)
        let form = try follow(opening.followed, beside: opening.form)
        try merge(form, into: table, given: Set(opening.followed.keys))
        if definition.open.allow.isEmpty {
            guard actor.awaitsAnswer || persons != nil else {
                throw reject(.notAllowed(actor: actor.words, allowed: ["everybody who is signed in"]))
            }
        } else {
            try authorise(definition.open.allow)
        }
        if let name = definition.open.takes, let role = tables.roles[name] { try take(role) }
        try demandRequired()
        try demandGuards(definition.open.guards)
        var actions = definition.open.actions
        if case .choose(let branches) = definition.open.outcome { actions += try choose(branches).actions }
        try make(to: definition.initial, actions: actions)
        try settle()
    }

    /// Sends an event.
    mutating func send(_ name: String, _ form: [String: CEL.Value]) throws(Halt) {
        begin(.transition, name)
        try take(name, form)
        try settle()
    }

    /// Takes an event up to the move that it makes.
    mutating func take(_ name: String, _ form: [String: CEL.Value]) throws(Halt) {
        guard let table = state?.events[name] else {
            throw reject(.unknownEvent(name, state: next.state, known: state?.eventNames ?? []))
        }
        (event, sent, reason) = (name, form, form["reason"]?.stringValue)
        try authorise(table.event.allow)
        if let name = table.event.takes, let role = tables.roles[name] { try take(role) }
        try merge(form, into: table, given: [])
        try demandGuards(table.event.guards)
        let actions = table.event.actions
        switch table.event.outcome {
        case .stay: try perform(actions)
        case .target(let target, let reenter): try go(to: target, reenter: reenter, actions: actions)
        case .choose(let branches):
            let branch = try choose(branches)
            let actions = actions + branch.actions
            if let target = branch.target {
                try go(to: target, reenter: false, actions: actions)
            } else {
                try perform(actions)
            }
        }
    }

    private mutating func go(to target: String, reenter: Bool, actions: [Definition.Action]) throws(Halt) {
        guard target != next.state || reenter else { return try perform(actions) }
        try make(to: target, actions: actions)
    }

    /// Leaves the state, if there is one, and enters another.
    mutating func make(to target: String, actions: [Definition.Action]) throws(Halt) {
        if let state {
            try perform(state.state.exit)
            closeWork(of: state)
        }
        try perform(actions)
        move = Move(from: next.state, to: target)
        enter(target)
        guard let state else { return }
        if state.state.isFinal { next.status = .final }
        try perform(state.state.entry)
        if state.hasWork {
            try derive()
            try openWork(of: state)
        }
    }

    /// The first branch whose guard is true.
    private mutating func choose(_ branches: [Definition.Branch]) throws(Halt) -> Definition.Branch {
        for branch in branches {
            guard let when = branch.when else { return branch }
            if try isTrue(when, .event) { return branch }
        }
        let guards = branches.compactMap(\.when)
        var because: [String] = []
        for formula in guards { because += try explain(formula, .event) }
        throw reject(
            .guardFalse(
                sentence: nil, expression: guards.map(\.source).joined(separator: " || "), because: because))
    }

    mutating func demandGuards(_ guards: [Definition.Guard]) throws(Halt) {
        for item in guards where try !isTrue(item.when, .event) {
            throw reject(
                .guardFalse(
                    sentence: item.otherwise, expression: item.when.source, because: try explain(item.when, .event)))
        }
    }

    /// Takes the first eventless edge whose guard is true; says whether there was one.
    mutating func takeAlways() throws(Halt) -> Bool {
        guard isRunning, let state, !state.state.always.isEmpty else { return false }
        for branch in state.state.always {
            if let when = branch.when {
                // A guard was false at the end of the last step; it still is where nothing that it reads has changed.
                guard changed.contains(.state) || !changed.isDisjoint(with: when.inputs) else { continue }
                guard try isTrue(when, .plain) else { continue }
            }
            guard let target = branch.target else { continue }
            begin(.transition, "always")
            try make(to: target, actions: branch.actions)
            return true
        }
        return false
    }
}
