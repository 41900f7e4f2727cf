// Periods in hours: elapsed time, to the microsecond.

extension Computation {
    /// Elapsed hours; both figures are the same.
    func hours(_ period: Period, from event: Instant, _ shifts: Shifts) throws(DeadlineError) -> Figures {
        let due = try elapsed(period, from: event, shifts.due)
        return Figures(
            due,
            latest: shifts.latest.microseconds == shifts.due.microseconds
                ? due : try elapsed(period, from: event, shifts.latest))
    }

    /// Hours under Regulation 1182/71: the hour of the event is not counted for the second figure.
    func euHours(_ period: Period, from event: Instant, _ shifts: Shifts) throws(DeadlineError) -> Figures {
        let due = try elapsed(period, from: event, shifts.due)
        let start = nextHour(after: event)
        let latest = try start.adding(microseconds: period.microseconds).adding(
            microseconds: shifts.latest.microseconds)
        trace?.note(
            "The hour of the event is not counted", source: Law.hourNotCounted,
            result: "Counting starts with the next full hour, \(start.wordsOfBeginning(in: zone)).")
        trace?.note(
            "End of the last counted hour", source: Law.endOfHours, result: latest.words(in: zone))
        trace?.note(
            "Weekends and holidays count, the end does not move", source: Law.holidaysCount,
            result: Law.rollIsNotForHours)
        if period.microseconds >= 2 * 86_400_000_000 {
            trace?.note(
                "At least two working days", source: Law.twoWorkingDays, result: Law.twoWorkingDaysDisputed,
                isDisputed: true)
        }
        return Figures(due, latest: latest)
    }

    /// That much elapsed time after the event.
    func elapsed(_ period: Period, from event: Instant, _ shift: Shift) throws(DeadlineError) -> Instant {
        let end = try event.adding(microseconds: period.microseconds).adding(microseconds: shift.microseconds)
        trace?.note(
            "\(period.words) of elapsed time", source: rule.source.article,
            result: "\(end.words(in: zone)).\(clockChange(from: event, to: end))",
            counted: freeDays(from: event, to: end))
        return end
    }

    /// The end of the local hour in which an instant lies.
    func nextHour(after instant: Instant) -> Instant {
        let offset = Int64(zone.offset(at: instant)) * 1_000_000
        let intoHour = (instant.microseconds + offset).flooredRemainder(3_600_000_000)
        return instant.advanced(by: 3_600_000_000 - intoHour)
    }

    /// What the clocks did in between, in words; empty where nothing.
    private func clockChange(from start: Instant, to end: Instant) -> String {
        guard let change = zone.nextTransition(after: start), change <= end else { return "" }
        let minutes = (zone.offset(at: change) - zone.offset(at: change.advanced(by: -1))) / 60
        guard minutes != 0 else { return "" }
        let direction = minutes > 0 ? "forward" : "back"
        let day = zone.date(change).words
        return " The clocks went \(direction) by \(abs(minutes)) minutes on \(day): hours are counted as they pass."
    }

    /// The weekend days and holidays inside, of periods of up to a month.
    private func freeDays(from start: Instant, to end: Instant) -> [TraceStep.FreeDay] {
        guard end.seconds - start.seconds <= 32 * 86_400 else { return [] }
        return freeDays(after: zone.date(start).adding(days: -1), until: zone.date(end.advanced(by: -1)))
    }

    /// Why a day is no business day, as far as the calendar knows; nil where it is one.
    func reasonNotWorked(_ day: CivilDate) -> String? {
        if let holiday = try? request.calendar?.holiday(on: day), holiday.workUntil == nil { return holiday.name }
        return day.weekday.isWeekend ? day.weekday.name : nil
    }
}

/// How the laws are cited in traces.
enum Law {
    private static let regulation = "Regulation (EEC, Euratom) No 1182/71"
    static let hourNotCounted = "\(regulation), Art. 3(1)"
    static let dayNotCounted = "\(regulation), Art. 3(1)"
    static let endOfHours = "\(regulation), Art. 3(2)(a)"
    static let endOfDays = "\(regulation), Art. 3(2)(b)"
    static let endOfMonths = "\(regulation), Art. 3(2)(c)"
    static let holidaysCount = "\(regulation), Art. 3(3)"
    static let nextWorkingDay = "\(regulation), Art. 3(4)"
    static let twoWorkingDays = "\(regulation), Art. 3(5)"
    static let rollIsNotForHours = "Art. 3(4) moves the end of days, weeks, months and years only."
    static let twoWorkingDaysDisputed = """
        Disputed: LDI NRW and BayLfD do not apply Art. 3(5) to periods in hours, some commentators do. \
        Neither figure uses it.
        """
    static let doraRelief = "Delegated Regulation (EU) 2025/301, Art. 5(4)"
    static let doraNoRelief = "Delegated Regulation (EU) 2025/301, Art. 5(5)"
    static let doraInitial = "Delegated Regulation (EU) 2025/301, Art. 5(1) and (2)"
    static let secCounting = "Form 8-K, General Instruction B.1"
    static let secClosing = "Regulation S-T, Rule 13(a)(2)"
}
