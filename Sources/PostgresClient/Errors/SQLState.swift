/// The five-character code by which PostgreSQL classifies an error, as in appendix A of its manual.
public struct SQLState: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The five characters, such as `23505`.
    public let rawValue: String

    /// Creates a code from its five characters.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The five characters.
    public var description: String { rawValue }

    /// The first two characters, which name the class of the error.
    public var classCode: Substring { rawValue.prefix(2) }
}

extension SQLState {
    /// A warning without a code of its own.
    public static let warning = SQLState(rawValue: "01000")
    /// The server speaks of a feature it lacks; also a cached plan whose result type changed.
    public static let featureNotSupported = SQLState(rawValue: "0A000")
    /// The connection failed while the server was at work.
    public static let connectionFailure = SQLState(rawValue: "08006")
    /// A violation of the protocol between client and server.
    public static let protocolViolation = SQLState(rawValue: "08P01")
    /// A value out of the range of its type.
    public static let numericValueOutOfRange = SQLState(rawValue: "22003")
    /// Text that is not valid in the server's encoding.
    public static let characterNotInRepertoire = SQLState(rawValue: "22021")
    /// Text that does not parse as a value of the type.
    public static let invalidTextRepresentation = SQLState(rawValue: "22P02")
    /// Bytes that do not parse as a value of the type.
    public static let invalidBinaryRepresentation = SQLState(rawValue: "22P03")
    /// A constraint was violated, of a kind without a code of its own.
    public static let integrityConstraintViolation = SQLState(rawValue: "23000")
    /// A column that must not be NULL would have been.
    public static let notNullViolation = SQLState(rawValue: "23502")
    /// A row refers to one that does not exist, or would leave one behind that refers to it.
    public static let foreignKeyViolation = SQLState(rawValue: "23503")
    /// A row with the same key exists already.
    public static let uniqueViolation = SQLState(rawValue: "23505")
    /// A CHECK constraint was false.
    public static let checkViolation = SQLState(rawValue: "23514")
    /// An EXCLUDE constraint was violated.
    public static let exclusionViolation = SQLState(rawValue: "23P01")
    /// A statement that needs to be outside a transaction was inside one.
    public static let activeSQLTransaction = SQLState(rawValue: "25001")
    /// A write in a read-only transaction, as on a standby.
    public static let readOnlySQLTransaction = SQLState(rawValue: "25006")
    /// The transaction failed earlier; only ROLLBACK is accepted.
    public static let inFailedSQLTransaction = SQLState(rawValue: "25P02")
    /// The session waited too long inside a transaction and was ended.
    public static let idleInTransactionSessionTimeout = SQLState(rawValue: "25P03")
    /// The named prepared statement does not exist.
    public static let invalidSQLStatementName = SQLState(rawValue: "26000")
    /// The user may not connect.
    public static let invalidAuthorizationSpecification = SQLState(rawValue: "28000")
    /// The password was wrong.
    public static let invalidPassword = SQLState(rawValue: "28P01")
    /// The named database does not exist.
    public static let invalidCatalogName = SQLState(rawValue: "3D000")
    /// Two transactions got in each other's way: run the whole transaction again.
    public static let serializationFailure = SQLState(rawValue: "40001")
    /// Two transactions waited for each other: run the whole transaction again.
    public static let deadlockDetected = SQLState(rawValue: "40P01")
    /// A commit whose outcome the server itself does not know.
    public static let statementCompletionUnknown = SQLState(rawValue: "40003")
    /// The SQL does not parse.
    public static let syntaxError = SQLState(rawValue: "42601")
    /// The role may not do this.
    public static let insufficientPrivilege = SQLState(rawValue: "42501")
    /// The column does not exist.
    public static let undefinedColumn = SQLState(rawValue: "42703")
    /// The function or operator does not exist for these types.
    public static let undefinedFunction = SQLState(rawValue: "42883")
    /// The table does not exist.
    public static let undefinedTable = SQLState(rawValue: "42P01")
    /// The table exists already.
    public static let duplicateTable = SQLState(rawValue: "42P07")
    /// The named prepared statement exists already.
    public static let duplicatePreparedStatement = SQLState(rawValue: "42P05")
    /// The disk is full.
    public static let diskFull = SQLState(rawValue: "53100")
    /// The server is out of memory.
    public static let outOfMemory = SQLState(rawValue: "53200")
    /// All of the server's connections are taken.
    public static let tooManyConnections = SQLState(rawValue: "53300")
    /// A limit of the server was exceeded, such as the depth of its stack.
    public static let programLimitExceeded = SQLState(rawValue: "54000")
    /// The object is in use.
    public static let objectInUse = SQLState(rawValue: "55006")
    /// A lock could not be had at once, or within `lock_timeout`.
    public static let lockNotAvailable = SQLState(rawValue: "55P03")
    /// The query was cancelled, by request or by `statement_timeout`.
    public static let queryCanceled = SQLState(rawValue: "57014")
    /// An administrator ended the session, or is stopping the server.
    public static let adminShutdown = SQLState(rawValue: "57P01")
    /// Another process of the server crashed, and all sessions were ended.
    public static let crashShutdown = SQLState(rawValue: "57P02")
    /// The server is starting up or shutting down.
    public static let cannotConnectNow = SQLState(rawValue: "57P03")
    /// The database was dropped while the session was in it.
    public static let databaseDropped = SQLState(rawValue: "57P04")
    /// The session was idle for too long and was ended.
    public static let idleSessionTimeout = SQLState(rawValue: "57P05")
    /// An exception that a function raised.
    public static let raiseException = SQLState(rawValue: "P0001")
}
