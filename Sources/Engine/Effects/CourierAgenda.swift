import Workflows

/// A delivery that is ready to be sent.
struct ReadyDelivery: Sendable {
    var row: OutboxRow
    var delivery: Delivery
    var transport: any Transport
}

/// What a worker knows of the outbox and of the destinations, and what it does next.
struct CourierAgenda: Sendable {
    /// What to do about a delivery whose destination is known.
    enum Admission: Sendable, Equatable {
        /// Send it; it must be reported as ended.
        case send
        /// Its destination is full: it is kept, and sent when another has ended.
        case kept
        /// Put it back, not counted as an attempt.
        case postpone(Duration)
    }

    /// What to do about a delivery that was kept.
    enum Turn: Sendable {
        case send(ReadyDelivery)
        case postpone(ReadyDelivery, Duration)
    }

    /// After this long a delivery that was kept is put back: its lease must last until its attempt has ended.
    static let longestKept = Duration.seconds(25)

    var rota: ClaimRota<OutboxPlace>
    private let policy: DeliveryPolicy
    private var breakers: [DestinationKey: Breaker] = [:]
    private var underWay: [DestinationKey: Int] = [:]
    /// When something last began or ended at a destination that is busy.
    private var moved: [DestinationKey: Duration] = [:]
    private var kept: [DestinationKey: [(ready: ReadyDelivery, since: Duration)]] = [:]
    private(set) var total = 0

    init(policy: DeliveryPolicy, limits: ClaimRota<OutboxPlace>.Limits = .init()) {
        self.policy = policy
        rota = ClaimRota(limits: limits)
    }

    /// How many more deliveries may be under way.
    var room: Int { max(0, policy.concurrency - total) }

    /// Judges whether a delivery may be sent now.
    ///
    /// A few are kept for a destination that is full, so that one that is quick never idles; more would keep others from
    /// being claimed, and be late by their lease should the worker die.
    mutating func admit(_ ready: ReadyDelivery, at now: Duration) -> Admission {
        let key = ready.row.way
        if underWay[key, default: 0] >= policy.concurrencyPerDestination {
            guard kept[key, default: []].count < policy.keptPerDestination else {
                // The longer nothing has moved there, the longer what waits for it is left alone.
                return .postpone(min(max(now - moved[key, default: now], .seconds(1)), .seconds(10)))
            }
            kept[key, default: []].append((ready, now))
            return .kept
        }
        switch breakers[key, default: Breaker()].admit(at: now) {
        case .pass:
            begin(key, at: now)
            return .send
        case .wait(let until): return .postpone(max(until - now, .milliseconds(100)))
        }
    }

    /// Says what to do about the first delivery that is kept for a destination, one of whose deliveries has ended.
    ///
    /// - Parameter isStopping: whether nothing more is to be sent.
    /// - Returns: nil where none is kept.
    mutating func turn(of key: DestinationKey, at now: Duration, isStopping: Bool) -> Turn? {
        guard var waiting = kept[key], !waiting.isEmpty else { return nil }
        let (ready, since) = waiting.removeFirst()
        kept[key] = waiting.isEmpty ? nil : waiting
        if isStopping || now - since > Self.longestKept { return .postpone(ready, .zero) }
        switch breakers[key, default: Breaker()].admit(at: now) {
        case .pass:
            begin(key, at: now)
            return .send(ready)
        case .wait(let until): return .postpone(ready, max(until - now, .milliseconds(100)))
        }
    }

    private mutating func begin(_ key: DestinationKey, at now: Duration) {
        if underWay[key] == nil { moved[key] = now }
        underWay[key, default: 0] += 1
        total += 1
    }

    /// A delivery ended.
    ///
    /// - Returns: The breaker where its state has changed.
    mutating func ended(_ key: DestinationKey, _ outcome: DeliveryOutcome, at now: Duration) -> Breaker? {
        total -= 1
        let left = underWay[key, default: 1] - 1
        underWay[key] = left > 0 ? left : nil
        moved[key] = left > 0 ? now : nil
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
