extension Computation {
    /// The goal of a rule that names no number in law: the shorter of the tenant's and the contract's.
    ///
    /// The tenant's is the input `goal`, else the rule's own length; the contract's is the input `contract`.
    func goal(from event: Instant) throws(DeadlineError) -> Instant {
        let place = GoalPlace(zone: zone, calendar: request.calendar)
        var ends: [(name: String, end: Instant)] = []
        for (name, title) in [("goal", "Our goal"), ("contract", "The contract")] {
            guard let value = request.inputs[name] else { continue }
            guard case .period(let period) = value else {
                throw .malformed(kind: "a period", text: "\(value)", reason: "The input \(name) is a period, PT24H.")
            }
            let end = try zone.adding(period, to: event)
            trace?.note("\(title): \(period.words)", source: "Input \(name)", result: end.words(in: zone))
            ends.append((name, end))
        }
        if let length = rule.length, request.inputs["goal"] == nil {
            let end = try length.goal.due(from: event, in: place)
            trace?.note("Goal: \(length)", source: rule.source.article, result: end.words(in: zone))
            ends.append((rule.id, end))
        }
        guard let first = ends.min(by: { $0.end < $1.end }) else { throw .missingInput("contract", rule: rule.id) }
        if ends.count > 1 {
            trace?.note("The shorter applies", source: rule.source.article, result: first.end.words(in: zone))
        }
        return first.end
    }
}

extension Rule.Length {
    /// The length as a goal.
    var goal: Goal {
        switch self {
        case .period(let period): .period(period)
        case .businessDays(let count): .workingDays(count)
        case .goal(let goal): goal
        }
    }
}
