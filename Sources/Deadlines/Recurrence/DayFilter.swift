/// Which days a recurrence rule lets pass.
///
/// What the rule leaves open is taken from the start: the day of the month or year, or the weekday.
struct DayFilter {
    private var months: UInt32 = 0
    private var monthDays: UInt32 = 0
    private var monthDaysFromEnd: UInt32 = 0
    private var weekdays: UInt32 = 0
    private var ordinals: [RecurrenceRule.Day]
    private let yearDays: [Int]
    private let weekNumbers: [Int]
    private let weekStart: Weekday
    private let ordinalsAreOfYear: Bool
    private let hasDays: Bool

    init(_ rule: RecurrenceRule, start: CivilDate) {
        var (monthSet, monthDaySet, days) = (rule.months, rule.monthDays, rule.days)
        if rule.weekNumbers.isEmpty, rule.yearDays.isEmpty, monthDaySet.isEmpty, days.isEmpty {
            switch rule.frequency {
            case .yearly:
                if monthSet.isEmpty { monthSet = [start.month] }
                monthDaySet = [start.day]
            case .monthly: monthDaySet = [start.day]
            case .weekly: days = [RecurrenceRule.Day(start.weekday)]
            default: break
            }
        }
        for month in monthSet { months |= 1 << UInt32(month) }
        for day in monthDaySet {
            if day > 0 { monthDays |= 1 << UInt32(day) } else { monthDaysFromEnd |= 1 << UInt32(-day) }
        }
        for day in days where day.ordinal == nil { weekdays |= 1 << UInt32(day.weekday.rawValue) }
        ordinals = days.filter { $0.ordinal != nil }
        (yearDays, weekNumbers, weekStart) = (rule.yearDays, rule.weekNumbers, rule.weekStart)
        ordinalsAreOfYear = rule.frequency == .yearly && rule.months.isEmpty
        hasDays = !days.isEmpty
    }

    func matches(_ date: CivilDate) -> Bool {
        let (year, month, day) = date.components
        if months != 0, months >> UInt32(month) & 1 == 0 { return false }
        if monthDays | monthDaysFromEnd != 0 {
            let fromEnd = CivilDate.days(inMonth: month, of: year) - day + 1
            if (monthDays >> UInt32(day) | monthDaysFromEnd >> UInt32(fromEnd)) & 1 == 0 { return false }
        }
        if hasDays, !matchesWeekday(date, year, month, day) { return false }
        if !yearDays.isEmpty {
            let ordinal = date.ordinal
            let fromEnd = ordinal - (CivilDate.isLeap(year) ? 367 : 366)
            if !yearDays.contains(ordinal), !yearDays.contains(fromEnd) { return false }
        }
        return weekNumbers.isEmpty || matchesWeek(date, year)
    }

    private func matchesWeekday(_ date: CivilDate, _ year: Int, _ month: Int, _ day: Int) -> Bool {
        let weekday = date.weekday
        if weekdays >> UInt32(weekday.rawValue) & 1 == 1 { return true }
        guard ordinals.contains(where: { $0.weekday == weekday }) else { return false }
        let position = ordinalsAreOfYear ? date.ordinal : day
        let length =
            ordinalsAreOfYear ? (CivilDate.isLeap(year) ? 366 : 365) : CivilDate.days(inMonth: month, of: year)
        let (forwards, backwards) = ((position - 1) / 7 + 1, -((length - position) / 7 + 1))
        return ordinals.contains { $0.weekday == weekday && ($0.ordinal == forwards || $0.ordinal == backwards) }
    }

    /// Weeks as in ISO 8601, except that they begin on WKST: the first is the first with four days in the year.
    private func matchesWeek(_ date: CivilDate, _ year: Int) -> Bool {
        var (first, next) = (firstWeek(of: year), firstWeek(of: year + 1))
        if date.dayNumber < first {
            (first, next) = (firstWeek(of: year - 1), first)
        } else if date.dayNumber >= next {
            (first, next) = (next, firstWeek(of: year + 2))
        }
        let number = (date.dayNumber - first) / 7 + 1
        return weekNumbers.contains(number) || weekNumbers.contains(number - (next - first) / 7 - 1)
    }

    private func firstWeek(of year: Int) -> Int {
        let newYear = CivilDate(unchecked: year, 1, 1)
        let into = (newYear.weekday.rawValue - weekStart.rawValue).flooredRemainder(7)
        return newYear.dayNumber - into + (into > 3 ? 7 : 0)
    }
}
