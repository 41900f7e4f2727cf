import PostgresClient

/// What to do about a batch that was not committed.
///
/// Pure, so that every failure can be tried without a database.
enum Recovery: Equatable {
    /// Try the same commands again after a pause; on a new connection where the old one is of no use any more.
    case retry(after: Duration, reconnects: Bool)
    /// Nobody knows whether it was committed: look for what it has written, on a new connection, waiting for locks.
    case verify(after: Duration)
    /// One of the commands offends the database: try both halves by themselves.
    case bisect
    /// Give up: nothing was written.
    case giveUp(Reason)

    enum Reason: Equatable {
        case unavailable
        case outcomeUnknown
        case failed
    }

    /// Decides.
    ///
    /// - Parameters:
    ///   - failure: what went wrong.
    ///   - count: how many commands the batch has.
    ///   - tries: how often these commands have been tried, this time included.
    ///   - isExpired: whether the oldest command has waited as long as it may.
    static func decide(_ failure: BatchFailure, count: Int, tries: Int, isExpired: Bool) -> Recovery {
        let pause = pause(afterTries: tries)
        let cause = failure.cause
        if failure.isCommitSent, cause.isOutcomeUnknown {
            return isExpired ? .giveUp(.outcomeUnknown) : .verify(after: pause)
        }
        switch cause {
        case .connectionLost, .connectFailed, .timeout, .closed, .poolExhausted, .cancelled, .commitUnconfirmed:
            return isExpired ? .giveUp(.unavailable) : .retry(after: pause, reconnects: true)
        case .server(let error):
            switch error.state {
            case .serializationFailure, .deadlockDetected, .lockNotAvailable:
                return isExpired ? .giveUp(.unavailable) : .retry(after: pause, reconnects: false)
            case .adminShutdown, .crashShutdown, .cannotConnectNow, .tooManyConnections, .readOnlySQLTransaction,
                .idleInTransactionSessionTimeout:
                return isExpired ? .giveUp(.unavailable) : .retry(after: pause, reconnects: true)
            case .uniqueViolation where tries < 3:
                // Somebody was quicker with the same key or identifier: the next look finds what they wrote.
                return .retry(after: .zero, reconnects: false)
            default:
                // The database's clock was set back between the transaction's beginning and its end.
                if error.message.hasSuffix("was not recorded by the clock of this transaction") {
                    return isExpired ? .giveUp(.unavailable) : .retry(after: pause, reconnects: false)
                }
                return count > 1 ? .bisect : .giveUp(.failed)
            }
        case .decoding, .encoding, .misuse:
            return count > 1 ? .bisect : .giveUp(.failed)
        }
    }

    /// 10 ms, doubling to one second.
    static func pause(afterTries tries: Int) -> Duration {
        .milliseconds(min(1000, 10 << min(max(tries, 1) - 1, 7)))
    }
}
