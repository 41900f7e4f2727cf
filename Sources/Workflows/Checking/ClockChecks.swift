// Clocks that do not do what a clock is for.
extension DefinitionCheck {
    func checkClocks() {
        for clock in definition.clocks {
            let span = graph.span(from: clock.start, until: [clock.stop, clock.cancel])
            checkStart(of: clock)
            checkEnd(of: clock, span: span)
            checkPause(of: clock, span: span)
            checkExemption(of: clock)
        }
        checkMutualWaits()
        checkStatesWithoutClock()
    }

    private func names(_ condition: Definition.Condition?) -> Set<String> {
        if case .states(let names)? = condition?.kind { return Set(names) }
        return []
    }

    private func isNever(_ condition: Definition.Condition?) -> Bool {
        guard case .formula(let formula)? = condition?.kind else { return false }
        return ConditionTable([formula.expression.root], fields: fields).verdict(0) == .never
    }

    private func checkStart(of clock: Definition.Clock) {
        let live = graph.live
        let starts: Bool =
            switch clock.start.kind {
            case .states(let names): !live.isDisjoint(with: names)
            case .events(let names):
                names.contains("open")
                    || graph.edges.contains { edge in
                        live.contains(edge.from) && edge.event.map { names.contains($0.name) } ?? false
                    }
            case .formula: !isNever(clock.start)
            }
        if !starts {
            report(
                .clockNeverStarts, at: clock.position, "nothing ever starts the clock `\(clock.name)`",
                length: clock.name.count, expected: "a `start` in a state that is reached, or on an event that is sent")
        }
    }

    /// A clock ends by `stop` or `cancel`, on every way from where it runs to the end of the instance.
    private func checkEnd(of clock: Definition.Clock, span: Set<String>) {
        guard clock.stop != nil || clock.cancel != nil else {
            report(
                .clockNeverStops, at: clock.position, "the clock `\(clock.name)` has neither `stop` nor `cancel`",
                length: clock.name.count)
            return
        }
        if clock.cancel == nil, isNever(clock.stop) {
            report(.clockNeverStops, at: clock.position, "the `stop` of the clock `\(clock.name)` is never true")
            return
        }
        // Conditions on events or expressions may end it anywhere; only states can be followed.
        let ends = [clock.stop, clock.cancel].compactMap { $0 }
        guard ends.allSatisfy({ if case .states = $0.kind { true } else { false } }), !span.isEmpty else { return }
        guard case .states = clock.start.kind else { return }
        let goals = ends.reduce(into: Set<String>()) { $0.formUnion(names($1)) }
        if graph.reaching(goals).isDisjoint(with: span) {
            report(
                .clockNeverStops, at: clock.position,
                "no state that stops or cancels the clock `\(clock.name)` can be reached from where it runs",
                length: clock.name.count)
            return
        }
        for state in definition.states where state.isFinal && span.contains(state.name) {
            report(
                .clockNeverStops, at: clock.position,
                "the instance can end in `\(state.name)` while the clock `\(clock.name)` runs, neither met nor missed",
                length: clock.name.count, expected: "`\(state.name)` in `stop` or `cancel`")
        }
    }

    private func checkPause(of clock: Definition.Clock, span: Set<String>) {
        guard let pause = clock.pause else { return }
        if case .rule = clock.timing.measure {
            report(
                .statutoryPause, at: pause.position,
                "the clock `\(clock.name)` is statutory, and the law's time does not pause",
                expected: "no `pause`; an order that the rule knows moves it")
        }
        if case .events = pause.kind {
            report(
                .clockPausesForever, at: pause.position,
                "the clock `\(clock.name)` would pause by an event, which has no end that could resume it",
                expected: "`in` or `when`")
        }
        if case .formula(let formula) = pause.kind,
            ConditionTable([formula.expression.root, nil], fields: fields).verdict(1) == .shadowed(by: 0)
        {
            report(.clockPausesForever, at: pause.position, "the `pause` of the clock `\(clock.name)` is always true")
        }
        let paused = names(pause)
        guard !paused.isEmpty else { return }
        let ends = names(clock.stop).union(names(clock.cancel))
        if !span.isEmpty, span.isSubset(of: paused) {
            report(.clockPausesForever, at: pause.position, "the clock `\(clock.name)` is paused wherever it is open")
            return
        }
        for state in paused where span.contains(state) {
            let onward = graph.reachable(from: [state])
            if onward.isSubset(of: paused), onward.isDisjoint(with: ends) {
                report(
                    .clockPausesForever, at: pause.position,
                    "from `\(state)` the clock `\(clock.name)` is never resumed, stopped or cancelled")
            }
        }
    }

