import Deadlines

/// When the rungs of a ladder fire around one round of a clock.
///
/// Nominal parts of a rung's period count as elapsed time here, a day as 24 hours and a month as 30 days: a
/// reminder needs no calendar.
struct Ladder {
    let rungs: [Definition.Rung]
    let start: Instant
    let due: Instant
    /// Acknowledging ends repetition.
    let isAcknowledged: Bool

    /// A rung that fires now.
    struct Firing {
        /// Index in the order of the file.
        let rung: Int
        /// Rungs that had passed already and give way to this one.
        let skipped: Int
        /// 0 when it fires for the first time.
        let repetition: Int
    }

    /// The instant at which a rung fires first.
    func moment(_ rung: Definition.Rung) -> Instant {
        switch rung.moment {
        case .share(let share):
            // What was due before it began has no time to be shared.
            due <= start ? due : start.advanced(by: Int64(Double(due.microseconds - start.microseconds) * share))
        case .before(let period): due.advanced(by: -scaled(period, of: rung))
        case .after(let period): due.advanced(by: period.approximateMicroseconds)
        }
    }

    /// The next instant after `climbed` at which something fires; nil where nothing is left.
    func next(after climbed: Instant?) -> Instant? {
        var earliest: Instant?
        for rung in rungs {
            let first = moment(rung)
            var candidate: Instant? = first
            if let climbed, first <= climbed { candidate = repetition(of: rung, after: climbed)?.instant }
            if let candidate { earliest = min(earliest ?? candidate, candidate) }
        }
        return earliest
    }

    /// What fires at `now`: of the rungs reached since `climbed` the latest, and each repetition that has come.
    func firings(after climbed: Instant?, upTo now: Instant) -> [Firing] {
        var reached: [(index: Int, moment: Instant)] = []
        var firings: [Firing] = []
        for (index, rung) in rungs.enumerated() {
            let first = moment(rung)
            if first > now { continue }
            if let climbed, first <= climbed {
                guard let next = repetition(of: rung, after: climbed), next.instant <= now else { continue }
                let number = repetition(of: rung, after: now).map { $0.number - 1 } ?? next.number
                firings.append(Firing(rung: index, skipped: 0, repetition: number))
            } else {
                reached.append((index, first))
            }
        }
        guard let latest = reached.map(\.moment).max() else { return firings }
        let last = reached.filter { $0.moment == latest }
        let skipped = reached.count - last.count
        return firings + last.map { Firing(rung: $0.index, skipped: skipped, repetition: 0) }
    }

    /// Where the climb stands once the round's start or due instant has moved from those of another ladder.
    ///
    /// A rung that now lies ahead again will fire again; one that the move has left behind fires at once.
    func climb(after climbed: Instant?, movedFrom old: Ladder) -> Instant? {
        guard let climbed else { return nil }
        let passed = rungs.filter { old.moment($0) <= climbed }.map(moment)
        return passed.max().map { min($0, climbed) }
    }

    /// A rung's period in microseconds, shrunk where the round is shorter than what the rung is made for.
    ///
    /// Nothing repeats more often than once a minute for that.
    private func scaled(_ period: Period, of rung: Definition.Rung) -> Int64 {
        let length = period.approximateMicroseconds
        let span = max(0, due.microseconds - start.microseconds)
        guard let whole = rung.scaledBelow?.approximateMicroseconds, span < whole else { return length }
        let shrunk = Int64(Double(length) * Double(span) / Double(whole))
        return min(length, max(shrunk, 60_000_000))
    }

    private func repetition(of rung: Definition.Rung, after climbed: Instant) -> (instant: Instant, number: Int)? {
        guard !isAcknowledged, let every = rung.repeatEvery else { return nil }
        let period = scaled(every, of: rung)
        guard period > 0 else { return nil }
        let first = moment(rung)
        let number = (climbed.microseconds - first.microseconds) / period + 1
        return (first.advanced(by: number * period), Int(number))
    }
}

extension Period {
    /// The length in microseconds with a month of 30 days and a day of 24 hours.
    var approximateMicroseconds: Int64 {
        let days = Int64(totalMonths) * 30 + Int64(totalDays)
        return microseconds.addingReportingOverflow(days &* 86_400_000_000).partialValue
    }
}
