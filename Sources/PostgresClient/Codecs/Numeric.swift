/// A number of any precision, written in decimal: `-12.50`, `NaN`, `Infinity`, `-Infinity`.
public struct PostgresNumeric: PostgresCodable, Hashable {
    /// The decimal digits as PostgreSQL prints them, trailing zeros of the scale included.
    public let text: String

    /// Reads digits with an optional sign and decimal point, or `NaN`, `Infinity`, `-Infinity`; nil for all else.
    public init?(_ text: String) {
        guard Digits(text) != nil || Self.special(text) != nil else { return nil }
        self.text = text
    }

    private init(trusted text: String) { self.text = text }

    /// `numeric`.
    public static var postgresType: PostgresType { .numeric }

    private static let specials: [(word: String, sign: UInt16)] = [
        ("NaN", 0xC000), ("Infinity", 0xD000), ("-Infinity", 0xF000),
    ]

    private static func special(_ text: String) -> UInt16? { specials.first { $0.word == text }?.sign }

    /// Writes digits to the base of 10,000.
    ///
    /// - Throws: `PostgresCodecFault` for more digits than PostgreSQL takes.
    public func encode(into writer: inout PostgresWriter) throws(PostgresCodecFault) {
        if let sign = Self.special(text) {
            for field in [0, 0, sign, 0] as [UInt16] { writer.write(field) }
            return
        }
        guard let digits = Digits(text) else { throw PostgresCodecFault("\"\(text)\" is not a decimal number") }
        guard let count = Int16(exactly: digits.groups.count), let weight = Int16(exactly: digits.weight),
            digits.scale <= 16383
        else { throw PostgresCodecFault("the number has too many digits") }
        writer.write(count)
        writer.write(weight)
        writer.write(UInt16(digits.isNegative ? 0x4000 : 0))
        writer.write(UInt16(digits.scale))
        for group in digits.groups { writer.write(group) }
    }

    /// Reads a `numeric`.
    public static func decode(from value: PostgresValue) throws(PostgresCodecFault) -> PostgresNumeric {
        try value.require(.numeric)
        let count = Int(try value.integer(UInt16.self))
        let weight = Int(try value.integer(Int16.self, at: 2))
        let sign = try value.integer(UInt16.self, at: 4)
        let scale = Int(try value.integer(UInt16.self, at: 6))
        if let special = specials.first(where: { $0.sign == sign }) { return PostgresNumeric(trusted: special.word) }
        func group(_ index: Int) throws(PostgresCodecFault) -> String {
            guard index >= 0, index < count else { return "0000" }
            let text = String(try value.integer(UInt16.self, at: 8 + index * 2))
            return String(repeating: "0", count: max(0, 4 - text.utf8.count)) + text
        }
        var whole = ""
        if weight >= 0 { for index in 0...weight { whole += try group(index) } }
        whole = String(whole.drop { $0 == "0" })
        var text = (sign == 0x4000 ? "-" : "") + (whole.isEmpty ? "0" : whole)
        if scale > 0 {
            var fraction = ""
            var index = weight + 1
            while fraction.utf8.count < scale {
                fraction += try group(index)
                index += 1
            }
            text += "." + fraction.prefix(scale)
        }
        return PostgresNumeric(trusted: text)
    }
}

extension PostgresNumeric: CustomStringConvertible {
    /// The decimal digits.
    public var description: String { text }
}

/// A decimal number cut into groups of four digits around its point.
private struct Digits {
    var isNegative = false
    var scale = 0
    /// The power of 10,000 of the first group.
    var weight = 0
    var groups: [Int16] = []

    init?(_ text: String) {
        var rest = text.utf8[...]
        if let sign = rest.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
            isNegative = sign == UInt8(ascii: "-")
            rest.removeFirst()
        }
        let parts = rest.split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
        let whole = [UInt8](parts[0])
        let fraction = parts.count == 2 ? [UInt8](parts[1]) : []
        guard whole.count + fraction.count > 0, parts.count == 1 || !fraction.isEmpty else { return nil }
        guard (whole + fraction).allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            return nil
        }
        scale = fraction.count
        let zero = UInt8(ascii: "0")
        let padded =
            [UInt8](repeating: zero, count: (4 - whole.count % 4) % 4) + whole + fraction
            + [UInt8](repeating: zero, count: (4 - fraction.count % 4) % 4)
        weight = (whole.count + 3) / 4 - 1
        for start in stride(from: 0, to: padded.count, by: 4) {
            groups.append(padded[start..<start + 4].reduce(0) { $0 * 10 + Int16($1 - zero) })
        }
        while groups.first == 0 {
            groups.removeFirst()
            weight -= 1
        }
        while groups.last == 0 { groups.removeLast() }
        if groups.isEmpty {
            weight = 0
            isNegative = false
        }
    }
}
