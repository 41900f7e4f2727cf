import Deadlines
import Testing

@Suite("Recurrence")
struct RecurrenceTests {
    let zones: ZoneDatabase
    let berlin: Zone

    init() throws {
        zones = try ZoneDatabase()
        berlin = try zones.zone("Europe/Berlin")
    }

    @Test("A drill each quarter keeps its hour across clock changes")
    func drill() throws {
        let drill = try Recurrence(
            rule: "FREQ=MONTHLY;INTERVAL=3;BYDAY=2TU;BYHOUR=9;BYMINUTE=0", starting: "2026-01-13", zone: berlin)
        #expect(
            drill.occurrences().prefix(4).map { $0.rfc3339(in: berlin) } == [
                "2026-01-13T09:00:00+01:00", "2026-04-14T09:00:00+02:00", "2026-07-14T09:00:00+02:00",
                "2026-10-13T09:00:00+02:00",
            ])
        #expect(
            drill.next(after: try Instant("2226-01-14T00:00:00Z"))?.rfc3339(in: berlin) == "2226-04-11T09:00:00+02:00")
    }

    @Test("Skipped times go forward and never twice, dates are added and left out")
    func exceptions() throws {
        let rule = try RecurrenceRule("FREQ=DAILY;BYHOUR=2,3;BYMINUTE=0,30;COUNT=8")
        let start = try #require(CivilDateTime("2027-03-28T00:00:00"))
        let daily = try Recurrence(
            rule, start: start, zone: berlin, added: [Instant("2027-03-28T12:00:00+02:00")],
            removed: [Instant("2027-03-29T02:00:00+02:00")])
        #expect(
            Array(daily.occurrences()).map { $0.rfc3339(in: berlin) } == [
                "2027-03-28T03:00:00+02:00", "2027-03-28T03:30:00+02:00", "2027-03-28T12:00:00+02:00",
                "2027-03-29T02:30:00+02:00", "2027-03-29T03:00:00+02:00", "2027-03-29T03:30:00+02:00",
            ])
    }

    @Test("A date in UNTIL means the end of that day, and is written as it was read")
    func untilDate() throws {
        let rule = try RecurrenceRule("FREQ=HOURLY;INTERVAL=6;UNTIL=20261231")
        #expect(try RecurrenceRule(rule.description) == rule)
        let start = try #require(CivilDateTime("2026-12-31T00:00:00"))
        let found = try Recurrence(rule, start: start, zone: berlin).occurrences().map { $0.rfc3339(in: berlin) }
        #expect(
            found == [
                "2026-12-31T00:00:00+01:00", "2026-12-31T06:00:00+01:00", "2026-12-31T12:00:00+01:00",
                "2026-12-31T18:00:00+01:00",
            ])
        let timed = try RecurrenceRule("FREQ=HOURLY;UNTIL=20261231T000000")
        #expect(try Recurrence(timed, start: start, zone: berlin).occurrences().count(where: { _ in true }) == 1)
    }

    @Test("A rule that never comes true ends, and one that cannot is refused")
    func never() throws {
        let none = try Recurrence(rule: "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", starting: "2026-01-01", zone: berlin)
        #expect(none.next(after: .earliest) == nil)
        #expect(throws: DeadlineError.self) {
            try Recurrence(rule: "FREQ=SECONDLY;INTERVAL=2;BYSECOND=1", starting: "2026-01-01", zone: berlin)
        }
    }

    @Test(
        "What is no rule is refused",
        arguments: [
            "", "FREQ=", "FREQ=NEVER", "INTERVAL=2", "FREQ=DAILY;FREQ=DAILY", "FREQ=DAILY;COUNT=0",
            "FREQ=DAILY;BYDAY=2MO", "FREQ=DAILY;BYHOUR=24", "FREQ=DAILY;COUNT=1;UNTIL=20270101", "FREQ=DAILY;X=1",
            "FREQ=MONTHLY;BYWEEKNO=1", "FREQ=WEEKLY;BYMONTHDAY=1", "FREQ=YEARLY;BYMONTHDAY=0", "FREQ=DAILY;BYSETPOS=1",
            "FREQ=DAILY;INTERVAL=99999999999999999999",
        ])
    func malformed(text: String) {
        #expect(throws: DeadlineError.self) { try RecurrenceRule(text) }
    }
}
