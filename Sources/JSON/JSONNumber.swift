/// Doubles as decimal text.
package enum JSONNumber {
    /// The shortest text that reads back as `value`, laid out as ECMAScript's `Number::toString` does, which
    /// RFC 8785 asks for; whole numbers keep `.0`, so that they stay doubles.
    static func text(_ value: Double) -> String {
        guard value.isFinite else { return "null" }
        guard value != 0 else { return value.sign == .minus ? "-0.0" : "0.0" }
        let (digits, point) = shortestDigits(value.magnitude)
        let sign = value < 0 ? "-" : ""
        let count = digits.utf8.count
        switch point {
        case 1...21 where point >= count:
            return sign + digits + String(repeating: "0", count: point - count) + ".0"
        case 1...21:
            return sign + digits.prefix(point) + "." + digits.dropFirst(point)
        case -5...0:
            return sign + "0." + String(repeating: "0", count: -point) + digits
        default:
            let mantissa = count == 1 ? digits : digits.prefix(1) + "." + digits.dropFirst()
            return sign + mantissa + "e" + (point > 0 ? "+" : "-") + String((point - 1).magnitude)
        }
    }

    /// The shortest decimal digits, without zeros at either end, and where the point stands from their left.
    package static func shortestDigits(_ value: Double) -> (digits: String, point: Int) {
        // The standard library prints the shortest digits; only its layout is its own.
        var digits: [UInt8] = []
        var point: Int?
        var exponent = 0
        let text = value.description.utf8
        for (offset, byte) in text.enumerated() {
            if byte == UInt8(ascii: ".") {
                point = digits.count
            } else if byte == UInt8(ascii: "e") {
                exponent = Int(String(decoding: text.dropFirst(offset + 1), as: UTF8.self)) ?? 0
                break
            } else {
                digits.append(byte)
            }
        }
        let zeros = digits.prefix { $0 == UInt8(ascii: "0") }.count
        let place = (point ?? digits.count) + exponent - zeros
        digits.removeFirst(zeros)
        while digits.last == UInt8(ascii: "0") { digits.removeLast() }
        return (String(decoding: digits, as: UTF8.self), place)
    }
}
