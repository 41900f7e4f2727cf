/// How long an effect is tried before people have to look at it.
public struct DeliveryPolicy: Sendable {
    /// Attempts before it becomes a dead letter; the default spans about a day.
    public var attempts = 14
    /// The first wait; each following one is three times as long.
    public var firstWait = Duration.seconds(5)
    /// No wait is longer, but where the receiver asks for it.
    public var longestWait = Duration.seconds(4 * 3600)
    /// Deliveries under way at once, all destinations together.
    public var concurrency = 32
    /// Deliveries under way at once to one destination, so that one that hangs leaves room for others.
    public var concurrencyPerDestination = 4
    /// Deliveries claimed for one destination beyond those under way.
    public var keptPerDestination = 16

    /// Creates the default policy.
    public init() {}

    /// What to do about a delivery after an attempt.
    enum Verdict: Sendable, Equatable {
        case done(detail: String)
        case again(after: Duration, reason: String)
        case dead(reason: String)
    }

    /// Judges an outcome.
    ///
    /// - Parameters:
    ///   - attempt: The attempt that ended so, counted from 1.
    ///   - random: From 0 to 1.
    func verdict(on outcome: DeliveryOutcome, attempt: Int, random: Double) -> Verdict {
        switch outcome {
        case .delivered(let detail): return .done(detail: detail)
        case .refused(let reason): return .dead(reason: reason)
        case .retry(let reason, _) where attempt >= attempts:
            return .dead(reason: "given up after \(attempt) attempts: \(reason)")
        case .retry(let reason, let asked):
            let wait = Backoff(first: firstWait, factor: 3, longest: longestWait).wait(after: attempt, random: random)
            // A receiver may ask for more patience, but not for a week of it.
            return .again(after: max(wait, min(asked ?? .zero, .seconds(24 * 3600))), reason: reason)
        }
    }
}
