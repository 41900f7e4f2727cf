import Deadlines
import JSON
import Synchronization
import Testing
import Workflows

@testable import Engine

/// A promise that is kept, or is late: one clock, whose ladder ends the matter.
let promise = """
    workflow: promise
    title: Promise
    reference: PRM
    roles:
      owner: { title: Owner, initially: opener }
    data:
      type: object
      required: [due]
      properties:
        due: { type: string, format: date-time }
        note: { type: string }
    open: { form: [due] }
    initial: open
    states:
      open:
        on:
          keep: { target: kept, allow: [owner] }
          touch: { allow: [owner], form: [note] }
          expire: { target: late, allow: [ladder] }
      kept: { final: true }
      late: { final: true }
    clocks:
      promise: { start: { in: [open] }, stop: { in: [kept, late] }, until: data.due, escalation: strict }
    escalations:
      strict:
        - { after: PT0S, notify: [owner], send: expire }
    """

/// A transport that remembers what it was given, and answers as it is told.
final class RecordingTransport: Transport {
    let name: String
    private let seen = Mutex<[Delivery]>([])
    private let answer: @Sendable (Delivery) async -> DeliveryOutcome

    init(
        _ name: String = "mail",
        answer: @escaping @Sendable (Delivery) async -> DeliveryOutcome = { _ in .delivered(detail: "ok") }
    ) {
        self.name = name
        self.answer = answer
    }

    var deliveries: [Delivery] { seen.withLock { $0 } }

    func check(_ destination: Destination) throws(DestinationFault) {
        if destination.settings["broken"] == true { throw DestinationFault(setting: "broken", message: "is set") }
    }

    func deliver(_ delivery: Delivery) async -> DeliveryOutcome {
        seen.withLock { $0.append(delivery) }
        return await answer(delivery)
    }
}

extension EngineFixture {
    /// Runs a body with an engine, and workers on it that can be started and stopped.
    static func runWithWorker<Value: Sendable>(
        _ configuration: Worker.Configuration = mailing(RecordingTransport()), workers: Int = 1,
        _ body: @Sendable @escaping (EngineFixture) async throws -> Value
    ) async throws -> Value {
        let relay = Relay()
        return try await run(onCommit: relay.committed) { fixture in
            try await fixture.withWorkers(configuration, count: workers, relay: relay) {
                try await body(fixture)
            }
        }
    }

    /// A configuration that delivers notifications through one transport.
    static func mailing(_ transport: RecordingTransport) -> Worker.Configuration {
        var configuration = Worker.Configuration()
        configuration.transports = [transport]
        configuration.destinations = [Destination(name: "mail", transport: transport.name, settings: [:])]
        return configuration
    }

    /// Runs a body while workers are at work, which then stop cleanly.
    func withWorkers<Value: Sendable>(
        _ configuration: Worker.Configuration, count: Int = 1, relay: Relay = Relay(),
        _ body: @Sendable () async throws -> Value
    ) async throws -> Value {
        let wakeUps = WakeUps(database: engine.configuration.database)
        relay.pass(to: wakeUps)
        let hints = Task { await wakeUps.run() }
        let tasks = (0..<count).map { _ in
            let worker = Worker(engine: engine, wakeUps: wakeUps, configuration: configuration)
            return Task { await worker.run() }
        }
        let result: Result<Value, any Error>
        do { result = .success(try await body()) } catch { result = .failure(error) }
        for task in tasks { task.cancel() }
        for task in tasks { await task.value }
        hints.cancel()
        await hints.value
        return try result.get()
    }

    /// Waits until a query yields a number, ten seconds at most; returns what it yields then.
    func wait(for wanted: Int64, _ sql: String, atMost limit: Duration = .seconds(10)) async throws -> Int64 {
        let end = ContinuousClock.now + limit
        while true {
            let found = try await count(sql)
            if found == wanted || ContinuousClock.now > end { return found }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// Expects that a query yields a number soon.
    func expect(
        _ wanted: Int64, _ sql: String, atMost limit: Duration = .seconds(10),
        at location: SourceLocation = #_sourceLocation
    ) async throws {
        let found = try await wait(for: wanted, sql, atMost: limit)
        #expect(found == wanted, "\(sql)", sourceLocation: location)
    }

    /// Opens promises that fall due so many milliseconds from now.
    @discardableResult
    func openPromises(_ count: Int, dueIn milliseconds: Int64, spread: Int64 = 0) async throws -> [Identifier] {
        let now = Instant.now
        return try await withThrowingTaskGroup(of: Identifier.self) { group in
            for number in 0..<count {
                let due = now.advanced(by: (milliseconds + spread * Int64(number) / Int64(count)) * 1000)
                group.addTask {
                    try await engine.submit(opening("promise", ["due": .string(due.description)])).instance
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }
}

/// Passes hints on to wake-ups that are made later.
final class Relay: Sendable {
    private let target = Mutex<WakeUps?>(nil)

    func pass(to wakeUps: WakeUps) { target.withLock { $0 = wakeUps } }

    @Sendable func committed(_ hints: CommitHints) { target.withLock { $0 }?.committed(hints) }
}
