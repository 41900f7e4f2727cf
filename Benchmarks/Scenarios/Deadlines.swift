import Deadlines
import Glibc

extension Scenario {
    /// How fast the law is computed: processor time, since it needs nothing else.
    static let deadlines: [Scenario] = [
        Scenario(name: "deadlines", summary: "a million computations of eu.gdpr.33-1 with a calendar") { _ in
            let almanac = try shipped()
            let first = try Instant("2026-01-01T00:00:00Z")
            var request = try almanac.request(
                rule: "eu.gdpr.33-1", facts: ["aware": [first]], zone: "Europe/Berlin", calendar: "de")
            var last = first
            let seconds = try processorTime {
                for number in 0..<1_000_000 {
                    request.facts = ["aware": [first.advanced(by: Int64(number) * 31_557_000)]]
                    last = max(last, try request.deadline().due ?? first)
                }
            }
            guard last > first else { throw UsageError("nothing was computed") }
            return Measurement(
                name: "deadlines", value: seconds, unit: "s", reference: nil, referenceName: "", limit: 3, atMost: true)
        },
        Scenario(name: "calendars", summary: "reading all calendars") { _ in
            let zones = try ZoneDatabase()
            var times: [Double] = []
            for _ in 0..<5 {
                let calendars = CalendarLibrary(directory: workflows + "/calendars", zones: zones)
                times.append(try processorTime { _ = try calendars.all() })
            }
            return Measurement(
                name: "calendars", value: median(times) * 1000, unit: "ms", reference: nil, referenceName: "",
                limit: 50, atMost: true)
        },
    ]

    private static func shipped() throws -> Almanac { try Almanac(workflows: workflows, zones: ZoneDatabase()) }

    private static let workflows = Bench.checkout + "/workflows"

    /// The seconds of processor time that some work takes.
    private static func processorTime(_ work: () throws -> Void) throws -> Double {
        let start = clock()
        try work()
        return Double(clock() - start) / Double(CLOCKS_PER_SEC)
    }
}
