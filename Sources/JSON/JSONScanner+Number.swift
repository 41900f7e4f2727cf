extension JSONScanner {
    /// Parses a number: an int where it is written without fraction and exponent and fits 64 bits.
    mutating func number() throws(JSONError) {
        let start = position
        let negative = bytes[position] == UInt8(ascii: "-")
        if negative { position += 1 }

        let leading = position
        var magnitude: UInt64 = 0
        var digits = scanDigits(into: &magnitude)
        guard digits > 0 else { throw fault("expected a digit, found \(found())") }
        guard digits == 1 || bytes[leading] != UInt8(ascii: "0") else {
            throw fault("a number has no leading zeros", at: leading)
        }
        let whole = digits

        var exponent = 0
        var isWhole = true
        if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            isWhole = false
            position += 1
            let fraction = scanDigits(into: &magnitude)
            guard fraction > 0 else { throw fault("expected a digit after '.', found \(found())") }
            digits += fraction
            exponent = -fraction
        }
        if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
            isWhole = false
            position += 1
            exponent += try scanExponent()
        }

        if isWhole, whole <= 19 {
            if magnitude <= UInt64(Int64.max) { return add(.int, bits: negative ? 0 &- magnitude : magnitude) }
            if negative, magnitude == UInt64(Int64.max) + 1 { return add(.int, bits: magnitude) }
        }
        // Exact by Clinger's argument: both operands are representable and the operation rounds once.
        if digits <= 19, magnitude <= 1 << 53, (-22...22).contains(exponent) {
            let value =
                exponent < 0
                ? Double(magnitude) / Self.powersOfTen[-exponent] : Double(magnitude) * Self.powersOfTen[exponent]
            return add(.double, bits: (negative ? -value : value).bitPattern)
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        guard let value = Double(text), value.isFinite else {
            throw fault("the number is out of the range of a double", at: start)
        }
        add(.double, bits: value.bitPattern)
    }

    private mutating func scanDigits(into magnitude: inout UInt64) -> Int {
        let start = position
        while position < bytes.count, case let digit = bytes[position] &- UInt8(ascii: "0"), digit <= 9 {
            magnitude = magnitude &* 10 &+ UInt64(digit)
            position += 1
        }
        return position - start
    }

    private mutating func scanExponent() throws(JSONError) -> Int {
        var negative = false
        if position < bytes.count, bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-") {
            negative = bytes[position] == UInt8(ascii: "-")
            position += 1
        }
        var value: UInt64 = 0
        let digits = scanDigits(into: &value)
        guard digits > 0 else { throw fault("expected a digit in the exponent, found \(found())") }
        let bounded = digits > 6 ? 1_000_000 : Int(value)
        return negative ? -bounded : bounded
    }

    private static let powersOfTen: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22,
    ]
}
