import Deadlines

/// When the rungs of a ladder fire around one round of a clock.
///
/// Nominal parts of a rung's period count as elapsed time here, a day as 24 hours and a month as 30 days: a
/// reminder needs no calendar.
struct Ladder {
    let beats: [Beat]
    let start: Instant
    let due: Instant
    /// Acknowledging ends repetition.
    let isAcknowledged: Bool

    /// When a rung fires, without what it does.
    struct Beat: Sendable {
        let moment: Definition.Rung.Moment
        let repeatEvery: Period?
        let scaledBelow: Period?

        init(_ rung: Definition.Rung) {
            (moment, repeatEvery, scaledBelow) = (rung.moment, rung.repeatEvery, rung.scaledBelow)
        }
    }

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
    func moment(_ beat: Beat) -> Instant {
        switch beat.moment {
        case .share(let share):
            // What was due before it began has no time to be shared.
            due <= start ? due : start.advanced(by: Int64(Double(due.microseconds - start.microseconds) * share))
        case .before(let period): due.advanced(by: -scaled(period, of: beat))
        case .after(let period): due.advanced(by: period.approximateMicroseconds)
        }
    }

    /// The next instant after `climbed` at which something fires; nil where nothing is left.
    func next(after climbed: Instant?) -> Instant? {
        var earliest: Instant?
        for beat in beats {
            let first = moment(beat)
            var candidate: Instant? = first
            if let climbed, first <= climbed { candidate = repetition(of: beat, after: climbed)?.instant }
            if let candidate { earliest = min(earliest ?? candidate, candidate) }
        }
        return earliest
    }

    /// What fires at `now`: of the rungs reached since `climbed` the latest, and each repetition that has come.
    func firings(after climbed: Instant?, upTo now: Instant) -> [Firing] {
        var firings: [Firing] = []
        var reached = 0
        var latest: (moment: Instant, rungs: [Int])?
        for (index, beat) in beats.enumerated() {
            let first = moment(beat)
            if first > now { continue }
            if let climbed, first <= climbed {
                guard let next = repetition(of: beat, after: climbed), next.instant <= now else { continue }
                let number = repetition(of: beat, after: now).map { $0.number - 1 } ?? next.number
                firings.append(Firing(rung: index, skipped: 0, repetition: number))
                continue
            }
            reached += 1
            if let known = latest, first <= known.moment {
                if first == known.moment { latest?.rungs.append(index) }
            } else {
                latest = (first, [index])
            }
        }
        guard let latest else { return firings }
        let skipped = reached - latest.rungs.count
        return firings + latest.rungs.map { Firing(rung: $0, skipped: skipped, repetition: 0) }
    }

    /// Where the climb stands once the round's start or due instant has moved from those of another ladder.
    ///
    /// A rung that now lies ahead again will fire again; one that the move has left behind fires at once.
    func climb(after climbed: Instant?, movedFrom old: Ladder) -> Instant? {
        guard let climbed else { return nil }
        let passed = beats.filter { old.moment($0) <= climbed }.map(moment)
        return passed.max().map { min($0, climbed) }
    }

    /// A rung's period in microseconds, shrunk where the round is shorter than what the rung is made for.
    ///
    /// Nothing repeats more often than once a minute for that.
    private func scaled(_ period: Period, of beat: Beat) -> Int64 {
        let length = period.approximateMicroseconds
        let span = max(0, due.microseconds - start.microseconds)
        guard let whole = beat.scaledBelow?.approximateMicroseconds, span < whole else { return length }
        let shrunk = Int64(Double(length) * Double(span) / Double(whole))
        return min(length, max(shrunk, 60_000_000))
    }

    private func repetition(of beat: Beat, after climbed: Instant) -> (instant: Instant, number: Int)? {
        guard !isAcknowledged, let every = beat.repeatEvery else { return nil }
        let period = scaled(every, of: beat)
        guard period > 0 else { return nil }
        let first = moment(beat)
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
