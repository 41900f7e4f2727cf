/// An instant between 0001-01-01T00:00:00Z and 9999-12-31T23:59:59.999999999Z.
public struct Timestamp: Sendable, Hashable, Comparable {
    /// Seconds since 1970-01-01T00:00:00Z.
    public let seconds: Int64
    /// Nanoseconds within the second, from 0 to 999,999,999.
    public let nanos: Int32

    static let earliest: Int64 = -62_135_596_800
    static let latest: Int64 = 253_402_300_799

    /// An instant, or nil outside the range.
    public init?(seconds: Int64, nanos: Int32 = 0) {
        guard seconds >= Self.earliest, seconds <= Self.latest, (0..<1_000_000_000).contains(nanos) else { return nil }
        self.seconds = seconds
        self.nanos = nanos
    }

    /// Whether one instant is before the other.
    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.seconds != right.seconds ? left.seconds < right.seconds : left.nanos < right.nanos
    }

    /// The instant this much later, or nil outside the range.
    public func adding(_ span: Span) -> Timestamp? {
        shifted(seconds: span.seconds, nanos: Int64(span.nanos))
    }

    /// The instant this much earlier, or nil outside the range.
    public func subtracting(_ span: Span) -> Timestamp? {
        shifted(seconds: -span.seconds, nanos: -Int64(span.nanos))
    }

    private func shifted(seconds: Int64, nanos: Int64) -> Timestamp? {
        let sum = Int64(self.nanos) + nanos
        let carry = sum < 0 ? -1 : (sum >= Span.nanosPerSecond ? 1 : 0) as Int64
        return Timestamp(seconds: self.seconds + seconds + carry, nanos: Int32(sum - carry * Span.nanosPerSecond))
    }

    /// The time from `earlier` to this instant, or nil outside the range of a span.
    public func since(_ earlier: Timestamp) -> Span? {
        let (product, tooLarge) = (seconds - earlier.seconds).multipliedReportingOverflow(by: Span.nanosPerSecond)
        let (sum, carried) = product.addingReportingOverflow(Int64(nanos) - Int64(earlier.nanos))
        return tooLarge || carried ? nil : Span(nanoseconds: sum)
    }
}

extension Timestamp {
    /// Reads an instant in RFC 3339, such as `2026-03-27T20:55:00.5+01:00`; nil where it is none or out of range.
    public init?(rfc3339 text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
            bytes[10] | 0x20 == UInt8(ascii: "t"), bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":"),
            let year = Self.number(bytes[0..<4]), let month = Self.number(bytes[5..<7]),
            let day = Self.number(bytes[8..<10]), let hour = Self.number(bytes[11..<13]),
            let minute = Self.number(bytes[14..<16]), let second = Self.number(bytes[17..<19]),
            year >= 1, (1...12).contains(month), day >= 1, day <= Civil.days(in: month, of: year),
            hour < 24, minute < 60, second < 60
        else { return nil }

        var rest = bytes[19...]
        var nanos: Int64 = 0
        if rest.first == UInt8(ascii: ".") {
            let digits = rest.dropFirst().prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            guard (1...9).contains(digits.count), let value = Self.number(digits) else { return nil }
            nanos = (digits.count..<9).reduce(value) { value, _ in value * 10 }
            rest = rest.dropFirst(digits.count + 1)
        }
        guard let offset = Self.offset(rest) else { return nil }
        let days = Civil.daysSinceEpoch(year: year, month: month, day: day)
        self.init(
            seconds: days * 86_400 + hour * 3600 + minute * 60 + second - offset, nanos: Int32(nanos))
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int64? {
        var value: Int64 = 0
        for byte in digits {
            guard case let digit = byte &- UInt8(ascii: "0"), digit <= 9 else { return nil }
            value = value * 10 + Int64(digit)
        }
        return value
    }

    private static func offset(_ text: ArraySlice<UInt8>) -> Int64? {
        if text.count == 1, let only = text.first { return only | 0x20 == UInt8(ascii: "z") ? 0 : nil }
        let start = text.startIndex
        guard text.count == 6, text[start] == UInt8(ascii: "+") || text[start] == UInt8(ascii: "-"),
            text[start + 3] == UInt8(ascii: ":"), let hours = number(text[start + 1..<start + 3]),
            let minutes = number(text[start + 4..<start + 6]), hours < 24, minutes < 60
        else { return nil }
        return (text[start] == UInt8(ascii: "-") ? -1 : 1) * (hours * 3600 + minutes * 60)
    }

    /// The instant in RFC 3339, in UTC, with as many decimals as it needs.
    public var rfc3339: String {
        let time = Civil(secondsSinceEpoch: seconds)
        let parts: [(value: Int64, digits: Int, end: UInt8)] = [
            (time.year, 4, UInt8(ascii: "-")), (time.month, 2, UInt8(ascii: "-")), (time.day, 2, UInt8(ascii: "T")),
            (time.hour, 2, UInt8(ascii: ":")), (time.minute, 2, UInt8(ascii: ":")), (time.second, 2, UInt8(ascii: "Z")),
        ]
        var text = String(unsafeUninitializedCapacity: 20) { bytes in
            var count = 0
            for part in parts {
                var rest = part.value
                for place in stride(from: part.digits - 1, through: 0, by: -1) {
                    bytes[count + place] = UInt8(ascii: "0") + UInt8(rest % 10)
                    rest /= 10
                }
                bytes[count + part.digits] = part.end
                count += part.digits + 1
            }
            return count
        }
        if nanos != 0 { text = text.dropLast() + Self.fraction(nanos) + "Z" }
        return text
    }

    /// The decimals of a second with their point, without zeros at the end; empty for none.
    static func fraction(_ nanos: Int32) -> String {
        guard nanos != 0 else { return "" }
        var digits = String(nanos)
        digits = "." + String(repeating: "0", count: 9 - digits.utf8.count) + digits
        while digits.hasSuffix("0") { digits.removeLast() }
        return digits
    }
}

/// A date and a time of day in the proleptic Gregorian calendar.
struct Civil {
    let year, month, day, hour, minute, second: Int64
    /// Days since the first of January.
    let dayOfYear: Int64
    /// 0 is Sunday.
    let dayOfWeek: Int64

    /// Splits seconds since 1970-01-01T00:00:00 on the same clock (Howard Hinnant, chrono-compatible algorithms).
    init(secondsSinceEpoch seconds: Int64) {
        var days = seconds / 86_400
        var rest = seconds % 86_400
        if rest < 0 {
            rest += 86_400
            days -= 1
        }
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayFromMarch = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayFromMarch + 2) / 153
        day = dayFromMarch - (153 * monthFromMarch + 2) / 5 + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        hour = rest / 3600
        minute = rest % 3600 / 60
        second = rest % 60
        dayOfYear = days - Self.daysSinceEpoch(year: year, month: 1, day: 1)
        let weekday = (days + 4) % 7
        dayOfWeek = weekday < 0 ? weekday + 7 : weekday
    }

    static func daysSinceEpoch(year: Int64, month: Int64, day: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayFromMarch = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayFromMarch - 719_468
    }

    static func days(in month: Int64, of year: Int64) -> Int64 {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        return month == 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
    }
}
