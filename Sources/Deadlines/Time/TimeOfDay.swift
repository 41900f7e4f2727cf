/// A time by the wall clock, from 00:00 to 24:00, the latter being the end of the day.
public struct TimeOfDay: Hashable, Comparable, Sendable {
    /// Microseconds since 00:00, at most 86,400,000,000.
    public let microseconds: Int64

    /// The time that many microseconds after 00:00; nil outside the day.
    public init?(microseconds: Int64) {
        guard (0...Self.day).contains(microseconds) else { return nil }
        self.microseconds = microseconds
    }

    /// The time of that hour, minute and second; nil where there is none.
    ///
    /// 24:00 is the end of the day.
    public init?(hour: Int, minute: Int = 0, second: Int = 0) {
        guard (0...24).contains(hour), (0..<60).contains(minute), (0..<60).contains(second) else { return nil }
        self.init(microseconds: Int64((hour * 60 + minute) * 60 + second) * 1_000_000)
    }

    private init(unchecked microseconds: Int64) { self.microseconds = microseconds }

    static let day: Int64 = 86_400_000_000

    /// 00:00, the start of the day.
    public static let midnight = TimeOfDay(unchecked: 0)
    /// 12:00.
    public static let noon = TimeOfDay(unchecked: day / 2)
    /// 24:00, the end of the day.
    public static let endOfDay = TimeOfDay(unchecked: day)

    /// The hour, 0 to 24.
    public var hour: Int { Int(microseconds / 3_600_000_000) }
    /// The minute, 0 to 59.
    public var minute: Int { Int(microseconds / 60_000_000 % 60) }
    /// The second, 0 to 59.
    public var second: Int { Int(microseconds / 1_000_000 % 60) }

    /// Whether the left comes before the right.
    public static func < (left: TimeOfDay, right: TimeOfDay) -> Bool { left.microseconds < right.microseconds }
}

/// A date and a time by the wall clock of a place that is not named.
public struct CivilDateTime: Hashable, Comparable, Sendable {
    /// The day.
    public var date: CivilDate
    /// The time; 24:00 is 00:00 of the next day.
    public var time: TimeOfDay

    /// The given time of the given day.
    public init(_ date: CivilDate, _ time: TimeOfDay = .midnight) {
        self.date = date
        self.time = time
    }

    /// Microseconds since 1970-01-01T00:00:00 by the same wall clock; held within `Int64`.
    var localMicroseconds: Int64 {
        let bounded = Int64(min(max(date.dayNumber, -800_000), 3_000_000))
        return bounded * TimeOfDay.day + time.microseconds
    }

    /// The wall clock's reading that many microseconds after 1970-01-01T00:00:00.
    init(localMicroseconds micros: Int64) {
        date = CivilDate(dayNumber: Int(micros.flooredQuotient(TimeOfDay.day)))
        time = TimeOfDay(microseconds: micros.flooredRemainder(TimeOfDay.day)) ?? .midnight
    }

    /// Whether the left comes before the right.
    public static func < (left: CivilDateTime, right: CivilDateTime) -> Bool {
        left.localMicroseconds < right.localMicroseconds
    }
}
