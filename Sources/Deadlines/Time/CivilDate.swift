/// A day of the proleptic Gregorian calendar, without a place or a time.
public struct CivilDate: Hashable, Comparable, Sendable {
    /// Days since 1970-01-01; negative before it.
    public let dayNumber: Int

    /// The day that many days after 1970-01-01.
    public init(dayNumber: Int) { self.dayNumber = dayNumber }

    /// The day of that year (1 to 9999), month (1 to 12) and number; nil where there is none.
    public init?(year: Int, month: Int, day: Int) {
        guard (1...9999).contains(year), (1...12).contains(month),
            day >= 1, day <= Self.days(inMonth: month, of: year)
        else { return nil }
        self.init(unchecked: year, month, day)
    }

    /// Howard Hinnant's `days_from_civil` (chrono-compatible low-level date algorithms).
    init(unchecked year: Int, _ month: Int, _ day: Int) {
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted.flooredQuotient(400)
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        dayNumber = era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// Year, month and number of the day (Hinnant's `civil_from_days`).
    public var components: (year: Int, month: Int, day: Int) {
        let days = dayNumber + 719_468
        let era = days.flooredQuotient(146_097)
        let dayOfEra = days - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (
            yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        )
    }

    /// The year.
    public var year: Int { components.year }
    /// The month, 1 to 12.
    public var month: Int { components.month }
    /// The number of the day in its month, 1 to 31.
    public var day: Int { components.day }
    /// The number of the day in its year, 1 to 366.
    public var ordinal: Int { dayNumber - CivilDate(unchecked: year, 1, 1).dayNumber + 1 }
    /// The day of the week.
    public var weekday: Weekday { Weekday(index: (dayNumber + 3).flooredRemainder(7)) }

    /// The day that many days later, or earlier where the number is negative.
    public func adding(days: Int) -> CivilDate { CivilDate(dayNumber: dayNumber + days) }

    /// The day with the same number that many months later, or the month's last day where it lacks that number.
    public func adding(months: Int) -> CivilDate {
        let (date, _) = corresponding(months: months)
        return date
    }

    /// As `adding(months:)`; `exists` is false where the month lacks that number.
    func corresponding(months: Int) -> (date: CivilDate, exists: Bool) {
        let (year, month, day) = components
        let total = year * 12 + month - 1 + months
        let (newYear, newMonth) = (total.flooredQuotient(12), total.flooredRemainder(12) + 1)
        let length = Self.days(inMonth: newMonth, of: newYear)
        return (CivilDate(unchecked: newYear, newMonth, min(day, length)), day <= length)
    }

    /// Whether February of that year has 29 days.
    public static func isLeap(_ year: Int) -> Bool {
        year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
    }

    /// The number of days of that month, 1 to 12.
    public static func days(inMonth month: Int, of year: Int) -> Int {
        switch month {
        case 2: isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Whether the left comes before the right.
    public static func < (left: CivilDate, right: CivilDate) -> Bool { left.dayNumber < right.dayNumber }

    /// The days from `right` to `left`.
    public static func - (left: CivilDate, right: CivilDate) -> Int { left.dayNumber - right.dayNumber }
}

/// A day of the week, Monday first as in ISO 8601.
public enum Weekday: Int, CaseIterable, Comparable, Sendable {
    case monday = 1, tuesday, wednesday, thursday, friday, saturday, sunday

    /// The weekday with that index, Monday being 0; taken modulo 7.
    init(index: Int) {
        self = Self.allCases[index.flooredRemainder(7)]
    }

    /// Whether it is Saturday or Sunday.
    public var isWeekend: Bool { self >= .saturday }
    /// The English name, "Monday".
    public var name: String { Self.names[rawValue - 1] }
    /// The two letters of RFC 5545, "MO".
    public var code: String { String(name.prefix(2)).uppercased() }

    private static let names = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]

    /// Whether the left comes before the right.
    public static func < (left: Weekday, right: Weekday) -> Bool { left.rawValue < right.rawValue }
}
