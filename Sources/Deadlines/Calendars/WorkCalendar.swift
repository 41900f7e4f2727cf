/// Which days and hours are worked somewhere, and which days are holidays.
///
/// A calendar says for which years it knows the holidays; asked about another year, it throws `notCovered`.
public final class WorkCalendar: Sendable {
    /// The identifier, `de-by`.
    public let id: String
    /// What people call it, "Germany, Bavaria".
    public let title: String
    /// A mark of the content: the first 16 digits of its SHA-256.
    public let version: String
    /// The zone in which its hours are meant; nil means the zone of whoever asks.
    public let zone: Zone?
    /// The years whose holidays are known; nil where there are none to know.
    public let years: ClosedRange<Int>?
    /// The hours of ordinary weeks.
    public let week: WeekPattern
    /// The calendars whose working time together makes this one's; empty for an ordinary calendar.
    public let union: [WorkCalendar]

    /// All holidays, by date.
    public var holidays: [Holiday] { sortedHolidays }
    private let sortedHolidays: [Holiday]
    private let firstDay: Int
    private let lastDay: Int
    /// One bit a day from `firstDay`: closed all day.
    private let closedDays: [UInt64]

    /// A calendar of one place.
    ///
    /// Of several holidays on one date the first is kept; one that closes the whole day outranks one that shortens it.
    public init(
        id: String, title: String? = nil, version: String? = nil, zone: Zone? = nil, years: ClosedRange<Int>? = nil,
        week: WeekPattern = .mondayToFriday, holidays: [Holiday] = []
    ) {
        (self.id, self.title, self.zone, self.years, self.week, union) = (id, title ?? id, zone, years, week, [])
        sortedHolidays = Self.unique(holidays)
        firstDay = years.map { CivilDate(unchecked: $0.lowerBound, 1, 1).dayNumber } ?? .min
        lastDay = years.map { CivilDate(unchecked: $0.upperBound, 12, 31).dayNumber } ?? .max
        closedDays = Self.bits(sortedHolidays, covering: years)
        self.version = version ?? Self.mark(week: week, years: years, zone: zone, holidays: sortedHolidays)
    }

    /// A calendar that works whenever one of several does, such as teams that follow the sun.
    public init(id: String, title: String? = nil, unionOf members: [WorkCalendar]) {
        (self.id, self.title, union, zone, week) = (id, title ?? id, members, nil, .always)
        let ranges = members.compactMap(\.years)
        let low = ranges.map(\.lowerBound).max()
        let high = ranges.map(\.upperBound).min()
        years = low.flatMap { low in high.map { low...max(low, $0) } }
        (sortedHolidays, closedDays) = ([], [])
        firstDay = years.map { CivilDate(unchecked: $0.lowerBound, 1, 1).dayNumber } ?? .min
        lastDay = years.map { CivilDate(unchecked: $0.upperBound, 12, 31).dayNumber } ?? .max
        version = String(SHA256.hexDigest(of: Array(members.map(\.version).joined(separator: "\n").utf8)).prefix(16))
    }

    /// This calendar with further closing days and, where given, other hours: a tenant's overlay on a country's.
    public func overlaid(
        id: String, title: String? = nil, week: WeekPattern? = nil, holidays more: [Holiday] = [], zone: Zone? = nil
    ) -> WorkCalendar {
        WorkCalendar(
            id: id, title: title, zone: zone ?? self.zone, years: years, week: week ?? self.week,
            holidays: more + sortedHolidays)
    }

    /// Throws `notCovered` where the holidays of that day's year are not known.
    public func demandCoverage(of date: CivilDate) throws(DeadlineError) {
        guard date.dayNumber < firstDay || date.dayNumber > lastDay, let years else { return }
        throw .notCovered(calendar: id, year: date.year, years: years)
    }

    /// The holiday on a day, or the shortened day; nil on an ordinary one.
    ///
    /// Throws `notCovered`.
    public func holiday(on date: CivilDate) throws(DeadlineError) -> Holiday? {
        try demandCoverage(of: date)
        return entry(on: date)
    }

