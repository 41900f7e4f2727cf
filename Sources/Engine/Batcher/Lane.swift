import Logging
import PostgresClient

/// One connection with the commands that go through it, batch after batch.
///
/// The loop runs in a task of its own that nobody cancels: a caller that gives up waiting does not undo what others
/// have in the same transaction. What to do about failures is ``Recovery``'s to decide.
final class Lane: Sendable {
    let queue: LaneQueue
    private let transaction: BatchTransaction
    private let database: PostgresConfiguration
    private let locking: Locking
    private let batchLimit: Int
    private let patience: Duration
    private let logger: Logger
    private let onCommit: @Sendable (CommitHints) -> Void
    /// Takes a command whose instance another transaction holds.
    private let onBusy: @Sendable (Pending) -> Void

    init(
        transaction: BatchTransaction, database: PostgresConfiguration, locking: Locking, batchLimit: Int,
        capacity: Int, patience: Duration, logger: Logger, onCommit: @escaping @Sendable (CommitHints) -> Void,
        onBusy: @escaping @Sendable (Pending) -> Void
    ) {
        queue = LaneQueue(capacity: capacity)
        self.transaction = transaction
        self.database = database
        self.locking = locking
        self.batchLimit = batchLimit
        self.patience = patience
        self.logger = logger
        self.onCommit = onCommit
        self.onBusy = onBusy
    }

    /// Serves the queue until it is closed and empty.
    func run() async {
        var connection: PostgresConnection?
        while let batch = await queue.next(limit: batchLimit) {
            var parts = [(commands: batch, locking: locking)]
            while let part = parts.popLast() {
                let more = await attempt(part.commands, part.locking, on: &connection)
                parts.append(contentsOf: more.reversed())
            }
        }
        await connection?.close()
    }

    private typealias Part = (commands: [Pending], locking: Locking)

    /// Tries commands once and answers them, or says in which parts they are to be tried again.
    private func attempt(
        _ commands: [Pending], _ locking: Locking, on kept: inout PostgresConnection?
    ) async -> [Part] {
        var commands = commands
        for index in commands.indices { commands[index].tries += 1 }
        let failure: BatchFailure
        do throws(BatchFailure) {
            let connection = try await connect(&kept)
            let jobs = commands.map(\.job)
            let result = try await connection.preferred { (connection) async throws(BatchFailure) in
                try await transaction.run(jobs, locking: locking, on: connection)
            }
            deliver(result, to: commands)
            return []
        } catch {
            failure = error
        }
        return await recover(commands, locking, failure, &kept)
    }

    private func connect(_ kept: inout PostgresConnection?) async throws(BatchFailure) -> PostgresConnection {
        if let connection = kept, await connection.isOpen { return connection }
        do throws(PostgresError) {
            let connection = try await PostgresConnection.connect(database)
            kept = connection
            return connection
        } catch {
            throw BatchFailure(cause: error, isCommitSent: false)
        }
    }

    // MARK: - Answers

    private func deliver(_ result: BatchTransaction.Result, to commands: [Pending]) {
        onCommit(result.hints)
        for (pending, outcome) in zip(commands, result.outcomes) {
            switch outcome {
            case .done(let answer):
                logger.debug("a command was done", metadata: metadata(pending, ["sequence": "\(answer.sequence)"]))
                pending.answer.resume(returning: .success(answer))
            case .refused(let refusal):
                logger.debug("a command was refused", metadata: metadata(pending, ["code": "\(refusal.code)"]))
                pending.answer.resume(returning: .failure(.refused(refusal)))
            case .busy: onBusy(pending)
            case .gone:
                pending.answer.resume(returning: .failure(.failed("what it was to take away is gone")))
            case .failed(let reason):
                log(pending, reason)
                pending.answer.resume(returning: .failure(.failed(reason)))
            }
        }
    }

    private func log(_ pending: Pending, _ reason: String) {
        logger.error("a command failed", metadata: metadata(pending, ["error": "\(reason)"]))
    }

    private func metadata(_ pending: Pending, _ more: Logger.Metadata) -> Logger.Metadata {
        let command = pending.job.command
        let common: Logger.Metadata = [
            "tenant": "\(command.tenant)", "instance": "\(command.instance)", "act": "\(command.input.act.name)",
        ]
        return common.merging(more) { $1 }
    }

    // MARK: - Failures

    private func recover(
        _ commands: [Pending], _ locking: Locking, _ failure: BatchFailure,
        _ kept: inout PostgresConnection?
    ) async -> [Part] {
        var commands = commands
        let oldest = commands.map(\.since).min() ?? .now
        let recovery = Recovery.decide(
            failure, count: commands.count, tries: commands.map(\.tries).min() ?? 1,
            isExpired: ContinuousClock.now - oldest > patience)
        logger.warning(
            "a batch was not committed",
            metadata: [
                "error": "\(failure.cause)", "commands": "\(commands.count)", "recovery": "\(recovery)",
            ])
        switch recovery {
        case .retry(let pause, let reconnects):
            await abandon(&kept, closing: reconnects)
            try? await Task.sleep(for: pause)
            return [(commands, locking)]
        case .verify(let pause):
            for (index, attempt) in failure.attempts.enumerated() where attempt != nil {
                commands[index].job.attempt = attempt
            }
            await abandon(&kept, closing: true)
            try? await Task.sleep(for: pause)
            return [(commands, .wait(.seconds(5)))]
        case .bisect:
            await abandon(&kept, closing: false)
            let middle = commands.count / 2
            return [(Array(commands[..<middle]), locking), (Array(commands[middle...]), locking)]
        case .giveUp(let reason):
            await abandon(&kept, closing: reason != .failed)
            let error: CommandError =
                switch reason {
                case .unavailable: .unavailable("\(failure.cause)")
                case .outcomeUnknown: .outcomeUnknown("\(failure.cause)")
                case .failed: .failed("\(failure.cause)")
                }
            for pending in commands {
                if reason == .failed { log(pending, "\(failure.cause)") }
                pending.answer.resume(returning: .failure(error))
            }
            return []
        }
    }

    /// Rolls back, or gives the connection up.
    private func abandon(_ kept: inout PostgresConnection?, closing: Bool) async {
        guard let connection = kept else { return }
        if closing {
            await connection.close()
            kept = nil
        } else {
            await connection.rollback()
        }
    }
}
