/// A length of time as ISO 8601 writes it: `P1M`, `PT72H`, `P14DT6H`.
///
/// Years, months, weeks and days are *nominal*: they keep the time by the wall clock, however long the days are.
/// Hours, minutes and seconds are *elapsed*: they are counted to the microsecond, across clock changes.
public struct Period: Hashable, Sendable {
    /// Years.
    public var years: Int
    /// Months.
    public var months: Int
    /// Weeks of seven days.
    public var weeks: Int
    /// Days.
    public var days: Int
    /// The elapsed part, in microseconds.
    public var microseconds: Int64

    /// A period of those parts; parts may differ in sign.
    public init(years: Int = 0, months: Int = 0, weeks: Int = 0, days: Int = 0, microseconds: Int64 = 0) {
        (self.years, self.months, self.weeks, self.days) = (years, months, weeks, days)
        self.microseconds = microseconds
    }

    /// A period that is elapsed time only.
    public init(_ duration: Duration) {
        self.init(microseconds: duration.wholeMicroseconds)
    }

    /// That many elapsed hours.
    public static func hours(_ count: Int) -> Period { Period(.seconds(Int64(count) * 3600)) }
    /// That many nominal days.
    public static func days(_ count: Int) -> Period { Period(days: count) }
    /// That many nominal months.
    public static func months(_ count: Int) -> Period { Period(months: count) }

    /// The largest magnitude of any one part, so that sums cannot overflow.
    static let limit = 1_000_000_000

    /// Years and months, in months.
    public var totalMonths: Int { years * 12 + months }
    /// Weeks and days, in days.
    public var totalDays: Int { weeks * 7 + days }
    /// Whether the nominal part is empty.
    public var isElapsed: Bool { totalMonths == 0 && totalDays == 0 }
    /// Whether all parts are zero.
    public var isZero: Bool { isElapsed && microseconds == 0 }
    /// The elapsed part.
    public var elapsed: Duration { .microseconds(microseconds) }

    /// The same length in the other direction.
    public static prefix func - (period: Period) -> Period {
        Period(
            years: -period.years, months: -period.months, weeks: -period.weeks, days: -period.days,
            microseconds: period.microseconds == .min ? .max : -period.microseconds)
    }
}

extension Zone {
    /// The instant that much later than another by this zone's wall clock, first the nominal part, then the elapsed.
    ///
    /// A wall-clock time that the zone skips moves forward by the gap, one that it repeats is the earlier.
    /// Throws `outOfRange` where the result would leave the years 1 to 9999.
    public func adding(_ period: Period, to instant: Instant) throws(DeadlineError) -> Instant {
        guard !period.isElapsed else { return try instant.adding(microseconds: period.microseconds) }
        let (wholeMonths, wholeDays) = (period.totalMonths, period.totalDays)
        guard abs(wholeMonths) <= Period.limit, abs(wholeDays) <= Period.limit * 8 else {
            throw .outOfRange("The period \(period)")
        }
        var local = self.local(instant)
        if wholeMonths != 0 { local.date = local.date.adding(months: wholeMonths) }
        if wholeDays != 0 { local.date = local.date.adding(days: wholeDays) }
        guard (1...9999).contains(local.date.year) else { throw .outOfRange("\(period) from \(instant)") }
        return try self.instant(local).adding(microseconds: period.microseconds)
    }
}