    /// Whether the day is a holiday that closes the whole day.
    ///
    /// Throws `notCovered`.
    public func isHoliday(_ date: CivilDate) throws(DeadlineError) -> Bool {
        try demandCoverage(of: date)
        guard union.isEmpty else {
            for member in union where try !member.isHoliday(date) { return false }
            return true
        }
        return isClosed(date)
    }

    /// Whether the day is a business day as laws mean it: Monday to Friday and no holiday.
    ///
    /// Throws `notCovered`.
    public func isBusinessDay(_ date: CivilDate) throws(DeadlineError) -> Bool {
        try !isHoliday(date) && !date.weekday.isWeekend
    }

    /// Whether any hour of the day is worked.
    ///
    /// Throws `notCovered`.
    public func isWorkingDay(_ date: CivilDate) throws(DeadlineError) -> Bool {
        guard union.isEmpty else {
            for member in union where try member.isWorkingDay(date) { return true }
            return false
        }
        return try !hours(on: date).isEmpty
    }

    /// The hours worked on a day, ascending.
    ///
    /// Throws `notCovered`.
    public func hours(on date: CivilDate) throws(DeadlineError) -> [WorkingHours] {
        try demandCoverage(of: date)
        let ordinary = week[date.weekday]
        guard !ordinary.isEmpty, let entry = entry(on: date) else { return ordinary }
        guard let until = entry.workUntil else { return [] }
        return ordinary.compactMap { WorkingHours($0.start, min($0.end, until)) }
    }

    private func isClosed(_ date: CivilDate) -> Bool {
        guard years != nil else { return entry(on: date).map { $0.workUntil == nil } ?? false }
        let index = date.dayNumber - firstDay
        return closedDays[index / 64] >> UInt64(index % 64) & 1 == 1
    }

    private func entry(on date: CivilDate) -> Holiday? {
        var (low, high) = (0, sortedHolidays.count)
        while low < high {
            let middle = (low + high) / 2
            if sortedHolidays[middle].date < date { low = middle + 1 } else { high = middle }
        }
        return low < sortedHolidays.count && sortedHolidays[low].date == date ? sortedHolidays[low] : nil
    }

    private static func unique(_ holidays: [Holiday]) -> [Holiday] {
        var byDate: [CivilDate: Holiday] = [:]
        byDate.reserveCapacity(holidays.count)
        for holiday in holidays {
            guard let known = byDate[holiday.date] else {
                byDate[holiday.date] = holiday
                continue
            }
            if known.workUntil != nil, holiday.workUntil == nil { byDate[holiday.date] = holiday }
        }
        return byDate.values.sorted { $0.date < $1.date }
    }

    private static func bits(_ holidays: [Holiday], covering years: ClosedRange<Int>?) -> [UInt64] {
        guard let years else { return [] }
        let first = CivilDate(unchecked: years.lowerBound, 1, 1).dayNumber
        let last = CivilDate(unchecked: years.upperBound, 12, 31).dayNumber
        var bits = [UInt64](repeating: 0, count: (last - first) / 64 + 1)
        for holiday in holidays where holiday.workUntil == nil {
            let index = holiday.date.dayNumber - first
            if index >= 0, index <= last - first { bits[index / 64] |= 1 << UInt64(index % 64) }
        }
        return bits
    }

    private static func mark(
        week: WeekPattern, years: ClosedRange<Int>?, zone: Zone?, holidays: [Holiday]
    ) -> String {
        var text = "\(years.map { "\($0.lowerBound)-\($0.upperBound)" } ?? "-") \(zone?.id ?? "-")\n"
        for day in Weekday.allCases {
            text += week[day].map { "\($0.start)-\($0.end)" }.joined(separator: ",") + "\n"
        }
        for holiday in holidays {
            let until = holiday.workUntil.map { " until \($0)" } ?? ""
            text += "\(holiday.date) \(holiday.name)\(holiday.isSubstitute ? " substitute" : "")\(until)\n"
        }
        return String(SHA256.hexDigest(of: Array(text.utf8)).prefix(16))
    }
}

extension WorkCalendar: Hashable {
    /// Whether both are the same, by identifier and version.
    public static func == (left: WorkCalendar, right: WorkCalendar) -> Bool {
        left.id == right.id && left.version == right.version
    }
    /// Hashes in line with `==`.
    public func hash(into hasher: inout Hasher) { hasher.combine(id) }
}