    /// A final state among those that stop a clock, in which nothing is known of the act that stops it elsewhere, looks
    /// like an exemption, which is neither met nor missed.
    private func checkExemption(of clock: Definition.Clock) {
        guard let stop = clock.stop, case .states(let names) = stop.kind, names.count > 1 else { return }
        let stages = names.map { ($0, presence.inside[$0] ?? []) }
        for (name, facts) in stages where states[name]?.isFinal == true {
            let others = stages.filter { $0.0 != name }.map(\.1)
            let common = others.dropFirst().reduce(others.first ?? []) { $0.intersection($1) }
            let lacking = common.subtracting(facts).filter { $0.hasPrefix("data.") }
            guard let field = lacking.min() else { continue }
            report(
                .clockExemptionMet, at: stop.position,
                "`\(name)` stops the clock `\(clock.name)` as met, though `\(field)` need not be known there",
                expected: "`\(name)` in `cancel`, if the duty fell away")
        }
    }

    /// Two clocks, each of whose `stop` waits for the other, end neither.
    private func checkMutualWaits() {
        var waits: [String: Set<String>] = [:]
        for clock in definition.clocks {
            guard case .formula(let formula)? = clock.stop?.kind else { continue }
            formula.expression.root.forEach { node in
                if let path = Proof.path(node)?.split(separator: "."), path.count == 2, path[0] == "clocks" {
                    waits[clock.name, default: []].insert(String(path[1]))
                }
            }
        }
        for clock in definition.clocks {
            var seen: Set<String> = []
            var waiting = Array(waits[clock.name] ?? [])
            while let next = waiting.popLast() {
                if seen.insert(next).inserted { waiting += waits[next] ?? [] }
            }
            if seen.contains(clock.name) {
                let others = seen.subtracting([clock.name]).sorted()
                report(
                    .clockMutualWait, at: clock.position,
                    "the `stop` of the clock `\(clock.name)` waits for "
                        + (others.isEmpty
                            ? "the clock itself" : "\(Spelling.list(others, or: "and")), which waits for it"),
                    length: clock.name.count)
            }
        }
    }

    /// Where a person must act, a clock runs, or the work has a due instant of its own.
    ///
    /// A state that `always` edges lead out of waits for something else, unless it asks for work itself.
    private func checkStatesWithoutClock() {
        let timed = definition.clocks.reduce(into: Set<String>()) { timed, clock in
            let span = graph.span(from: clock.start, until: [clock.stop, clock.cancel])
            timed.formUnion(span.subtracting(names(clock.pause)))
        }
        let live = graph.live
        for state in definition.states where !state.isFinal && live.contains(state.name) && !timed.contains(state.name)
        {
            let work = state.tasks.map(\.due) + state.approvals.map(\.due)
            if work.contains(where: { $0 != nil }) { continue }
            let people = definition.events(in: state).filter { event in
                event.outcome.leaves && event.allow.contains { $0.isPerson }
            }
            guard !work.isEmpty || (!people.isEmpty && state.always.isEmpty) else { continue }
            report(
                .stateWithoutClock, at: state.position,
                "in `\(state.name)` a person must act, and no clock runs", length: state.name.count,
                expected: "a clock that starts there or before, or `due` at its tasks and approvals")
        }
    }
}

extension Definition.Event.Outcome {
    /// Whether the event leads out of its state.
    var leaves: Bool {
        switch self {
        case .stay: false
        case .target: true
        case .choose(let branches): branches.contains { $0.target != nil }
        }
    }
}

extension Definition.Allowance {
    /// Whether people may be meant.
    var isPerson: Bool {
        switch self {
        case .role, .group: true
        case .parent, .child, .connector, .schedule, .ladder: false
        }
    }
}
