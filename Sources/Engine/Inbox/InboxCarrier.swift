import Logging
import PostgresClient
import Synchronization
import Workflows

/// Carries messages between instances and opens children: in order for each target, each once.
///
/// A message is taken in the transaction that steps its target. All messages of one target go through one
/// loop at a time, oldest first; one that cannot be taken holds up those behind it, and no others.
final class InboxCarrier: Sendable {
    /// How long a message rests after an attempt that failed.
    static let rest = Backoff(first: .seconds(1), factor: 2, longest: .seconds(60))
    /// The most messages of one target in a batch.
    static let perTarget = 50

    struct Agenda: Sendable {
        var rota: ClaimRota<Int64>
        var held = HeldItems<InstanceKey>()
        var care: Carefulness
    }

    let engine: Engine
    let logger: Logger
    private let agenda: Mutex<Agenda>
    private let bell = Doorbell()
    private let started = ContinuousClock.now
    private let isStopping = Atomic<Bool>(false)

    init(engine: Engine, limits: ClaimRota<Int64>.Limits, care: Carefulness) {
        self.engine = engine
        logger = engine.configuration.logger
        agenda = Mutex(Agenda(rota: ClaimRota(limits: limits), care: care))
    }

    private var now: Duration { ContinuousClock.now - started }

    /// Whether messages are taken one by one.
    var isCareful: Bool { agenda.withLock { $0.care.isCareful } }

