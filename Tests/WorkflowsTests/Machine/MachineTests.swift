import CEL
import Deadlines
import Testing

@testable import Workflows

/// A small world that answers what a machine asks.
struct World {
    var groups: [String: [String]] = [:]
    var obligations: [CEL.Value] = []

    func answer(_ question: Read) -> CEL.Value {
        switch question {
        case .groups(let person): .list((groups[person] ?? []).map(CEL.Value.string))
        case .members(let group):
            .list(groups.filter { $0.value.contains(group) }.keys.sorted().map(CEL.Value.string))
        case .leads(let person): [.string("lead of \(person)")]
        case .managers(let person): [.string("manager of \(person)")]
        case .onCall(let schedule): [.string("on call for \(schedule)")]
        case .exists: true
        case .deadline(let question):
            DeadlineAnswer(due: question.start + .seconds(86_400), latest: nil, versions: [:]).value
        case .related, .covering, .services, .checklist: []
        case .obligations: ["obligations": .list(obligations), "findings": [], "coverage": []]
        case .days: 3
        case .tenant: ["id": "t", "name": "Tenant", "zone": "Europe/Berlin", "calendar": "office"]
        }
    }

    func step(_ machine: Machine, _ snapshot: Snapshot?, _ input: Input, at now: Instant) throws -> Step {
        var context = Context()
        while true {
            switch try machine.step(snapshot, input, context: context, now: now) {
            case .stepped(let step): return step
            case .needs(let questions):
                for question in questions {
                    try #require(context.answers[question] == nil, "asked twice: \(question)")
                    context.answers[question] = answer(question)
                }
            }
        }
    }
}

func instant(_ text: String) -> Instant { (try? Instant(text)) ?? .earliest }
func timestamp(_ text: String) -> CEL.Value { .instant(instant(text)) }

@Suite("A machine steps an incident")
struct IncidentSteps {
    let machine: Machine
    let world = World(groups: ["rita": ["staff"], "ana": ["incident-commanders"], "ben": ["service-owners"]])

    init() throws {
        let definition = try Folders.decode("incident/incident.yaml", in: Folders.library).get()
        machine = try Machine(definition)
    }

    @Test func opensClassifiesAndUpdates() throws {
        let opening = Opening(
            id: Identifier(high: 1, low: 2), reference: "INC-2026-0001",
            form: [
                "summary": "Payments down", "services": ["payments"],
                "detectedAt": timestamp("2026-03-27T20:50:00+01:00"),
            ])
        let opened = try world.step(
            machine, nil, Input(actor: .person("rita"), act: .open(opening)), at: instant("2026-03-27T21:00:00+01:00"))
        #expect(opened.snapshot.state == "triage")
        #expect(opened.snapshot.sequence == 1)
        #expect(opened.entries.map(\.event) == ["open"])
        #expect(opened.timers.count == 1)

        let form: [String: CEL.Value] = [
            "awareAt": timestamp("2026-03-27T20:55:00+01:00"), "criticalService": true, "customersHit": 5000,
            "personalData": true, "owner": "ben", "commander": "ana",
        ]
        let classified = try world.step(
            machine, opened.snapshot, Input(actor: .person("ana"), act: .event("classify", form: form)),
            at: instant("2026-03-27T21:10:00+01:00"))
        #expect(classified.snapshot.state == "responding")
        #expect(classified.snapshot.data["severity"] == "sev1")
        #expect(classified.snapshot.clocks[ItemKey("classify")]?.rounds.last?.status == .met)
        #expect(classified.snapshot.clocks[ItemKey("cadence")]?.open?.due == instant("2026-03-27T21:40:00+01:00"))

        let updated = try world.step(
            machine, classified.snapshot,
            Input(actor: .person("ana"), act: .event("update", form: ["update": "Rolling back"])),
            at: instant("2026-03-27T21:20:00+01:00"))
        #expect(updated.snapshot.state == "responding")
        #expect(updated.snapshot.clocks[ItemKey("cadence")]?.rounds.map(\.status) == [.met, .running])
    }
}
