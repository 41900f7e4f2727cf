import Deadlines
import Testing

@Suite("Instants, periods and zones")
struct TimeTests {
    let zones: ZoneDatabase
    let berlin: Zone
    let newYork: Zone
    let lordHowe: Zone

    init() throws {
        zones = try ZoneDatabase()
        berlin = try zones.zone("Europe/Berlin")
        newYork = try zones.zone("America/New_York")
        lordHowe = try zones.zone("Australia/Lord_Howe")
    }

    private func local(_ text: String) throws -> CivilDateTime { try #require(CivilDateTime(text)) }

    @Test("An instant is read and written with its offset")
    func instants() throws {
        let instant = try Instant("2026-11-24T10:20:00.25+01:00")
        #expect(instant.description == "2026-11-24T09:20:00.25Z")
        #expect(instant.rfc3339(in: newYork) == "2026-11-24T04:20:00.25-05:00")
        #expect(try Instant("1969-12-31T23:59:59.999999Z").microseconds == -1)
        #expect(try Instant("0001-01-01T00:00:00Z") == .earliest)
    }

    @Test(
        "What is no instant is refused",
        arguments: [
            "", "2026-11-24", "2026-11-24T10:20:00", "2026-02-29T10:20:00Z", "2026-11-24T24:00:00Z",
            "2026-11-24T10:20:60Z", "2026-11-24T10:20:00+1:00", "2026-11-24T10:20:00Zx", "0001-01-01T00:00:00+01:00",
            "２026-11-24T10:20:00Z", "10000-01-01T00:00:00Z",
        ])
    func noInstants(text: String) {
        #expect(throws: DeadlineError.self) { try Instant(text) }
    }

    @Test(
        "A period reads as it is written",
        arguments: ["P1Y2M3W4DT5H6M7.5S", "PT72H", "P14D", "P1M", "PT0S", "-P1DT1H", "PT1.000001S"])
    func periods(text: String) throws {
        #expect(try Period(text).description == text)
    }

    @Test(
        "What is no period is refused",
        arguments: ["", "P", "PT", "P1", "1D", "P1.5D", "P1H", "P1D1M", "P1D1D", "PT1.5H30M", "P99999999999D", "PT1D"])
    func noPeriods(text: String) {
        #expect(throws: DeadlineError.self) { try Period(text) }
    }

    @Test("A time that is skipped goes forward, one that is shown twice is the earlier unless asked otherwise")
    func gapsAndOverlaps() throws {
        #expect(berlin.instant(try local("2027-03-28T02:30:00")).rfc3339(in: berlin) == "2027-03-28T03:30:00+02:00")
        let twice = try local("2026-10-25T02:30:00")
        #expect(berlin.instant(twice).rfc3339(in: berlin) == "2026-10-25T02:30:00+02:00")
        #expect(berlin.instant(twice, repeated: .later).rfc3339(in: berlin) == "2026-10-25T02:30:00+01:00")
        #expect(
            lordHowe.instant(try local("2026-10-04T02:15:00")).rfc3339(in: lordHowe) == "2026-10-04T02:45:00+11:00")
        #expect(
            berlin.instant(try local("2027-03-28T02:30:00"), skipped: .change).rfc3339(in: berlin)
                == "2027-03-28T03:00:00+02:00")
    }

    @Test("Days keep the time by the wall clock, hours do not")
    func nominalAndElapsed() throws {
        let start = try Instant("2027-03-27T12:00:00+01:00")
        #expect(try berlin.adding(Period("P1D"), to: start).rfc3339(in: berlin) == "2027-03-28T12:00:00+02:00")
        #expect(try berlin.adding(Period("PT24H"), to: start).rfc3339(in: berlin) == "2027-03-28T13:00:00+02:00")
        let end = try Instant("2028-01-31T12:00:00+01:00")
        #expect(try berlin.adding(Period("P1M"), to: end).rfc3339(in: berlin) == "2028-02-29T12:00:00+01:00")
        #expect(throws: DeadlineError.self) { try berlin.adding(Period("P9000Y"), to: start) }
    }

    @Test("The far future follows the zone's rule, day by day")
    func farFuture() throws {
        for year in [2038, 2100, 2399, 2437, 2438, 3000, 9998] {
            #expect(newYork.offset(at: try Instant("\(year)-07-01T00:00:00Z")) == -4 * 3600)
            #expect(newYork.offset(at: try Instant("\(year)-12-31T00:00:00Z")) == -5 * 3600)
        }
    }

    @Test("A name that is no zone is refused with the nearest; no path leads out of the database")
    func unknownZones() {
        #expect(throws: DeadlineError.unknownZone("Europe/Berln", nearest: "Europe/Berlin")) {
            try zones.zone("Europe/Berln")
        }
        for name in ["../../etc/passwd", "/etc/passwd", "", "Europe", "tzdata.zi", "Europe//Berlin"] {
            #expect(throws: DeadlineError.self) { try zones.zone(name) }
        }
    }

    @Test("Every day of three centuries is found again by its parts")
    func dates() throws {
        for number in stride(from: -60_000, to: 60_000, by: 1) {
            let date = CivilDate(dayNumber: number)
            let (year, month, day) = date.components
            #expect(CivilDate(year: year, month: month, day: day) == date)
        }
        #expect(CivilDate(year: 2026, month: 2, day: 29) == nil)
        #expect(CivilDate("2026-11-24")?.weekday == .tuesday)
    }

    @Test("Local and instant agree, and later wall-clock times are never earlier instants")
    func monotonic() throws {
        var random = SystemRandomNumberGenerator()
        for zone in [berlin, newYork, lordHowe] {
            for _ in 0..<3000 {
                let first = Instant(seconds: .random(in: 0...4_000_000_000, using: &random))
                let read = zone.instant(zone.local(first))
                #expect(read == first || zone.instant(zone.local(first), repeated: .later) == first)
                let later = first.advanced(by: .random(in: 0...100_000_000_000, using: &random))
                #expect(try zone.adding(Period("P1D"), to: first) <= zone.adding(Period("P2D"), to: later))
            }
        }
    }
}
