import CEL
import Deadlines

// When rounds are due, and what happens when that changes.
extension Run {
    /// What a round's timing comes to.
    struct Measured {
        var due: Instant?
        var latest: Instant?
        var basis: DeadlineQuestion?
        var ladder: String?
    }

    /// Works out when a round is due; asks only what has changed since it was `known`.
    mutating func measure(
        _ timing: Definition.Timing, from start: Instant, pauses: [Pause], _ scope: Scope, known: ClockRecord.Round?
    ) throws(Halt) -> Measured {
        let ladder = try chosen(timing.escalation, scope)
        if let ladder, tables.ladders[ladder] == nil {
            throw reject(
                .failed(
                    expression: "escalation", message: "there is no ladder \"\(ladder)\"", position: timing.position))
        }
        var question: DeadlineQuestion
        switch timing.measure {
        case .until(let formula):
            return Measured(due: try instant(of: formula, scope), ladder: ladder)
        case .goal(let choice):
            let goal = try goal(choice, scope)
            if case .period(let period) = goal, period.isElapsed {
                return Measured(due: start.due(after: period, pauses), ladder: ladder)
            }
            question = DeadlineQuestion(measure: .goal(goal), start: start, pauses: pauses)
        case .rule(let choice, let terms):
            let rule = try chosen(choice, scope) ?? ""
            question = DeadlineQuestion(measure: .rule(rule, try told(terms, scope)), start: start)
        }
        question.calendar = try chosen(timing.calendar, scope, mayBeUnset: true)
        question.zone = try chosen(timing.zone, scope, mayBeUnset: true)
        if let known, known.basis == question, !isRecomputing {
            return Measured(due: known.due, latest: known.latest, basis: question, ladder: ladder)
        }
        let answer = try DeadlineAnswer(try demand(.deadline(question)), to: question, timing.position)
        return Measured(due: answer.due, latest: answer.latest, basis: question, ladder: ladder)
    }

    private mutating func goal(
        _ choice: Choosable<Definition.Goal>, _ scope: Scope
    ) throws(Halt) -> Definition.Goal {
        switch choice {
        case .fixed(let goal): return goal
        case .computed(let formula):
            switch try value(of: formula, scope) {
            case .duration(let span): return .period(Period(microseconds: span.nanoseconds / 1000))
            case .string(let text):
                do throws(DeadlineError) {
                    return .period(try Period(text))
                } catch {
                    throw failed(formula, error.description, at: nil)
                }
            case let other: throw failed(formula, "a goal is a duration, and this yields \(other.type.name)", at: nil)
            }
        }
    }

    /// What a rule is told of this instance.
    private mutating func told(
        _ terms: Definition.Timing.RuleTerms, _ scope: Scope
    ) throws(Halt) -> DeadlineQuestion.RuleTerms {
        var told = DeadlineQuestion.RuleTerms(facts: try instants(of: terms.facts, scope))
        for input in try maps(terms.inputs, scope) {
            guard let name = input.member("name")?.stringValue, let value = input.member("value")?.stringValue else {
                continue
            }
            told.inputs[name] = value
        }
        told.orders = try maps(terms.orders, scope).compactMap(Order.init)
        return told
    }

    /// The elements of a list; none where it is unset.
    private mutating func maps(_ formula: Formula?, _ scope: Scope) throws(Halt) -> [CEL.Value] {
        guard let formula, let value = try passed(formula, scope) else { return [] }
        guard let list = value.listValue else {
            throw failed(formula, "a list is wanted, and this yields \(value.type.name)", at: nil)
        }
        return list
    }

    /// The instants of facts; what is not known yet is absent.
    private mutating func instants(
        of facts: [Definition.Assignment], _ scope: Scope
    ) throws(Halt) -> [String: [Instant]] {
        var instants: [String: [Instant]] = [:]
        for fact in facts {
            guard let formula = fact.value, let value = try passed(formula, scope) else { continue }
            let values = value.listValue ?? [value]
            let known = values.compactMap(\.instantValue)
            guard known.count == values.count else {
                throw failed(formula, "a fact is an instant or a list of instants", at: nil)
            }
            if !known.isEmpty { instants[fact.name] = known }
        }
        return instants
    }

    /// Works out anew when an open round is due.
    mutating func retime(
        _ table: ClockTable, _ key: ItemKey, _ scope: Scope, isResuming: Bool = false
    ) throws(Halt) {
        guard let round = next.clocks[key]?.open else { return }
        let at = round.isRestarted ? table.clock.restart?.at : table.clock.start.at
        let start = try at.map { (formula) throws(Halt) in try instant(of: formula, scope) } ?? round.startedAt
        try retime(key, table.clock.timing, from: start, scope, isResuming: isResuming)
    }

    /// Works out anew when the open round of a clock, task or approval is due.
    mutating func retime(
        _ key: ItemKey, _ timing: Definition.Timing, from start: Instant, _ scope: Scope, isResuming: Bool = false
    ) throws(Halt) {
        guard let record = next.clocks[key], let round = record.open else { return }
        let measured = try measure(timing, from: start, pauses: round.pauses, scope, known: round)
        let isSame =
            measured.due == round.due && measured.latest == round.latest
            && measured.ladder == round.ladder && start == round.startedAt
        guard !isSame || measured.basis != round.basis || isResuming else { return }
        let climbed = climb(of: round, movedTo: measured, start)
        let now = now
        update(key) { round in
            (round.startedAt, round.due, round.latest) = (start, measured.due, measured.latest)
            (round.basis, round.ladder, round.climbedTo) = (measured.basis, measured.ladder, climbed)
            if round.status != .paused { round.status = measured.due == nil ? .waiting : .running }
            if let due = measured.due, due > now { round.isOverdue = false }
            if climbed != record.last?.climbedTo { round.acknowledgedBy = nil }
        }
        if !isResuming { noteMove(key, record.number, from: round, to: measured) }
    }

