import Deadlines
import Testing

@Suite("Working days and hours")
struct CalendarTests {
    let almanac: Almanac
    let berlin: Zone
    let office: WorkCalendar

    init() throws {
        almanac = try shippedAlmanac()
        berlin = try almanac.zones.zone("Europe/Berlin")
        office = try almanac.calendars.decode(
            Array(
                #"{"calendar":"own","include":["office","de-be"],"holidays":{"2026-12-24":{"name":"Eve","until":"12:00"}}}"#
                    .utf8),
            file: "own.json")
    }

    private func add(_ hours: Int, _ text: String) throws -> String {
        try office.adding(workingTime: .seconds(hours * 3600), to: Instant(text), zone: berlin).rfc3339(in: berlin)
    }

    @Test("Working hours skip nights, weekends and holidays, and end on shortened days when these do")
    func workingHours() throws {
        #expect(try add(8, "2026-11-23T09:00:00+01:00") == "2026-11-23T17:00:00+01:00")
        #expect(try add(9, "2026-11-23T09:00:00+01:00") == "2026-11-24T10:00:00+01:00")
        #expect(try add(2, "2026-11-27T16:00:00+01:00") == "2026-11-30T10:00:00+01:00")
        #expect(try add(4, "2026-12-24T09:00:00+01:00") == "2026-12-28T10:00:00+01:00")
        #expect(try add(-2, "2026-11-30T10:00:00+01:00") == "2026-11-27T16:00:00+01:00")
        #expect(try add(0, "2026-11-29T03:00:00+01:00") == "2026-11-29T03:00:00+01:00")
    }

