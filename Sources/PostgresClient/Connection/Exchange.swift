/// One trip to the server: what was sent, in order, and what came back so far.
///
/// The connection's thread alone touches it, as it does the connection and the thread's own queue: what is used for every
/// query goes without checks of exclusive access, which cost more than the access.
final class Exchange {
    enum Step {
        /// Preparing the statement with the given index.
        case prepare(Int, StatementKey, name: String)
        /// Dropping a prepared statement that fell out of the cache.
        case deallocate
        /// Running the statement with the given index.
        case execute(Int, name: String)
        /// The end of a unit that fails as a whole.
        case sync
        /// A script of several statements, answered by several results.
        case script
    }

    enum Interruption {
        case cancelled
        case timedOut
    }

    var id: UInt64
    @exclusivity(unchecked) var steps: [Step] = []
    @exclusivity(unchecked) var position = 0
    /// What each statement returned; nil while unknown, or when it or one before it failed.
    @exclusivity(unchecked) var answers: [PostgresRows?]
    /// Why statements failed, by their index.
    @exclusivity(unchecked) var failures: [Int: PostgresError] = [:]
    /// How many statements stand for good: a unit without BEGIN is committed by the sync after it, not before.
    @exclusivity(unchecked) var confirmed = 0
    /// The results of a script.
    var scriptRows: [PostgresRows] = []
    var scriptError: PostgresError?
    var interruption: Interruption?
    /// Whether a request to cancel is on its way; the exchange cannot end before it has arrived.
    var isCancelling = false
    @exclusivity(unchecked) var isAnswered = false
    /// Whether anything was handed to libpq to be sent.
    @exclusivity(unchecked) var isSent = false
    @exclusivity(unchecked) var loss: PostgresError?
    @exclusivity(unchecked) var waiter: CheckedContinuation<Void, Never>?

    init(id: UInt64, statements: Int) {
        self.id = id
        answers = Array(repeating: nil, count: statements)
        steps.reserveCapacity(statements + 1)
    }

    /// Lets go of one statement's answer and makes the object good for the next statement, which spares allocations.
    func reuse() {
        steps.removeAll(keepingCapacity: true)
        position = 0
        answers[0] = nil
        confirmed = 0
        isAnswered = false
        isSent = false
    }

    /// The step whose answer is expected.
    var step: Step? { position < steps.count ? steps[position] : nil }

    /// What a server error means, given that we may have asked for it.
    func error(_ message: ServerMessage, statement: Int) -> PostgresError {
        if message.state == .queryCanceled {
            switch interruption {
            case .cancelled: return .cancelled
            case .timedOut: return .timeout(.statement)
            case nil: break
            }
        }
        return .server(ServerError(report: message, statement: statement))
    }

    /// The last statement that has been run.
    var lastStatement: Int? {
        for step in steps[..<min(position, steps.count)].reversed() {
            if case .execute(let index, _) = step { return index }
        }
        return nil
    }

    /// What every statement returned.
    ///
    /// - Throws: The first failure, in the order of the statements.
    func all() throws(PostgresError) -> [PostgresRows] {
        if let first = failures.min(by: { $0.key < $1.key }) { throw first.value }
        if confirmed < answers.count { throw unanswered }
        var rows: [PostgresRows] = []
        rows.reserveCapacity(answers.count)
        for case let answer? in answers { rows.append(answer) }
        guard rows.count == answers.count else { throw unanswered }
        return rows
    }

    /// What one statement returned.
    func rows(of statement: Int) throws(PostgresError) -> PostgresRows {
        if let failure = failures[statement] { throw failure }
        guard let rows = answers[statement], statement < confirmed else { throw unanswered }
        return rows
    }

    private var unanswered: PostgresError { loss ?? .misuse("the server did not answer every statement") }
}
