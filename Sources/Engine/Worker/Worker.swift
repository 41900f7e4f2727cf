import Deadlines
import Logging
import PostgresClient
import ServiceLifecycle
import Synchronization
import Workflows

/// Enforces clocks: steps what falls due, carries messages between instances, opens what schedules ask for, and
/// delivers what leaves.
///
/// Any number of workers may run on one database, each in a process of its own with an ``Engine`` that runs beside it.
public final class Worker: Service {
    /// How a worker is set up.
    public struct Configuration: Sendable {
        /// Connections that step timers at the same time.
        public var lanes = 2
        /// The most timers in one transaction.
        public var batch = 800
        /// How long deliveries are tried.
        public var delivery = DeliveryPolicy()
        /// The ways to the world outside.
        public var transports: [any Transport] = []
        /// Destinations for tenants that have none of that name, such as the installation's mail server as `mail`.
        public var destinations: [Destination] = []
        /// Keys that secrets of destinations are kept under.
        public var keys = SecretKeys.none
        /// URL of this installation for links in messages, without a slash at its end; nil for no links.
        public var address: String?
        /// How long a worker that is told to stop may take to finish what is under way.
        public var stopDeadline = Duration.seconds(20)

        /// Creates the default configuration, which delivers nothing.
        public init() {}
    }

    /// The worker's name in the database.
    public let id: Identifier
    private let engine: Engine
    private let wakeUps: WakeUps
    private let configuration: Configuration
    private let logger: Logger
    private let lastBeat = Mutex<ContinuousClock.Instant?>(nil)
    private let stopping = Doorbell()
    private let isStopping = Atomic<Bool>(false)

    /// Sets a worker up; nothing is done until it runs.
    ///
    /// - Parameter wakeUps: Those that the engine's commits are told to.
    public init(engine: Engine, wakeUps: WakeUps, configuration: Configuration = Configuration()) {
        id = .version7(at: .hostClock)
        self.engine = engine
        self.wakeUps = wakeUps
        self.configuration = configuration
        logger = engine.configuration.logger
    }

    /// Whether the worker has reached the database within the last fifteen seconds.
    public var isReady: Bool {
        lastBeat.withLock { $0.map { ContinuousClock.now - $0 < WorkerRegistry.silence } ?? false }
    }

    /// Works until the task is cancelled or shut down gracefully; what is under way by then is finished, within
    /// ``Configuration/stopDeadline``.
    public func run() async {
        // A task of its own, so that one that is cancelled still finishes its work and signs off.
        let working = Task { await work() }
        await withTaskCancellationHandler {
            await withGracefulShutdownHandler {
                await working.value
            } onGracefulShutdown: {
                self.stop()
            }
        } onCancel: {
            stop()
        }
    }

    private func stop() {
        isStopping.store(true, ordering: .relaxed)
        stopping.ring()
    }

    private func work() async {
        guard let crew = await muster() else { return }
        wakeUps.tell { kinds in crew.wake(kinds) }
        let working = Task { await crew.run() }
        let hearing = Task { await wakeUps.hear() }
        while !isStopping.load(ordering: .relaxed) {
            await beat(crew)
            await wait(WorkerRegistry.pulse)
        }
        wakeUps.tell { _ in }
        hearing.cancel()
        crew.stop()
        let deadline = Task { [configuration, logger] in
            try await Task.sleep(for: configuration.stopDeadline)
            logger.error("the worker did not finish in time; what is under way is broken off")
            working.cancel()
        }
        await working.value
        deadline.cancel()
        await leave()
    }

    /// Waits that long, or until told to stop.
    private func wait(_ duration: Duration) async {
        if !isStopping.load(ordering: .relaxed) { await stopping.wait(atMost: duration) }
    }

    // MARK: - Coming and going

    /// Enters the worker and finds out how carefully it has to go; nil where it is told to stop before that.
    private func muster() async -> Crew? {
        var tries = 0
        while !isStopping.load(ordering: .relaxed) {
            do {
                let (others, known) = try await engine.writers.withConnection { connection in
                    let others = try await WorkerRegistry.enter(
                        id, host: WorkerRegistry.hostName, on: connection)
                    if !others.unclean.isEmpty {
                        _ = try await connection.pipeline([TimerAttempts.forgetGone, InboxQueries.forgetGone])
                    }
                    let rows = try await connection.query(TimerAttempts.all)
                    return (others, try TimerAttempts.known(rows, alive: others.alive))
                }
                lastBeat.withLock { $0 = .now }
                return Crew(
                    engine: engine, worker: id, configuration: configuration, others: others, known: known)
            } catch {
                tries += 1
                logger.warning("the worker waits for the database", metadata: ["error": "\(error)"])
                await wait(Backoff.ofDatabase.wait(after: tries))
            }
        }
        return nil
    }

    private func beat(_ crew: Crew) async {
        let settled = crew.takeSettled()
        do {
            try await engine.writers.withConnection { connection in
                var statements = [WorkerRegistry.beat(id)]
                if !settled.isEmpty { statements += [WorkerRegistry.stop(settled), WorkerRegistry.tidy] }
                _ = try await connection.pipeline(statements, patience: .atMost(.seconds(10)))
            }
            lastBeat.withLock { $0 = .now }
        } catch {
            crew.giveBack(settled)
            logger.warning("the worker's heartbeat failed", metadata: ["error": "\(error)"])
        }
    }

    private func leave() async {
        do {
            // The engine's pool may be closed by now, and this task cancelled.
            let connection = try await PostgresConnection.connect(
                engine.configuration.database.acting(as: "reeve_engine"))
            try await connection.execute(WorkerRegistry.stop([id]), patience: .unlimited)
            await connection.close()
        } catch {
            logger.warning(
                "the worker could not sign off; the next one goes carefully", metadata: ["error": "\(error)"])
        }
    }
}
