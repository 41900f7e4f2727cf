import Logging
import Synchronization

/// Connections to one server, shared by many tasks.
///
/// Connections are made when they are needed. While `run()` runs, idle ones are also closed in time and the minimum
/// is kept.
public final class PostgresPool: Sendable {
    private struct State {
        var machine: PoolMachine
        var connections: [PoolMachine.ConnectionID: PostgresConnection] = [:]
        var waiters: [PoolMachine.WaiterID: Waiter] = [:]
        var lastFailure: PostgresError?
        var drained: [CheckedContinuation<Void, Never>] = []
    }

    private struct Waiter {
        var continuation: CheckedContinuation<Lease, any Error>
        /// Ends the wait in time.
        var timer: Task<Void, any Error>?
    }

    private struct Lease {
        var identifier: PoolMachine.ConnectionID
        var connection: PostgresConnection
    }

    /// How its connections are made.
    public let configuration: PostgresConfiguration
    /// Its limits.
    public let limits: PoolLimits
    private let logger: Logger
    private let state: Mutex<State>
    private let waiterNumbers = Atomic<UInt64>(0)

    /// Creates a pool; it connects when it is first used.
    public init(
        _ configuration: PostgresConfiguration, limits: PoolLimits = PoolLimits(),
        logger: Logger = Logger(label: "reeve.postgres")
    ) {
        self.configuration = configuration
        self.limits = limits
        self.logger = logger
        state = Mutex(State(machine: PoolMachine(limits: limits)))
    }

    /// What the pool is doing.
    public var statistics: PoolStatistics { state.withLock { $0.machine.statistics } }
}

// MARK: - Using connections

extension PostgresPool {
    /// Lends a connection to a body, which nobody else uses meanwhile.
    ///
    /// The body runs on the connection's thread where it is not bound to another; see
    /// `PostgresConnection.preferred`. A transaction that it leaves open is rolled back.
    ///
    /// - Throws: what the body throws; `PostgresError.poolExhausted`, `.connectFailed`, `.cancelled` or `.closed` when
    ///   there is no connection.
    public func withConnection<Value>(
        isolation: isolated (any Actor)? = #isolation,
        _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        let lease = try await acquire()
        return try await lease.connection.preferred { connection in
            let outcome: Result<Value, any Error>
            do {
                outcome = .success(try await body(connection))
            } catch {
                outcome = .failure(error)
            }
            let isUsable = await connection.tidy()
            act { $0.release(lease.identifier, isUsable: isUsable, now: .now) }
            return try outcome.get()
        }
    }

    /// Runs a body in a transaction on a connection of the pool; see `PostgresConnection.transaction`.
    ///
    /// - Throws: what the body throws, and what `withConnection` and `commit` throw.
    public func withTransaction<Value>(
        _ level: IsolationLevel = .readCommitted, readOnly: Bool = false,
        isolation: isolated (any Actor)? = #isolation,
        _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        try await withConnection { connection in
            try await connection.transaction(isolation: level, readOnly: readOnly, body)
        }
    }

    /// Runs one statement on a connection of the pool.
    ///
    /// - Throws: `PostgresError`.
    public func query(
        _ query: PostgresQuery, patience: Patience = .standard
    ) async throws(PostgresError) -> PostgresRows {
        try await narrowing { try await withConnection { try await $0.query(query, patience: patience) } }
    }

    /// Runs one statement on a connection of the pool and returns how many rows it touched.
    ///
    /// - Throws: `PostgresError`.
    @discardableResult
    public func execute(_ query: PostgresQuery, patience: Patience = .standard) async throws(PostgresError) -> Int {
        try await self.query(query, patience: patience).affected
    }

    /// Runs statements in one round trip on a connection of the pool; see `PostgresConnection.pipeline`.
    ///
    /// - Throws: `PostgresError`.
    public func pipeline(
        _ queries: [PostgresQuery], patience: Patience = .standard
    ) async throws(PostgresError) -> [PostgresRows] {
        try await narrowing { try await withConnection { try await $0.pipeline(queries, patience: patience) } }
    }

    private func narrowing<Value>(_ body: () async throws -> Value) async throws(PostgresError) -> Value {
        do {
            return try await body()
        } catch let error as PostgresError {
            throw error
        } catch {
            throw .misuse("\(error)")
        }
    }

