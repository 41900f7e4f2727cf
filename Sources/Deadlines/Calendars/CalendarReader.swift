import JSON

/// Makes a calendar of its JSON form (see `docs/reference/deadlines.md`).
struct CalendarReader {
    let file: String
    let bytes: [UInt8]
    let zones: ZoneDatabase?
    let lookUp: (String) throws(DeadlineError) -> WorkCalendar

    private static let keys: Set<String> = [
        "calendar", "title", "source", "zone", "years", "week", "holidays", "include", "union",
    ]

    func calendar(from json: JSON) throws(DeadlineError) -> WorkCalendar {
        guard let object = json.objectValue else { throw fault("a calendar is an object") }
        for key in object.keys where !Self.keys.contains(key) {
            throw fault("the key \"\(key)\" is unknown; known are \(Self.keys.sorted().joined(separator: ", "))")
        }
        guard let id = object["calendar"]?.stringValue, !id.isEmpty else { throw fault("\"calendar\" names it") }
        let title = object["title"]?.stringValue ?? id
        if let names = try strings(object["union"], "union") {
            guard !names.isEmpty else { throw fault("\"union\" names at least one calendar") }
            var members: [WorkCalendar] = []
            for name in names { members.append(try lookUp(name)) }
            return WorkCalendar(id: id, title: title, unionOf: members)
        }
        var included: [WorkCalendar] = []
        for name in try strings(object["include"], "include") ?? [] { included.append(try lookUp(name)) }
        let years = try self.years(object["years"], included)
        var holidays = try self.holidays(object["holidays"], within: years)
        for calendar in included { holidays += calendar.holidays }
        return WorkCalendar(
            id: id, title: title, version: version(including: included), zone: try zone(object["zone"]), years: years,
            week: try week(object["week"]) ?? included.first?.week ?? .mondayToFriday, holidays: holidays)
    }

    /// Where a calendar includes others, its version covers theirs.
    private func version(including calendars: [WorkCalendar]) -> String {
        var hash = SHA256()
        hash.update(bytes)
        for calendar in calendars { hash.update(Array(calendar.version.utf8)) }
        return String(hash.finishedHex().prefix(16))
    }

    private func zone(_ json: JSON?) throws(DeadlineError) -> Zone? {
        guard let json else { return nil }
        guard let id = json.stringValue else { throw fault("\"zone\" is the name of a time zone") }
        guard let zones else { throw fault("\"zone\" cannot be looked up here") }
        return try zones.zone(id)
    }

    private func years(_ json: JSON?, _ included: [WorkCalendar]) throws(DeadlineError) -> ClosedRange<Int>? {
        var low = 1
        var high = 9999
        if let json {
            guard let pair = json.arrayValue, pair.count == 2, let first = pair[0].intValue,
                let last = pair[1].intValue,
                (1...9999).contains(first), (1...9999).contains(last), first <= last
            else { throw fault("\"years\" are the first and the last year whose holidays are known, [2024, 2032]") }
            (low, high) = (Int(first), Int(last))
        } else if included.allSatisfy({ $0.years == nil }) {
            return nil
        }
        for range in included.compactMap(\.years) {
            (low, high) = (max(low, range.lowerBound), min(high, range.upperBound))
        }
        guard low <= high else { throw fault("the included calendars share no year") }
        return low...high
    }

    private func holidays(_ json: JSON?, within years: ClosedRange<Int>?) throws(DeadlineError) -> [Holiday] {
        guard let json else { return [] }
        guard let object = json.objectValue else { throw fault("\"holidays\" is an object from dates to names") }
        var holidays: [Holiday] = []
        holidays.reserveCapacity(object.count)
        for (key, value) in object {
            guard let date = CivilDate(key) else { throw fault("\"\(key)\" in \"holidays\" is no date") }
            if let years, !years.contains(date.year) { throw fault("\(key) lies outside the years of the calendar") }
            holidays.append(try holiday(date, value))
        }
        return holidays
    }

    private func holiday(_ date: CivilDate, _ value: JSON) throws(DeadlineError) -> Holiday {
        if let name = value.stringValue { return Holiday(date: date, name: name) }
        guard let object = value.objectValue, let name = object["name"]?.stringValue,
            object.keys.allSatisfy({ ["name", "substitute", "until"].contains($0) })
        else { throw fault("the holiday of \(date) is a name, or an object with name, substitute, until") }
        var until: TimeOfDay?
        if let text = object["until"] {
            guard let time = text.stringValue.flatMap({ TimeOfDay($0) }) else {
                throw fault("\"until\" of \(date) is a time such as \"12:00\"")
            }
            until = time
        }
        return Holiday(date: date, name: name, isSubstitute: object["substitute"]?.boolValue ?? false, workUntil: until)
    }

    private func week(_ json: JSON?) throws(DeadlineError) -> WeekPattern? {
        guard let json else { return nil }
        guard let object = json.objectValue else { throw fault("\"week\" is an object from days to hours") }
        var days: [Weekday: [WorkingHours]] = [:]
        for (key, value) in object {
            let hours = try self.hours(value, of: key)
            for day in try weekdays(key) {
                guard days[day] == nil else { throw fault("\(day.name) is named twice in \"week\"") }
                days[day] = hours
            }
        }
        guard let week = WeekPattern(days) else { throw fault("hours in \"week\" overlap") }
        guard !week.isEmpty else { throw fault("\"week\" has no hours at all") }
        return week
    }

    /// `monday` or `monday-friday`.
    private func weekdays(_ key: String) throws(DeadlineError) -> ClosedRange<Weekday> {
        let ends = key.split(separator: "-").map { name in Weekday.allCases.first { $0.name.lowercased() == name } }
        guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1], first <= last else {
            throw fault("\"\(key)\" in \"week\" is neither a day (monday) nor a range of days (monday-friday)")
        }
        return first...last
    }

    private func hours(_ json: JSON, of key: String) throws(DeadlineError) -> [WorkingHours] {
        var result: [WorkingHours] = []
        for text in try strings(json, key) ?? [] {
            let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { TimeOfDay(String($0)) }
            guard ends.count == 2, let start = ends[0], let end = ends[1], let hours = WorkingHours(start, end) else {
                throw fault(
                    """
                    "\(text)" is not hours such as 09:00-17:00; hours past midnight are written as two, \
                    22:00-24:00 and, on the next day, 00:00-06:00
                    """)
            }
            result.append(hours)
        }
        return result
    }

    private func strings(_ json: JSON?, _ key: String) throws(DeadlineError) -> [String]? {
        guard let json else { return nil }
        guard let array = json.arrayValue else { throw fault("\"\(key)\" is a list of texts") }
        var result: [String] = []
        for element in array {
            guard let text = element.stringValue else { throw fault("\"\(key)\" is a list of texts") }
            result.append(text)
        }
        return result
    }

    private func fault(_ message: String) -> DeadlineError {
        .faults([DataFault(file: file, line: 1, column: 1, message: message)])
    }
}

extension Weekday: Strideable {
    /// The days from this one to another of the same week.
    public func distance(to other: Weekday) -> Int { other.rawValue - rawValue }
    /// The day that many days later, in the same way round the week.
    public func advanced(by days: Int) -> Weekday { Weekday(index: rawValue - 1 + days) }
}