    @Test("A calendar that knows no holidays knows business days all the same")
    func withoutHolidays() throws {
        let plain = try almanac.calendars.calendar("office")
        let (friday, saturday) = (try #require(CivilDate("2026-12-25")), try #require(CivilDate("2026-12-26")))
        #expect(try !plain.isHoliday(friday))
        #expect(try plain.isBusinessDay(friday))
        #expect(try !plain.isBusinessDay(saturday))
        #expect(try plain.isBusinessDay(#require(CivilDate("9998-12-28"))))
    }

    @Test("A day of clock change has as many working hours as pass")
    func clockChange() throws {
        let always = try almanac.calendars.calendar("24x7")
        let (start, end) = (try Instant("2027-03-28T00:00:00+01:00"), try Instant("2027-03-29T00:00:00+02:00"))
        #expect(try always.workingTime(from: start, to: end, zone: berlin) == .seconds(23 * 3600))
    }

    @Test("Taking back what was added ends where it began, in working time")
    func inverse() throws {
        for _ in 0..<500 {
            let start = Instant(seconds: .random(in: 1_735_700_000...1_890_000_000))
            let amount = Duration.seconds(Int.random(in: -400_000...400_000))
            let end = try office.adding(workingTime: amount, to: start, zone: berlin)
            #expect(try office.workingTime(from: start, to: end, zone: berlin) == amount)
            let more = try office.adding(workingTime: amount + .seconds(1), to: start, zone: berlin)
            #expect(more > end || amount == .zero)
        }
    }

    @Test("A year that the calendar does not cover is an error that says so")
    func coverage() throws {
        let germany = try almanac.calendars.calendar("de")
        let day = try #require(CivilDate("2033-01-03"))
        #expect(throws: DeadlineError.notCovered(calendar: "de", year: 2033, years: 2024...2032)) {
            try germany.isHoliday(day)
        }
        #expect(throws: DeadlineError.self) {
            try almanac.deadline(
                rule: "eu.gdpr.12-3", facts: ["received": [Instant("2032-12-20T10:00:00Z")]], zone: "Europe/Berlin",
                calendar: "de")
        }
        // Hours need no holidays.
        _ = try almanac.deadline(
            rule: "eu.gdpr.33-1", facts: ["aware": [Instant("2040-12-20T10:00:00Z")]], zone: "Europe/Berlin",
            calendar: "de")
    }

    @Test("Teams that follow the sun work whenever one of them does")
    func union() throws {
        let text = #"{"calendar":"NAME","zone":"ZONE","week":{"monday-friday":["09:00-17:00"]}}"#
        func team(_ name: String, _ zone: String) throws -> WorkCalendar {
            let json = text.replacing("NAME", with: name).replacing("ZONE", with: zone)
            return try almanac.calendars.decode(Array(json.utf8), file: name)
        }
        let sun = WorkCalendar(
            id: "sun", unionOf: [try team("a", "Europe/Berlin"), try team("b", "America/New_York")])
        let (start, end) = (try Instant("2026-11-24T00:00:00Z"), try Instant("2026-11-25T00:00:00Z"))
        #expect(try sun.workingTime(from: start, to: end, zone: .utc) == .seconds(14 * 3600))
    }

    @Test("A calendar file unites teams, and closing days of its own come on top of public holidays")
    func overlays() throws {
        let texts = [
            #"{"calendar":"pune","zone":"Asia/Kolkata","include":["in"],"week":{"monday-friday":["10:00-18:00"]}}"#,
            #"{"calendar":"berlin","zone":"Europe/Berlin","include":["office","de-be"],"holidays":{"2026-12-28":"Closed"}}"#,
            #"{"calendar":"sun","union":["pune","berlin"]}"#,
        ]
        var library = almanac.calendars
        for text in texts { library = library.with([try library.decode(Array(text.utf8), file: "own.json")]) }
        let (berlinTeam, sun) = (try library.calendar("berlin"), try library.calendar("sun"))
        let closed = try #require(CivilDate("2026-12-28"))
        #expect(try !berlinTeam.isWorkingDay(closed))
        #expect(try berlinTeam.holiday(on: #require(CivilDate("2026-12-25")))?.name == "Christmas Day")
        // Pune works from 04:30 to 12:30 UTC that day, Berlin not at all.
        let (start, end) = (try Instant("2026-12-28T00:00:00Z"), try Instant("2026-12-29T00:00:00Z"))
        #expect(try sun.workingTime(from: start, to: end, zone: .utc) == .seconds(8 * 3600))
    }

    @Test(
        "A faulty calendar says what is wrong",
        arguments: [
            "{", "[]", #"{"calendar":"x","weeks":{}}"#, #"{"calendar":"x","years":[2032,2024]}"#,
            #"{"calendar":"x","week":{"monday":["17:00-09:00"]}}"#, #"{"calendar":"x","include":["nowhere"]}"#,
            #"{"calendar":"x","holidays":{"2026-02-30":"No"}}"#, #"{"calendar":"x","zone":"Mars"}"#,
            #"{"calendar":"x","week":{}}"#,
            #"{"calendar":"x","years":[2026,2026],"holidays":{"2027-01-01":"New Year"}}"#,
        ])
    func faults(text: String) {
        #expect(throws: DeadlineError.self) { try almanac.calendars.decode(Array(text.utf8), file: "x.json") }
    }

    @Test("Goals in working days end with the hours of the last")
    func goals() throws {
        let place = GoalPlace(zone: berlin, calendar: office)
        let start = try Instant("2026-12-23T11:00:00+01:00")
        #expect(try Goal.workingDays(2).due(from: start, in: place).rfc3339(in: berlin) == "2026-12-28T17:00:00+01:00")
        #expect(throws: DeadlineError.self) { try Goal.workingDays(2).due(from: start, in: GoalPlace(zone: berlin)) }
    }

    @Test("A paused clock keeps what was left of it")
    func pauses() throws {
        let place = GoalPlace(zone: berlin, calendar: office)
        let start = try Instant("2026-11-23T09:00:00+01:00")
        let pause = Stretch(try Instant("2026-11-23T10:00:00+01:00"), try Instant("2026-11-25T10:00:00+01:00"))
        let elapsed = try Goal.period(.hours(4)).due(from: start, pausing: [pause], in: place)
        #expect(elapsed.rfc3339(in: berlin) == "2026-11-25T13:00:00+01:00")
        let working = try Goal.workingTime(.seconds(10 * 3600)).due(from: start, pausing: [pause], in: place)
        #expect(working.rfc3339(in: berlin) == "2026-11-26T11:00:00+01:00")
    }
}
