/// Which days count.
public enum DayMeasure: Sendable {
    /// Monday to Friday without holidays: the business and working days of laws.
    case business
    /// Days on which the calendar has working hours.
    case working
}

extension WorkCalendar {
    /// Whether a day counts.
    ///
    /// Throws `notCovered`.
    public func counts(_ date: CivilDate, as measure: DayMeasure) throws(DeadlineError) -> Bool {
        switch measure {
        case .business: try isBusinessDay(date)
        case .working: try isWorkingDay(date)
        }
    }

    /// The nth day that counts after a day, or before it where the number is negative; the day itself is not counted.
    ///
    /// Zero gives the day itself. Throws `notCovered`, and `outOfRange` beyond a million days.
    public func day(_ count: Int, from date: CivilDate, as measure: DayMeasure) throws(DeadlineError) -> CivilDate {
        guard abs(count) <= 1_000_000 else { throw .outOfRange("\(count) working days") }
        let step = count < 0 ? -1 : 1
        var (day, left) = (date, abs(count))
        while left > 0 {
            day = try next(day, step)
            if try counts(day, as: measure) { left -= 1 }
        }
        return day
    }

    /// The first day on or after a day that counts.
    ///
    /// Throws `notCovered`.
    public func firstDay(onOrAfter date: CivilDate, as measure: DayMeasure) throws(DeadlineError) -> CivilDate {
        var day = date
        while try !counts(day, as: measure) { day = try next(day, 1) }
        return day
    }

    /// How many days that count lie after `start` up to and including `end`; negative where the end is earlier.
    ///
    /// It undoes `day(_:from:as:)` for days that count. Throws `notCovered`.
    public func days(from start: CivilDate, to end: CivilDate, as measure: DayMeasure) throws(DeadlineError) -> Int {
        var count = 0
        if end < start {
            var day = start
            while day > end {
                day = day.adding(days: -1)
                if try counts(day, as: measure) { count -= 1 }
            }
            return count
        }
        var day = start
        while day < end {
            day = day.adding(days: 1)
            if try counts(day, as: measure) { count += 1 }
        }
        return count
    }

    private func next(_ day: CivilDate, _ step: Int) throws(DeadlineError) -> CivilDate {
        guard (-719_162...2_932_896).contains(day.dayNumber + step) else { throw .outOfRange("The day") }
        return day.adding(days: step)
    }
}
