import Synchronization

/// Keeps whoever asks from asking more often than allowed.
///
/// Each key has a bucket that fills at the rate and holds two seconds' worth: a burst passes, a stream does not.
final class RateLimiter<Key: Hashable & Sendable>: Sendable {
    private struct Bucket {
        var level: Double
        var seen: ContinuousClock.Instant
    }

    /// Buckets that are full again say nothing and are swept when there are more than so many.
    private static var sweepSize: Int { 10_000 }
    /// Where even then there are more than so many, all begin anew: memory has a bound, whoever comes.
    private static var greatestSize: Int { 100_000 }

    private struct State {
        var buckets: [Key: Bucket] = [:]
        var nextSweep = RateLimiter.sweepSize
    }

    /// Requests a second; nil where there is no limit.
    let rate: Int?
    private let state = Mutex(State())

    init(rate: Int?) { self.rate = rate }

    /// Takes one request of a key; otherwise says after how many seconds the next may come.
    func admit(_ key: Key, at now: ContinuousClock.Instant = .now) -> Int? { ask(key, taking: 1, at: now) }

    /// Says after how many seconds a request may come, and takes nothing; nil where it may come now.
    func wait(of key: Key, at now: ContinuousClock.Instant = .now) -> Int? { ask(key, taking: 0, at: now) }

    private func ask(_ key: Key, taking amount: Double, at now: ContinuousClock.Instant) -> Int? {
        guard let rate = rate.map(Double.init) else { return nil }
        let capacity = rate * 2
        return state.withLock { state in
            if state.buckets.count > state.nextSweep { sweep(&state, capacity, rate, now) }
            var bucket = state.buckets[key] ?? Bucket(level: capacity, seen: now)
            bucket.level = min(capacity, bucket.level + max(0, bucket.seen.seconds(to: now)) * rate)
            bucket.seen = now
            let isAllowed = bucket.level >= 1
            if isAllowed { bucket.level -= amount }
            if bucket.level < capacity { state.buckets[key] = bucket }
            return isAllowed ? nil : Int(((1 - bucket.level) / rate).rounded(.up))
        }
    }

    private func sweep(_ state: inout State, _ capacity: Double, _ rate: Double, _ now: ContinuousClock.Instant) {
        state.buckets = state.buckets.filter { $0.value.level + $0.value.seen.seconds(to: now) * rate < capacity }
        if state.buckets.count > Self.greatestSize { state.buckets = [:] }
        state.nextSweep = max(Self.sweepSize, 2 * state.buckets.count)
    }
}

extension ContinuousClock.Instant {
    fileprivate func seconds(to later: ContinuousClock.Instant) -> Double {
        let (seconds, attoseconds) = duration(to: later).components
        return Double(seconds) + Double(attoseconds) / 1e18
    }
}
