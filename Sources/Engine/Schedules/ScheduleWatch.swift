import CEL
import Deadlines
import Logging
import PostgresClient
import Synchronization
import Workflows

/// Opens what schedules ask for: one instance for each occurrence and key, however many workers look.
///
/// An occurrence is opened under a lock on its schedule, and each opening leaves a row of its own in the transaction that
/// opens it; where one exists, nothing is opened. Only when all are there does the schedule go on. So a
/// worker may end at any point: the next one opens what is missing.
final class ScheduleWatch: Sendable {
    private struct Rest {
        var attempts: Int
        var until: Duration
    }

    /// How often schedules are looked at.
    private static let look = Duration.seconds(1)
    /// How long a schedule rests after an attempt that failed.
    private static let rest = Backoff(first: .seconds(1), factor: 2, longest: .seconds(300))
    /// The most schedules in one look.
    private static let width = 20

    private let engine: Engine
    private let batch: Int
    private let logger: Logger
    private let bell = Doorbell()
    private let started = ContinuousClock.now
    private let isStopping = Atomic<Bool>(false)
    private let resting = Mutex<[DefinitionKey: Rest]>([:])

    /// Prepares the watch.
    ///
    /// - Parameter batch: The most openings in one transaction.
    init(engine: Engine, batch: Int) {
        self.engine = engine
        self.batch = max(1, batch)
        logger = engine.configuration.logger
    }

    private var now: Duration { ContinuousClock.now - started }

    /// Ends the loop when its present transaction is over.
    func stop() {
        isStopping.store(true, ordering: .relaxed)
        bell.ring()
    }

    /// Works until ``stop()``.
    func run() async {
        var kept = KeptConnection(engine.configuration.database.acting(as: "reeve_engine"))
        var troubles = 0
        while !isStopping.load(ordering: .relaxed) {
            do throws(PostgresError) {
                let isDone = try await look(on: try await kept.get())
                troubles = 0
                if isDone { await bell.wait(atMost: Self.look) }
            } catch {
                troubles += 1
                logger.warning("schedules wait for the database", metadata: ["error": "\(error)"])
                await kept.reset()
                await bell.wait(atMost: Backoff.ofDatabase.wait(after: troubles))
            }
        }
        await kept.close()
    }

    /// Opens what is due; says whether there is nothing more to do for now.
    private func look(on connection: PostgresConnection) async throws(PostgresError) -> Bool {
        let now = now
        let skipped = resting.withLock { $0.filter { $0.value.until > now }.map(\.key) }
        let rows = try await connection.query(ScheduleQueries.due(resting: skipped, limit: Self.width))
            .decode((Instant, Identifier, String, Int32, Instant).self)
        var isDone = true
        for (instant, tenant, name, version, at) in rows where !isStopping.load(ordering: .relaxed) {
            let key = DefinitionKey(tenant: tenant, name: name, version: Int(version))
            if try await handle(DueOccurrence(definition: key, at: at), now: instant, on: connection) { isDone = false }
        }
        return isDone
    }

    // MARK: - One occurrence

    /// Why an occurrence cannot be opened as things stand.
    private struct Fault: Error {
        var reason: String
    }

    /// Opens what an occurrence asks for and goes on to the next; says whether there was something to do.
    private func handle(
        _ due: DueOccurrence, now: Instant, on connection: PostgresConnection
    ) async throws(PostgresError) -> Bool {
        do {
            let (machine, surroundings) = try await prepare(due, on: connection)
            guard let schedule = machine.definition.schedule else {
                throw Fault(reason: "\(due.definition.name) version \(due.definition.version) has no schedule")
            }
            let recurrence = try schedule.recurrence(
                in: engine.configuration.almanac.zones, home: surroundings.tenant.zone)
            let start = CatchUp.start(of: recurrence, pending: due.at, now: now)
            if start.leavesOut { return try await leaveOut(due, upTo: start.occurrence, on: connection) }
            let openings = try await openings(due, machine, surroundings, now, on: connection)
            guard let remark = try await open(openings[...], of: due, now: now, on: connection) else { return false }
            try await connection.execute(
                ScheduleQueries.advance(
                    due, to: recurrence.next(after: due.at), remark: remark.isEmpty ? nil : remark))
            resting.withLock { $0[due.definition] = nil }
            return true
        } catch let error as PostgresError {
            throw error
        } catch let fault as Fault {
            try await fail(due, fault.reason, on: connection)
        } catch {
            try await fail(due, "\(error)", on: connection)
        }
        return false
    }

    /// The definition made ready, and what the tenant keeps.
    private func prepare(
        _ due: DueOccurrence, on connection: PostgresConnection
    ) async throws -> (Machine, Surroundings) {
        let transaction = engine.transaction
        let machine = try await transaction.definitions.load([due.definition], on: connection)[due.definition]
        let rows = try await connection.query(TenantRow.query([due.definition.tenant]))
        guard let machine, let row = rows.first else { throw Fault(reason: "the tenant or the definition is gone") }
        let tenant = try TenantRow(row)
        if let copy = transaction.surroundings.surroundings(of: tenant) { return (try machine.get(), copy) }
        return (try machine.get(), try await transaction.surroundings.load(tenant, on: connection))
    }

