/// A length of time, in nanoseconds; at most some 292 years either way.
public struct Span: Sendable, Hashable, Comparable {
    /// The whole length in nanoseconds.
    public let nanoseconds: Int64

    /// A length in nanoseconds.
    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// A length in seconds and nanoseconds of the same sign, or nil outside the range.
    public init?(seconds: Int64, nanos: Int32 = 0) {
        let (product, tooLarge) = seconds.multipliedReportingOverflow(by: Self.nanosPerSecond)
        let (sum, carried) = product.addingReportingOverflow(Int64(nanos))
        guard !tooLarge, !carried else { return nil }
        nanoseconds = sum
    }

    static let nanosPerSecond: Int64 = 1_000_000_000

    /// The whole seconds, rounded towards zero.
    public var seconds: Int64 { nanoseconds / Self.nanosPerSecond }

    /// What remains beside ``seconds``, in nanoseconds, of the same sign.
    public var nanos: Int32 { Int32(nanoseconds % Self.nanosPerSecond) }

    /// Whether one length is shorter than the other, signs included.
    public static func < (left: Span, right: Span) -> Bool { left.nanoseconds < right.nanoseconds }
}

extension Span {
    /// Reads numbers with units such as `1h30m`, `-1.5s`, `250ms`; nil where the text is none or out of range.
    public init?(parsing text: String) {
        var rest = Substring(text)
        var negative = false
        if let sign = rest.first, sign == "-" || sign == "+" {
            negative = sign == "-"
            rest.removeFirst()
        }
        if rest == "0" {
            self.init(nanoseconds: 0)
            return
        }
        guard !rest.isEmpty else { return nil }
        var total: UInt64 = 0
        while !rest.isEmpty {
            guard let part = Self.component(&rest) else { return nil }
            let (sum, overflow) = total.addingReportingOverflow(part)
            guard !overflow else { return nil }
            total = sum
        }
        if negative {
            guard total <= UInt64(Int64.max) + 1 else { return nil }
            self.init(nanoseconds: Int64(truncatingIfNeeded: 0 &- total))
        } else {
            guard total <= UInt64(Int64.max) else { return nil }
            self.init(nanoseconds: Int64(total))
        }
    }

    /// Takes one number with its unit off the front and yields it in nanoseconds.
    private static func component(_ rest: inout Substring) -> UInt64? {
        let whole = rest.prefix { $0.isASCII && $0.isNumber }
        rest = rest.dropFirst(whole.count)
        var fraction: Substring = ""
        if rest.first == "." {
            rest = rest.dropFirst()
            fraction = rest.prefix { $0.isASCII && $0.isNumber }
            rest = rest.dropFirst(fraction.count)
        }
        guard !whole.isEmpty || !fraction.isEmpty, let unit = unit(&rest) else { return nil }
        guard let number = whole.isEmpty ? 0 : UInt64(whole) else { return nil }
        let (product, overflow) = number.multipliedReportingOverflow(by: unit)
        guard !overflow else { return nil }

        var part: UInt64 = 0
        var place = unit
        for digit in fraction.utf8.prefix(15) {
            // Exact for every digit that a nanosecond can hold; what is finer is cut off.
            let (quotient, remainder) = (place / 10, place % 10)
            let digit = UInt64(digit - UInt8(ascii: "0"))
            part += quotient * digit + remainder * digit / 10
            place = quotient
        }
        let (sum, carried) = product.addingReportingOverflow(part)
        return carried ? nil : sum
    }

    private static func unit(_ rest: inout Substring) -> UInt64? {
        for (name, nanoseconds) in units where rest.hasPrefix(name) {
            rest = rest.dropFirst(name.count)
            return nanoseconds
        }
        return nil
    }

    private static let units: [(name: String, nanoseconds: UInt64)] = [
        ("ns", 1), ("us", 1_000), ("µs", 1_000), ("μs", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000),
        ("m", 60_000_000_000), ("h", 3_600_000_000_000),
    ]

    /// The length in seconds with as many decimals as it needs, such as `5400s` or `-0.25s`.
    public var text: String {
        let magnitude = nanoseconds.magnitude
        let (seconds, nanos) = magnitude.quotientAndRemainder(dividingBy: UInt64(Self.nanosPerSecond))
        return (nanoseconds < 0 ? "-" : "") + String(seconds) + Timestamp.fraction(Int32(nanos)) + "s"
    }
}
