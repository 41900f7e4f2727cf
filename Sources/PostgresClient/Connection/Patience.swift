/// How far a call may be interrupted.
public enum Patience: Sendable {
    /// Cancelled with its task, and after the connection's `statementTimeout`.
    case standard
    /// Cancelled with its task, and after the given time.
    case atMost(Duration)
    /// Cancelled after the given time, but not with its task: for what tidies up.
    case uncancelled(Duration)
    /// Neither cancelled nor timed out: for COMMIT, and what contains one.
    case unlimited

    var isCancellable: Bool {
        switch self {
        case .standard, .atMost: true
        case .uncancelled, .unlimited: false
        }
    }

    /// When the time is over, if ever.
    func deadline(standard: Duration?) -> ContinuousClock.Instant? {
        switch self {
        case .standard: standard.map { .now + $0 }
        case .atMost(let limit), .uncancelled(let limit): .now + limit
        case .unlimited: nil
        }
    }
}
