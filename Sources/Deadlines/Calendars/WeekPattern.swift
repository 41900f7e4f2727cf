/// A stretch of a working day, from one time to a later one.
public struct WorkingHours: Hashable, Sendable {
    /// When work begins.
    public let start: TimeOfDay
    /// When it ends, later than it begins.
    public let end: TimeOfDay

    /// The hours from one time to another; nil unless the end is later.
    public init?(_ start: TimeOfDay, _ end: TimeOfDay) {
        guard start < end else { return nil }
        (self.start, self.end) = (start, end)
    }

    private init(allDay: Void) { (start, end) = (.midnight, .endOfDay) }

    /// From 00:00 to 24:00.
    public static let allDay = WorkingHours(allDay: ())
}

/// The working hours of each day of the week.
public struct WeekPattern: Hashable, Sendable {
    /// The hours of the seven days, Monday first, each ascending and without overlap; empty on a day off.
    private var hours: [[WorkingHours]]

    /// A week with these hours; days not named are off.
    ///
    /// Nil where hours of one day overlap.
    public init?(_ days: [Weekday: [WorkingHours]]) {
        hours = Weekday.allCases.map { (days[$0] ?? []).sorted { $0.start < $1.start } }
        for day in hours {
            for (earlier, later) in zip(day, day.dropFirst()) where later.start < earlier.end { return nil }
        }
    }

    private init(_ working: (Weekday) -> Bool) {
        hours = Weekday.allCases.map { working($0) ? [.allDay] : [] }
    }

    /// Monday to Friday, from 00:00 to 24:00, as calendars of public holidays have it.
    public static let mondayToFriday = WeekPattern { !$0.isWeekend }
    /// Every day from 00:00 to 24:00.
    public static let always = WeekPattern { _ in true }

    /// The hours of a weekday, ascending.
    public subscript(day: Weekday) -> [WorkingHours] { hours[day.rawValue - 1] }

    /// Whether no day has hours.
    public var isEmpty: Bool { hours.allSatisfy(\.isEmpty) }
}

/// A day that differs from its weekday: a public holiday, a closing day, or one with shorter hours.
public struct Holiday: Hashable, Sendable {
    /// The day.
    public var date: CivilDate
    /// Its name.
    public var name: String
    /// Whether it stands in for a holiday that falls on a day off.
    public var isSubstitute: Bool
    /// Until when work goes on that day; nil means not at all.
    ///
    /// A day with hours is no public holiday in law.
    public var workUntil: TimeOfDay?

    /// A holiday; with `workUntil`, a working day that ends early.
    public init(date: CivilDate, name: String, isSubstitute: Bool = false, workUntil: TimeOfDay? = nil) {
        (self.date, self.name, self.isSubstitute, self.workUntil) = (date, name, isSubstitute, workUntil)
    }
}
