// How dates, instants and lengths are told to people.

/// "1 day", "3 days".
func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(abs(count) == 1 ? "" : "s")" }

extension CivilDate {
    /// "Friday, 25 December 2026".
    public var words: String {
        let (year, month, day) = components
        return "\(weekday.name), \(day) \(Self.months[month - 1]) \(year)"
    }

    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]
}

extension Instant {
    /// "Friday, 25 December 2026, 16:05 (Berlin)"; midnight is the end of the day before, 24:00.
    public func words(in zone: Zone) -> String {
        let local = zone.local(self)
        let isMidnight = local.time == .midnight
        let date = isMidnight ? local.date.adding(days: -1) : local.date
        return "\(date.words), \(isMidnight ? "24:00" : local.time.short) (\(zone.city))"
    }

    /// The same for an instant at which something begins: midnight is the beginning of its day, 00:00.
    func wordsOfBeginning(in zone: Zone) -> String {
        let local = zone.local(self)
        return "\(local.date.words), \(local.time.short) (\(zone.city))"
    }
}

extension Period {
    /// "72 hours", "1 month", "14 days and 6 hours".
    public var words: String {
        var parts: [String] = []
        func add(_ value: Int, _ noun: String) {
            if value != 0 { parts.append(counted(value, noun)) }
        }
        add(years, "year")
        add(months, "month")
        add(weeks, "week")
        add(days, "day")
        add(Int(microseconds / 3_600_000_000), "hour")
        add(Int(microseconds / 60_000_000 % 60), "minute")
        if microseconds % 60_000_000 != 0 {
            parts.append(
                "\(Period(microseconds: microseconds % 60_000_000).description.dropFirst(2).dropLast()) seconds")
        }
        guard let last = parts.popLast() else { return "no time" }
        return parts.isEmpty ? last : parts.joined(separator: ", ") + " and " + last
    }
}
