// Reading and writing instants, dates, times and periods. Digits only as ASCII; nothing depends on a locale.

/// A cursor over the ASCII bytes of a short text.
struct Scanner {
    private let bytes: [UInt8]
    private(set) var position = 0

    init(_ text: String) { bytes = Array(text.utf8) }

    var isAtEnd: Bool { position == bytes.count }
    var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    mutating func take(_ character: Character) -> Bool {
        guard let next, next == character.asciiValue else { return false }
        position += 1
        return true
    }

    mutating func advance() { position = min(position + 1, bytes.count) }

    /// Exactly that many digits.
    mutating func digits(_ count: Int) -> Int? {
        guard position + count <= bytes.count else { return nil }
        var value = 0
        for byte in bytes[position..<position + count] {
            guard (48...57).contains(byte) else { return nil }
            value = value * 10 + Int(byte - 48)
        }
        position += count
        return value
    }

    /// One to that many digits, with how many there were.
    mutating func number(upTo limit: Int = 18) -> (value: Int, length: Int)? {
        var (value, length) = (0, 0)
        while let next, (48...57).contains(next) {
            guard length < limit else { return nil }
            value = value * 10 + Int(next - 48)
            length += 1
            position += 1
        }
        return length == 0 ? nil : (value, length)
    }

    /// A fraction after its point, in millionths, rounded down; at most 18 digits.
    mutating func millionths() -> Int64? {
        guard let (value, length) = number() else { return nil }
        var (result, digits) = (Int64(value), length)
        while digits < 6 { (result, digits) = (result * 10, digits + 1) }
        while digits > 6 { (result, digits) = (result / 10, digits - 1) }
        return result
    }

    mutating func date() -> CivilDate? {
        guard let year = digits(4), take("-"), let month = digits(2), take("-"), let day = digits(2) else { return nil }
        return CivilDate(year: year, month: month, day: day)
    }

    /// `HH:MM`, `HH:MM:SS` or with a fraction.
    mutating func time(needsSeconds: Bool) -> TimeOfDay? {
        guard let hour = digits(2), take(":"), let minute = digits(2) else { return nil }
        guard take(":") else { return needsSeconds ? nil : TimeOfDay(hour: hour, minute: minute) }
        guard let second = digits(2), let time = TimeOfDay(hour: hour, minute: minute, second: second) else {
            return nil
        }
        guard take(".") else { return time }
        guard let fraction = millionths() else { return nil }
        return TimeOfDay(microseconds: time.microseconds + fraction)
    }
}

/// A short text of ASCII on its way into a string; journals are full of instants.
private struct ASCIIText {
    /// Enough for a year of twenty digits.
    static let capacity = 48

    private let bytes: UnsafeMutableBufferPointer<UInt8>
    private var count = 0

    static func make(_ write: (inout ASCIIText) -> Void) -> String {
        String(unsafeUninitializedCapacity: capacity) { fill($0, write) }
    }

    /// Writes into bytes that have room for it; returns how many it took.
    static func fill(_ bytes: UnsafeMutableBufferPointer<UInt8>, _ write: (inout ASCIIText) -> Void) -> Int {
        var text = ASCIIText(bytes: bytes)
        write(&text)
        return text.count
    }

    private init(bytes: UnsafeMutableBufferPointer<UInt8>) { self.bytes = bytes }

    mutating func write(_ byte: UInt8) {
        bytes[count] = byte
        count += 1
    }

    /// Writes a number with at least so many digits.
    mutating func write(_ number: Int, digits: Int) {
        if number < 0 { write(UInt8(ascii: "-")) }
        var (size, rest) = (number.magnitude, digits)
        while rest < 20, size >= Self.powers[rest] { rest += 1 }
        for place in stride(from: rest - 1, through: 0, by: -1) {
            bytes[count + place] = UInt8(ascii: "0") + UInt8(size % 10)
            size /= 10
        }
        count += rest
    }

    private static let powers: [UInt] = (0..<20).map { (0..<$0).reduce(1) { power, _ in power * 10 } }

