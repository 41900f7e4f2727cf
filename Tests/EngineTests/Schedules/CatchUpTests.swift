import Deadlines
import Testing

@testable import Engine

@Suite("What a schedule opens late")
struct CatchUpTests {
    private func daily() throws -> Recurrence {
        try Recurrence(rule: "FREQ=DAILY;BYHOUR=9", starting: "2026-01-01", zone: .utc)
    }

    @Test func aFewMissedOccurrencesAreAllOpened() throws {
        let pending = try Instant("2026-01-03T09:00:00Z")
        let start = CatchUp.start(of: try daily(), pending: pending, now: try Instant("2026-01-09T10:00:00Z"))
        #expect(start == CatchUp.Start(occurrence: pending, leavesOut: false))
    }

    @Test(arguments: [(9, 1, false), (10, 1, false), (11, 2, true), (400, 391, true)])
    func ofManyTheNewestAreOpened(missed: Int, firstDay: Int, leavesOut: Bool) throws {
        let recurrence = try daily()
        let pending = try Instant("2026-01-01T09:00:00Z")
        let day: Int64 = 86_400_000_000
        let now = pending.advanced(by: Int64(missed - 1) * day)
        let start = CatchUp.start(of: recurrence, pending: pending, now: now, limit: 10)
        #expect(start.occurrence == pending.advanced(by: Int64(firstDay - 1) * day))
        #expect(start.leavesOut == leavesOut)
    }

    @Test func aLongListIsNotReadFromItsBeginning() throws {
        let recurrence = try Recurrence(rule: "FREQ=MINUTELY", starting: "2026-01-01", zone: .utc)
        let now = try Instant("2029-01-01T00:00:00Z")
        let start = CatchUp.start(of: recurrence, pending: try Instant("2026-01-01T00:00:00Z"), now: now)
        #expect(start == CatchUp.Start(occurrence: now.advanced(by: -99 * 60_000_000), leavesOut: true))
    }

    @Test func aFirstScheduleBeginsWithItsPublication() throws {
        let now = try Instant("2026-01-09T10:00:00Z")
        let next = CatchUp.takeover(try daily(), pending: nil, now: now)
        let tomorrow = try Instant("2026-01-10T09:00:00Z")
        #expect(next == tomorrow)
    }

    @Test func aNewVersionOpensWhatTheOldOneStillHadToOpen() throws {
        let now = try Instant("2026-01-09T10:00:00Z")
        let missed = try Instant("2026-01-08T09:00:00Z")
        let recurrence = try daily()
        #expect(CatchUp.takeover(recurrence, pending: missed, now: now) == missed)
        let later = try Instant("2026-03-01T09:00:00Z")
        let next = CatchUp.takeover(recurrence, pending: later, now: now)
        let tomorrow = try Instant("2026-01-10T09:00:00Z")
        #expect(next == tomorrow)
    }
}
