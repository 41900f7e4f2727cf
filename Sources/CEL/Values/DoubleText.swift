import JSON

/// Doubles as text, in the layouts that CEL and its typed JSON use.
enum DoubleText {
    /// The shortest text as `string(x)` yields it: `1`, `0.25`, `1e+21`, `-9.87654e-06`, `NaN`, `+Inf`.
    static func plain(_ value: Double) -> String {
        guard value.isFinite else { return value.isNaN ? "NaN" : value < 0 ? "-Inf" : "+Inf" }
        return layout(value, positional: -4..<21, suffix: "")
    }

    /// The shortest text for typed JSON, with a point or an exponent: `1.0`, `6.02214e+23`, `Infinity`.
    static func typed(_ value: Double) -> String {
        guard value.isFinite else { return value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity" }
        return layout(value, positional: -4..<16, suffix: ".0")
    }

    private static func layout(_ value: Double, positional: Range<Int>, suffix: String) -> String {
        let sign = value.sign == .minus ? "-" : ""
        guard value != 0 else { return sign + "0" + suffix }
        let (digits, point) = JSONNumber.shortestDigits(value.magnitude)
        let count = digits.utf8.count
        if !positional.contains(point - 1) {
            let mantissa = count == 1 ? digits : digits.prefix(1) + "." + digits.dropFirst()
            let exponent = String((point - 1).magnitude)
            return sign + mantissa + (point > 0 ? "e+" : "e-") + (exponent.utf8.count < 2 ? "0" : "") + exponent
        }
        if point <= 0 { return sign + "0." + String(repeating: "0", count: -point) + digits }
        if point >= count { return sign + digits + String(repeating: "0", count: point - count) + suffix }
        return sign + digits.prefix(point) + "." + digits.dropFirst(point)
    }
}
