import CEL
import Deadlines

@testable import Workflows

/// Random numbers that a seed makes the same again (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}

/// An instance driven by inputs that mostly make sense, and what was journalled on the way.
struct RandomWalk {
    /// One step as the journal keeps it.
    struct Record {
        let before: Snapshot?
        let input: Input
        let now: Instant
        let step: Step
    }

    let machine: Machine
    var random: SeededGenerator
    var now = instant("2026-03-27T09:00:00Z")
    var snapshot: Snapshot?
    var records: [Record] = []
    var refusals = 0
    let people = ["ana", "ben", "pia", "dan", "eve", "tom"]
    let world: World

    init(_ machine: Machine, seed: UInt64) {
        self.machine = machine
        var random = SeededGenerator(seed: seed)
        let groups = Set(machine.definition.roles.flatMap(\.from)).union(
            machine.definition.states.flatMap { machine.definition.events(in: $0) }.flatMap(\.allow).compactMap {
                if case .group(let group) = $0 { group } else { nil }
            }
        ).sorted()
        var world = World()
        for person in people {
            world.groups[person] = groups.filter { _ in Int.random(in: 0..<3, using: &random) > 0 }
        }
        // Whoever is on call at the start is somebody whom the role takes.
        world.groups["on call for privacy"] = groups
        world.obligations = ["a", "b", "c"].filter { _ in Bool.random(using: &random) }.map { id in
            ["id": .string(id), "regime": "eu.test", "recipient": "Authority", "stages": [], "owner": "pia"]
        }
        self.world = world
        self.random = random
    }

    /// Makes so many attempts; those that are refused leave nothing behind.
    mutating func walk(_ attempts: Int) throws {
        for _ in 0..<attempts {
            now = now.advanced(by: Int64.random(in: 0...3_600_000_000 * 6, using: &random))
            guard let input = input() else { continue }
            do {
                let step = try world.step(machine, snapshot, input, at: now)
                records.append(Record(before: snapshot, input: input, now: now, step: step))
                snapshot = step.snapshot
            } catch is Rejection {
                refusals += 1
            }
        }
    }

    private mutating func input() -> Input? {
        guard let snapshot else { return opening() }
        switch Int.random(in: 0..<20, using: &random) {
        case 0..<11: return event(snapshot)
        case 11: return work(snapshot) ?? event(snapshot)
        case 12..<15: return timer(snapshot)
        case 15: return report(snapshot)
        case 16: return tell(snapshot)
        case 17: return correct(snapshot)
        case 18: return command(snapshot)
        default:
            let isLost = Int.random(in: 0..<4, using: &random) == 0
            return isLost ? Input(actor: .parent(Identifier(high: 7, low: 7)), act: .event("no-such", form: [:])) : nil
        }
    }

    private mutating func pick<T>(_ items: [T]) -> T? { items.randomElement(using: &random) }

    private mutating func opening() -> Input {
        let allow = machine.definition.open.allow
        let isChild = allow.contains(.parent) && Bool.random(using: &random)
        let form = form(machine.tables.form(of: machine.definition.open))
        let parent = Identifier(high: 7, low: 7)
        let opening = Opening(
            id: Identifier(high: 0x7000, low: random.next()), reference: "T-1",
            parent: isChild ? Snapshot.Parent(instance: parent, child: ItemKey("c", "k")) : nil, form: form)
        return Input(actor: isChild ? .parent(parent) : .person(pick(people) ?? "ana"), act: .open(opening))
    }

    private mutating func event(_ snapshot: Snapshot) -> Input? {
        guard let state = machine.tables.states[snapshot.state], let name = pick(state.eventNames) else {
            return Input(actor: .person("ana"), act: .event("nothing", form: [:]))
        }
        guard let event = state.events[name]?.event else { return nil }
        let endsAll = event.targets.allSatisfy { $0.flatMap { machine.tables.states[$0]?.state.isFinal } ?? false }
        if endsAll, Int.random(in: 0..<8, using: &random) > 0 { return nil }
        let holders = snapshot.holders.values.flatMap { $0 }.sorted()
        var actor = Actor.person(pick(Bool.random(using: &random) && !holders.isEmpty ? holders : people) ?? "ana")
        if event.allow.contains(.parent), Bool.random(using: &random) {
            actor = .parent(snapshot.parent?.instance ?? Identifier(high: 7, low: 7))
        }
        return Input(actor: actor, act: .event(name, form: form(machine.tables.form(of: event))))
    }

    private mutating func work(_ snapshot: Snapshot) -> Input? {
        let person = pick(people) ?? "ana"
        if let (key, _) = pick(snapshot.tasks.filter { $0.value.status == .open }.sorted { $0.key < $1.key }) {
            let fields = machine.tables.states[snapshot.state]?.task(key.name)?.result ?? []
            var result: [String: CEL.Value] = [:]
            for field in fields { result[field.name] = value(field.schema) }
            return Input(actor: .person(person), act: .complete(key, result: result))
        }
        guard let (key, _) = pick(snapshot.approvals.filter { $0.value.status == .open }.sorted { $0.key < $1.key })
        else { return nil }
        let isApproval = Int.random(in: 0..<3, using: &random) > 0
        return Input(actor: .person(person), act: .vote(key, isApproval: isApproval, comment: nil))
    }