    mutating func write(_ date: CivilDate) {
        let (year, month, day) = date.components
        write(year, digits: 4)
        write(UInt8(ascii: "-"))
        write(month, digits: 2)
        write(UInt8(ascii: "-"))
        write(day, digits: 2)
    }

    mutating func write(_ time: TimeOfDay) {
        write(time.hour, digits: 2)
        write(UInt8(ascii: ":"))
        write(time.minute, digits: 2)
        write(UInt8(ascii: ":"))
        write(time.second, digits: 2)
        let micros = Int(time.microseconds % 1_000_000)
        guard micros != 0 else { return }
        write(UInt8(ascii: "."))
        write(micros, digits: 6)
        while bytes[count - 1] == UInt8(ascii: "0") { count -= 1 }
    }

    mutating func write(_ instant: Instant) {
        write(CivilDateTime(localMicroseconds: instant.microseconds))
        write(UInt8(ascii: "Z"))
    }

    mutating func write(_ time: CivilDateTime) {
        write(time.date)
        write(UInt8(ascii: "T"))
        write(time.time)
    }
}

func padded(_ number: Int, _ width: Int = 2) -> String {
    let digits = String(number.magnitude)
    return (number < 0 ? "-" : "") + String(repeating: "0", count: max(0, width - digits.count)) + digits
}

extension CivilDate: CustomStringConvertible, LosslessStringConvertible {
    /// Reads `2026-11-24`; nil where that is no date.
    public init?(_ text: String) {
        var scanner = Scanner(text)
        guard let date = scanner.date(), scanner.isAtEnd else { return nil }
        self = date
    }

    /// The date as ISO 8601 writes it, `2026-11-24`.
    public var description: String { ASCIIText.make { $0.write(self) } }
}

extension TimeOfDay: CustomStringConvertible, LosslessStringConvertible {
    /// Reads `09:00`, `17:30:15` or `24:00`; nil where that is no time.
    public init?(_ text: String) {
        var scanner = Scanner(text)
        guard let time = scanner.time(needsSeconds: false), scanner.isAtEnd else { return nil }
        self = time
    }

    /// The time as `09:00:00`, with a fraction where there is one.
    public var description: String { ASCIIText.make { $0.write(self) } }

    /// The time as `09:00`, with seconds only where there are any.
    public var short: String {
        microseconds.isMultiple(of: 60_000_000) ? "\(padded(hour)):\(padded(minute))" : description
    }
}

private func fractionText(_ micros: Int64) -> String {
    guard micros != 0 else { return "" }
    var digits = padded(Int(micros), 6)
    while digits.hasSuffix("0") { digits.removeLast() }
    return "." + digits
}

extension CivilDateTime: CustomStringConvertible, LosslessStringConvertible {
    /// Reads `2026-11-24T10:20:00`; nil where that is no date and time.
    public init?(_ text: String) {
        var scanner = Scanner(text)
        guard let date = scanner.date(), scanner.take("T"), let time = scanner.time(needsSeconds: false),
            scanner.isAtEnd
        else { return nil }
        self.init(date, time)
    }

    /// The date and time as ISO 8601 writes them, `2026-11-24T10:20:00`.
    public var description: String { ASCIIText.make { $0.write(self) } }
}

extension Instant: CustomStringConvertible {
    /// Reads an instant of RFC 3339, `2026-11-24T10:20:00+01:00`; digits beyond microseconds are dropped.
    ///
    /// Throws `malformed`; an offset or `Z` is demanded, since a local time alone is no instant.
    public init(_ text: String) throws(DeadlineError) {
        func fail(_ reason: String) -> DeadlineError {
            .malformed(kind: "an instant", text: text, reason: reason + " Write it as 2026-11-24T10:20:00+01:00.")
        }
        var scanner = Scanner(text)
        guard let date = scanner.date() else { throw fail("it does not begin with a date that exists.") }
        guard scanner.take("T") || scanner.take("t"), let time = scanner.time(needsSeconds: true), time.hour < 24 else {
            throw fail("after the date comes T and a time from 00:00:00 to 23:59:59.")
        }
        var offset = 0
        if !(scanner.take("Z") || scanner.take("z")) {
            let sign = scanner.take("+") ? 1 : scanner.take("-") ? -1 : 0
            guard sign != 0 else { throw fail("its offset from UTC is missing.") }
            guard let hours = scanner.digits(2), scanner.take(":"), let minutes = scanner.digits(2),
                hours < 24, minutes < 60
            else { throw fail("its offset is not of the form +01:00.") }
            offset = sign * (hours * 60 + minutes) * 60
        }
        guard scanner.isAtEnd else { throw fail("something follows the offset.") }
        let local = CivilDateTime(date, time).localMicroseconds
        let micros = local - Int64(offset) * 1_000_000
        let instant = Instant(microseconds: micros)
        guard instant.microseconds == micros else { throw fail("it lies outside the years 1 to 9999.") }
        self = instant
    }

