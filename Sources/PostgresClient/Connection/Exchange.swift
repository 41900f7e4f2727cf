/// One trip to the server: what was sent, in order, and what came back so far.
final class Exchange {
    enum Step {
        /// Preparing the statement with the given index.
        case prepare(Int, StatementKey, name: String)
        /// Dropping a prepared statement that fell out of the cache.
        case deallocate
        /// Running the statement with the given index.
        case execute(Int, StatementKey)
        /// The end of a unit that fails as a whole.
        case sync
        /// A script of several statements, answered by several results.
        case script
    }

    enum Interruption {
        case cancelled
        case timedOut
    }

    let id: UInt64
    var steps: [Step] = []
    var position = 0
    /// The outcome of each statement; nil while unknown, or when one before it failed.
    var outcomes: [Result<PostgresRows, PostgresError>?]
    /// The results of a script.
    var scriptRows: [PostgresRows] = []
    var scriptError: PostgresError?
    var interruption: Interruption?
    /// Whether a request to cancel is on its way; the exchange cannot end before it has arrived.
    var isCancelling = false
    var isAnswered = false
    /// Whether anything was handed to libpq to be sent.
    var isSent = false
    var loss: PostgresError?
    var waiter: CheckedContinuation<Void, Never>?

    init(id: UInt64, statements: Int) {
        self.id = id
        outcomes = Array(repeating: nil, count: statements)
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

    /// The first failure, in the order of the statements.
    var failure: PostgresError? {
        for case .failure(let error)? in outcomes { return error }
        return loss
    }
}
