extension RecurrenceRule: CustomStringConvertible {
    /// Reads a rule, with or without `RRULE:` in front; throws `malformed` with the part at fault.
    public init(_ text: String) throws(DeadlineError) {
        var reader = RecurrenceReader(text: text)
        self = try reader.rule()
    }

    /// The rule as RFC 5545 writes it.
    public var description: String {
        var parts = ["FREQ=\(frequency.rawValue)"]
        if interval != 1 { parts.append("INTERVAL=\(interval)") }
        if let count { parts.append("COUNT=\(count)") }
        switch until {
        case .instant(let instant): parts.append("UNTIL=\(Zone.utc.local(instant).basicText)Z")
        // The end of a day has no time that could be written.
        case .local(let local) where local.time == .endOfDay: parts.append("UNTIL=\(local.basicText.prefix(8))")
        case .local(let local): parts.append("UNTIL=\(local.basicText)")
        case nil: break
        }
        func add(_ name: String, _ values: [Int]) {
            if !values.isEmpty { parts.append("\(name)=\(values.map(String.init).joined(separator: ","))") }
        }
        add("BYSECOND", seconds)
        add("BYMINUTE", minutes)
        add("BYHOUR", hours)
        if !days.isEmpty {
            let list = days.map { "\($0.ordinal.map(String.init) ?? "")\($0.weekday.code)" }
            parts.append("BYDAY=\(list.joined(separator: ","))")
        }
        add("BYMONTHDAY", monthDays)
        add("BYYEARDAY", yearDays)
        add("BYWEEKNO", weekNumbers)
        add("BYMONTH", months)
        add("BYSETPOS", positions)
        if weekStart != .monday { parts.append("WKST=\(weekStart.code)") }
        return parts.joined(separator: ";")
    }
}

extension CivilDateTime {
    /// `20261124T102000`, as RFC 5545 writes it.
    var basicText: String {
        let (year, month, day) = date.components
        return
            "\(padded(year, 4))\(padded(month))\(padded(day))T\(padded(time.hour))\(padded(time.minute))\(padded(time.second))"
    }

    /// Reads `20261124T102000`.
    init?(basic text: some StringProtocol) {
        var scanner = Scanner(String(text))
        guard let date = scanner.basicDate(), scanner.take("T"), let hour = scanner.digits(2),
            let minute = scanner.digits(2), let second = scanner.digits(2), scanner.isAtEnd, hour < 24,
            let time = TimeOfDay(hour: hour, minute: minute, second: second)
        else { return nil }
        self.init(date, time)
    }
}

extension Scanner {
    /// `20261124`.
    mutating func basicDate() -> CivilDate? {
        guard let year = digits(4), let month = digits(2), let day = digits(2) else { return nil }
        return CivilDate(year: year, month: month, day: day)
    }
}

private struct RecurrenceReader {
    let text: String
    private var seen: Set<String> = []

    init(text: String) { self.text = text }

    private func fail(_ reason: String) -> DeadlineError {
        .malformed(kind: "a recurrence rule", text: text, reason: reason)
    }

    mutating func rule() throws(DeadlineError) -> RecurrenceRule {
        let body = text.hasPrefix("RRULE:") ? String(text.dropFirst(6)) : text
        guard body.utf8.count <= 4096 else { throw fail("It is longer than 4096 characters.") }
        var parts: [(name: String, value: String)] = []
        for part in body.split(separator: ";", omittingEmptySubsequences: false) {
            let halves = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard halves.count == 2, !halves[1].isEmpty else { throw fail("\"\(part)\" is not NAME=VALUE.") }
            parts.append((halves[0].uppercased(), halves[1].uppercased()))
        }
        guard let name = parts.first(where: { $0.name == "FREQ" })?.value else { throw fail("FREQ is missing.") }
        guard let frequency = RecurrenceRule.Frequency(rawValue: name) else {
            let known = RecurrenceRule.Frequency.allCases.map(\.rawValue).joined(separator: ", ")
            throw fail("FREQ is one of \(known).")
        }
        var rule = RecurrenceRule(frequency)
        for (name, value) in parts {
            guard seen.insert(name).inserted else { throw fail("\(name) is there twice.") }
            try read(name, value, into: &rule)
        }
        try check(rule)
        return rule
    }

