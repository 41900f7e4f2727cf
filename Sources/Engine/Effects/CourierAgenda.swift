import Workflows

/// What a worker knows of the outbox and of the destinations, and what it does next.
struct CourierAgenda: Sendable {
    /// What to do about a delivery whose destination is known.
    enum Admission: Sendable, Equatable {
        /// Send it; it must be reported as ended.
        case send
        /// Put it back, not counted as an attempt.
        case postpone(Duration)
    }

    var rota: ClaimRota<OutboxPlace>
    private let policy: DeliveryPolicy
    private var breakers: [DestinationKey: Breaker] = [:]
    private var underWay: [DestinationKey: Int] = [:]
    private(set) var total = 0

    init(policy: DeliveryPolicy, limits: ClaimRota<OutboxPlace>.Limits = .init()) {
        self.policy = policy
        rota = ClaimRota(limits: limits)
    }

    /// How many more deliveries may be under way.
    var room: Int { max(0, policy.concurrency - total) }

    /// Judges whether a delivery may be sent now.
    mutating func admit(_ key: DestinationKey, at now: Duration) -> Admission {
        // One that is full is left for a second: what it holds up would hold up others too.
        guard underWay[key, default: 0] < policy.concurrencyPerDestination else { return .postpone(.seconds(1)) }
        switch breakers[key, default: Breaker()].admit(at: now) {
        case .pass:
            underWay[key, default: 0] += 1
            total += 1
            return .send
        case .wait(let until): return .postpone(max(until - now, .milliseconds(100)))
        }
    }

    /// A delivery ended.
    ///
    /// - Returns: The breaker where its state has changed.
    mutating func ended(_ key: DestinationKey, _ outcome: DeliveryOutcome, at now: Duration) -> Breaker? {
        total -= 1
        let left = underWay[key, default: 1] - 1
        underWay[key] = left > 0 ? left : nil
        let before = breakers[key] ?? Breaker()
        var breaker = before
        switch outcome {
        case .delivered, .refused: breaker.answered()
        // A receiver that says when to come back is there, and has said all that a breaker could.
        case .retry(_, .some): break
        case .retry(_, nil): breaker.failed(at: now)
        }
        breakers[key] = breaker == Breaker() ? nil : breaker
        return before.state == breaker.state ? nil : breaker
    }
}
