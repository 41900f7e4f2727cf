import CEL
import Deadlines
import Foundation
import Workflows

extension Scenario {
    /// How fast the machine steps: processor time, since it needs nothing else.
    static let steps: [Scenario] = [
        Scenario(name: "step", summary: "steps of the library's incident: classify, update, resolve, reopen") { bench in
            let course = try Course.ofIncident()
            var rates: [Double] = []
            for _ in 0..<bench.options.rounds { rates.append(try course.rate(count: 100_000)) }
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
    }

    private let machine: Machine
    private var stops: [Stop] = []

    /// An incident that is classified, followed, resolved and reopened; its opening is not measured.
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
        let acts: [(String, String, [String: CEL.Value])] = [
            ("classify", "rita", classification), ("update", "ana", ["update": "The cause is known."]),
            ("resolve", "ana", ["restoredAt": .instant(start.advanced(by: 3_600_000_000))]),
            ("reopen", "ana", ["reason": "It fails again."]),
        ]
        for (number, act) in acts.enumerated() {
            let now = start.advanced(by: Int64(number + 60) * 60_000_000)
            snapshot = try course.step(snapshot, .event(act.0, form: act.2), by: act.1, at: now, isKept: true)
        }
        return course
    }

    private init(machine: Machine) { self.machine = machine }

    /// Steps once, answering whatever is asked, and keeps the step with the answers.
    private mutating func step(
        _ snapshot: Snapshot?, _ act: Act, by person: String, at now: Instant, isKept: Bool
    ) throws -> Snapshot {
        let input = Input(actor: .person(person), act: act)
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
