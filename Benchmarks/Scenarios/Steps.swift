import CEL
import Deadlines
import Foundation
import Workflows

extension Scenario {
    /// How fast the machine steps: processor time, since it needs nothing else.
    static let steps: [Scenario] = [
        Scenario(name: "step", summary: "steps of the library's incident over four hours") { bench in
            let course = try Course.ofIncident()
            for (name, cost) in try course.costs() { say("  \(name): \(Report.number(cost)) µs") }
            var rates: [Double] = []
            for _ in 0..<bench.options.rounds { rates.append(try course.rate(count: 200_000)) }
            return Measurement(
                name: "step", value: median(rates), unit: "1/s", reference: nil, referenceName: "", limit: 200_000)
        }
    ]
}

/// Steps of one instance with all that each of them is given, to be made again and again.
private struct Course {
    private struct Stop {
        var snapshot: Snapshot
        var input: Input
        var context: Context
        var now: Instant

        var name: String {
            switch input.act {
            case .event(let name, _): name
            default: input.act.name
            }
        }
    }

    private let machine: Machine
    private var stops: [Stop] = []

    /// An incident as it is lived: classified, an update each half hour, the timer before each of them, command handed
    /// over once, and resolved after four hours; its opening is not measured.
    static func ofIncident() throws -> Course {
        let folder = Bench.checkout + "/workflows/"
        let decoded = Definition.decode("incident/incident.yaml") { path in
            FileManager.default.contents(atPath: folder + path).map { Array($0) }
        }
        guard let definition = decoded.value else { throw UsageError("\(decoded.faults)") }
        var course = Course(machine: try Machine(definition))
        let start = try Instant("2026-11-28T09:00:00Z")
        let opening = Opening(
            id: .version7(at: start), reference: "INC-2026-0001",
            form: ["summary": "Card payments fail", "services": ["payments"], "detectedAt": .instant(start)])
        var snapshot = try course.step(nil, .open(opening), by: "rita", at: start, isKept: false)
        let classification: [String: CEL.Value] = [
            "awareAt": .instant(start), "criticalService": true, "customersHit": 4000, "personalData": false,
            "owner": "lena", "commander": "ana",
        ]
        var now = start.advanced(by: 10 * minute)
        func send(_ event: String, _ form: [String: CEL.Value], by person: String) throws {
            snapshot = try course.step(snapshot, .event(event, form: form), by: person, at: now, isKept: true)
        }
        try send("classify", classification, by: "rita")
        for number in 1...8 {
            guard let timer = snapshot.clocks[ItemKey("cadence")]?.open?.timer else { throw UsageError("no cadence") }
            snapshot = try course.step(
                snapshot, .timer(ItemKey("cadence"), generation: timer.generation), by: nil, at: timer.dueAt,
                isKept: true)
            now = timer.dueAt.advanced(by: 2 * minute)
            try send("update", ["update": "The cause is known."], by: number > 4 ? "max" : "ana")
            if number == 4 { try send("handOver", ["commander": "max"], by: "ana") }
        }
        try send("resolve", ["restoredAt": .instant(now)], by: "max")
        return course
    }

    private init(machine: Machine, stops: [Stop] = []) { (self.machine, self.stops) = (machine, stops) }

    private static let minute: Int64 = 60_000_000

    /// Steps once, answering whatever is asked, and keeps the step with the answers.
    private mutating func step(
        _ snapshot: Snapshot?, _ act: Act, by person: String?, at now: Instant, isKept: Bool
    ) throws -> Snapshot {
        let input = Input(actor: person.map { .person($0) } ?? .worker, act: act)
        var answers: [Read: CEL.Value] = [:]
        while true {
            switch try machine.step(snapshot, input, context: Context(answers: answers), now: now) {
            case .needs(let reads): for read in reads { answers[read] = Self.answer(read) }
            case .stepped(let step):
                if isKept, let snapshot {
                    stops.append(Stop(snapshot: snapshot, input: input, context: Context(answers: answers), now: now))
                }
                return step.snapshot
            }
        }
    }

    /// What a small organisation answers.
    private static func answer(_ read: Read) -> CEL.Value {
        switch read {
        case .groups: ["staff", "incident-commanders", "service-owners"]
        case .exists: true
        case .tenant: .map(MapValue(["id": "t", "name": "bench", "zone": "Etc/UTC"]))
        case .obligations:
            .map(MapValue(fields: ["obligations", "findings", "coverage"].map { ($0, .list([])) }))
        default: []
        }
    }

    /// What one step of each kind costs, in microseconds.
    func costs() throws -> [(String, Double)] {
        var costs: [(String, Double)] = []
        for stop in stops {
            guard !costs.contains(where: { $0.0 == stop.name }) else { continue }
            let only = Course(machine: machine, stops: [stop])
            costs.append((stop.name, 1_000_000 / (try only.rate(count: 20_000))))
        }
        return costs
    }

    /// Makes the steps in turn; returns how many a second of processor time.
    func rate(count: Int) throws -> Double {
        let begun = clock()
        var made = 0
        for number in 0..<count {
            let stop = stops[number % stops.count]
            guard
                case .stepped(let step) = try machine.step(
                    stop.snapshot, stop.input, context: stop.context, now: stop.now)
            else { continue }
            made += step.entries.isEmpty ? 0 : 1
        }
        guard made == count else { throw UsageError("only \(made) of \(count) steps were made") }
        return Double(count) * Double(CLOCKS_PER_SEC) / Double(clock() - begun)
    }
}
