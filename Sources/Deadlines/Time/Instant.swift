/// A point in time: microseconds since 1970-01-01T00:00:00Z, without leap seconds.
public struct Instant: Hashable, Comparable, Sendable {
    /// Microseconds since 1970-01-01T00:00:00Z; negative before it.
    public let microseconds: Int64

    /// The instant that many microseconds after 1970-01-01T00:00:00Z, held within the years 1 to 9999.
    public init(microseconds: Int64) {
        self.microseconds = min(max(microseconds, Self.lowest), Self.highest)
    }

    /// The instant that many seconds after 1970-01-01T00:00:00Z, held within the years 1 to 9999.
    public init(seconds: Int64) {
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        self.init(microseconds: overflow ? (seconds < 0 ? .min : .max) : product)
    }

    private static let lowest: Int64 = -62_135_596_800_000_000
    private static let highest: Int64 = 253_402_300_799_999_999

    /// 0001-01-01T00:00:00Z, before which no instant lies.
    public static let earliest = Instant(microseconds: lowest)
    /// 9999-12-31T23:59:59.999999Z, after which no instant lies.
    public static let latest = Instant(microseconds: highest)

    /// Whole seconds since 1970-01-01T00:00:00Z, rounded down.
    public var seconds: Int64 { microseconds.flooredQuotient(1_000_000) }

    /// Whether the left comes before the right.
    public static func < (left: Instant, right: Instant) -> Bool { left.microseconds < right.microseconds }

    /// The instant that much later; held at `earliest` and `latest` where it would leave the range.
    public static func + (instant: Instant, duration: Duration) -> Instant {
        instant.advanced(by: duration.wholeMicroseconds)
    }

    /// The instant that much earlier; held at `earliest` and `latest` where it would leave the range.
    public static func - (instant: Instant, duration: Duration) -> Instant {
        let micros = duration.wholeMicroseconds
        return instant.advanced(by: micros == .min ? .max : -micros)
    }

    /// The time elapsed from `right` to `left`.
    public static func - (left: Instant, right: Instant) -> Duration {
        .microseconds(left.microseconds - right.microseconds)
    }

    /// The instant that many microseconds later; held at `earliest` and `latest` where it would leave the range.
    public func advanced(by micros: Int64) -> Instant {
        let (sum, overflow) = microseconds.addingReportingOverflow(micros)
        return Instant(microseconds: overflow ? (micros < 0 ? .min : .max) : sum)
    }

    /// The instant that many microseconds later; throws `outOfRange` where it would leave the years 1 to 9999.
    public func adding(microseconds micros: Int64) throws(DeadlineError) -> Instant {
        let (sum, overflow) = microseconds.addingReportingOverflow(micros)
        guard !overflow, sum >= Self.lowest, sum <= Self.highest else { throw .outOfRange("The instant") }
        return Instant(microseconds: sum)
    }
}

extension Duration {
    /// The duration in microseconds, rounded towards zero and held within `Int64`.
    public var wholeMicroseconds: Int64 {
        let (seconds, attoseconds) = components
        let (micros, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        if overflow { return seconds < 0 ? .min : .max }
        let (sum, beyond) = micros.addingReportingOverflow(attoseconds / 1_000_000_000_000)
        return beyond ? (seconds < 0 ? .min : .max) : sum
    }
}

extension BinaryInteger {
    /// The quotient rounded towards negative infinity; the divisor is positive.
    @inlinable
    func flooredQuotient(_ divisor: Self) -> Self {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }

    /// The remainder that is never negative; the divisor is positive.
    @inlinable
    func flooredRemainder(_ divisor: Self) -> Self {
        let remainder = self % divisor
        return remainder < 0 ? remainder + divisor : remainder
    }
}
