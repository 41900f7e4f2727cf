/// Keeps a worker from a destination that does not answer.
///
/// Closed, everything passes. After a run of failures it opens: nothing passes until a time has gone by, which doubles
/// with every failed probe. Then it is half open: one delivery passes as a probe and decides.
struct Breaker: Sendable, Equatable {
    enum State: Sendable, Equatable {
        case closed
        case open(until: Duration)
        case halfOpen
    }

    /// Failures in a row that open it.
    static let tolerance = 5
    /// How long it stays open.
    static let rest = Backoff(first: .seconds(15), factor: 2, longest: .seconds(600))

    private(set) var state = State.closed
    private(set) var failures = 0

    /// Whether a delivery may pass, and otherwise when to ask again; one that passes must be reported.
    mutating func admit(at now: Duration) -> Admission {
        switch state {
        case .closed: return .pass
        case .open(let until) where now >= until:
            state = .halfOpen
            return .pass
        case .open(let until): return .wait(until: until)
        case .halfOpen: return .wait(until: now + .seconds(5))
        }
    }

    enum Admission: Sendable, Equatable {
        case pass
        case wait(until: Duration)
    }

    /// The destination took a delivery, or refused the message itself: it is there.
    mutating func answered() {
        state = .closed
        failures = 0
    }

    /// The destination could not take a delivery.
    mutating func failed(at now: Duration) {
        failures += 1
        switch state {
        case .closed where failures < Self.tolerance: break
        case .closed, .halfOpen: state = .open(until: now + Self.rest.wait(after: failures - Self.tolerance + 1))
        // What was under way when it opened says nothing new.
        case .open: failures -= 1
        }
    }

    /// A delivery that had passed was given up before it was tried.
    mutating func abandoned(at now: Duration) {
        if state == .halfOpen { state = .open(until: now) }
    }
}
