import Deadlines
import JSON
import PostgresClient
import Testing
import Workflows

@testable import Engine

@Suite("A tenant's own calendars")
struct TenantCalendarTests {
    private func publish(_ source: String, _ fixture: EngineFixture) async throws -> Int? {
        let id = try JSON(parsing: Array(source.utf8))["calendar"]?.stringValue ?? ""
        return try await fixture.engine.publishCalendar(
            id, source: source, for: EngineFixture.tenant, by: .person("rita")
        ).version
    }

    @Test("Closing days, office hours, 24x7 and teams that follow the sun are laid over the library, in any order")
    func overlays() async throws {
        try await EngineFixture.run(almanac: LibraryStory.almanac()) { fixture in
            // Includes what comes later are faults; what is there may be included, whatever the order of names.
            await #expect(throws: AdministrationError.self) {
                try await publish(#"{"calendar": "sun", "union": ["zurich", "new-york"]}"#, fixture)
            }
            let zurich = """
                {"calendar": "zurich", "zone": "Europe/Zurich", "include": ["ch-zh"],
                 "week": {"monday-friday": ["08:00-17:00"]}, "holidays": {"2026-12-24": {"name": "Eve", "until": "12:00"}}}
                """
            #expect(try await publish(zurich, fixture) == 1)
            let newYork = """
                {"calendar": "new-york", "zone": "America/New_York", "include": ["us-ny"],
                 "week": {"monday-friday": ["08:00-17:00"]}}
                """
            #expect(try await publish(newYork, fixture) == 1)
            #expect(try await publish(#"{"calendar": "a-sun", "union": ["zurich", "new-york"]}"#, fixture) == 1)
            // An overlay of the same name includes the library's.
            #expect(
                try await publish(
                    #"{"calendar": "de", "include": ["de"], "holidays": {"2026-12-28": "Closed"}}"#, fixture) == 1)
            #expect(try await publish(zurich, fixture) == 1)
            #expect(
                try await fixture.engine.calendars(of: EngineFixture.tenant).map(\.id)
                    == ["a-sun", "de", "new-york", "zurich"])
            try await fixture.publish(
                """
                workflow: shift
                title: Shift
                reference: SHF
                roles:
                  owner: { title: Owner, initially: opener }
                data: { type: object, required: [at], properties: { at: { type: string, format: date-time } } }
                open: { form: [at] }
                initial: open
                states:
                  open: { on: { close: { target: closed, allow: [owner] } } }
                  closed: { final: true }
                clocks:
                  sun:    { start: { in: open, at: data.at }, goal: { workingHours: 10, calendar: a-sun }, stop: { in: closed } }
                  closed: { start: { in: open, at: data.at }, goal: { workingDays: 1, calendar: de }, stop: { in: closed } }
                  always: { start: { in: open, at: data.at }, goal: { workingHours: 10, calendar: 24x7 }, stop: { in: closed } }
                """)
            // Thursday 24 December 2026, 10:00 in Zurich: two hours there, then New York from 14:00 to 22:00.
            _ = try await fixture.engine.submit(
                fixture.opening("shift", ["at": "2026-12-24T10:00:00+01:00"]))
            func due(_ clock: String, _ instant: String) async throws -> Int64 {
                try await fixture.count(
                    "SELECT count(*) FROM reeve.clock WHERE name = '\(clock)' AND due_at = '\(instant)'")
            }
            #expect(try await due("sun", "2026-12-24T22:00:00+01:00") == 1)
            #expect(try await due("always", "2026-12-24T20:00:00+01:00") == 1)
            // 25 and 26 are holidays, 27 a Sunday, 28 a closing day of the overlay.
            #expect(try await due("closed", "2026-12-30T00:00:00+01:00") == 1)
        }
    }

    @Test("A text that is no calendar, or calls itself otherwise, is refused with the reason")
    func faults() async throws {
        try await EngineFixture.run(almanac: LibraryStory.almanac()) { fixture in
            for source in [
                #"{"calendar": "x", "hours": {}}"#, #"{"calendar": "x", "include": ["nowhere"]}"#,
                #"{"calendar": "x", "include": ["x"]}"#, #"{"calendar": "x", "zone": "Mars/Olympus"}"#,
            ] {
                await #expect(throws: AdministrationError.self, "\(source)") { try await publish(source, fixture) }
            }
            await #expect(throws: AdministrationError.self) {
                try await fixture.engine.publishCalendar(
                    "y", source: #"{"calendar": "x"}"#, for: EngineFixture.tenant, by: .person("rita"))
            }
        }
    }
}