    private func read(_ name: String, _ value: String, into rule: inout RecurrenceRule) throws(DeadlineError) {
        switch name {
        case "FREQ": break
        case "INTERVAL": rule.interval = try number(name, value, 1...1_000_000)
        case "COUNT": rule.count = try number(name, value, 1...1_000_000)
        case "UNTIL": rule.until = try until(value)
        case "BYSECOND": rule.seconds = try numbers(name, value, 0...59)
        case "BYMINUTE": rule.minutes = try numbers(name, value, 0...59)
        case "BYHOUR": rule.hours = try numbers(name, value, 0...23)
        case "BYDAY": rule.days = try days(value)
        case "BYMONTHDAY": rule.monthDays = try numbers(name, value, -31...31)
        case "BYYEARDAY": rule.yearDays = try numbers(name, value, -366...366)
        case "BYWEEKNO": rule.weekNumbers = try numbers(name, value, -53...53)
        case "BYMONTH": rule.months = try numbers(name, value, 1...12)
        case "BYSETPOS": rule.positions = try numbers(name, value, -366...366)
        case "WKST":
            guard let day = weekday(value) else { throw fail("WKST is one of MO, TU, WE, TH, FR, SA, SU.") }
            rule.weekStart = day
        default: throw fail("RFC 5545 knows no part \(name).")
        }
    }

    /// What RFC 5545 forbids in combination.
    private func check(_ rule: RecurrenceRule) throws(DeadlineError) {
        let frequency = rule.frequency
        if rule.count != nil, rule.until != nil { throw fail("COUNT and UNTIL exclude each other.") }
        let hasOrdinal = rule.days.contains { $0.ordinal != nil }
        if hasOrdinal, frequency != .monthly, frequency != .yearly {
            throw fail("BYDAY may carry numbers with FREQ=MONTHLY and YEARLY only.")
        }
        if hasOrdinal, !rule.weekNumbers.isEmpty { throw fail("BYDAY may carry no numbers beside BYWEEKNO.") }
        if !rule.weekNumbers.isEmpty, frequency != .yearly { throw fail("BYWEEKNO goes with FREQ=YEARLY only.") }
        if !rule.monthDays.isEmpty, frequency == .weekly { throw fail("BYMONTHDAY does not go with FREQ=WEEKLY.") }
        if !rule.yearDays.isEmpty, [.daily, .weekly, .monthly].contains(frequency) {
            throw fail("BYYEARDAY does not go with FREQ=\(frequency.rawValue).")
        }
        let parts: [[Int]] = [
            rule.seconds, rule.minutes, rule.hours, rule.monthDays, rule.yearDays, rule.weekNumbers, rule.months,
        ]
        if !rule.positions.isEmpty, rule.days.isEmpty, parts.allSatisfy(\.isEmpty) {
            throw fail("BYSETPOS chooses among what another BY part gives; there is none.")
        }
    }

    private func number(_ name: String, _ text: String, _ range: ClosedRange<Int>) throws(DeadlineError) -> Int {
        guard text.utf8.count <= 10, let value = Int(text), range.contains(value) else {
            throw fail("\(name) is a number from \(range.lowerBound) to \(range.upperBound), not \(text.prefix(20)).")
        }
        return value
    }

    private func numbers(
        _ name: String, _ text: String, _ range: ClosedRange<Int>
    ) throws(DeadlineError) -> [Int] {
        var values: Set<Int> = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let value = try number(name, String(part), range)
            if range.lowerBound < 0, value == 0 { throw fail("\(name) knows no 0.") }
            values.insert(value)
        }
        return values.sorted()
    }

    private func days(_ text: String) throws(DeadlineError) -> [RecurrenceRule.Day] {
        var days: [RecurrenceRule.Day] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let day = weekday(String(part.suffix(2))) else {
                throw fail("BYDAY holds weekdays such as MO or 2TU, not \(part.prefix(20)).")
            }
            let prefix = String(part.dropLast(2))
            guard !prefix.isEmpty else {
                days.append(RecurrenceRule.Day(day))
                continue
            }
            let ordinal = try number("BYDAY", prefix, -53...53)
            if ordinal == 0 { throw fail("BYDAY knows no 0.") }
            days.append(RecurrenceRule.Day(day, ordinal: ordinal))
        }
        return days
    }

    private func weekday(_ code: String) -> Weekday? { Weekday.allCases.first { $0.code == code } }

    private func until(_ text: String) throws(DeadlineError) -> RecurrenceRule.Until {
        if text.hasSuffix("Z"), let local = CivilDateTime(basic: text.dropLast()) {
            return .instant(Zone.utc.instant(local))
        }
        if let local = CivilDateTime(basic: text) { return .local(local) }
        var scanner = Scanner(text)
        guard let date = scanner.basicDate(), scanner.isAtEnd else {
            throw fail("UNTIL is an instant 20261231T230000Z, a local time without Z, or a date 20261231.")
        }
        return .local(CivilDateTime(date, .endOfDay))
    }
}
