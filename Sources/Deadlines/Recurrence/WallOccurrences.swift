/// The occurrences of a rule by the wall clock, ascending, as seconds since 1970-01-01T00:00:00.
///
/// The rule's periods are visited one after the other; each yields a set of days, each day a set of times. Ends with
/// the year 9999.
struct WallOccurrences: IteratorProtocol {
    private let rule: RecurrenceRule
    private let filter: DayFilter
    private let start: Int64
    private let startDate: CivilDate
    private let (hours, minutes, seconds): ([Int], [Int], [Int])
    /// The period that is visited next, counted from the start's in intervals.
    private var period: Int64 = 0
    private var found: [Int64] = []
    private var position = 0
    private var left: Int

    private static let end: Int64 = 253_402_300_800

    /// The occurrences since a start; with `skippingTo`, without those that surely lie before it.
    init(_ rule: RecurrenceRule, start: Int64, skippingTo target: Int64? = nil) {
        self.rule = rule
        self.start = start
        startDate = CivilDate(dayNumber: Int(start.flooredQuotient(86_400)))
        filter = DayFilter(rule, start: startDate)
        let time = Int(start.flooredRemainder(86_400))
        hours = rule.hours.isEmpty ? [time / 3600] : rule.hours
        minutes = rule.minutes.isEmpty ? [time / 60 % 60] : rule.minutes
        seconds = rule.seconds.isEmpty ? [time % 60] : rule.seconds
        left = rule.count ?? .max
        if let target, rule.count == nil, target > start { period = max(0, period(of: target) - 1) }
    }

    mutating func next() -> Int64? {
        guard left > 0 else { return nil }
        while position == found.count {
            (found, position) = ([], 0)
            guard fill() else { return nil }
        }
        left -= 1
        position += 1
        return found[position - 1]
    }

    /// Visits one period or jumps over several that hold nothing; false after the last.
    private mutating func fill() -> Bool {
        let step = Int64(rule.interval)
        switch rule.frequency {
        case .yearly:
            let year = startDate.year + Int(period * step)
            guard year <= 9999 else { return false }
            let first = CivilDate(unchecked: year, 1, 1).dayNumber
            collect(first..<first + (CivilDate.isLeap(year) ? 366 : 365))
        case .monthly:
            let month = startDate.year * 12 + startDate.month - 1 + Int(period * step)
            guard month < 120_000 else { return false }
            let first = CivilDate(unchecked: month / 12, month % 12 + 1, 1).dayNumber
            collect(first..<first + CivilDate.days(inMonth: month % 12 + 1, of: month / 12))
        case .weekly:
            let first = weekStart(of: startDate) + Int(period * step) * 7
            guard Int64(first) * 86_400 < Self.end else { return false }
            // Of the first week only the days since the start make up the set that BYSETPOS chooses from, as in dateutil.
            collect(max(first, startDate.dayNumber)..<first + 7)
        case .daily:
            let day = startDate.dayNumber + Int(period * step)
            guard Int64(day) * 86_400 < Self.end else { return false }
            collect(day..<day + 1)
        case .hourly, .minutely, .secondly:
            return fillSlot()
        }
        period += 1
        return true
    }

    private mutating func collect(_ days: Range<Int>) {
        var times: [Int64] = []
        for hour in hours {
            for minute in minutes { for second in seconds { times.append(Int64((hour * 60 + minute) * 60 + second)) } }
        }
        var all: [Int64] = []
        for day in days where filter.matches(CivilDate(dayNumber: day)) {
            for time in times { all.append(Int64(day) * 86_400 + time) }
        }
        keep(all)
    }

    /// The members of one period's set that BYSETPOS chooses and that do not lie before the start.
    private mutating func keep(_ all: [Int64]) {
        guard !rule.positions.isEmpty else {
            found = all.filter { $0 >= start && $0 < Self.end }
            return
        }
        var chosen: Set<Int64> = []
        for position in rule.positions {
            let index = position > 0 ? position - 1 : all.count + position
            if all.indices.contains(index) { chosen.insert(all[index]) }
        }
        found = chosen.sorted().filter { $0 >= start && $0 < Self.end }
    }

    // Periods shorter than a day: slots of an hour, a minute, a second.

    private var slotLength: Int64 {
        switch rule.frequency {
        case .hourly: 3600
        case .minutely: 60
        default: 1
        }
    }

    private mutating func fillSlot() -> Bool {
        let length = slotLength
        let slot = start.flooredQuotient(length) * length + period * Int64(rule.interval) * length
        guard slot < Self.end else { return false }
        let date = CivilDate(dayNumber: Int(slot.flooredQuotient(86_400)))
        let time = Int(slot.flooredRemainder(86_400))
        let (hour, minute) = (time / 3600, time / 60 % 60)
        if !filter.matches(date) {
            jump(to: Int64(date.dayNumber + 1) * 86_400)
        } else if !rule.hours.isEmpty, !rule.hours.contains(hour) {
            jump(to: slot - slot.flooredRemainder(3600) + 3600)
        } else if length < 3600, !rule.minutes.isEmpty, !rule.minutes.contains(minute) {
            jump(to: slot - slot.flooredRemainder(60) + 60)
        } else if length < 60, !rule.seconds.isEmpty, !rule.seconds.contains(time % 60) {
            period += 1
        } else {
            let base = slot - slot.flooredRemainder(length)
            let slotMinutes = length == 3600 ? minutes : [0]
            let slotSeconds = length >= 60 ? seconds : [0]
            var all: [Int64] = []
            for minute in slotMinutes { for second in slotSeconds { all.append(base + Int64(minute * 60 + second)) } }
            keep(all)
            period += 1
        }
        return true
    }

    /// Goes on with the first slot at or after a moment.
    private mutating func jump(to moment: Int64) {
        let length = slotLength * Int64(rule.interval)
        let first = start.flooredQuotient(slotLength) * slotLength
        let distance = moment - first
        period = max(period + 1, (distance + length - 1).flooredQuotient(length))
    }

    /// The number of the period in which a moment lies.
    private func period(of moment: Int64) -> Int64 {
        let date = CivilDate(dayNumber: Int(moment.flooredQuotient(86_400)))
        let step = Int64(rule.interval)
        switch rule.frequency {
        case .yearly: return Int64(date.year - startDate.year) / step
        case .monthly:
            return Int64((date.year - startDate.year) * 12 + date.month - startDate.month) / step
        case .weekly: return Int64((date.dayNumber - weekStart(of: startDate)) / 7) / step
        case .daily: return Int64(date - startDate) / step
        case .hourly, .minutely, .secondly: return (moment - start) / (slotLength * step)
        }
    }

    /// The day on which the week of a date begins.
    private func weekStart(of date: CivilDate) -> Int {
        date.dayNumber - (date.weekday.rawValue - rule.weekStart.rawValue).flooredRemainder(7)
    }

    /// Whether any time of day can ever occur, found by visiting every slot of a day that the interval can reach.
    static func hasTimes(_ rule: RecurrenceRule, start: Int64) -> Bool {
        guard rule.frequency < .daily else { return true }
        var probe = rule
        (probe.days, probe.monthDays, probe.yearDays, probe.months) = ([], [], [], [])
        (probe.count, probe.until, probe.positions) = (nil, nil, [])
        var walk = WallOccurrences(probe, start: start)
        for _ in 0...86_400 {
            guard walk.fill() else { return false }
            if !walk.found.isEmpty { return true }
        }
        return false
    }
}
