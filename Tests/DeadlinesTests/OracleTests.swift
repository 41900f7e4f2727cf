import Deadlines
import Foundation
import JSON
import Testing

/// Other programs' answers to random questions.
///
/// The seed is printed; REEVE_SEED repeats a run.
@Suite("Agreement with other implementations")
struct OracleTests {
    @Test("Recurrences, with dates added and left out, are those of python-dateutil")
    func recurrences() throws {
        for row in try answers(of: "recurrence.py", count: 500) {
            guard let text = row["rule"]?.stringValue, let starting = row["start"]?.stringValue,
                let name = row["zone"]?.stringValue
            else { continue }
            func instants(_ name: String) -> [Instant] {
                (row[name]?.arrayValue ?? []).compactMap(\.intValue).map { Instant(seconds: $0) }
            }
            let recurrence = try Recurrence(
                RecurrenceRule(text), start: #require(CivilDateTime(starting)), zone: ZoneDatabase().zone(name),
                added: instants("added"), removed: Set(instants("removed")))
            let expected = (row["occurrences"]?.arrayValue ?? []).compactMap(\.intValue)
            let found = Array(recurrence.occurrences().prefix(expected.count)).map(\.seconds)
            #expect(found == expected, "\(row)")
            #expect(try RecurrenceRule(recurrence.rule.description) == recurrence.rule)
            if recurrence.rule.count == nil, let last = expected.last, expected.count > 2 {
                let before = Instant(seconds: expected[expected.count - 2])
                #expect(recurrence.next(after: before) == Instant(seconds: last), "next of \(text) from \(starting)")
            }
        }
    }

    @Test("Offsets and wall-clock times are those of Python's zoneinfo")
    func zones() throws {
        let database = try ZoneDatabase()
        for row in try answers(of: "zones.py", count: 5000) {
            guard let name = row["zone"]?.stringValue, let seconds = row["seconds"]?.intValue else { continue }
            let zone = try database.zone(name)
            #expect(zone.offset(at: Instant(seconds: seconds)) == row["offset"]?.intValue.map { Int($0) }, "\(row)")
            let local = Zone.utc.local(Instant(seconds: seconds))
            #expect(zone.instant(local).seconds == row["instant"]?.intValue, "\(row)")
        }
    }

    @Test("Deadlines are those of holidays, numpy and dateutil")
    func deadlines() throws {
        let almanac = try shippedAlmanac()
        let shared = try almanac.calendars.calendar("us")
        for row in try answers(of: "deadlines.py", count: 10_000) {
            guard let kind = row["kind"]?.stringValue.flatMap({ RuleKind(rawValue: $0) }),
                let length = row["length"]?.intValue.map({ Int($0) }), let trigger = row["trigger"]?.intValue,
                let calendar = row["calendar"]?.stringValue, let zone = row["zone"]?.stringValue
            else { continue }
            var rule = Rule(
                id: "test", title: "Test", facts: [Rule.Fact("event")], length: self.length(length, of: kind),
                kind: kind,
                recipient: "nobody", source: Rule.Source(article: "Test"), verified: CivilDate(dayNumber: 0),
                status: .active)
            rule.sharedCalendar = "us"
            let deadline = try DeadlineRequest(
                rule: rule, facts: ["event": [Instant(seconds: trigger)]], zone: almanac.zones.zone(zone),
                calendar: almanac.calendars.calendar(calendar), sharedCalendar: shared
            ).deadline()
            #expect(deadline.due?.seconds == row["due"]?.intValue, "due of \(row)")
            #expect(deadline.latest?.seconds == row["latest"]?.intValue, "latest of \(row)")
        }
    }

    private func length(_ number: Int, of kind: RuleKind) -> Rule.Length {
        switch kind {
        case .hours, .euHours: .period(.hours(number))
        case .dora: .period(number < 0 ? .months(-number) : .hours(number))
        case .months, .euMonths, .ukMonths: .period(.months(number))
        case .businessDays, .ccpaBusinessDays, .sec: .businessDays(number)
        default: .period(.days(number))
        }
    }

    /// The answers of a script of `Tests/Oracles`, none where Python or its packages are missing.
    private func answers(of script: String, count: Int) throws -> [JSON] {
        let python = Place.root + "/.venv/bin/python"
        let seed = ProcessInfo.processInfo.environment["REEVE_SEED"] ?? String(UInt32.random(in: 0...UInt32.max))
        guard FileManager.default.isExecutableFile(atPath: python) else {
            print("Skipped: \(script) needs Python; `make test` installs it into .venv.")
            return []
        }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: python)
        process.arguments = [Place.root + "/Tests/Oracles/" + script, seed, String(count)]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let bytes = [UInt8](output.fileHandleForReading.readDataToEndOfFile())
        process.waitUntilExit()
        print("\(script): REEVE_SEED=\(seed)")
        try #require(process.terminationStatus == 0, "\(script) failed; see its message above")
        let rows = try bytes.split(separator: UInt8(ascii: "\n")).map { try JSON(parsing: Array($0)) }
        try #require(rows.count == count)
        return rows
    }
}
