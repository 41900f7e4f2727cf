import Synchronization
import Workflows

/// Keeps a token from asking more often than it may.
///
/// Each token has a bucket that fills at the rate and holds two seconds' worth: a burst passes, a stream does not.
final class RateLimiter: Sendable {
    private struct Bucket {
        var level: Double
        var seen: ContinuousClock.Instant
    }

    /// Buckets that are full again say nothing and are swept when there are more than so many.
    private static let sweepSize = 10_000

    /// Requests a second; nil where there is no limit.
    let rate: Int?
    private let buckets = Mutex<[Identifier: Bucket]>([:])

    init(rate: Int?) { self.rate = rate }

    /// Takes one request of a token; otherwise says after how many seconds the next may come.
    func admit(_ token: Identifier, at now: ContinuousClock.Instant = .now) -> Int? {
        guard let rate = rate.map(Double.init) else { return nil }
        let capacity = rate * 2
        return buckets.withLock { buckets in
            if buckets.count > Self.sweepSize {
                buckets = buckets.filter { $0.value.level + $0.value.seen.seconds(to: now) * rate < capacity }
            }
            var bucket = buckets[token] ?? Bucket(level: capacity, seen: now)
            bucket.level = min(capacity, bucket.level + max(0, bucket.seen.seconds(to: now)) * rate)
            bucket.seen = now
            defer { buckets[token] = bucket }
            guard bucket.level < 1 else {
                bucket.level -= 1
                return nil
            }
            return Int(((1 - bucket.level) / rate).rounded(.up))
        }
    }
}

extension ContinuousClock.Instant {
    fileprivate func seconds(to later: ContinuousClock.Instant) -> Double {
        let (seconds, attoseconds) = duration(to: later).components
        return Double(seconds) + Double(attoseconds) / 1e18
    }
}
