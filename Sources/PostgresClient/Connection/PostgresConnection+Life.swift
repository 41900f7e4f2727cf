import CLibPQ
import Synchronization

extension PostgresConnection {
    /// Connects to a server.
    ///
    /// - Throws: `PostgresError.connectFailed`, `.timeout(.connect)` or `.cancelled`.
    public static func connect(_ configuration: PostgresConfiguration) async throws(PostgresError) -> PostgresConnection
    {
        let connection = PostgresConnection(configuration)
        // libpq walks through hosts, addresses and their timeouts itself only in a call that blocks: the
        // connection's thread, which has nothing else to do yet, makes it. Whoever waits may leave earlier.
        let race = Race<Result<Void, PostgresError>>()
        let opening = Task { race.end(await connection.open()) }
        let timer = Task {
            try await Task.sleep(for: configuration.connectTimeout)
            race.end(.failure(.timeout(.connect)))
        }
        let outcome = await withTaskCancellationHandler {
            await race.outcome()
        } onCancel: {
            race.end(.failure(.cancelled))
        }
        timer.cancel()
        _ = opening
        try outcome.get()
        return connection
    }

    private func open() -> Result<Void, PostgresError> {
        do throws(PostgresError) {
            let link = try ServerLink(configuration)
            self.link = link
            preference.thread.watch.socket = PQsocket(link.raw)
            preference.thread.watch.owner = self
            return .success(())
        } catch {
            return .failure(error)
        }
    }

    /// Closes the connection.
    ///
    /// A statement that runs is given up; closing twice does no harm.
    public func close() {
        isClosedByUs = true
        lose("closed")
    }

    /// Calls back once when the connection ends, at once if it has.
    func whenLost(_ callback: @escaping @Sendable () -> Void) {
        if link == nil { callback() } else { onLoss = callback }
    }

    /// Makes the connection fit for someone else: no open transaction, no channels.
    ///
    /// False when that is impossible.
    func tidy() async -> Bool {
        if link != nil, !isIdle { await rollback() }
        if !subscriptions.channels.isEmpty {
            subscriptions.finish()
            let patience = Patience.uncancelled(configuration.cancellationGrace)
            if (try? await simple("UNLISTEN *", patience: patience)) == nil { return false }
        }
        return link != nil
    }

    /// Whether the connection can still be used, as far as is known.
    public var isOpen: Bool { link != nil }

    /// Whether no transaction is open and nothing is being run.
    public var isIdle: Bool { link.map { PQtransactionStatus($0.raw) == PQTRANS_IDLE } ?? false }

    /// The server's version, such as 150018; 0 when there is no connection.
    public var serverVersion: Int { link.map { Int(PQserverVersion($0.raw)) } ?? 0 }

    /// The process identifier of the server's side; 0 when there is no connection.
    public var backendPID: Int32 { link.map { PQbackendPID($0.raw) } ?? 0 }

    /// Whether the connection is encrypted.
    public var isEncrypted: Bool { link.map { PQsslInUse($0.raw) == 1 } ?? false }

    /// A setting that the server reports, such as `server_encoding` or `in_hot_standby`.
    public func parameterStatus(_ name: String) -> String? {
        link.flatMap { PQparameterStatus($0.raw, name) }.map { String(cString: $0) }
    }

    /// Runs a body on the connection's thread, as part of the connection: the quickest way to many small statements.
    ///
    /// Long computations in it delay this connection only.
    public func run<Value: Sendable, Failure: Error>(
        _ body: @Sendable (isolated PostgresConnection) async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        try await body(self)
    }

    /// Runs a body with the connection's thread as its preferred place, which spares changing threads twice a
    /// query.
    ///
    /// Long computations in it delay this connection only.
    public func preferred<Value, Failure: Error>(
        isolation: isolated (any Actor)? = #isolation,
        _ body: (PostgresConnection) async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        // The preference must outlive the body, also when the body lets go of the connection.
        defer { withExtendedLifetime(preference) {} }
        return try await withTaskExecutorPreference(preference) { () async throws(Failure) -> Value in
            try await body(self)
        }
    }
}

/// Hands on the first of several outcomes; later ones are dropped.
private final class Race<Outcome: Sendable>: Sendable {
    private enum State {
        case open
        case awaited(CheckedContinuation<Outcome, Never>)
        case ended(Outcome)
    }

    private let state = Mutex(State.open)

    func end(_ outcome: Outcome) {
        let waiter: CheckedContinuation<Outcome, Never>? = state.withLock { state in
            switch state {
            case .open: state = .ended(outcome)
            case .awaited(let waiter):
                state = .ended(outcome)
                return waiter
            case .ended: break
            }
            return nil
        }
        waiter?.resume(returning: outcome)
    }

    func outcome() async -> Outcome {
        await withCheckedContinuation { waiter in
            let ended: Outcome? = state.withLock { state in
                if case .ended(let outcome) = state { return outcome }
                state = .awaited(waiter)
                return nil
            }
            if let ended { waiter.resume(returning: ended) }
        }
    }
}
