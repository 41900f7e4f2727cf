/// The rule for the future at the end of a TZif file: a TZ string of POSIX with the extensions of RFC 8536, section
/// 3.3.
///
/// For instance `CET-1CEST,M3.5.0,M10.5.0/3`. Offsets here are seconds east of Greenwich, the string's are west.
struct PosixRule: Sendable {
    var standardOffset: Int
    var daylight: (offset: Int, start: Change, end: Change)?

    /// A day of the year and a time by the wall clock, which may lie up to 167 hours before or after that midnight.
    struct Change: Sendable {
        enum Day: Sendable {
            case month(Int, week: Int, weekday: Int)
            case ordinalWithoutLeapDay(Int)
            case ordinal(Int)
        }
        var day: Day
        var seconds = 7200

        func wallSeconds(in year: Int) -> Int64 { Int64(date(in: year).dayNumber) * 86_400 + Int64(seconds) }

        private func date(in year: Int) -> CivilDate {
            let newYear = CivilDate(unchecked: year, 1, 1)
            switch day {
            case .ordinal(let number):
                return newYear.adding(days: number)
            case .ordinalWithoutLeapDay(let number):
                return newYear.adding(days: CivilDate.isLeap(year) && number >= 60 ? number : number - 1)
            case .month(let month, let week, let weekday):
                let first = CivilDate(unchecked: year, month, 1)
                let ahead = (weekday - first.weekday.rawValue % 7).flooredRemainder(7)
                let day = 1 + ahead + (week - 1) * 7
                let length = CivilDate.days(inMonth: month, of: year)
                return first.adding(days: (day > length ? day - 7 : day) - 1)
            }
        }
    }

    /// The changes of offset in a year, as seconds since 1970 UTC, ascending; of two at one instant the later in the
    /// list wins.
    func transitions(in year: Int) -> [(at: Int64, offset: Int)] {
        guard let daylight else { return [] }
        let start = daylight.start.wallSeconds(in: year) - Int64(standardOffset)
        let end = daylight.end.wallSeconds(in: year) - Int64(daylight.offset)
        return end < start
            ? [(end, standardOffset), (start, daylight.offset)] : [(start, daylight.offset), (end, standardOffset)]
    }
}

extension PosixRule {
    /// Reads a TZ string; nil where it is malformed.
    init?(_ text: String) {
        var scanner = Scanner(text)
        guard scanner.zoneName(), let standard = scanner.zoneOffset() else { return nil }
        standardOffset = -standard
        guard !scanner.isAtEnd else { return }
        guard scanner.zoneName() else { return nil }
        var offset = standardOffset + 3600
        if let next = scanner.next, next != UInt8(ascii: ",") {
            guard let west = scanner.zoneOffset() else { return nil }
            offset = -west
        }
        guard scanner.take(","), let start = scanner.change(), scanner.take(","), let end = scanner.change(),
            scanner.isAtEnd
        else { return nil }
        daylight = (offset, start, end)
    }
}

extension Scanner {
    fileprivate mutating func zoneName() -> Bool {
        let start = position
        if take("<") {
            while let next, next != UInt8(ascii: ">") { advance() }
            return take(">") && position > start + 2
        }
        while let next, (65...90).contains(next) || (97...122).contains(next) { advance() }
        return position >= start + 3
    }

    /// `[+-]h[hh][:mm[:ss]]` in seconds.
    fileprivate mutating func zoneOffset() -> Int? {
        let sign = take("-") ? -1 : 1
        if sign == 1 { _ = take("+") }
        guard let (hours, _) = number(upTo: 3), hours <= 167 else { return nil }
        var seconds = hours * 3600
        if take(":") {
            guard let minutes = digits(2), minutes < 60 else { return nil }
            seconds += minutes * 60
            if take(":") {
                guard let rest = digits(2), rest < 60 else { return nil }
                seconds += rest
            }
        }
        return sign * seconds
    }

    fileprivate mutating func change() -> PosixRule.Change? {
        guard let day = changeDay() else { return nil }
        guard take("/") else { return PosixRule.Change(day: day) }
        guard let seconds = zoneOffset() else { return nil }
        return PosixRule.Change(day: day, seconds: seconds)
    }

    private mutating func changeDay() -> PosixRule.Change.Day? {
        if take("M") {
            guard let month = number(upTo: 2)?.value, (1...12).contains(month), take("."),
                let week = number(upTo: 1)?.value, (1...5).contains(week), take("."),
                let weekday = number(upTo: 1)?.value, (0...6).contains(weekday)
            else { return nil }
            return .month(month, week: week, weekday: weekday)
        }
        if take("J") {
            guard let number = number(upTo: 3)?.value, (1...365).contains(number) else { return nil }
            return .ordinalWithoutLeapDay(number)
        }
        guard let number = number(upTo: 3)?.value, number <= 365 else { return nil }
        return .ordinal(number)
    }
}
