import CEL
import Deadlines
import Foundation
import JSON
import Testing

@testable import Workflows

/// Properties of every step, tried on random walks through every definition of the library.
///
/// `REEVE_SEED` repeats one walk, `REEVE_WALKS` makes more of them.
@Suite("Properties of steps")
struct MachineProperties {
    static let seeds: [UInt64] = {
        let environment = ProcessInfo.processInfo.environment
        if let seed = environment["REEVE_SEED"].flatMap({ UInt64($0) }) { return [seed] }
        return Array(1...(environment["REEVE_WALKS"].flatMap { UInt64($0) } ?? 6))
    }()

    static func walk(_ path: String, seed: UInt64, attempts: Int = 200) throws -> RandomWalk {
        let machine = try Machine(Folders.decode(path, in: Folders.library).get())
        var walk = RandomWalk(machine, seed: seed)
        try walk.walk(attempts)
        return walk
    }

    static let definitions = Folders.definitions(in: Folders.library)

    @Test("A step is deterministic, and moves less often than there are states", arguments: definitions, seeds)
    func stepsAreDeterministicAndShort(path: String, seed: UInt64) throws {
        let walk = try Self.walk(path, seed: seed)
        for record in walk.records {
            let again = try walk.world.step(walk.machine, record.before, record.input, at: record.now)
            #expect(again.snapshot == record.step.snapshot, "seed \(seed)")
            #expect(again.entries == record.step.entries, "seed \(seed)")
            #expect(again.effects == record.step.effects, "seed \(seed)")
            #expect(again.timers == record.step.timers, "seed \(seed)")
            let moves = record.step.entries.count { $0.kind == .transition && $0.from != $0.to }
            #expect(moves <= walk.machine.definition.states.count, "seed \(seed)")
        }
    }

    @Test("Every transition is among the edges, and the sequence has no gap", arguments: definitions, seeds)
    func transitionsAreEdges(path: String, seed: UInt64) throws {
        let walk = try Self.walk(path, seed: seed)
        let edges = Set(walk.machine.edges)
        var state = ""
        var sequence: Int64 = 0
        for record in walk.records {
            for entry in record.step.entries {
                #expect(entry.from == state, "seed \(seed)")
                let edge = Machine.Edge(from: entry.from, event: entry.event, to: entry.to)
                #expect(
                    entry.kind == .transition ? edges.contains(edge) : entry.from == entry.to, "seed \(seed): \(edge)")
                (state, sequence) = (entry.to, sequence + 1)
            }
            #expect(record.step.snapshot.state == state, "seed \(seed)")
            #expect(record.step.snapshot.sequence == sequence, "seed \(seed)")
            #expect(record.step.snapshot.lastAt >= record.before?.lastAt ?? .earliest, "seed \(seed)")
        }
    }

    @Test("An instance that has ended changes by correction alone", arguments: definitions, seeds)
    func endedInstancesStay(path: String, seed: UInt64) throws {
        let walk = try Self.walk(path, seed: seed)
        for record in walk.records {
            guard let before = record.before, before.status == .final || before.status == .cancelled else { continue }
            var after = record.step.snapshot
            #expect(after.state == before.state && after.status == before.status, "seed \(seed)")
            if case .correct = record.input.act { continue }
            (after.sequence, after.lastAt) = (before.sequence, before.lastAt)
            #expect(after == before, "seed \(seed): \(record.input.act.name)")
            #expect(record.step.timers.isEmpty, "seed \(seed)")
        }
    }

    @Test("The timers that stand are those that the snapshot knows", arguments: definitions, seeds)
    func timersMatchSnapshots(path: String, seed: UInt64) throws {
        let walk = try Self.walk(path, seed: seed)
        var standing: [Int64: ItemKey] = [:]
        for record in walk.records {
            if case .timer(let key, let generation) = record.input.act, standing[generation] == key {
                standing[generation] = nil
            }
            for change in record.step.timers {
                switch change {
                case .arm(let key, let timer):
                    #expect(timer.dueAt >= record.step.snapshot.lastAt, "seed \(seed)")
                    #expect(standing.updateValue(key, forKey: timer.generation) == nil, "seed \(seed)")
                case .disarm(let key, let timer):
                    #expect(standing.removeValue(forKey: timer.generation) == key, "seed \(seed)")
                }
            }
            var known: [Int64: ItemKey] = [:]
            for (key, clock) in record.step.snapshot.clocks {
                #expect(clock.rounds.dropLast().allSatisfy { !$0.isOpen && $0.timer == nil }, "seed \(seed)")
                if let timer = clock.open?.timer { known[timer.generation] = key }
            }
            #expect(standing == known, "seed \(seed)")
            if record.step.snapshot.status == .final { #expect(standing.isEmpty, "seed \(seed)") }
        }
    }

    @Test("Snapshots survive being written and read", arguments: definitions, seeds)
    func snapshotsSurviveJSON(path: String, seed: UInt64) throws {
        for record in try Self.walk(path, seed: seed).records {
            let snapshot = record.step.snapshot
            let read = try JSON(parsing: snapshot.variablePart)
            #expect(read.bytes(.canonical) == snapshot.variablePart, "seed \(seed)")
            #expect(try Snapshot(head: snapshot.head, variablePart: snapshot.variablePart) == snapshot, "seed \(seed)")
        }
    }

    @Test("Folding the journal gives the stored snapshot", arguments: definitions, seeds)
    func journalsReplay(path: String, seed: UInt64) throws {
        let walk = try Self.walk(path, seed: seed)
        var snapshot: Snapshot?
        for record in walk.records {
            // All that a replay has is what the journal keeps, as text.
            let (facts, written) = record.input.parts
            let input = try Input(
                facts: JSON(parsing: facts.text()), written: written.map { try JSON(parsing: $0.text()) })
            #expect(input == record.input, "seed \(seed)")
            var context = Context()
            for (question, answer) in record.step.reads {
                let question = try Read(json: JSON(parsing: question.json.text()))
                context.answers[question] = try ReadAnswer.value(JSON(parsing: ReadAnswer.json(answer).text()))
            }
            let now = record.step.snapshot.lastAt
            guard case .stepped(let step) = try walk.machine.step(snapshot, input, context: context, now: now) else {
                Issue.record("a replay lacks an answer, seed \(seed)")
                return
            }
            #expect(step.snapshot == record.step.snapshot, "seed \(seed)")
            snapshot = step.snapshot
        }
    }
}

extension Snapshot {
    fileprivate var head: Head {
        Head(
            id: id, reference: reference, kind: kind, parent: parent, sequence: sequence, state: state,
            status: status, openedAt: openedAt, lastAt: lastAt)
    }
}

@Suite("Random walks")
struct RandomWalkTests {
    @Test("Walks get through, and reach more than the initial state", arguments: MachineProperties.definitions)
    func walksGoSomewhere(path: String) throws {
        var states: Set<String> = []
        var kinds: [Entry.Kind: Int] = [:]
        for seed in MachineProperties.seeds {
            let walk = try MachineProperties.walk(path, seed: seed)
            for entry in walk.records.flatMap(\.step.entries) {
                states.insert(entry.to)
                kinds[entry.kind, default: 0] += 1
            }
        }
        print(path, states.sorted(), kinds.map { "\($0.key) \($0.value)" }.sorted().joined(separator: ", "))
        #expect(states.count > 1)
        #expect(kinds[.transition, default: 0] > 10)
    }
}
