// Periods that end with the event: an act has to come before they begin.

extension Computation {
    /// The figures of a length below zero; nil for one that runs forwards.
    ///
    /// The day of the event is not counted here either. A last day that is free does not move: Art. 3(4) of Regulation
    /// 1182/71 leaves out periods counted backwards, and no other law here has them.
    func backwards(_ length: Rule.Length, from event: Instant) throws(DeadlineError) -> Figures? {
        switch length {
        case .period(let period) where period.microseconds < 0: try hours(before: event, -period)
        case .period(let period) where period.totalMonths < 0 || period.totalDays < 0:
            days(before: event, -period)
        case .businessDays(let count) where count < 0: try businessDays(before: event, -count)
        default: nil
        }
    }

    private func hours(before event: Instant, _ period: Period) throws(DeadlineError) -> Figures {
        let latest = try event.adding(microseconds: -period.microseconds)
        trace?.note(
            "\(period.words) of elapsed time, counted backwards", source: rule.source.article,
            result: "\(latest.words(in: zone)).")
        guard rule.kind == .euHours else { return Figures(latest, latest: latest) }
        let hour = nextHour(after: event).advanced(by: -3_600_000_000)
        let due = try hour.adding(microseconds: -period.microseconds)
        trace?.note(
            "The hour of the event is not counted", source: Law.hourNotCounted,
            result: "Counting back starts with \(hour.wordsOfBeginning(in: zone)): \(due.words(in: zone)).")
        return Figures(due, latest: latest)
    }

    private func days(before event: Instant, _ period: Period) -> Figures {
        let (month, _) = firstDay(of: event).corresponding(months: -period.totalMonths)
        return figures(
            beginning: month.adding(days: -period.totalDays), "\(period.words) before the day of the event, not counted"
        )
    }

    private func businessDays(before event: Instant, _ count: Int) throws(DeadlineError) -> Figures {
        let day = firstDay(of: event)
        let first = try calendar().day(-count, from: day, as: .business)
        return figures(
            beginning: first, "\(counted(count, "business day")) before the day of the event, not counted",
            skipped: freeDays(after: first, until: day.adding(days: -1)))
    }

    private func figures(
        beginning first: CivilDate, _ step: String, skipped: [TraceStep.FreeDay] = []
    ) -> Figures {
        let due = zone.start(of: first)
        trace?.note(
            step, source: counting,
            result: "They begin with \(first.words); what is to be done is done before.", skipped: skipped)
        trace?.note(
            "Counted backwards, the end does not move", source: isUnion ? Law.nextWorkingDay : counting,
            result: "That it may be a Saturday, Sunday or holiday changes nothing.")
        return Figures(due, latest: due)
    }

    private var isUnion: Bool { rule.kind == .euDays || rule.kind == .euMonths }
}
