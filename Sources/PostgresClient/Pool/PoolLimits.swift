/// How many connections a pool keeps, and for how long.
public struct PoolLimits: Sendable {
    /// How many are kept open even when nobody needs them; `PostgresPool.run` sees to it.
    public var minimum = 0
    /// How many are open at most.
    public var maximum = 10
    /// How many callers may wait; more are refused at once.
    public var maximumWaiting = 1000
    /// How long a caller waits at most.
    public var acquireTimeout: Duration = .seconds(10)
    /// After how long an idle connection beyond the minimum is closed.
    public var idleTimeout: Duration = .seconds(300)
    /// After how long a connection is replaced.
    public var maximumLifetime: Duration = .seconds(3600)
    /// After how long in idleness a connection is tried with a query before it is handed out.
    public var checkAfter: Duration = .seconds(30)
    /// How long that query may take.
    public var checkTimeout: Duration = .seconds(2)

    /// The usual limits, with at most so many connections.
    public init(minimum: Int = 0, maximum: Int = 10) {
        self.minimum = max(0, min(minimum, maximum))
        self.maximum = max(1, maximum)
    }
}

/// What a pool is doing, for metrics.
public struct PoolStatistics: Sendable, Hashable {
    /// Connections being made.
    public var opening = 0
    /// Connections that wait to be used.
    public var idle = 0
    /// Connections in use.
    public var leased = 0
    /// Callers that wait.
    public var waiting = 0
    /// What has happened since the pool was made.
    public var counts = PoolCounts()
}

/// What has happened since a pool was made.
public struct PoolCounts: Sendable, Hashable {
    /// Connections made.
    public var opened = 0
    /// Connections closed or lost.
    public var closed = 0
    /// Attempts to connect that failed.
    public var failed = 0
    /// Callers that got a connection.
    public var granted = 0
    /// Callers that waited too long.
    public var timedOut = 0
    /// Callers refused because too many waited.
    public var refused = 0
}