    /// What the occurrence asks for, with all questions answered.
    private func openings(
        _ due: DueOccurrence, _ machine: Machine, _ surroundings: Surroundings, _ now: Instant,
        on connection: PostgresConnection
    ) async throws -> [ScheduledOpening] {
        let nobody = InstanceKey(tenant: due.definition.tenant, id: Identifier(high: 0, low: 0))
        var answers: [Read: CEL.Value] = [:]
        while true {
            switch try machine.openings(at: due.at, context: Context(answers: answers), now: now) {
            case .open(let openings): return openings
            case .needs(let reads):
                let new = reads.filter { answers[$0] == nil }
                guard !new.isEmpty else { throw Fault(reason: "the schedule asks again for what it was told") }
                var missing: Set<Read> = []
                for read in new {
                    answers[read] = surroundings.answer(read, at: now)
                    if answers[read] == nil { missing.insert(read) }
                }
                let found = try await InstanceReads.answer(
                    [nobody: missing], definitions: engine.transaction.definitions, on: connection)
                answers.merge(found[nobody] ?? [:]) { $1 }
            }
        }
    }

    /// Opens instances, a batch a transaction; returns what was refused, or nil where another worker is at it.
    private func open(
        _ openings: ArraySlice<ScheduledOpening>, of due: DueOccurrence, now: Instant,
        on connection: PostgresConnection
    ) async throws -> String? {
        var remarks: [String] = []
        var rest = openings
        while !rest.isEmpty {
            let part = rest.prefix(batch)
            rest = rest.dropFirst(batch)
            guard let remark = try await openTogether(part, of: due, now: now, on: connection) else { return nil }
            if !remark.isEmpty { remarks.append(remark) }
        }
        return remarks.joined(separator: "\n")
    }

    /// Opens instances in one transaction; where one offends the database, both halves by themselves.
    private func openTogether(
        _ openings: ArraySlice<ScheduledOpening>, of due: DueOccurrence, now: Instant,
        on connection: PostgresConnection
    ) async throws -> String? {
        let held = try await connection.pipeline(["BEGIN", ScheduleQueries.hold(due)])[1]
        guard !held.isEmpty else {
            await connection.rollback()
            return nil
        }
        let result: BatchTransaction.Result
        do throws(BatchFailure) {
            let jobs = openings.map { Job(due.command(for: $0, now: now)) }
            result = try await engine.transaction.run(jobs, on: connection, isOpen: true)
        } catch {
            await connection.rollback()
            switch Recovery.decide(error, count: openings.count, tries: 3, isExpired: true) {
            case .bisect:
                let middle = openings.startIndex + openings.count / 2
                guard
                    let first = try await openTogether(openings[..<middle], of: due, now: now, on: connection),
                    let second = try await openTogether(openings[middle...], of: due, now: now, on: connection)
                else { return nil }
                return [first, second].filter { !$0.isEmpty }.joined(separator: "\n")
            case .giveUp(.failed): throw Fault(reason: "\(error.cause)")
            case .giveUp, .retry, .verify: throw error.cause
            }
        }
        engine.configuration.onCommit(result.hints)
        return try sort(openings, result.outcomes, of: due).get()
    }

    /// What was refused, which ends the matter; or what failed and has to be tried again.
    private func sort(
        _ openings: ArraySlice<ScheduledOpening>, _ outcomes: [Outcome], of due: DueOccurrence
    ) -> Result<String, Fault> {
        var refusals: [String] = []
        var failures: [String] = []
        for (opening, outcome) in zip(openings, outcomes) {
            let name = opening.key.isEmpty ? "" : "\(opening.key): "
            switch outcome {
            case .done, .gone: break
            case .refused(let refusal): refusals.append("\(name)\(refusal.message)")
            case .failed(let reason): failures.append("\(name)\(reason)")
            case .busy: failures.append("\(name)the instance is held")
            }
        }
        guard failures.isEmpty else { return .failure(Fault(reason: failures.joined(separator: "\n"))) }
        guard !refusals.isEmpty else { return .success("") }
        logger.warning(
            "openings of a schedule were refused",
            metadata: metadata(due, "\(refusals.joined(separator: "; "))"))
        return .success("At \(due.at) were refused: " + refusals.joined(separator: "\n"))
    }

    // MARK: - What is not opened

    /// Goes on to a later occurrence where too many were missed.
    private func leaveOut(
        _ due: DueOccurrence, upTo next: Instant, on connection: PostgresConnection
    ) async throws(PostgresError) -> Bool {
        let remark = "More than \(CatchUp.limit) occurrences were missed: those from \(due.at) to \(next) are left out."
        logger.warning("occurrences of a schedule are left out", metadata: metadata(due, remark))
        try await connection.execute(ScheduleQueries.advance(due, to: next, remark: remark))
        return true
    }

    private func fail(
        _ due: DueOccurrence, _ reason: String, on connection: PostgresConnection
    ) async throws(PostgresError) {
        logger.error("an occurrence of a schedule could not be opened", metadata: metadata(due, reason))
        let now = now
        resting.withLock { resting in
            let attempts = (resting[due.definition]?.attempts ?? 0) + 1
            resting[due.definition] = Rest(attempts: attempts, until: now + Self.rest.wait(after: attempts))
        }
        try await connection.execute(ScheduleQueries.fail(due, reason: reason))
    }

    private func metadata(_ due: DueOccurrence, _ reason: String) -> Logger.Metadata {
        [
            "tenant": "\(due.definition.tenant)", "workflow": "\(due.definition.name)", "occurrence": "\(due.at)",
            "reason": "\(reason)",
        ]
    }
}
