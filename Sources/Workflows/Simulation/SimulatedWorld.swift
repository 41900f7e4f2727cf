import CEL
import Deadlines
import JSON

/// What a scenario says of the world outside its instances.
struct SimulatedWorld {
    private let groups: [String: [String]]
    private var stubs: [String: JSON] = [:]
    let almanac: Almanac
    private let regimes: RegimeLibrary
    let defaults: DeadlineDefaults

    init(
        people: [Scenario.Person], given: [Scenario.Stub], almanac: Almanac, regimes: RegimeLibrary,
        defaults: DeadlineDefaults
    ) {
        groups = Dictionary(people.map { ($0.id, $0.groups) }) { $0 + $1 }
        self.almanac = almanac
        self.regimes = regimes
        self.defaults = defaults
        give(given)
    }

    /// Lets answers hold from now on.
    mutating func give(_ given: [Scenario.Stub]) {
        for stub in given { stubs[stub.name] = stub.value }
    }

    /// The answer to a machine's question.
    ///
    /// Whatever the scenario does not mention has a plain answer: nothing is related, everything referred to exists,
    /// and leads, managers and people on call go by made-up names that say what they are.
    func answer(_ question: Read) -> CEL.Value {
        switch question {
        case .groups(let person): Self.list(groups[person] ?? [])
        case .members(let group): Self.list(groups.filter { $0.value.contains(group) }.keys.sorted())
        case .leads(let person): stub("leads", person) ?? Self.list(["lead of \(person)"])
        case .managers(let person): stub("managers", person) ?? Self.list(["manager of \(person)"])
        case .onCall(let schedule): stub("oncall", schedule) ?? Self.list(["on call for \(schedule)"])
        case .exists(let format, let id): .bool(exists(format, id))
        case .deadline(let question): almanac.answer(question, defaults: defaults)
        case .related(let workflow): stub("related", workflow) ?? []
        case .covering(let workflow, _, _): stub("covering", workflow) ?? []
        case .services(let selection): stub("services", selection) ?? []
        case .obligations(let facts): examine(facts)
        case .checklist(let id): stub("checklists", id) ?? checklist(id)
        case .days(let count): almanac.answer(count, defaults: defaults)
        case .tenant: tenant
        }
    }

    /// What the regimes ask that the scenario lists in `regimes`, of the `entities`, `authorities` and
    /// `counterparties` that it gives; instead of identifiers there may be made-up obligations, each with `applies`.
    private func examine(_ facts: CEL.Value) -> CEL.Value {
        let listed = stubs["regimes"]?.arrayValue ?? []
        let madeUp = listed.filter { $0.objectValue != nil }
        if !madeUp.isEmpty {
            let applying = madeUp.compactMap { obligation($0, facts) }
            return ["obligations": .list(applying), "findings": [], "coverage": []]
        }
        let names = listed.compactMap(\.stringValue)
        do throws(Parties.Fault) {
            let parties = try Parties(json: .object(JSONObject(stubs.map { ($0.key, $0.value) })))
            return Examination(
                of: facts, library: regimes, inForce: Set(names), parties: parties,
                status: { (try? almanac.rules.rule($0))?.status },
                drafts: Set(stubs["drafts"]?.arrayValue?.compactMap(\.stringValue) ?? [])
            ).value
        } catch {
            return Read.failure(error.description)
        }
    }

    private func obligation(_ stub: JSON, _ facts: CEL.Value) -> CEL.Value? {
        var fields = stub.objectValue ?? JSONObject()
        let applies = fields["applies"]?.stringValue ?? "true"
        fields["applies"] = nil
        guard let expression = try? Expression(parsing: applies) else { return nil }
        let truth = try? Program(expression, in: Examination.environment).evaluate(Bindings(["data": facts]))
        return truth == true ? .some(CEL.Value(json: .object(fields))) : .none
    }

    private func checklist(_ id: String) -> CEL.Value {
        Self.list(regimes.checklist(id)?.items.map(\.field) ?? [])
    }

    /// A stub that is one answer for all, or a map from what is asked for.
    private func stub(_ name: String, _ subject: String) -> CEL.Value? {
        switch stubs[name] {
        case nil: nil
        case .object(let answers)?: answers[subject].map(CEL.Value.init(json:))
        case let answer?: CEL.Value(json: answer)
        }
    }

    /// `missing: [ID]` names what does not exist.
    private func exists(_ format: Definition.Format, _ id: String) -> Bool {
        !(stubs["missing"]?.arrayValue ?? []).contains { $0.stringValue == id }
    }

    private var tenant: CEL.Value {
        let told: [String: JSON] = ["id": "tenant", "name": "Tenant", "zone": .string(defaults.zone)]
        var fields = told.merging(
            stubs["tenant"]?.objectValue.map { Dictionary($0.map { ($0.key, $0.value) }) { $1 } } ?? [:]
        ) {
            $1
        }
        fields["calendar"] = fields["calendar"] ?? defaults.calendar.map(JSON.string)
        return .map(MapValue(fields.mapValues(CEL.Value.init(json:))))
    }

    private static func list(_ names: [String]) -> CEL.Value { .list(names.map(CEL.Value.string)) }
}
