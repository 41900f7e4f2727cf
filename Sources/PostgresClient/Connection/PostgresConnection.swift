import CLibPQ
import Glibc

/// One connection to a PostgreSQL server.
///
/// It has a thread of its own on which libpq is called; calls from other threads suspend and never block. Calls
/// made at the same time are served one after the other, but a transaction belongs to the connection, not to the
/// task: share connections through a `PostgresPool`.
public actor PostgresConnection {
    let configuration: PostgresConfiguration
    nonisolated let preference = SocketThread.Preference()
    @exclusivity(unchecked) var link: ServerLink?
    /// Why there is no link any more.
    var loss = ConnectionLoss(sent: false, reason: "not connected")
    var isClosedByUs = false
    @exclusivity(unchecked) var cache: StatementCache
    /// Names of prepared statements that fell out of the cache and are still to be dropped.
    @exclusivity(unchecked) var superfluous: [String] = []
    @exclusivity(unchecked) var current: Exchange?
    @exclusivity(unchecked) var exchanges: UInt64 = 0
    /// An exchange of one statement that went well and is over.
    @exclusivity(unchecked) var spare: Exchange?
    @exclusivity(unchecked) var turns = TurnQueue()
    @exclusivity(unchecked) var yields = Yields()
    var subscriptions = Subscriptions()
    var onLoss: (@Sendable () -> Void)?
    /// Whether a statement got an answer that its step did not account for.
    @exclusivity(unchecked) var hasResult = false

    /// The connection's own thread.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { preference.thread.asUnownedSerialExecutor() }

    init(_ configuration: PostgresConfiguration) {
        self.configuration = configuration
        cache = StatementCache(capacity: configuration.statementCacheCapacity)
    }
}

// MARK: - Queries

extension PostgresConnection {
    /// Runs one statement, prepared on its first use, and returns its rows.
    ///
    /// - Throws: `PostgresError`; after `.cancelled` and `.timeout` the connection can be used again.
    public func query(
        _ query: PostgresQuery, patience: Patience = .standard
    ) async throws(PostgresError) -> PostgresRows {
        let mayRetry = isIdle
        do {
            return try await one(query, patience: patience)
        } catch {
            guard mayRetry, error.isStaleStatement else { throw error }
            return try await one(query, patience: patience)
        }
    }

    /// Runs one statement for its effect and returns how many rows it touched.
    ///
    /// - Throws: `PostgresError`, as `query` does.
    @discardableResult
    public func execute(
        _ query: PostgresQuery, patience: Patience = .standard
    ) async throws(PostgresError) -> Int {
        try await self.query(query, patience: patience).affected
    }

    /// Runs statements in one round trip.
    ///
    /// When one fails the rest are not run; outside a transaction all of them are undone, inside one the
    /// transaction is aborted.
    ///
    /// - Throws: `PostgresError`; `.server` tells which statement it was.
    public func pipeline(
        _ queries: [PostgresQuery], patience: Patience = .standard
    ) async throws(PostgresError) -> [PostgresRows] {
        if queries.isEmpty { return [] }
        return try await unit(of: queries, patience: patience).all()
    }

    private func one(_ query: PostgresQuery, patience: Patience) async throws(PostgresError) -> PostgresRows {
        let exchange = try await unit(of: CollectionOfOne(query), patience: patience)
        let rows = try exchange.rows(of: 0)
        if exchange.interruption == nil {
            exchange.reuse()
            spare = exchange
        }
        return rows
    }

    /// Runs statements that fail as a whole.
    private func unit(
        of queries: some RandomAccessCollection<PostgresQuery>, patience: Patience
    ) async throws(PostgresError) -> Exchange {
        try Self.check(queries)
        return try await perform(statements: queries.count, patience: patience) {
            (link, exchange) throws(PostgresError) in
            var fresh: [StatementKey: String] = [:]
            for (index, query) in queries.enumerated() {
                try self.send(query, at: index, over: link, in: exchange, fresh: &fresh)
            }
            try self.sync(link, exchange)
        }
    }

    /// Runs statements in one round trip, each on its own: a failure does not keep the others from running, except
    /// inside a transaction.
    ///
    /// - Throws: `PostgresError` when none of them could be run.
    public func pipelineEach(
        _ queries: [PostgresQuery], patience: Patience = .standard
    ) async throws(PostgresError) -> [Result<PostgresRows, PostgresError>] {
        if queries.isEmpty { return [] }
        try Self.check(queries)
        let exchange = try await perform(statements: queries.count, patience: patience) {
            (link, exchange) throws(PostgresError) in
            for (index, query) in queries.enumerated() {
                var fresh: [StatementKey: String] = [:]
                try self.send(query, at: index, over: link, in: exchange, fresh: &fresh)
                try self.sync(link, exchange)
            }
        }
        return queries.indices.map { index in
            Result { () throws(PostgresError) in try exchange.rows(of: index) }
        }
    }

    /// Runs a script of any number of statements without parameters, as one transaction unless it says otherwise.
    ///
    /// Its rows can be read as `String` only.
    ///
    /// - Throws: `PostgresError`; the position in an error counts from the start of the script.
    @discardableResult
    public func simple(_ sql: String, patience: Patience = .standard) async throws(PostgresError) -> [PostgresRows] {
        guard !sql.holdsNUL else { throw .encoding(EncodingFailure(reason: "the SQL holds a NUL character")) }
        let exchange = try await perform(statements: 0, patience: patience) { (link, exchange) throws(PostgresError) in
            guard PQexitPipelineMode(link.raw) == 1, PQsendQuery(link.raw, sql) == 1 else {
                throw self.sendingFailed(link, exchange)
            }
            exchange.isSent = true
            exchange.steps.append(.script)
        }
        if let error = exchange.scriptError ?? exchange.loss { throw error }
        return exchange.scriptRows
    }

    private static func check(_ queries: some Collection<PostgresQuery>) throws(PostgresError) {
        for (index, query) in queries.enumerated() {
            if var fault = query.parameters.fault {
                if queries.count > 1 { fault.reason += " (statement \(index) of the pipeline)" }
                throw .encoding(fault)
            }
            guard !query.sql.holdsNUL else {
                throw .encoding(EncodingFailure(reason: "the SQL holds a NUL character"))
            }
        }
    }
}

extension PostgresError {
    /// Whether a prepared statement has to be prepared anew: its result changed, or the server forgot it.
    fileprivate var isStaleStatement: Bool {
        guard case .server(let error) = self else { return false }
        return error.report.isStaleStatement
    }
}

extension ServerMessage {
    var isStaleStatement: Bool {
        state == .invalidSQLStatementName || state == .featureNotSupported && routine == "RevalidateCachedQuery"
    }
}

extension String {
    /// Whether C would take it for shorter than it is.
    fileprivate var holdsNUL: Bool {
        utf8.withContiguousStorageIfAvailable { bytes in
            bytes.baseAddress.map { memchr($0, 0, bytes.count) != nil } ?? false
        } ?? utf8.contains(0)
    }
}