    /// The instant in UTC, `2026-11-24T09:20:00Z`.
    public var description: String { ASCIIText.make { $0.write(self) } }

    /// Reads what ``description`` wrote, up to the year 9999; nil for any other form, which may be an instant all the
    /// same.
    package init?(written text: String) {
        let read = text.utf8.withContiguousStorageIfAvailable { Self.microseconds(written: $0) }
        guard let read, let microseconds = read else { return nil }
        self.init(microseconds: microseconds)
    }

    private static func microseconds(written bytes: UnsafeBufferPointer<UInt8>) -> Int64? {
        guard bytes.count >= 20, bytes.count <= 27, bytes[bytes.count - 1] == UInt8(ascii: "Z"),
            bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"), bytes[10] == UInt8(ascii: "T"),
            bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":")
        else { return nil }
        func number(_ place: Int, _ count: Int) -> Int? {
            var value = 0
            for byte in bytes[place..<place + count] {
                guard case let digit = byte &- UInt8(ascii: "0"), digit <= 9 else { return nil }
                value = value * 10 + Int(digit)
            }
            return value
        }
        guard let year = number(0, 4), let month = number(5, 2), let day = number(8, 2),
            let date = CivilDate(year: year, month: month, day: day),
            let hour = number(11, 2), let minute = number(14, 2), let second = number(17, 2),
            hour < 24, minute < 60, second < 60
        else { return nil }
        var fraction = 0
        if bytes.count > 20 {
            let digits = bytes.count - 21
            guard bytes[19] == UInt8(ascii: "."), digits > 0, let value = number(20, digits) else { return nil }
            fraction = (digits..<6).reduce(value) { value, _ in value * 10 }
        }
        let seconds = date.dayNumber * 86_400 + hour * 3600 + minute * 60 + second
        return Int64(seconds) * 1_000_000 + Int64(fraction)
    }

    /// The most bytes of ``description``.
    package static let longestText = ASCIIText.capacity

    /// Writes ``description`` into bytes that have room for ``longestText``; returns how many it took.
    package func write(into bytes: UnsafeMutableBufferPointer<UInt8>) -> Int {
        ASCIIText.fill(bytes) { $0.write(self) }
    }

    /// The instant as RFC 3339 with the zone's offset, `2026-11-24T10:20:00+01:00`.
    ///
    /// RFC 3339 knows no seconds in an offset (local mean times before about 1920): they are dropped, the instant is
    /// kept.
    public func rfc3339(in zone: Zone) -> String {
        let minutes = zone.offset(at: self) / 60
        let local = CivilDateTime(localMicroseconds: microseconds + Int64(minutes) * 60_000_000)
        let size = abs(minutes)
        return "\(local)\(minutes < 0 ? "-" : "+")\(padded(size / 60)):\(padded(size % 60))"
    }
}

extension Period: CustomStringConvertible {
    /// Reads a period of ISO 8601, `P1Y2M3DT4H5M6.5S` or `P2W`, with an optional sign in front.
    ///
    /// A fraction may stand only at the last part, and only at hours, minutes or seconds. Throws `malformed`.
    public init(_ text: String) throws(DeadlineError) {
        var reader = PeriodReader(text: text)
        self = try reader.read()
    }