    private mutating func noteMove(
        _ key: ItemKey, _ number: Int, from round: ClockRecord.Round, to measured: Measured
    ) {
        if measured.due != round.due {
            note(.clockMoved(key, round: number, from: round.due, to: measured.due))
        }
        if measured.latest != round.latest {
            note(.clockLatestMoved(key, round: number, from: round.latest, to: measured.latest))
        }
    }

    /// Where the ladder of a round stands when its due instant moves.
    private func climb(of round: ClockRecord.Round, movedTo measured: Measured, _ start: Instant) -> Instant? {
        guard let name = measured.ladder, name == round.ladder, let table = tables.ladders[name],
            let old = round.due, let new = measured.due
        else { return measured.ladder == round.ladder ? round.climbedTo : nil }
        let isAcknowledged = round.acknowledgedBy != nil
        let before = Ladder(beats: table.beats, start: round.startedAt, due: old, isAcknowledged: isAcknowledged)
        let after = Ladder(beats: table.beats, start: start, due: new, isAcknowledged: isAcknowledged)
        return after.climb(after: round.climbedTo, movedFrom: before)
    }

    /// Whether facts have come to light after the fact, by which rounds that have ended are judged anew.
    var isReviewing: Bool {
        switch input.act {
        case .correct, .tell, .recompute: true
        default: false
        }
    }

    /// Judges the last round anew after a correction, if it was met or missed.
    ///
    /// Where the facts no longer say when it began or ended, it stays as it was.
    mutating func review(_ table: ClockTable, _ key: ItemKey, _ scope: Scope) throws(Halt) {
        guard let record = next.clocks[key], let round = record.last else { return }
        guard round.status == .met || round.status == .missed, let ended = round.endedAt else { return }
        let saved = copy()
        do throws(Halt) {
            let startAt = round.isRestarted ? table.clock.restart?.at : table.clock.start.at
            let start = try startAt.map { (at) throws(Halt) in try instant(of: at, scope) } ?? round.startedAt
            let measured = try measure(table.clock.timing, from: start, pauses: round.pauses, scope, known: round)
            let stop = try table.clock.stop?.at.map { (at) throws(Halt) in try instant(of: at, scope) } ?? ended
            var judged = round
            (judged.startedAt, judged.due, judged.latest) = (start, measured.due, measured.latest)
            (judged.basis, judged.endedAt) = (measured.basis, stop)
            judged.status = judged.isMet(at: stop) ? .met : .missed
            guard judged != round else { return }
            update(key) { $0 = judged }
            noteMove(key, record.number, from: round, to: measured)
            if judged.status != round.status || stop != ended {
                note(.clockStopped(key, round: record.number, at: stop, isMet: judged.status == .met))
            }
        } catch .rejected {
            undo(to: saved)
        }
    }
}

extension Instant {
    /// The instant that much later, moved on by the pauses that begin before it.
    func due(after period: Period, _ pauses: [Pause]) -> Instant {
        var due = advanced(by: period.microseconds)
        for pause in pauses where pause.from < due && pause.until > self {
            due = due.advanced(by: pause.until.microseconds - max(pause.from, self).microseconds)
        }
        return due
    }
}

extension DeadlineAnswer {
    /// Reads the map with `due`, `latest` and `versions` that answers a deadline question.
    init(_ value: CEL.Value, to question: DeadlineQuestion, _ position: SourcePosition) throws(Halt) {
        guard case .map(let map) = value else {
            throw .rejected(
                .failed(expression: question.words, message: "the answer is no map", position: position))
        }
        due = map["due"]?.instantValue
        latest = map["latest"]?.instantValue
        versions = [:]
        for entry in map["versions"]?.mapValue?.entries ?? [] {
            if case .string(let name) = entry.key { versions[name] = entry.value.stringValue }
        }
    }

    /// The answer as the value that a context holds.
    public var value: CEL.Value {
        var fields: [(String, CEL.Value)] = []
        if let due { fields.append(("due", .instant(due))) }
        if let latest { fields.append(("latest", .instant(latest))) }
        fields.append(("versions", .map(MapValue(versions.mapValues(CEL.Value.string)))))
        return .map(MapValue(fields: fields))
    }
}

extension DeadlineQuestion {
    /// What is measured, in words.
    var words: String {
        switch measure {
        case .rule(let rule, _): "rule \(rule)"
        case .goal(.period(let period)): "goal \(period)"
        case .goal(.workingDays(let days, _)): "goal of \(days) working days"
        case .goal(.workingHours(let hours, _)): "goal of \(hours) working hours"
        }
    }
}

extension Order {
    /// Reads a map with `kind from until oral`; nil where kind or beginning is missing.
    init?(_ value: CEL.Value) {
        guard let kind = value.member("kind")?.stringValue, let from = value.member("from")?.instantValue else {
            return nil
        }
        self.init(
            kind, from: from, until: value.member("until")?.instantValue,
            isOral: value.member("oral")?.boolValue ?? false)
    }
}
