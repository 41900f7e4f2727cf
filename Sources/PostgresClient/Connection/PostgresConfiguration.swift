/// How to connect, and how connections behave.
public struct PostgresConfiguration: Sendable {
    /// A connection string as libpq understands it: `host=… dbname=…` or `postgresql://…`, with several hosts,
    /// `target_session_attrs`, `sslmode` and all else; what it leaves out comes from libpq's environment variables.
    public var conninfo: String
    /// Settings of the session, such as `search_path`, `role` or `lock_timeout`.
    public var settings: [String: String] = [:]
    /// What `pg_stat_activity` shows, unless the connection string says it.
    public var applicationName = "reeve"
    /// How long connecting may take, all hosts together.
    ///
    /// A single host is given its share, but at least two seconds, unless the connection string has a
    /// `connect_timeout`.
    public var connectTimeout: Duration = .seconds(10)
    /// How long a statement or pipeline may take unless the call says otherwise; nil for no limit.
    public var statementTimeout: Duration?
    /// How long a cancelled statement may take to end before the connection is given up.
    public var cancellationGrace: Duration = .seconds(5)
    /// How many prepared statements a connection keeps; the least recently used one goes first.
    public var statementCacheCapacity = 256
    /// Called with each notice or warning, on the connection's thread: return quickly.
    public var onNotice: (@Sendable (PostgresNotice) -> Void)?

    /// Creates a configuration from a connection string.
    public init(_ conninfo: String) { self.conninfo = conninfo }
}
