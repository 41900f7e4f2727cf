import Deadlines
import Foundation
import JSON
import Synchronization
import Testing

/// Clients that open pledges and act on them without a pause, over HTTP.
///
/// Each sends a command under its key until it is told what came of it, as a client should that means it.
final class Load: Sendable {
    /// How the clients behave.
    struct Habits: Sendable {
        /// How many there are.
        var clients = 6
        /// When pledges fall due, in milliseconds from their opening.
        var due: ClosedRange<Int64> = 200...3000
        /// Pledges that all clients touch beside their own, by identifier.
        var shared: [String] = []
        /// How long a client waits between commands.
        var pause = Duration.milliseconds(4)
        /// How long a client asks for the outcome of a command before it gives up.
        var stamina = Duration.seconds(90)
    }

    /// What the clients were told.
    let ledger = Ledger()
    private let stage: Stage
    private let habits: Habits
    /// Tells its commands from those of other clients of the stage.
    private let name: String
    private let isStopping = Atomic<Bool>(false)
    private let running = Atomic<Int>(0)
    private static let count = Counter()

    /// Sets the clients to work.
    init(on stage: Stage, _ habits: Habits = Habits()) {
        self.stage = stage
        self.habits = habits
        name = "load-\(Self.count.add(1))"
        running.store(habits.clients, ordering: .relaxed)
        for number in 0..<habits.clients {
            Thread { [self] in
                work(number)
                running.subtract(1, ordering: .releasing)
            }.start()
        }
    }

    /// Lets the clients finish what they have begun, and waits for them.
    func stop() async throws {
        isStopping.store(true, ordering: .relaxed)
        while running.load(ordering: .acquiring) > 0 { try await Task.sleep(for: .milliseconds(10)) }
    }

    private func work(_ number: Int) {
        let line = Line(port: stage.port, token: stage.token)
        var own: [String] = []
        var count = 0
        while !isStopping.load(ordering: .relaxed) {
            count += 1
            let key = "\(name)-\(number)-\(count)"
            let instance = (own + habits.shared).randomElement()
            switch (Int.random(in: 0..<10), instance) {
            case (0...2, _), (_, nil):
                let due = stage.now.advanced(by: Int64.random(in: habits.due) * 1000)
                let body: JSON = [
                    "workflow": "pledge", "form": ["due": .string(due.description), "note": .string(key)],
                ]
                if case .done(let instance, _) = settle(key, "/api/v1/instances", body, line) { own.append(instance) }
                if own.count > 20 { own.removeFirst() }
            case (3...7, let instance?): event("touch", instance, key, line)
            case (8, let instance?): event("balk", instance, key, line)
            case (_, let instance?): event(habits.shared.contains(instance) ? "touch" : "keep", instance, key, line)
            }
            usleep(UInt32(habits.pause / .microseconds(1)))
        }
    }

    private func event(_ event: String, _ instance: String, _ key: String, _ line: Line) {
        let body: JSON = ["event": .string(event), "form": ["note": .string(key)]]
        _ = settle(key, "/api/v1/instances/\(instance)/events", body, line)
    }

    /// Sends a command until its outcome is known.
    private func settle(_ key: String, _ path: String, _ body: JSON, _ line: Line) -> Ledger.Outcome {
        ledger.note(key, .unknown)
        let end = ContinuousClock.now + habits.stamina
        while ContinuousClock.now < end {
            let answer = line.ask("POST", path, body, key: key)
            ledger.noteError(answer)
            if let outcome = Ledger.Outcome(answer) {
                ledger.note(key, outcome)
                return outcome
            }
            usleep(50_000)
        }
        return .unknown
    }
}

extension Stage {
    /// Opens pledges that fall due at the same instant, so many milliseconds from now.
    func openPledges(
        _ count: Int, of workflow: String = "pledge", dueIn milliseconds: Int64, clients: Int = 8
    ) async throws -> Ledger {
        let ledger = Ledger()
        let due = now.advanced(by: milliseconds * 1000)
        let (next, running) = (Counter(), Counter())
        for _ in 0..<clients {
            running.add(1)
            Thread { [self] in
                let line = Line(port: port, token: token)
                while case let number = next.add(1), number <= count {
                    let key = "\(name)-\(workflow)-\(due.microseconds)-\(number)"
                    let body: JSON = [
                        "workflow": .string(workflow), "form": ["due": .string(due.description), "note": .string(key)],
                    ]
                    let answer = line.ask("POST", "/api/v1/instances", body, key: key)
                    ledger.noteError(answer)
                    ledger.note(key, Ledger.Outcome(answer) ?? .unknown)
                }
                running.add(-1)
            }.start()
        }
        while running.value > 0 { try await Task.sleep(for: .milliseconds(10)) }
        #expect(ledger.done == count)
        return ledger
    }
}

/// A number that several threads count on.
final class Counter: Sendable {
    private let number = Atomic<Int>(0)

    /// Adds to it and says what it is then.
    @discardableResult
    func add(_ more: Int) -> Int { number.add(more, ordering: .sequentiallyConsistent).newValue }

    /// What it is.
    var value: Int { number.load(ordering: .sequentiallyConsistent) }
}
