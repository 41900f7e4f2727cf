import CEL
import Deadlines

/// Where a tenant counts, unless a clock says otherwise.
public struct DeadlineDefaults: Sendable {
    /// IANA name of the zone.
    public var zone: String
    /// Identifier of the calendar for internal goals.
    public var calendar: String?
    /// Identifier of the calendar for statutory rules, that of the entity's place; nil means that a rule which needs
    /// one has to name it.
    public var statutoryCalendar: String?

    /// Creates defaults.
    public init(zone: String, calendar: String? = nil, statutoryCalendar: String? = nil) {
        self.zone = zone
        self.calendar = calendar
        self.statutoryCalendar = statutoryCalendar
    }
}

extension Almanac {
    /// The answer to a machine's question for a due instant; a sentence where it has none.
    public func answer(
        _ question: DeadlineQuestion, defaults: DeadlineDefaults
    ) -> CEL.Value {
        do throws(DeadlineError) {
            switch question.measure {
            case .goal(let goal): return try answer(goal, question, defaults).value
            case .rule(let rule, let terms):
                let deadline = try deadline(
                    rule: rule, facts: terms.facts, inputs: try terms.inputValues, orders: terms.orders,
                    zone: question.zone ?? defaults.zone,
                    entityCalendar: question.calendar ?? defaults.statutoryCalendar)
                return DeadlineAnswer(due: deadline.due, latest: deadline.latest, versions: deadline.versions).value
            }
        } catch {
            return Read.failure(error.description)
        }
    }

    func answer(
        _ goal: Definition.Goal, _ question: DeadlineQuestion, _ defaults: DeadlineDefaults
    ) throws(DeadlineError) -> DeadlineAnswer {
        let measure: Deadlines.Goal
        var calendar: String?
        switch goal {
        case .period(let period): measure = .period(period)
        case .workingDays(let days, let named): (measure, calendar) = (.workingDays(days), named)
        case .workingHours(let hours, let named):
            (measure, calendar) = (.workingTime(.microseconds(Int64(hours * 3_600_000_000))), named)
        }
        if measure.needsCalendar {
            calendar = calendar ?? question.calendar ?? defaults.calendar
        } else {
            calendar = nil
        }
        let place = try place(zone: question.zone ?? defaults.zone, calendar: calendar)
        let pauses = question.pauses.map { Stretch($0.from, $0.until) }
        let due = try measure.due(from: question.start, pausing: pauses, in: place)
        var versions = ["zone": place.zone.id, "tzdata": place.zone.version]
        if let calendar = place.calendar { versions["calendar"] = "\(calendar.id)@\(calendar.version)" }
        return DeadlineAnswer(due: due, latest: nil, versions: versions)
    }
}

extension DeadlineQuestion.RuleTerms {
    /// The inputs as rules take them; throws `malformed`.
    var inputValues: [String: InputValue] {
        get throws(DeadlineError) {
            var values: [String: InputValue] = [:]
            for (name, text) in inputs { values[name] = try InputValue(text) }
            return values
        }
    }
}
