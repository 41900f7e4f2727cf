import Logging
import PostgresClient
import Workflows

/// Takes commands and writes them in batches, several connections side by side.
///
/// Commands for one instance go through one lane, so that they are folded and do not wait for each other's locks. What
/// another transaction holds goes to a lane of its own that waits for it.
final class Batcher: Sendable {
    struct Configuration: Sendable {
        /// Connections that write at the same time.
        var lanes = 2
        /// The most commands in one transaction.
        var batchLimit = 256
        /// The most commands that may wait in one lane; more are refused as unavailable.
        var capacity = 10_000
        /// How long a command is tried while the database cannot be reached or its instance is held.
        var patience: Duration = .seconds(30)
        /// How long one attempt waits for the lock of an instance that is held.
        var lockTimeout: Duration = .milliseconds(500)
    }

    private let lanes: [Lane]
    private let slowLane: Lane

    init(
        _ configuration: Configuration, transaction: BatchTransaction, database: PostgresConfiguration, logger: Logger,
        onCommit: @escaping @Sendable (CommitHints) -> Void
    ) {
        let slowLane = Lane(
            transaction: transaction, database: database, locking: .wait(configuration.lockTimeout), batchLimit: 1,
            capacity: configuration.capacity, patience: configuration.patience, logger: logger, onCommit: onCommit,
            onBusy: { pending in
                pending.answer.resume(returning: .failure(.unavailable("the instance is held by another transaction")))
            })
        self.slowLane = slowLane
        lanes = (0..<max(1, configuration.lanes)).map { _ in
            Lane(
                transaction: transaction, database: database, locking: .skip, batchLimit: configuration.batchLimit,
                capacity: configuration.capacity, patience: configuration.patience, logger: logger, onCommit: onCommit,
                onBusy: { pending in _ = slowLane.queue.add(pending, isReturning: true) })
        }
    }

    /// Puts a command in its lane and waits for the answer.
    func submit(_ command: Command) async throws(CommandError) -> Answer {
        let key = command.key
        let lane = lanes[Int(truncatingIfNeeded: (key.id.low ^ key.id.high) % UInt64(lanes.count))]
        let result = await withCheckedContinuation { continuation in
            let pending = Pending(job: Job(command), since: .now, answer: continuation)
            if !lane.queue.add(pending) {
                continuation.resume(returning: .failure(.unavailable("too many commands are waiting")))
            }
        }
        return try result.get()
    }

    /// Serves all lanes until ``close()``, then finishes what waits.
    func run() async {
        let running = lanes.map { lane in Task.detached { await lane.run() } }
        let slow = Task.detached { [slowLane] in await slowLane.run() }
        for task in running { await task.value }
        slowLane.queue.close()
        await slow.value
    }

    /// Takes no more commands.
    func close() {
        for lane in lanes { lane.queue.close() }
    }

    /// How many commands wait, in all lanes.
    var waiting: Int { lanes.map(\.queue.count).reduce(slowLane.queue.count, +) }
}
