extension Computation {
    /// DORA's time limits (Delegated Regulation 2025/301, Art.
    ///
    /// 5).  Hours are elapsed. What falls on a weekend day or bank holiday may be done until noon of the next
    /// working day; for periods in hours that relief is closed to the entities that Art. 5(5) names.
    func dora(_ period: Period, from event: Instant, _ shifts: Shifts) throws(DeadlineError) -> Figures {
        guard period.isElapsed else {
            let last = try lastDay(period, from: event)
            let due = end(of: last, shifts.due)
            return Figures(due, latest: try relief(for: last, due: due))
        }
        var due = try elapsed(period, from: event, shifts.due)
        if let cap = rule.cap, let start = instant(of: cap.fact) {
            due = try capped(due, by: zone.adding(cap.period, to: start), cap: cap, event: event)
        }
        guard request.inputs["weekendRelief"] != .boolean(false) else {
            trace?.note(
                "Weekend relief", source: Law.doraNoRelief, result: "Not open to this entity (weekendRelief=false).")
            return Figures(due, latest: due)
        }
        return Figures(due, latest: try relief(for: zone.date(due), due: due))
    }

    private func capped(
        _ due: Instant, by limit: Instant, cap: Rule.Cap, event: Instant
    ) throws(DeadlineError) -> Instant {
        let bound = "At most \(cap.period.words) after \(cap.fact)"
        if event > limit {
            trace?.note(
                bound, source: Law.doraInitial,
                result: "\(limit.words(in: zone)) had passed when it was classified: only the time since then counts.")
            return due
        }
        trace?.note(
            bound, source: Law.doraInitial,
            result: limit < due
                ? "\(limit.words(in: zone)), which is earlier." : "\(limit.words(in: zone)), which is not earlier.")
        return min(due, limit)
    }

    /// Noon of the next working day, where the day is none.
    private func relief(for day: CivilDate, due: Instant) throws(DeadlineError) -> Instant {
        let next = try calendar().firstDay(onOrAfter: day, as: .business)
        guard next != day else {
            trace?.note("Weekend relief", source: Law.doraRelief, result: "\(day.words) is a working day: none.")
            return due
        }
        let noon = zone.instant(CivilDateTime(next, .noon))
        trace?.note(
            "Until noon of the next working day", source: Law.doraRelief,
            result: "\(noon.words(in: zone)).", skipped: freeDays(after: day.adding(days: -1), until: next))
        return noon
    }
}