    /// The next timer at its instant, or now and then a stale one.
    private mutating func timer(_ snapshot: Snapshot) -> Input? {
        let armed = snapshot.clocks.compactMap { key, record in record.open?.timer.map { (key, $0) } }
        guard let (key, timer) = armed.min(by: { ($0.1.dueAt, $0.0) < ($1.1.dueAt, $1.0) }) else {
            return Input(actor: .worker, act: .timer(ItemKey("none"), generation: 99))
        }
        if Int.random(in: 0..<8, using: &random) == 0 {
            return Input(actor: .worker, act: .timer(key, generation: timer.generation - 1))
        }
        now = max(now, timer.dueAt)
        return Input(actor: .worker, act: .timer(key, generation: timer.generation))
    }

    private mutating func report(_ snapshot: Snapshot) -> Input? {
        guard let (key, child) = pick(snapshot.children.sorted { $0.key < $1.key }) else { return nil }
        let isFinal = Bool.random(using: &random)
        return Input(
            actor: .child(key, child.instance),
            act: .report(
                key, state: isFinal ? "done" : "open", isFinal: isFinal,
                exports: isFinal ? ["submittedAt": .instant(now)] : [:]))
    }

    private mutating func tell(_ snapshot: Snapshot) -> Input? {
        guard let parent = snapshot.parent,
            let field = pick(machine.definition.data.fields.filter { $0.compute == nil && !$0.isRequired })
        else { return nil }
        let told: CEL.Value = Int.random(in: 0..<4, using: &random) == 0 ? .null : value(field.schema)
        return Input(actor: .parent(parent.instance), act: .tell([field.name: told]))
    }

    private mutating func correct(_ snapshot: Snapshot) -> Input? {
        guard let correction = pick(machine.definition.corrections),
            let field = machine.tables.fields[correction.field]?.field
        else { return nil }
        let person = pick(snapshot.holders.values.flatMap { $0 }.sorted()) ?? "ana"
        return Input(actor: .person(person), act: .correct([field.name: value(field.schema)], reason: "It was wrong"))
    }

    private mutating func command(_ snapshot: Snapshot) -> Input {
        let person = Actor.person(pick(people) ?? "ana")
        switch Int.random(in: 0..<12, using: &random) {
        case 0: return Input(actor: person, act: .suspend(reason: "Wait"))
        case 1, 2: return Input(actor: person, act: .resume(reason: nil))
        case 3 where records.count > 20: return Input(actor: person, act: .cancel(reason: "Not needed"))
        case 4, 5:
            guard let role = pick(machine.definition.roles) else { break }
            return Input(actor: person, act: .assign(role: role.name, to: [pick(people) ?? "ana"], reason: nil))
        case 6, 7:
            let clock = pick(snapshot.clocks.keys.sorted()) ?? ItemKey("none")
            return Input(actor: person, act: .acknowledge(clock, comment: "Seen"))
        case 8: return Input(actor: .worker, act: .recompute(reason: "A holiday was added"))
        case 9: return Input(actor: person, act: .link(to: Identifier(high: 3, low: 4), relation: "similar"))
        default: break
        }
        return Input(actor: person, act: .comment("Looked at it"))
    }

    // MARK: Values

    private mutating func form(_ items: [Offers.Item]) -> [String: CEL.Value] {
        var form: [String: CEL.Value] = [:]
        for item in items {
            if item.demand != .required, Bool.random(using: &random) { continue }
            if Int.random(in: 0..<40, using: &random) == 0 { continue }
            switch item.kind {
            case .field(let schema): form[item.name] = value(schema)
            case .role(let role):
                let person = CEL.Value.string(pick(people) ?? "ana")
                form[item.name] = role.many ? .list([person]) : person
            }
        }
        return form
    }

    private mutating func value(_ schema: Definition.Schema) -> CEL.Value {
        if let allowed = pick(schema.allowed) { return CEL.Value(json: allowed) }
        switch schema.shape {
        case .boolean: return .bool(Bool.random(using: &random))
        case .integer: return .int(Int64.random(in: Int64(schema.minimum ?? 0)...5000, using: &random))
        case .number: return .double(Double(Int64.random(in: 0...100, using: &random)))
        case .string: return text(schema)
        case .array(let items):
            let count = Int.random(in: (schema.minItems ?? 0)...3, using: &random)
            var elements: [CEL.Value] = []
            for _ in 0..<count { elements.append(value(items)) }
            return .list(elements)
        case .object(let fields):
            var members: [(String, CEL.Value)] = []
            for field in fields where field.isRequired || Bool.random(using: &random) {
                members.append((field.name, value(field.schema)))
            }
            return .map(MapValue(fields: members))
        }
    }

    private mutating func text(_ schema: Definition.Schema) -> CEL.Value {
        let minutes = Int64.random(in: Bool.random(using: &random) ? -60...0 : -3000...600, using: &random)
        switch schema.format {
        case .dateTime: return .instant(now.advanced(by: minutes * 60_000_000))
        case .duration:
            return .duration(Span(nanoseconds: Int64.random(in: 1...48, using: &random) * 3_600_000_000_000))
        case .date: return "2026-03-27"
        case .person: return .string(pick(people) ?? "ana")
        case .uri: return "https://example.org/page"
        case .email: return "ana@example.org"
        default:
            let word = "word-\(Int.random(in: 0..<1000, using: &random)) "
            let length = max(schema.minLength ?? 1, 3)
            let text = String(repeating: word, count: length / word.count + 1)
            return .string(String(text.prefix(schema.maxLength ?? 200)))
        }
    }
}
