// The CCPA's two readings, and Form 8-K.

extension Computation {
    /// Business days of the CCPA, which it does not define.
    ///
    /// Carefully read, only Sundays and holidays proper are left out (Civ. Code §§ 7 and 9); usually Saturdays too.
    func ccpaBusinessDays(
        _ count: Int, from event: Instant, _ shifts: Shifts
    ) throws(DeadlineError) -> Figures {
        let start = firstDay(of: event)
        var (careful, left) = (start, count)
        var skipped: [TraceStep.FreeDay] = []
        while left > 0 {
            careful = careful.adding(days: 1)
            let holiday = try sharedHoliday(on: careful)
            if careful.weekday == .sunday || holiday != nil {
                if trace != nil {
                    skipped.append(TraceStep.FreeDay(date: careful, reason: holiday?.name ?? careful.weekday.name))
                }
            } else {
                left -= 1
            }
        }
        trace?.note(
            "\(counted(count, "day")) in the careful reading: Saturdays count, Sundays and holidays proper do not",
            source: "Cal. Civ. Code §§ 7, 9",
            result: "\(careful.words).", skipped: skipped, isDisputed: true)
        let usual = try calendar().day(count, from: start, as: .business)
        trace?.note(
            "\(counted(count, "business day")) in the usual reading, Monday to Friday", source: counting,
            result: "\(usual.words).", skipped: freeDays(after: start, until: usual))
        return Figures(end(of: careful, shifts.due), latest: end(of: usual, shifts.latest))
    }

    /// Days of the CCPA: carefully read they begin on the day of receipt, usually on the next, and then may move.
    func ccpaDays(_ period: Period, from event: Instant, _ shifts: Shifts) throws(DeadlineError) -> Figures {
        let careful = firstDay(of: event).adding(days: period.totalDays - 1)
        trace?.note(
            "\(period.words), the day of receipt being day 1", source: "11 CCR 7021(b)", result: careful.words,
            isDisputed: true)
        let usual = try lastDay(period, from: event)
        let latest = try moved(usual.adding(days: shifts.latest.days), source: counting)
        return Figures(end(of: careful, shifts.due), latest: zone.end(of: latest))
    }

    /// Business days until filing closes at 17:30 in New York.
    func sec(_ count: Int, from event: Instant, _ shifts: Shifts) throws(DeadlineError) -> Figures {
        let (calendar, start) = (try calendar(), firstDay(of: event))
        let isBusinessDay = try calendar.isBusinessDay(start)
        let last: CivilDate
        if isBusinessDay {
            last = try calendar.day(count, from: start, as: .business)
            trace?.note(
                "\(counted(count, "business day")), the day of the event not counted", source: Law.secCounting,
                result: "\(last.words).", skipped: freeDays(after: start, until: last))
        } else {
            let first = try calendar.firstDay(onOrAfter: start, as: .business)
            last = try calendar.day(count - 1, from: first, as: .business)
            trace?.note(
                "The event falls on no business day: the count begins with, and includes, the next",
                source: Law.secCounting, result: "Day 1 is \(first.words).")
            trace?.note(
                counted(count, "business day"), source: Law.secCounting,
                result: "\(last.words).", skipped: freeDays(after: first, until: last))
        }
        let closing = CivilDateTime(last.adding(days: shifts.due.days), Self.closing)
        let due = zone.instant(closing)
        trace?.note("Filing closes at 17:30 New York time", source: Law.secClosing, result: due.words(in: zone))
        return Figures(due, latest: due)
    }

    private static let closing = TimeOfDay(hour: 17, minute: 30) ?? .endOfDay

    /// The holiday that both calendars have on a day, neither as a substitute.
    private func sharedHoliday(on day: CivilDate) throws(DeadlineError) -> Holiday? {
        guard let shared = request.sharedCalendar else {
            throw .calendarNeeded(by: "The rule \(rule.id), beside its own, calendar \(rule.sharedCalendar ?? "")")
        }
        guard let own = try calendar().holiday(on: day), let other = try shared.holiday(on: day) else { return nil }
        return own.isSubstitute || other.isSubstitute ? nil : own
    }
}
