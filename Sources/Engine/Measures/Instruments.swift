import Synchronization

/// A number that only grows.
public final class Counter: Sendable {
    private let count = Atomic<UInt64>(0)

    /// Creates a counter at zero.
    public init() {}

    /// Adds to it.
    public func add(_ amount: Int = 1) { count.wrappingAdd(UInt64(max(amount, 0)), ordering: .relaxed) }

    /// What has been counted.
    public var value: UInt64 { count.load(ordering: .relaxed) }
}

/// A number that rises and falls.
public final class Level: Sendable {
    private let count = Atomic<Int>(0)

    /// Creates a level of zero.
    public init() {}

    /// Raises or lowers it.
    public func add(_ amount: Int) { count.wrappingAdd(amount, ordering: .relaxed) }

    /// How high it is.
    public var value: Int { count.load(ordering: .relaxed) }
}

/// How often a quantity fell into each of some ranges.
///
/// Cheap enough for the hot paths: three additions without a lock.
public final class Histogram: Sendable {
    /// The upper ends of the ranges, ascending; what lies above the last is counted too.
    public let bounds: [Double]
    private let counts: [Counter]
    /// The sum in millionths.
    private let sum = Counter()

    /// Creates a histogram.
    public init(bounds: [Double]) {
        self.bounds = bounds
        counts = (0...bounds.count).map { _ in Counter() }
    }

    /// Seconds from a millisecond to a minute.
    public static func ofSeconds() -> Histogram {
        Histogram(bounds: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60])
    }

    /// Takes a quantity note of.
    public func record(_ quantity: Double) {
        counts[bounds.firstIndex { quantity <= $0 } ?? bounds.count].add()
        sum.add(Int(max(quantity, 0) * 1_000_000))
    }

    /// Takes note of the time since an instant.
    public func record(since start: ContinuousClock.Instant) {
        let (seconds, attoseconds) = start.duration(to: .now).components
        record(Double(seconds) + Double(attoseconds) / 1e18)
    }

    /// How many quantities lie in each range and below it, and the sum of all.
    public var reading: (cumulative: [UInt64], sum: Double) {
        var total: UInt64 = 0
        let cumulative = counts.map { counter in
            total += counter.value
            return total
        }
        return (cumulative, Double(sum.value) / 1_000_000)
    }
}
