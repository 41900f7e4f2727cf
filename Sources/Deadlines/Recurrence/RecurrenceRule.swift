/// A recurrence rule of RFC 5545, section 3.3.10: `FREQ=MONTHLY;INTERVAL=3;BYDAY=2TU`.
public struct RecurrenceRule: Hashable, Sendable {
    /// How often the rule's period comes round.
    public enum Frequency: String, CaseIterable, Comparable, Sendable {
        /// Every second, minute, hour, day, week, month, year.
        case secondly = "SECONDLY"
        case minutely = "MINUTELY"
        case hourly = "HOURLY"
        case daily = "DAILY"
        case weekly = "WEEKLY"
        case monthly = "MONTHLY"
        case yearly = "YEARLY"

        private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

        /// Whether the left comes round more often.
        public static func < (left: Frequency, right: Frequency) -> Bool { left.rank < right.rank }
    }

    /// When a rule ends, the end included.
    public enum Until: Hashable, Sendable {
        /// At an instant.
        case instant(Instant)
        /// At a time by the wall clock of the recurrence's zone; a date means its end.
        case local(CivilDateTime)
    }

    /// A weekday, or the nth of its kind in the month or year; negative from the end.
    public struct Day: Hashable, Sendable {
        /// Which of its kind; nil means all of them.
        public var ordinal: Int?
        /// The weekday.
        public var weekday: Weekday

        /// A weekday with or without a number.
        public init(_ weekday: Weekday, ordinal: Int? = nil) { (self.ordinal, self.weekday) = (ordinal, weekday) }
    }

    /// How often the period comes round.
    public var frequency: Frequency
    /// Every how many periods; at least 1.
    public var interval = 1
    /// How many occurrences there are; nil means no limit.
    public var count: Int?
    /// When it ends; nil means never.
    public var until: Until?
    /// BYSECOND, 0 to 59.
    public var seconds: [Int] = []
    /// BYMINUTE, 0 to 59.
    public var minutes: [Int] = []
    /// BYHOUR, 0 to 23.
    public var hours: [Int] = []
    /// BYDAY.
    public var days: [Day] = []
    /// BYMONTHDAY, 1 to 31 or -31 to -1.
    public var monthDays: [Int] = []
    /// BYYEARDAY, 1 to 366 or -366 to -1.
    public var yearDays: [Int] = []
    /// BYWEEKNO, 1 to 53 or -53 to -1.
    public var weekNumbers: [Int] = []
    /// BYMONTH, 1 to 12.
    public var months: [Int] = []
    /// BYSETPOS, 1 to 366 or -366 to -1.
    public var positions: [Int] = []
    /// WKST, the day on which weeks begin.
    public var weekStart = Weekday.monday

    /// A rule of that frequency; the rest is set afterwards.
    public init(_ frequency: Frequency) { self.frequency = frequency }
}
