extension Scenario {
    /// Finds names in a scenario that its definition does not know.
    ///
    /// - Parameter library: definitions by name.
    /// - Returns: the faults in order of line and column.
    public func check(among library: [String: Definition]) -> [Fault] {
        let log = FaultLog()
        guard let definition = library[workflow] else {
            log.report(
                .unknownWorkflow, at: position, "there is no workflow `\(workflow)` here",
                suggestion: Spelling.nearest(to: workflow, among: library.keys))
            return log.sorted
        }
        if hasRealSchedule, definition.schedule == nil {
            log.report(.unknownName, at: position, "`\(workflow)` has no schedule that could open instances")
        }
        for step in steps {
            // A step may be about a child; what the library does not know cannot be looked up.
            let way = hasRealSchedule && step.to.first?.name == Self.scheduled ? Array(step.to.dropFirst()) : step.to
            guard let subject = ScenarioCheck.definition(at: way, from: definition, library, log, step.position)
            else { continue }
            ScenarioCheck(definition: subject, log: log).check(step)
        }
        return log.sorted
    }
}

/// Looks up the names of a scenario's steps.
private struct ScenarioCheck {
    let definition: Definition
    let log: FaultLog

    /// The definition of a child, by the way there.
    static func definition(
        at path: [ItemKey], from definition: Definition, _ library: [String: Definition], _ log: FaultLog,
        _ position: SourcePosition
    ) -> Definition? {
        path.reduce(definition) { parent, item in
            guard let parent else { return nil }
            guard let child = parent.children.first(where: { $0.name == item.name }) else {
                ScenarioCheck(definition: parent, log: log)
                    .known(item.name, .child, parent.children.map(\.name), at: position)
                return nil
            }
            return library[child.workflow]
        }
    }

    private var fields: [String] { definition.data.fields.map(\.name) }

    func check(_ step: Scenario.Step) {
        // A step that expects to be refused may send what does not exist.
        if step.expect?.rejected == nil { check(step.act, at: step.position) }
        guard let expect = step.expect else { return }
        if let state = expect.state { known(state, .state, definition.states.map(\.name), at: expect.position) }
        for item in expect.data { known(item.name, .field, fields, at: item.position) }
        for item in expect.clocks {
            known(item.clock.name, .clock, definition.clocks.map(\.name), at: item.position)
        }
        for item in expect.children { known(item.name, .child, definition.children.map(\.name), at: item.position) }
    }

    private func check(_ act: Scenario.Act, at position: SourcePosition) {
        let events = definition.states.flatMap(\.on) + definition.events
        switch act {
        case .open(let form): values(form.keys, at: position)
        case .send(let name, let form):
            known(name, .event, events.map(\.name), at: position)
            values(form.keys, at: position)
        case .approve(let item), .refuse(let item):
            known(item.name, .approval, definition.states.flatMap(\.approvals).map(\.name), at: position)
        case .complete(let item, let result):
            let tasks = definition.states.flatMap(\.tasks)
            known(item.name, .task, tasks.map(\.name), at: position)
            guard let task = tasks.first(where: { $0.name == item.name }) else { return }
            for name in result.keys.sorted() { known(name, .field, task.result.map(\.name), at: position) }
        case .correct(let values, _), .told(let values):
            for name in values.keys.sorted() { known(name, .field, fields, at: position) }
        case .child(let item, _, _, _):
            known(item.name, .child, definition.children.map(\.name), at: position)
        case .wait: break
        }
    }

    private func values(_ names: some Sequence<String>, at position: SourcePosition) {
        let allowed = fields + definition.roles.map(\.name)
        for name in names.sorted() { known(name, .field, allowed, at: position) }
    }

    private func known(_ name: String, _ kind: NameKind, _ names: [String], at position: SourcePosition) {
        guard !names.contains(name) else { return }
        log.report(
            .unknownName, at: position, "`\(definition.name)` has no \(kind.words) `\(name)`",
            suggestion: Spelling.nearest(to: name, among: names))
    }
}
