import Deadlines
import Glibc
import Logging
import PostgresClient
import ServiceLifecycle
import Synchronization

/// What a commit has left to do, told to this process's worker at once and to other processes as a hint.
///
/// Nothing is notified inside a transaction, which would serialise commits. After it, at most twenty notifications a
/// second leave, each for all commits since the last; a hint may be lost, since every worker also looks once
/// a second. For the same reason a timer that is due later than that is not worth one.
public final class WakeUps: Service {
    /// The channel of PostgreSQL that hints travel on.
    public static let channel = "reeve_work"

    /// What there is to do; the payload of a hint holds the letters.
    struct Kinds: OptionSet, Sendable {
        let rawValue: Int
        static let timers = Kinds(rawValue: 1)
        static let messages = Kinds(rawValue: 2)
        static let deliveries = Kinds(rawValue: 4)

        private static let letters: [(Kinds, Character)] = [(.timers, "t"), (.messages, "m"), (.deliveries, "d")]

        var text: String { String(Self.letters.filter { contains($0.0) }.map(\.1)) }

        init(rawValue: Int) { self.rawValue = rawValue }

        init(text: String) { self = Kinds(Self.letters.filter { text.contains($0.1) }.map(\.0)) }
    }

    private struct State {
        var pending: Kinds = []
        var listener: (@Sendable (Kinds) -> Void)?
        var isStopping = false
    }

    private static let interval = Duration.milliseconds(50)
    private let database: PostgresConfiguration
    private let logger: Logger
    private let state = Mutex(State())
    private let bell = Doorbell()

    /// Prepares hints over a database.
    public init(database: PostgresConfiguration, logger: Logger = Logger(label: "reeve.wakeups")) {
        self.database = database.acting(as: "reeve_engine")
        self.logger = logger
    }

    /// Takes what a commit has left; give this to ``Engine/Configuration/onCommit``.
    @Sendable public func committed(_ hints: CommitHints) {
        var kinds: Kinds = []
        if let due = hints.earliestDue, due < .hostClock + .seconds(1) { kinds.insert(.timers) }
        if hints.hasMessages { kinds.insert(.messages) }
        if hints.hasDeliveries { kinds.insert(.deliveries) }
        var local = kinds
        if hints.earliestDue != nil { local.insert(.timers) }
        let (listener, wakes) = state.withLock { state in
            let wakes = state.pending.isEmpty && !kinds.isEmpty
            state.pending.formUnion(kinds)
            return (state.listener, wakes)
        }
        if !local.isEmpty { listener?(local) }
        if wakes { bell.ring() }
    }

    /// Says who works in this process.
    func tell(_ listener: @escaping @Sendable (Kinds) -> Void) {
        state.withLock { $0.listener = listener }
    }

    /// Sends hints until the task is cancelled or shut down gracefully.
    public func run() async {
        await withTaskCancellationHandler {
            await withGracefulShutdownHandler {
                await send()
            } onGracefulShutdown: {
                self.stop()
            }
        } onCancel: {
            stop()
        }
    }

    private func stop() {
        state.withLock { $0.isStopping = true }
        bell.ring()
    }

    private func send() async {
        var kept = KeptConnection(database)
        while !state.withLock({ $0.isStopping }) {
            let kinds = state.withLock { state in
                defer { state.pending = [] }
                return state.pending
            }
            guard !kinds.isEmpty else {
                await bell.wait(atMost: .seconds(3600))
                continue
            }
            do throws(PostgresError) {
                try await kept.get().execute("SELECT pg_notify(\(Self.channel), \(kinds.text))")
            } catch {
                // Only a hint: the workers look for themselves.
                logger.debug("a hint was not sent", metadata: ["error": "\(error)"])
                await kept.reset()
            }
            try? await Task.sleep(for: Self.interval)
        }
        await kept.close()
    }

    /// Hears the hints of other processes, until the task is cancelled.
    func hear() async {
        var kept = KeptConnection(database)
        var troubles = 0
        while !Task.isCancelled {
            do throws(PostgresError) {
                for await notification in try await kept.get().listen(Self.channel) {
                    troubles = 0
                    let kinds = Kinds(text: notification.payload)
                    state.withLock { $0.listener }?(kinds)
                }
            } catch {
                logger.debug("hints cannot be heard", metadata: ["error": "\(error)"])
            }
            if Task.isCancelled { break }
            troubles += 1
            await kept.reset()
            try? await Task.sleep(
                for: Backoff(first: .milliseconds(100), factor: 2, longest: .seconds(10)).wait(after: troubles))
        }
        await kept.close()
    }
}

extension Instant {
    /// This host's clock: good for hints and names; what is due, only the database's clock says.
    static var hostClock: Instant {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Instant(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }
}