    /// Messages may wait.
    func hint() {
        agenda.withLock { $0.rota.hint(at: now) }
        bell.ring()
    }

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
                if let wait = try await work(&kept) { await bell.wait(atMost: wait) }
                troubles = 0
            } catch {
                troubles += 1
                logger.warning("messages wait for the database", metadata: ["error": "\(error)"])
                await kept.reset()
                await bell.wait(atMost: Backoff.ofDatabase.wait(after: troubles))
            }
        }
        await kept.close()
    }

    /// Does the next thing; says how long there is nothing to do.
    private func work(_ kept: inout KeptConnection) async throws(PostgresError) -> Duration? {
        let begun = now
        let (retried, alone, step, nextHeld) = agenda.withLock { agenda in
            let retried = agenda.held.takeDue(at: begun, limit: agenda.rota.limits.batch)
            let alone = retried.isEmpty ? agenda.held.takeAlone(at: begun) : nil
            let step = retried.isEmpty && alone == nil ? agenda.rota.next(at: begun) : nil
            if case .wait? = step { agenda.care.foundNothing() }
            return (retried, alone, step, agenda.held.nextAt)
        }
        if case .wait(let until)? = step { return min(until, nextHeld ?? until) - begun }
        let connection = try await kept.get()
        if let alone {
            defer { agenda.withLock { $0.held.aloneEnded() } }
            try await carry(to: [alone], locking: .wait(.milliseconds(500)), on: connection)
            return nil
        }
        switch step {
        case nil: try await carry(to: retried, locking: .skip, on: connection)
        case .survey?:
            let marks = agenda.withLock { $0.rota.marks }
            let rows = try await connection.query(InboxQueries.survey(marks: marks))
            let tenants = try rows.decode((Identifier).self)
            let now = now
            agenda.withLock { $0.rota.surveyed(tenants, next: nil, took: now - begun, at: now) }
        case .recheck?:
            let marks = agenda.withLock { $0.rota.marks }
            let low = try await connection.query(InboxQueries.recheck(marks: marks)).decode((Identifier, Int64).self)
            let now = now
            agenda.withLock { agenda in
                agenda.rota.rechecked(low.map { ($0.0, $0.1 - 1) }, took: now - begun, at: now)
            }
        case .claim(let shares)?: try await claim(shares, on: connection)
        case .wait?: break
        }
        return nil
    }

    private func claim(_ shares: [InboxQueries.Share], on connection: PostgresConnection) async throws(PostgresError) {
        do throws(PostgresError) {
            let rows = try await connection.query(InboxQueries.window(shares))
            let window = try rows.decode((Identifier, Int64, Identifier).self)
            agenda.withLock { agenda in
                for share in shares {
                    let positions = window.filter { $0.0 == share.tenant }.map(\.1)
                    agenda.rota.claimed(share, count: positions.count, last: positions.max())
                }
            }
            let targets = Set(window.map { InstanceKey(tenant: $0.0, id: $0.2) })
            try await carry(to: targets.sorted(), locking: .skip, on: connection)
        } catch {
            agenda.withLock { $0.rota.failed(shares) }
            throw error
        }
    }

    // MARK: - Carrying

    /// Steps targets with their oldest messages, in one transaction.
    private func carry(
        to targets: [InstanceKey], locking: Locking, on connection: PostgresConnection
    ) async throws(PostgresError) {
        let isCareful = agenda.withLock { $0.care.isCareful }
        let rows = try await connection.query(
            InboxQueries.messages(of: targets, limit: isCareful ? 1 : Self.perTarget))
        let messages = try InboxQueries.messages(rows)
        // Behind a message that rests, all others of its target wait.
        var resting: Set<InstanceKey> = []
        var ready: [InboxMessage] = []
        for message in messages {
            if message.isResting { resting.insert(message.key) }
            if !resting.contains(message.key) { ready.append(message) }
        }
        let idle = Set(targets).subtracting(ready.map(\.key))
        agenda.withLock { agenda in for target in idle { agenda.held.ended(target) } }
        if isCareful {
            for message in ready { try await takeCarefully(message, on: connection) }
        } else {
            try await take(ready, locking: locking, on: connection)
        }
        // A target with more than was read is read again.
        let counts = Dictionary(grouping: messages, by: \.key).mapValues(\.count)
        let now = now
        if counts.values.contains(where: { $0 >= (isCareful ? 1 : Self.perTarget) }) {
            agenda.withLock { agenda in
                for (target, count) in counts where count >= (isCareful ? 1 : Self.perTarget) {
                    agenda.rota.lower(target.tenant, to: 0, at: now)
                }
            }
        }
    }

    /// Commits that a message is about to be taken, then takes it: should the process end in it, it rests long.
    private func takeCarefully(_ message: InboxMessage, on connection: PostgresConnection) async throws(PostgresError) {
        let rest = Backoff(first: .seconds(1), factor: 8, longest: .seconds(3600)).wait(after: message.attempts + 1)
        try await connection.execute(InboxQueries.attempt(message, error: "the process ended in it", rest: rest))
        var tried = message
        tried.attempts += 1
        try await take([tried], locking: .wait(.milliseconds(500)), on: connection)
        agenda.withLock { $0.care.survived() }
    }

    private func take(
        _ messages: [InboxMessage], locking: Locking, on connection: PostgresConnection
    ) async throws(PostgresError) {
        var readable: [InboxMessage] = []
        var jobs: [Job] = []
        var broken: Set<InstanceKey> = []
        for message in messages where !broken.contains(message.key) {
            do throws(CorruptRow) {
                jobs.append(Job(try message.command))
                readable.append(message)
            } catch {
                broken.insert(message.key)
                try await rest(message, reason: error.description, on: connection)
            }
        }
        guard !jobs.isEmpty else { return }
        do throws(BatchFailure) {
            let result = try await engine.transaction.run(jobs, locking: locking, on: connection)
            engine.configuration.onCommit(result.hints)
            try await sort(readable, result.outcomes, on: connection)
        } catch {
            await connection.rollback()
            try await recover(readable, locking, error, on: connection)
        }
    }

    private func sort(
        _ messages: [InboxMessage], _ outcomes: [Outcome], on connection: PostgresConnection
    ) async throws(BatchFailure) {
        let now = now
        var failures: [(InboxMessage, String)] = []
        var held: Set<InstanceKey> = []
        for (message, outcome) in zip(messages, outcomes) {
            switch outcome {
            case .done, .gone: break
            case .busy: held.insert(message.key)
            case .failed(let reason): failures.append((message, reason))
            case .refused(let refusal) where refusal.code == Rejection.suspended.code:
                failures.append((message, refusal.message))
            case .refused(let refusal):
                logger.warning(
                    "a message was refused",
                    metadata: [
                        "tenant": "\(message.tenant)", "instance": "\(message.target)", "source": "\(message.source)",
                        "reason": "\(refusal.message)",
                    ])
            }
        }
        let failed = Set(failures.map(\.0.key))
        agenda.withLock { agenda in
            for key in Set(messages.map(\.key)) {
                if held.contains(key), !failed.contains(key) {
                    agenda.held.wasLocked(key, at: now)
                } else {
                    agenda.held.ended(key)
                }
            }
        }
        do throws(PostgresError) {
            for (message, reason) in failures { try await rest(message, reason: reason, on: connection) }
            let gone = zip(messages, outcomes).filter { message, outcome in
                guard message.attempts > 0 else { return false }
                if case .done = outcome { return true } else { return false }
            }
            if !gone.isEmpty { try await connection.execute(InboxQueries.forget(gone.map(\.0))) }
        } catch {
            throw BatchFailure(cause: error, isCommitSent: false)
        }
    }

    private func recover(
        _ messages: [InboxMessage], _ locking: Locking, _ failure: BatchFailure,
        on connection: PostgresConnection
    ) async throws(PostgresError) {
        if failure.cause.state == .lockNotAvailable {
            let now = now
            return agenda.withLock { agenda in
                for key in Set(messages.map(\.key)) { agenda.held.wasLocked(key, at: now) }
            }
        }
        switch Recovery.decide(failure, count: messages.count, tries: 3, isExpired: true) {
        case .bisect:
            // Halves keep the order: what stands behind a failure in the first half is found resting in the second.
            let middle = messages.count / 2
            try await take(Array(messages[..<middle]), locking: locking, on: connection)
            let done = Set(messages[..<middle].map(\.key))
            try await take(messages[middle...].filter { !done.contains($0.key) }, locking: locking, on: connection)
            let now = now
            agenda.withLock { agenda in
                for key in done.intersection(messages[middle...].map(\.key)) {
                    agenda.held.wasLocked(key, at: now)
                }
            }
        case .giveUp(.failed):
            for message in messages { try await rest(message, reason: "\(failure.cause)", on: connection) }
        case .giveUp, .retry, .verify: throw failure.cause
        }
    }

    /// Writes down why a message could not be taken; it is looked at again when its rest is over.
    private func rest(
        _ message: InboxMessage, reason: String, on connection: PostgresConnection
    ) async throws(PostgresError) {
        logger.error(
            "a message could not be taken",
            metadata: [
                "tenant": "\(message.tenant)", "instance": "\(message.target)", "source": "\(message.source)",
                "attempts": "\(message.attempts + 1)", "error": "\(reason)",
            ])
        try await connection.execute(
            InboxQueries.attempt(message, error: reason, rest: Self.rest.wait(after: message.attempts + 1)))
    }
}
