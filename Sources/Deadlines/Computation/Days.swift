// Periods in days and months: they end with a day, and that is the first instant of the next.

extension Computation {
    /// Days or months; both figures are the same.
    func days(_ period: Period, from event: Instant, _ shifts: Shifts) throws(DeadlineError) -> Figures {
        let last = try lastDay(period, from: event)
        let due = end(of: last, shifts.due)
        return Figures(due, latest: end(of: last, shifts.latest))
    }

    /// Days; the second figure moves to a business day.
    func daysRoll(_ period: Period, from event: Instant, _ shifts: Shifts) throws(DeadlineError) -> Figures {
        let last = try lastDay(period, from: event)
        let moved = try moved(last.adding(days: shifts.latest.days), source: counting)
        return Figures(end(of: last, shifts.due), latest: zone.end(of: moved))
    }

    /// Days or months under Regulation 1182/71.
    func euDays(_ period: Period, from event: Instant, _ shifts: Shifts) throws(DeadlineError) -> Figures {
        let last = try lastDay(period, from: event)
        var latest = try moved(last.adding(days: shifts.latest.days), source: Law.nextWorkingDay)
        if period.totalMonths == 0, period.totalDays >= 2 {
            latest = try withTwoWorkingDays(after: firstDay(of: event), until: latest)
        }
        return Figures(end(of: last, shifts.due), latest: zone.end(of: latest))
    }

    /// Business days; both figures are the same.
    func businessDays(_ count: Int, from event: Instant, _ shifts: Shifts) throws(DeadlineError) -> Figures {
        let start = firstDay(of: event)
        let last = try calendar().day(count, from: start, as: .business)
        trace?.note(
            "\(counted(count, "business day")), the day of the event not counted", source: counting,
            result: "\(last.words).", skipped: freeDays(after: start, until: last))
        return Figures(end(of: last, shifts.due), latest: end(of: last, shifts.latest))
    }

    /// The day on which the event falls, or from whose end the period runs.
    func firstDay(of event: Instant) -> CivilDate {
        let day = zone.date(event)
        return rule.runsFromYearEnd ? CivilDate(unchecked: day.year, 12, 31) : day
    }

    /// The last day of a period of days or months, without regard to what day that is.
    func lastDay(_ period: Period, from event: Instant) throws(DeadlineError) -> CivilDate {
        let start = firstDay(of: event)
        if rule.runsFromYearEnd {
            trace?.note("From the end of the calendar year", source: counting, result: start.words)
        }
        let days = period.totalDays - (rule.countsEventDay ? 1 : 0)
        let (month, exists) = start.corresponding(months: period.totalMonths)
        let last = month.adding(days: days)
        guard (1...9998).contains(last.year) else { throw .outOfRange("The last day") }
        let isEU = rule.kind == .euDays || rule.kind == .euMonths
        if period.totalMonths == 0 {
            trace?.note(
                rule.countsEventDay
                    ? "\(period.words), the day of the event being day 1"
                    : "\(period.words), the day of the event not counted",
                source: isEU ? Law.dayNotCounted + " and (2)(b)" : counting, result: last.words)
        } else {
            trace?.note(
                exists
                    ? "\(period.words), to the same date number"
                    : "\(period.words); the month lacks that date number, so its last day",
                source: isEU ? Law.endOfMonths : counting, result: last.words)
        }
        return last
    }

    /// The end of a day after what suspensions add.
    func end(of day: CivilDate, _ shift: Shift) -> Instant { zone.end(of: day.adding(days: shift.days)) }

    /// The day itself, or the next business day where it is none.
    func moved(_ day: CivilDate, source: String) throws(DeadlineError) -> CivilDate {
        let next = try calendar().firstDay(onOrAfter: day, as: .business)
        trace?.note(
            "A last day that is a Saturday, Sunday or holiday moves to the next business day", source: source,
            result: next == day ? "\(day.words) is a business day." : "\(next.words).",
            skipped: freeDays(after: day.adding(days: -1), until: next))
        return next
    }

    /// The second business day after a day, where the given end comes earlier (Art.
    ///
    /// 3(5)).
    private func withTwoWorkingDays(
        after start: CivilDate, until end: CivilDate
    ) throws(DeadlineError) -> CivilDate {
        let second = try calendar().day(2, from: start, as: .business)
        trace?.note(
            "A period of two days or more contains at least two working days", source: Law.twoWorkingDays,
            result: second <= end ? "It does." : "It ends with the second of them, \(second.words).")
        return max(end, second)
    }

    /// The weekend days and holidays after a day, up to and including another.
    func freeDays(after start: CivilDate, until end: CivilDate) -> [TraceStep.FreeDay] {
        var days: [TraceStep.FreeDay] = []
        var day = start.adding(days: 1)
        while day <= end {
            if let reason = reasonNotWorked(day) { days.append(TraceStep.FreeDay(date: day, reason: reason)) }
            day = day.adding(days: 1)
        }
        return days
    }
}