    /// The period as ISO 8601 writes it; `PT0S` where it is empty.
    public var description: String {
        let parts = [years, months, weeks, days]
        let isNegative = !isZero && parts.allSatisfy { $0 <= 0 } && microseconds <= 0
        let sign = isNegative ? -1 : 1
        var result = isNegative ? "-P" : "P"
        for (value, letter) in zip(parts, ["Y", "M", "W", "D"]) where value != 0 {
            result += "\(value * sign)\(letter)"
        }
        if microseconds != 0 { result += "T" + Self.clockText(isNegative ? -microseconds : microseconds) }
        return isZero ? "PT0S" : result
    }

    private static func clockText(_ micros: Int64) -> String {
        let (sign, size) = (micros < 0 ? "-" : "", Int64(clamping: micros.magnitude))
        let (hours, minutes, rest) = (size / 3_600_000_000, size / 60_000_000 % 60, size % 60_000_000)
        var result = ""
        if hours != 0 { result += "\(sign)\(hours)H" }
        if minutes != 0 { result += "\(sign)\(minutes)M" }
        if rest != 0 { result += "\(sign)\(rest / 1_000_000)\(fractionText(rest % 1_000_000))S" }
        return result
    }
}

private struct PeriodReader {
    let text: String

    private func fail(_ reason: String) -> DeadlineError {
        .malformed(kind: "a period", text: text, reason: reason + " Write it as P14D, P1M or PT72H.")
    }

    mutating func read() throws(DeadlineError) -> Period {
        var scanner = Scanner(text)
        let sign = scanner.take("-") ? -1 : 1
        if sign == 1 { _ = scanner.take("+") }
        guard scanner.take("P") else { throw fail("it does not begin with P.") }
        var period = Period()
        var (inClock, order, parts) = (false, -1, 0)
        while !scanner.isAtEnd {
            if !inClock, scanner.take("T") {
                (inClock, order, parts) = (true, -1, 0)
                guard !scanner.isAtEnd else { break }
            }
            guard let (value, _) = scanner.number(upTo: 10), value <= Period.limit else {
                throw fail("a number of at most ten digits, up to 1000000000, is expected.")
            }
            let fraction = try readFraction(&scanner, inClock: inClock)
            let index = try readUnit(&scanner, inClock: inClock)
            guard index > order else { throw fail("its units are not in order, or one is doubled.") }
            (order, parts) = (index, parts + 1)
            if inClock {
                try add(value, fraction, unit: index, sign: sign, to: &period)
                guard fraction == nil || scanner.isAtEnd else { throw fail("a fraction may only stand at the end.") }
            } else {
                assign(value * sign, unit: index, of: &period)
            }
        }
        guard parts > 0 else { throw fail("it has no number with a unit.") }
        return period
    }

    private func readFraction(_ scanner: inout Scanner, inClock: Bool) throws(DeadlineError) -> Int64? {
        guard scanner.take(".") || scanner.take(",") else { return nil }
        guard inClock else { throw fail("half days have no fixed length; write them in hours, PT12H.") }
        guard let millionths = scanner.millionths() else { throw fail("digits are expected after the point.") }
        return millionths
    }

    private func readUnit(_ scanner: inout Scanner, inClock: Bool) throws(DeadlineError) -> Int {
        let units: [Character] = inClock ? ["H", "M", "S"] : ["Y", "M", "W", "D"]
        for (index, unit) in units.enumerated() where scanner.take(unit) { return index }
        let hint = inClock ? "" : " (hours, minutes and seconds come after a T)"
        throw fail("one of \(units.map(String.init).joined(separator: ", ")) is expected\(hint).")
    }

    private func add(
        _ value: Int, _ fraction: Int64?, unit: Int, sign: Int, to period: inout Period
    ) throws(DeadlineError) {
        let seconds: Int64 = [3600, 60, 1][unit]
        period.microseconds += Int64(sign) * (Int64(value) * seconds * 1_000_000 + (fraction ?? 0) * seconds)
    }

    private func assign(_ value: Int, unit: Int, of period: inout Period) {
        switch unit {
        case 0: period.years = value
        case 1: period.months = value
        case 2: period.weeks = value
        default: period.days = value
        }
    }
}
