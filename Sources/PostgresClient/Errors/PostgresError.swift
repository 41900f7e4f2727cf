/// Everything that can go wrong between a query and its rows.
public enum PostgresError: Error, Sendable, Hashable {
    /// The server refused a statement. The transaction, if any, is aborted: correct the cause, or see `isRetryable`.
    case server(ServerError)
    /// No connection could be made. Nothing was sent; try again later, or correct the connection string.
    case connectFailed(String)
    /// The connection broke. If something was sent its outcome is unknown: ask on a new connection, or repeat
    /// what is safe to repeat.
    case connectionLost(ConnectionLoss)
    /// The commit is durable on the primary, but its synchronous standby did not confirm it. Treat it as unknown.
    case commitUnconfirmed(PostgresNotice)
    /// Time ran out. A statement that was running was cancelled and had no effect.
    case timeout(Timeout)
    /// The Swift task was cancelled, and with it the statement, which had no effect.
    case cancelled
    /// A value was not what the caller asked for. A fault of the program or of the schema.
    case decoding(DecodingFailure)
    /// A parameter cannot be sent. Nothing was; a fault of the caller, or bad input.
    case encoding(EncodingFailure)
    /// No connection became free in time, or too many were waiting already. Shed load, or enlarge the pool.
    case poolExhausted(PoolExhaustion)
    /// The pool or connection was closed by this program.
    case closed
    /// The call itself makes no sense, such as COPY, which this client does not speak.
    case misuse(String)
}

/// A statement that the server refused.
@dynamicMemberLookup
public struct ServerError: Sendable, Hashable {
    /// What the server said.
    public var report: ServerMessage
    /// Which statement of a pipeline failed, counted from 0; 0 for a single one.
    public var statement: Int

    /// The fields of the report.
    public subscript<T>(dynamicMember path: KeyPath<ServerMessage, T>) -> T { report[keyPath: path] }
}

/// How a connection broke.
public struct ConnectionLoss: Sendable, Hashable {
    /// Whether any of the statements may have reached the server.
    public var sent: Bool
    /// What libpq or the server said about it.
    public var reason: String
}

/// Whose time ran out.
public enum Timeout: Sendable, Hashable {
    /// Connecting.
    case connect
    /// A statement or pipeline.
    case statement
}

/// A value that could not be decoded.
public struct DecodingFailure: Sendable, Hashable {
    /// The name of the column.
    public var column: String
    /// The position of the column, counted from 0; nil when no column has that name.
    public var index: Int?
    /// The PostgreSQL type of the column.
    public var type: PostgresType
    /// The Swift type that was asked for.
    public var target: String
    /// What was wrong.
    public var reason: String
}

/// A parameter that could not be encoded.
public struct EncodingFailure: Sendable, Hashable {
    /// The number of the parameter as in `$1`; nil when the statement itself is at fault.
    public var parameter: Int?
    /// What was wrong.
    public var reason: String
}

/// Why a pool had no connection to give.
public struct PoolExhaustion: Sendable, Hashable {
    /// The connections that are out.
    public var leased: Int
    /// The callers that wait.
    public var waiting: Int
    /// Whether the caller was refused at once, since too many waited already.
    public var refused: Bool
}

extension PostgresError {
    /// The code of the server's error, if it was one.
    public var state: SQLState? {
        if case .server(let error) = self { error.state } else { nil }
    }

    /// Whether the work may or may not have been done.
    ///
    /// A caller must ask before repeating it.
    public var isOutcomeUnknown: Bool {
        switch self {
        case .server(let error): SQLState.unknownOutcomes.contains(error.state)
        case .connectionLost(let loss): loss.sent
        case .commitUnconfirmed: true
        default: false
        }
    }

    /// Whether the same work, begun anew, may well succeed: it was not done, and the cause is a passing one.
    public var isRetryable: Bool {
        switch self {
        case .server(let error): SQLState.passing.contains(error.state)
        case .connectionLost(let loss): !loss.sent
        case .connectFailed, .timeout(.connect), .poolExhausted: true
        default: false
        }
    }
}

extension SQLState {
    fileprivate static let unknownOutcomes: Set<SQLState> = [
        .adminShutdown, .crashShutdown, .databaseDropped, .statementCompletionUnknown, .connectionFailure,
    ]
    fileprivate static let passing: Set<SQLState> = [
        .serializationFailure, .deadlockDetected, .lockNotAvailable, .cannotConnectNow, .tooManyConnections,
    ]
}

extension PostgresError: CustomStringConvertible {
    /// The error in one line, naming cause and way out.
    public var description: String {
        switch self {
        case .server(let error):
            error.statement == 0 ? "\(error.report)" : "\(error.report) (statement \(error.statement) of the pipeline)"
        case .connectFailed(let reason): "cannot connect to PostgreSQL: \(reason)"
        case .connectionLost(let loss):
            "the connection to PostgreSQL was lost \(loss.sent ? "after" : "before") sending: \(loss.reason)"
        case .commitUnconfirmed(let notice): "committed, but not confirmed by the standby: \(notice.message)"
        case .timeout(.connect): "connecting to PostgreSQL took too long"
        case .timeout(.statement): "the statement took too long and was cancelled"
        case .cancelled: "cancelled"
        case .decoding(let failure): "\(failure)"
        case .encoding(let failure): "\(failure)"
        case .poolExhausted(let pool):
            "no connection \(pool.refused ? "and too many waiting" : "became free in time"):"
                + " \(pool.leased) in use, \(pool.waiting) waiting"
        case .closed: "the connection or pool was closed"
        case .misuse(let reason): reason
        }
    }
}

extension DecodingFailure: CustomStringConvertible {
    /// Column, types and reason in one line.
    public var description: String {
        let place = index.map { "column \"\(column)\" (\($0))" } ?? "column \"\(column)\""
        return "\(place) of type \(type) cannot be read as \(target): \(reason)"
    }
}

extension EncodingFailure: CustomStringConvertible {
    /// Parameter and reason in one line.
    public var description: String {
        parameter.map { "parameter $\($0): \(reason)" } ?? reason
    }
}
