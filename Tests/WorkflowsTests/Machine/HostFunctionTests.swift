import CEL
import Deadlines
import Foundation
import Testing

@testable import Workflows

@Suite("Functions of definitions beside those of CEL")
struct HostFunctionTests {
    private let almanac: Almanac
    private let defaults = DeadlineDefaults(zone: "Europe/Berlin", calendar: "office-de")

    init() throws {
        let library = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appending(path: "workflows").path()
        var almanac = try Almanac(workflows: library, zones: ZoneDatabase())
        let text = #"{"calendar":"office-de","include":["office","de"]}"#
        let office = try almanac.calendars.decode(Array(text.utf8), file: "office-de.json")
        almanac.calendars = almanac.calendars.with([office])
        self.almanac = almanac
    }

    /// The value of an expression at noon on 23 December 2026 in Berlin.
    private func value(_ source: String) throws -> CEL.Value {
        let now = instant("2026-12-23T12:00:00+01:00")
        let program = Program(try Expression(parsing: source), in: Names.environment)
        return try program.evaluate(Answering(almanac: almanac, defaults: defaults, now: now))
    }

    private struct Answering: Activation {
        let almanac: Almanac
        let defaults: DeadlineDefaults
        let now: Instant

        func value(of variable: Environment.Variable) -> CEL.Value? { variable.name == "now" ? .instant(now) : nil }

        func call(_ function: String, _ arguments: [CEL.Value]) throws -> CEL.Value {
            if function == "elapsed" { return try HostFunctions.elapsed(arguments, now: now) }
            guard case .days(let count) = try HostFunctions.question(function, arguments, now: now) else {
                return .null
            }
            return almanac.answer(count, defaults: defaults)
        }
    }

    @Test("Working days leave out weekends and holidays of the tenant's calendar, or of the one that is named")
    func workingDays() throws {
        #expect(try value("workingDays(now, timestamp('2026-12-29T08:00:00+01:00'))") == 3)
        #expect(try value("workingDays(now, timestamp('2026-12-29T08:00:00+01:00'), 'office')") == 4)
        #expect(try value("workingDays(timestamp('2026-12-29T08:00:00+01:00'), now)") == -3)
        #expect(try value("workingDays(now, now)") == 0)
    }

    @Test("Days until an instant are counted in the tenant's time zone")
    func daysUntil() throws {
        #expect(try value("daysUntil(timestamp('2026-12-24T23:30:00Z'))") == 2)
        #expect(try value("daysUntil(timestamp('2026-12-24T22:30:00Z'))") == 1)
        #expect(try value("daysUntil(now - duration('24h'))") == -1)
    }

    @Test("Elapsed time runs until now, or until another instant")
    func elapsed() throws {
        #expect(try value("elapsed(timestamp('2026-12-23T10:30:00+01:00')) == duration('1h30m')") == true)
        #expect(try value("elapsed(now, now - duration('0.25s')) == duration('-0.25s')") == true)
    }

    @Test("A year that the calendar does not cover is a sentence, not a number")
    func notCovered() throws {
        let answer = try value("workingDays(now, timestamp('2033-06-01T00:00:00Z'))")
        #expect(answer.member("error")?.stringValue?.contains("2024 to 2032") == true)
    }

    @Test("Questions are read back from the journal as they were written")
    func coding() throws {
        let (start, end) = (instant("2026-12-23T12:00:00Z"), instant("2026-12-29T12:00:00Z"))
        for measure in [DayCount.Measure.calendar, .working(nil), .working("office")] {
            let question = Read.days(DayCount(measure, from: start, to: end))
            #expect(try Read(json: question.json) == question)
        }
    }

    @Test("The checker knows their types")
    func types() throws {
        let names: [String: CELType] = ["now": .timestamp]
        let environment = Environment(
            variables: names, functions: HostFunctions.declarations(found: .list(.map(.string, .dyn))))
        func issues(_ source: String) throws -> Int { try Expression(parsing: source).check(environment).issues.count }
        #expect(try issues("workingDays(now, now) > 3 && daysUntil(now) == 0 && elapsed(now) < duration('1h')") == 0)
        #expect(try issues("daysUntil('tomorrow') > 3") == 1)
        #expect(try issues("workingDays(now)") == 1)
        #expect(try issues("elapsed(now) > 3") == 1)
    }
}
