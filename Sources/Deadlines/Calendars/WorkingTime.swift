/// A stretch of time between two instants, the second not included.
public struct Stretch: Hashable, Sendable {
    /// Its beginning.
    public var start: Instant
    /// Its end.
    public var end: Instant

    /// The time from one instant to another.
    public init(_ start: Instant, _ end: Instant) { (self.start, self.end) = (start, end) }

    var microseconds: Int64 { end.microseconds - start.microseconds }
}

// Business time: the hours a calendar works, as elapsed time between their beginning and end, so that a working hour on
// the day of a clock change is as long as any other.
extension WorkCalendar {
    /// The working time between two instants, ascending, stretches that touch not always joined.
    ///
    /// The zone is used where the calendar names none. Throws `notCovered`.
    public func workingStretches(
        from start: Instant, to end: Instant, zone: Zone
    ) throws(DeadlineError) -> [Stretch] {
        guard start < end else { return [] }
        if !union.isEmpty {
            var all: [Stretch] = []
            for member in union { all += try member.workingStretches(from: start, to: end, zone: zone) }
            return Self.joined(all)
        }
        let zone = self.zone ?? zone
        var stretches: [Stretch] = []
        var day = zone.date(start)
        let last = zone.date(end.advanced(by: -1))
        while day <= last {
            for hours in try hours(on: day) {
                let from = max(start, zone.instant(CivilDateTime(day, hours.start), skipped: .change))
                let to = min(end, zone.instant(CivilDateTime(day, hours.end), skipped: .change))
                if from < to { stretches.append(Stretch(from, to)) }
            }
            day = day.adding(days: 1)
        }
        return stretches
    }

    /// The working time from one instant to another; negative where the second is earlier.
    ///
    /// The zone is used where the calendar names none. Throws `notCovered`.
    public func workingTime(from start: Instant, to end: Instant, zone: Zone) throws(DeadlineError) -> Duration {
        let stretches = try workingStretches(from: min(start, end), to: max(start, end), zone: zone)
        let total = stretches.reduce(0) { $0 + $1.microseconds }
        return .microseconds(start <= end ? total : -total)
    }

    /// Whether an instant lies in working time.
    ///
    /// Throws `notCovered`.
    public func isWorking(at instant: Instant, zone: Zone) throws(DeadlineError) -> Bool {
        try !workingStretches(from: instant, to: instant.advanced(by: 1), zone: zone).isEmpty
    }

    /// The instant at which that much working time has passed since another; before it where the amount is negative.
    ///
    /// Forwards it is the earliest such instant, the end of a working day rather than the beginning of the next;
    /// backwards the latest. Zero gives the instant itself. The zone is used where the calendar names none. Throws
    /// `notCovered`, and `outOfRange` for more than a hundred thousand hours.
    public func adding(workingTime: Duration, to instant: Instant, zone: Zone) throws(DeadlineError) -> Instant {
        let amount = workingTime.wholeMicroseconds
        guard amount.magnitude <= 100_000 * 3_600_000_000 else { throw .outOfRange("\(workingTime) of working time") }
        if amount == 0 { return instant }
        return amount > 0
            ? try later(amount, than: instant, zone: zone) : try earlier(-amount, than: instant, zone: zone)
    }

    // Both go day by day, so that no day beyond the result has to be covered.

    private func later(_ amount: Int64, than instant: Instant, zone: Zone) throws(DeadlineError) -> Instant {
        let zone = self.zone ?? zone
        var (left, from, day) = (amount, instant, zone.date(instant))
        while from < .latest {
            let to = zone.end(of: day)
            for stretch in try workingStretches(from: from, to: to, zone: zone) {
                if stretch.microseconds >= left { return stretch.start.advanced(by: left) }
                left -= stretch.microseconds
            }
            (from, day) = (to, day.adding(days: 1))
        }
        throw .outOfRange("The end of the working time")
    }

    private func earlier(_ amount: Int64, than instant: Instant, zone: Zone) throws(DeadlineError) -> Instant {
        let zone = self.zone ?? zone
        var (left, to, day) = (amount, instant, zone.date(instant.advanced(by: -1)))
        while to > .earliest {
            let from = zone.start(of: day)
            for stretch in try workingStretches(from: from, to: to, zone: zone).reversed() {
                if stretch.microseconds >= left { return stretch.end.advanced(by: -left) }
                left -= stretch.microseconds
            }
            (to, day) = (from, day.adding(days: -1))
        }
        throw .outOfRange("The end of the working time")
    }

    private static func joined(_ stretches: [Stretch]) -> [Stretch] {
        var result: [Stretch] = []
        for stretch in stretches.sorted(by: { $0.start < $1.start }) {
            if let last = result.last, stretch.start <= last.end {
                result[result.count - 1].end = max(last.end, stretch.end)
            } else {
                result.append(stretch)
            }
        }
        return result
    }
}
