import Deadlines

/// Why a round of a clock is due when it is: the steps of the computation, each with its source.
public struct RoundExplanation: Sendable, Equatable {
    /// The steps in order.
    public var steps: [TraceStep]
    /// What the same computation comes to now; nil while a fact is missing.
    public var due: Instant?
    /// Zone, calendar, tz data and rule with their versions.
    public var versions: [String: String]
}

extension Almanac {
    /// Explains a round by computing it once more from what it was computed from.
    ///
    /// - Parameters:
    ///   - round: the round.
    ///   - timing: what the definition says of it.
    ///   - defaults: where the tenant counts.
    /// - Throws: `DeadlineError` where a rule, calendar or zone is no longer there.
    public func explanation(
        of round: ClockRecord.Round, _ timing: Definition.Timing, defaults: DeadlineDefaults
    ) throws(DeadlineError) -> RoundExplanation {
        switch round.basis?.measure {
        case .rule(let rule, let terms)?:
            let deadline = try deadline(
                rule: rule, facts: terms.facts, inputs: try terms.inputValues, orders: terms.orders,
                zone: round.basis?.zone ?? defaults.zone,
                entityCalendar: round.basis?.calendar ?? defaults.statutoryCalendar)
            return RoundExplanation(steps: deadline.trace, due: deadline.due, versions: deadline.versions)
        case .goal(let goal)?: return try explanation(of: round, goal, timing, defaults)
        case nil: return try explanation(ofPlain: round, timing, defaults)
        }
    }

    /// A goal that a calendar or a zone has a part in.
    private func explanation(
        of round: ClockRecord.Round, _ goal: Definition.Goal, _ timing: Definition.Timing, _ defaults: DeadlineDefaults
    ) throws(DeadlineError) -> RoundExplanation {
        let zone = try zones.zone(round.basis?.zone ?? defaults.zone)
        guard let question = round.basis else { return RoundExplanation(steps: [], due: round.due, versions: [:]) }
        let answer = try answer(goal, question, defaults)
        var steps = beginning(of: round, timing, zone)
        let calendar = answer.versions["calendar"].map { ", calendar \($0)" } ?? ""
        steps.append(
            TraceStep(
                step: goal.words, source: "\(timing.place)\(calendar), zone \(zone.id)",
                result: answer.due?.rfc3339(in: zone) ?? "not known yet"))
        return RoundExplanation(steps: steps, due: answer.due, versions: answer.versions)
    }

    /// What needs no calendar: elapsed time, or an instant that the definition names.
    private func explanation(
        ofPlain round: ClockRecord.Round, _ timing: Definition.Timing, _ defaults: DeadlineDefaults
    ) throws(DeadlineError) -> RoundExplanation {
        let zone = try zones.zone(defaults.zone)
        var steps = beginning(of: round, timing, zone)
        let words: String
        switch timing.measure {
        case .until(let formula): words = "Until \(formula.source)"
        case .goal(.fixed(let goal)): words = goal.words
        case .goal(.computed(let formula)): words = "Goal of \(formula.source)"
        case .rule: words = "Rule"
        }
        steps.append(
            TraceStep(
                step: words, source: timing.place,
                result: round.due.map { $0.rfc3339(in: zone) } ?? "not known yet: a fact is missing"))
        return RoundExplanation(
            steps: steps, due: round.due, versions: ["zone": zone.id, "tzdata": zone.version])
    }

    private func beginning(of round: ClockRecord.Round, _ timing: Definition.Timing, _ zone: Zone) -> [TraceStep] {
        let begin = TraceStep(
            step: round.isRestarted ? "Begins anew" : "Begins", source: timing.place,
            result: round.startedAt.rfc3339(in: zone))
        let pauses = round.pauses.map { pause in
            TraceStep(
                step: "Held", source: timing.place,
                result: "from \(pause.from.rfc3339(in: zone)) until \(pause.until.rfc3339(in: zone))")
        }
        return [begin] + pauses
    }
}

extension Definition.Goal {
    /// The goal in words.
    fileprivate var words: String {
        switch self {
        case .period(let period): "Goal \(period)"
        case .workingDays(let days, _): "Goal of \(days) working days"
        case .workingHours(let hours, _): "Goal of \(hours) working hours"
        }
    }
}

extension Definition.Timing {
    /// Where the definition says it.
    fileprivate var place: String { "\(position.file):\(position.line)" }
}

extension Definition {
    /// What is said of a clock, or of the clock of a task or approval, by its name; nil where there is none.
    public func timing(of clock: ItemKey) -> Timing? {
        if let found = clocks.first(where: { $0.name == clock.name }) { return found.timing }
        let work = states.flatMap { state in
            state.tasks.map { (ItemKey($0.name).taskClock, $0.due) }
                + state.approvals.map { (ItemKey($0.name).approvalClock, $0.due) }
        }
        return work.first { $0.0.name == clock.name && $0.1 != nil }?.1
    }
}
