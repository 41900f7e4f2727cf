/// The rule for instants behind a zone's last listed change, such as `CET-1CEST,M3.5.0,M10.5.0/3` (POSIX.1 TZ).
struct ZoneRule: Sendable {
    private let standard: Int
    private let daylight: (offset: Int, start: Change, end: Change)?

    /// A day of the year and a time of that day at which the offset changes.
    private struct Change: Sendable {
        enum Day: Sendable {
            /// Days from 1 to 365; the 29th of February is never counted.
            case julian(Int64)
            /// Days from 0; the 29th of February is counted.
            case ordinal(Int64)
            /// Month, week (5 is the last) and day of the week.
            case weekday(Int64, Int64, Int64)
        }

        let day: Day
        /// Seconds from midnight, possibly of a neighbouring day.
        let time: Int64
    }

    init?(_ text: String) {
        var reader = Reader(text)
        guard reader.name(), let west = reader.time() else { return nil }
        standard = Int(-west)
        guard !reader.isAtEnd else {
            daylight = nil
            return
        }
        guard reader.name() else { return nil }
        let offset = reader.peek() == UInt8(ascii: ",") ? -west + 3600 : reader.time().map { -$0 }
        guard let offset, reader.take(","), let start = reader.change(), reader.take(","), let end = reader.change()
        else { return nil }
        daylight = (Int(offset), start, end)
    }

    func offset(at seconds: Int64) -> Int {
        guard let daylight else { return standard }
        let year = Civil(secondsSinceEpoch: seconds + Int64(standard)).year
        let start = Self.instant(daylight.start, in: year) - Int64(standard)
        let end = Self.instant(daylight.end, in: year) - Int64(daylight.offset)
        let isDaylight = start < end ? (start..<end).contains(seconds) : !(end..<start).contains(seconds)
        return isDaylight ? daylight.offset : standard
    }

    /// When a change falls in a year, on the clock that holds before it.
    private static func instant(_ change: Change, in year: Int64) -> Int64 {
        let day: Int64
        switch change.day {
        case .julian(let number):
            let isLeap = Civil.days(in: 2, of: year) == 29
            day = Civil.daysSinceEpoch(year: year, month: 1, day: number) + (isLeap && number >= 60 ? 1 : 0)
        case .ordinal(let number): day = Civil.daysSinceEpoch(year: year, month: 1, day: number + 1)
        case .weekday(let month, let week, let weekday):
            let first = Civil.daysSinceEpoch(year: year, month: month, day: 1)
            let firstWeekday = Civil(secondsSinceEpoch: first * 86_400).dayOfWeek
            var date = (weekday - firstWeekday + 7) % 7 + 1 + (week - 1) * 7
            while date > Civil.days(in: month, of: year) { date -= 7 }
            day = first + date - 1
        }
        return day * 86_400 + change.time
    }

    private struct Reader {
        private let bytes: [UInt8]
        private var position = 0

        init(_ text: String) { bytes = Array(text.utf8) }

        var isAtEnd: Bool { position == bytes.count }

        func peek() -> UInt8 { position < bytes.count ? bytes[position] : 0 }

        mutating func take(_ character: Unicode.Scalar) -> Bool {
            guard peek() == UInt8(ascii: character) else { return false }
            position += 1
            return true
        }

        /// Skips a name such as `CET` or `<+0330>`.
        mutating func name() -> Bool {
            let start = position
            if take("<") {
                while !isAtEnd, !take(">") { position += 1 }
                return position > start + 2
            }
            while peek().startsName { position += 1 }
            return position > start
        }

        mutating func number() -> Int64? {
            var value: Int64?
            while peek().isDigit, value ?? 0 < 100_000 {
                value = (value ?? 0) * 10 + Int64(peek() - 48)
                position += 1
            }
            return value
        }

        /// Reads `[+-]hh[:mm[:ss]]` in seconds.
        mutating func time() -> Int64? {
            let sign: Int64 = take("-") ? -1 : 1
            if sign > 0 { _ = take("+") }
            guard let hours = number() else { return nil }
            var seconds = hours * 3600
            for unit in [60, 1] as [Int64] where take(":") {
                guard let part = number() else { return nil }
                seconds += part * unit
            }
            return sign * seconds
        }

        mutating func change() -> Change? {
            let day: Change.Day
            if take("M") {
                guard let month = number(), take("."), let week = number(), take("."), let weekday = number(),
                    (1...12).contains(month), (1...5).contains(week), (0...6).contains(weekday)
                else { return nil }
                day = .weekday(month, week, weekday)
            } else if take("J") {
                guard let number = number(), (1...365).contains(number) else { return nil }
                day = .julian(number)
            } else {
                guard let number = number(), (0...365).contains(number) else { return nil }
                day = .ordinal(number)
            }
            guard take("/") else { return Change(day: day, time: 7200) }
            return time().map { Change(day: day, time: $0) }
        }
    }
}
