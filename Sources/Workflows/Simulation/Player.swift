import CEL
import Deadlines
import JSON

/// Plays the steps of one scenario and compares what happens with what is expected.
struct Player {
    let scenario: Scenario
    let simulation: Simulation
    var instances: Instances
    var failures: [Simulation.Failure] = []
    private var root: Identifier?
    private var now: Instant?
    /// What the present step has brought about.
    private var outcome = StepOutcome()
    /// Stands in for the instance that opened the scenario's.
    private static let parent = Identifier(high: 0x7000, low: 0x8000_0000_0000_0001)

    /// What one step of a scenario has brought about.
    struct StepOutcome {
        var notified: [String] = []
        var opened: [String] = []
        var log: [String] = []
        var rejection: Rejection?
    }

    init(simulation: Simulation, scenario: Scenario, world: SimulatedWorld, hasRealChildren: Bool) {
        self.scenario = scenario
        self.simulation = simulation
        instances = Instances(machines: simulation.machines, hasRealChildren: hasRealChildren, world: world)
    }

    var report: Simulation.Report { Simulation.Report(timeLine: instances.timeLine, failures: failures) }

    mutating func play() {
        for step in scenario.steps {
            instances.world.give(step.given)
            guard let at = instant(of: step) else { return }
            outcome = StepOutcome()
            if now == nil { followSchedule(from: at) }
            let before = instances.timeLine.moments.count
            instances.advance(to: at, from: now ?? at)
            now = at
            outcome.opened = instances.schedule?.takeOpened() ?? []
            if case .wait = step.act {
                outcome.log = instances.timeLine.moments[before...].flatMap(\.lines)
            } else {
                act(step, at: at)
            }
            judge(step)
        }
    }

    private mutating func followSchedule(from start: Instant) {
        guard scenario.hasRealSchedule, let machine = simulation.machines[scenario.workflow] else { return }
        do throws(DeadlineError) {
            instances.schedule = try FollowedSchedule(
                machine, from: start, zones: simulation.almanac.zones, home: simulation.defaults.zone)
        } catch {
            return fail(scenario.position, "the schedule cannot be followed: \(error)")
        }
        if instances.schedule == nil { fail(scenario.position, "\(scenario.workflow) has no schedule to follow") }
    }

    mutating func fail(_ position: SourcePosition, _ message: String) {
        failures.append(Simulation.Failure(position: position, message: message))
    }

    private mutating func instant(of step: Scenario.Step) -> Instant? {
        switch (step.at, now) {
        case (.instant(let instant)?, let now):
            if let now, instant < now {
                fail(step.position, "the step lies before the one above it, at \(instant)")
                return nil
            }
            return instant
        case (.after(let period)?, let now?): return now.advanced(by: period.approximateMicroseconds)
        case (nil, let now?): return now
        default:
            fail(step.position, "the first step needs `at` with an instant")
            return nil
        }
    }

    // MARK: Acting

    private mutating func act(_ step: Scenario.Step, at now: Instant) {
        guard let (id, input) = input(step, at: now) else { return }
        let machine = step.to.isEmpty ? instances.machines[scenario.workflow] : instances.entries[id]?.machine
        do throws(Rejection) {
            let done = try instances.step(id, input, by: machine, at: now)
            outcome.log = done.entries.flatMap(\.notes).map(\.line)
            outcome.notified = done.effects.compactMap { effect in
                if case .notify(let notification) = effect { notification.template } else { nil }
            }
            if case .open = step.act, step.to.isEmpty { root = id }
            if let fault = done.entries.first(where: { $0.kind == .fault }), step.expect?.rejected != nil {
                // Machines get no refusal; what a person would have been told is journalled as a fault.
                outcome.log.append(fault.event)
            }
        } catch {
            outcome.rejection = error
        }
        instances.settle(at: now)
        instances.advance(to: now, from: now)
    }

    /// The instance that a step is about: the scenario's own, one that the schedule opened, or a real child of these.
    private mutating func target(_ step: Scenario.Step) -> Identifier? {
        var way = step.to[...]
        var start = root
        if let schedule = instances.schedule, let first = way.first, first.name == Scenario.scheduled {
            way = way.dropFirst()
            start = schedule.latest[first.key]
        }
        guard var id = start else {
            let known = instances.schedule?.latest.keys.sorted().joined(separator: ", ") ?? ""
            fail(
                step.position,
                known.isEmpty ? "nothing has been opened yet" : "say `to: schedule/KEY`, with one of the keys \(known)")
            return nil
        }
        for key in way {
            guard let child = instances.entries[id]?.snapshot.children[key], instances.entries[child.instance] != nil
            else {
                fail(step.position, "there is no real child \(key); the scenario needs `children: real`")
                return nil
            }
            id = child.instance
        }
        return id
    }

