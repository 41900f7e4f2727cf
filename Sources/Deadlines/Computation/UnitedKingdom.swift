extension Computation {
    /// Months "beginning with" an instant: whether they end the day before the corresponding date is not settled.
    func ukMonths(_ period: Period, from event: Instant, _ shifts: Shifts) throws(DeadlineError) -> Figures {
        let start = firstDay(of: event)
        let (corresponding, exists) = start.corresponding(months: period.totalMonths)
        guard (2...9998).contains(corresponding.year) else { throw .outOfRange("The last day") }
        let careful = exists ? corresponding.adding(days: -1) : corresponding
        trace?.note(
            "\(period.words) that begin with the day of the event, read carefully", source: rule.source.article,
            result: exists
                ? "\(careful.words), the day before the corresponding date."
                : "\(careful.words); the month lacks the corresponding date.",
            isDisputed: true)
        trace?.note(
            "\(period.words), to the corresponding date", source: counting, result: corresponding.words)
        let latest = try moved(corresponding.adding(days: shifts.latest.days), source: counting)
        return Figures(end(of: careful, shifts.due), latest: zone.end(of: latest))
    }
}