    private func acquire() async throws -> Lease {
        let waiter = waiterNumbers.add(1, ordering: .relaxed).newValue
        let lease = try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                act {
                    $0.acquire(waiter, now: .now)
                } before: {
                    $0.waiters[waiter] = Waiter(continuation: continuation)
                }
                if Task.isCancelled { act { $0.giveUp(waiter, .cancelled) } }
                limitWait(of: waiter)
            }
        } onCancel: {
            act { $0.giveUp(waiter, .cancelled) }
        }
        return lease
    }

    private func limitWait(of waiter: PoolMachine.WaiterID) {
        guard state.withLock({ $0.waiters[waiter] != nil }) else { return }
        let timer = Task { [weak self, timeout = limits.acquireTimeout] in
            try await Task.sleep(for: timeout)
            self?.act { $0.giveUp(waiter, .timedOut) }
        }
        let isWaiting = state.withLock { state in
            state.waiters[waiter]?.timer = timer
            return state.waiters[waiter] != nil
        }
        if !isWaiting { timer.cancel() }
    }
}

// MARK: - Life

extension PostgresPool {
    /// Looks after idle connections until the task is cancelled or the pool closed.
    public func run() async {
        let pause = min(.seconds(1), limits.idleTimeout / 2)
        while !Task.isCancelled, !state.withLock({ $0.machine.isClosed }) {
            act { $0.tick(now: .now) }
            try? await Task.sleep(for: pause)
        }
    }

    /// Refuses all callers from now on, and returns when the connections that are out have come back.
    public func close() async {
        act { $0.close() }
        await withCheckedContinuation { waiter in
            state.withLock { $0.drained.append(waiter) }
            act { _ in [] }
        }
    }
}

// MARK: - Doing what the machine says

extension PostgresPool {
    /// Tells the machine what happened and does what it says.
    private func act(
        _ event: (inout PoolMachine) -> [PoolMachine.Action], before: (inout State) -> Void = { _ in }
    ) {
        var todo: [() -> Void] = []
        state.withLock { state in
            before(&state)
            for action in event(&state.machine) {
                if let work = prepare(action, &state) { todo.append(work) }
            }
            guard state.machine.isDrained, !state.drained.isEmpty else { return }
            let drained = state.drained
            state.drained = []
            todo.append { for waiter in drained { waiter.resume() } }
        }
        for work in todo { work() }
    }

    /// Updates what belongs to the action under the lock, and returns what is to be done outside it.
    private func prepare(_ action: PoolMachine.Action, _ state: inout State) -> (() -> Void)? {
        switch action {
        case .grant(let waiter, let identifier):
            guard let waiter = state.waiters.removeValue(forKey: waiter),
                let connection = state.connections[identifier]
            else { return nil }
            waiter.timer?.cancel()
            return { waiter.continuation.resume(returning: Lease(identifier: identifier, connection: connection)) }
        case .refuse(let waiter, let refusal):
            guard let waiter = state.waiters.removeValue(forKey: waiter) else { return nil }
            waiter.timer?.cancel()
            let error = self.error(refusal, state)
            return { waiter.continuation.resume(throwing: error) }
        case .close(let identifier):
            guard let connection = state.connections.removeValue(forKey: identifier) else { return nil }
            return { Task { await connection.close() } }
        case .open(let identifier):
            return { Task { await self.open(identifier) } }
        case .check(let identifier):
            guard let connection = state.connections[identifier] else { return nil }
            return { Task { await self.check(identifier, connection) } }
        case .retry(let pause):
            return {
                Task { [weak self] in
                    try await Task.sleep(for: pause)
                    self?.act { $0.retry(now: .now) }
                }
            }
        }
    }

    private func error(_ refusal: PoolMachine.Refusal, _ state: State) -> PostgresError {
        switch refusal {
        case .cancelled: return .cancelled
        case .closed: return .closed
        case .timedOut, .tooManyWaiting:
            if state.machine.failures > 0, let failure = state.lastFailure { return failure }
            let statistics = state.machine.statistics
            return .poolExhausted(
                PoolExhaustion(
                    leased: statistics.leased, waiting: statistics.waiting, refused: refusal == .tooManyWaiting))
        }
    }

    private func open(_ identifier: PoolMachine.ConnectionID) async {
        do throws(PostgresError) {
            let connection = try await PostgresConnection.connect(configuration)
            await connection.whenLost { [weak self] in self?.act { $0.lost(identifier, now: .now) } }
            act {
                $0.opened(identifier, now: .now)
            } before: {
                $0.connections[identifier] = connection
            }
        } catch {
            logger.warning("Connecting to PostgreSQL failed; trying again", metadata: ["error": "\(error)"])
            act {
                $0.openFailed(identifier)
            } before: {
                $0.lastFailure = error
            }
        }
    }

    private func check(_ identifier: PoolMachine.ConnectionID, _ connection: PostgresConnection) async {
        let answer = try? await connection.query("SELECT 1", patience: .atMost(limits.checkTimeout))
        act { $0.checked(identifier, isUsable: answer != nil, now: .now) }
    }
}