    private mutating func input(_ step: Scenario.Step, at now: Instant) -> (Identifier, Input)? {
        if case .open(let form) = step.act { return opening(step, form, at: now) }
        guard let id = target(step), let entry = instances.entries[id] else { return nil }
        let act: Act
        switch step.act {
        case .open, .wait: return nil
        case .send(let event, let form): act = .event(event, form: form.mapValues(CEL.Value.init(json:)))
        case .approve(let key): act = .vote(key, isApproval: true, comment: nil)
        case .refuse(let key): act = .vote(key, isApproval: false, comment: nil)
        case .complete(let key, let result): act = .complete(key, result: result.mapValues(CEL.Value.init(json:)))
        case .correct(let fields, let reason):
            act = .correct(fields.mapValues(CEL.Value.init(json:)), reason: reason ?? "Corrected by the scenario")
        case .told(let fields): act = .tell(fields.mapValues(CEL.Value.init(json:)))
        case .child(let key, let data, let state, let isFinal):
            guard let child = entry.snapshot.children[key] else {
                fail(step.position, "there is no child \(key)")
                return nil
            }
            let exports = child.exports.merging(exports(data, of: key, in: entry.machine)) { $1 }
            let report = Act.report(
                key, state: state ?? (isFinal ? "ended" : child.state ?? "open"), isFinal: isFinal, exports: exports)
            return (id, Input(actor: .child(key, child.instance), act: report))
        }
        return (id, Input(actor: actor(step, entry.snapshot), act: act))
    }

    private func actor(_ step: Scenario.Step, _ snapshot: Snapshot?) -> Actor {
        switch (step.by, step.act) {
        case ("parent"?, _), (nil, .told): .parent(snapshot?.parent?.instance ?? Self.parent)
        case ("schedule"?, _): .schedule
        case ("connector"?, _): .connector("scenario")
        case ("ladder"?, _): .ladder(ItemKey("scenario"))
        case (let person?, _): .person(person)
        case (nil, _): .worker
        }
    }

    private mutating func opening(
        _ step: Scenario.Step, _ form: [String: JSON], at now: Instant
    ) -> (Identifier, Input)? {
        guard let definition = instances.machines[scenario.workflow]?.definition else { return nil }
        var actor = actor(step, nil)
        if step.by == nil {
            actor = definition.open.allow.contains(.parent) ? .parent(Self.parent) : .connector("scenario")
        }
        var isChild = false
        if case .parent = actor { isChild = true }
        let accepted = Set(definition.open.form.map(\.name)).union(definition.open.optional)
        // What a parent gives beside the form is what it lets its child follow.
        let values = form.mapValues(CEL.Value.init(json:))
        let followed = isChild ? values.filter { !accepted.contains($0.key) } : [:]
        let id = Identifier(high: UInt64(now.microseconds / 1000) << 16 | 0x7000, low: 0x8000_0000_0000_0000)
        let opening = Opening(
            id: id, reference: instances.reference(definition.reference),
            parent: isChild ? Snapshot.Parent(instance: Self.parent, child: ItemKey("parent")) : nil,
            form: values.filter { followed[$0.key] == nil }, followed: followed)
        return (id, Input(actor: actor, act: .open(opening)))
    }

    /// What a stub of a child exports, in the types that the child's definition gives them.
    private func exports(_ data: [String: JSON], of key: ItemKey, in machine: Machine) -> [String: CEL.Value] {
        let workflow = machine.definition.children.first { $0.name == key.name }?.workflow
        let fields = workflow.flatMap { instances.machines[$0]?.tables.fields } ?? [:]
        return Dictionary(
            uniqueKeysWithValues: data.map { name, json in
                var admission = Admission()
                let value = CEL.Value(json: json)
                guard let schema = fields[name]?.field.schema else { return (name, value) }
                return (name, admission.admit(value, as: schema, at: SchemaPath(name)))
            })
    }

    // MARK: Judging

    private mutating func judge(_ step: Scenario.Step) {
        let expect = step.expect
        if let rejection = outcome.rejection {
            guard let expected = expect?.rejected else {
                return fail(step.position, "refused: \(rejection.message)")
            }
            if !rejection.searchText.contains(expected.lowercased()) {
                fail(
                    expect?.position ?? step.position,
                    "expected a refusal for \"\(expected)\", was: \(rejection.message)")
            }
        } else if let expected = expect?.rejected {
            fail(expect?.position ?? step.position, "expected a refusal for \"\(expected)\", and it was accepted")
        }
        guard let expect else { return }
        if let opened = expect.opened, opened.sorted() != outcome.opened.sorted() {
            let (wanted, found) = (opened.joined(separator: ", "), outcome.opened.joined(separator: ", "))
            fail(expect.position, "expected the schedule to open [\(wanted)], and it opened [\(found)]")
        }
        guard expect.isAboutInstance, let id = target(step), let entry = instances.entries[id] else { return }
        for message in expect.differences(from: entry, outcome) { fail(message.position, message.text) }
    }
}
