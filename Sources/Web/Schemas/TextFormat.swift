extension Schema.TextFormat {
    /// What is expected, for messages.
    var words: String {
        switch self {
        case .instant: "an RFC 3339 instant with offset, such as 2026-03-27T21:00:00+01:00"
        case .date: "a date, such as 2026-03-27"
        case .uuid: "a UUID"
        case .uri: "an absolute URI"
        case .digest: "a SHA-256 in 64 hexadecimal digits"
        }
    }

    /// Whether a text looks like it.
    func accepts(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        switch self {
        case .instant: return Self.isInstant(bytes)
        case .date: return bytes.count == 10 && Self.isDate(bytes[...])
        case .uuid: return Self.matches(bytes[...], "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx")
        case .digest: return bytes.count == 64 && bytes.allSatisfy(\.isHexadecimal)
        case .uri: return Self.isAbsoluteURI(bytes)
        }
    }

    /// The shape alone: whoever reads the instant checks that it exists.
    private static func isInstant(_ bytes: [UInt8]) -> Bool {
        guard bytes.count >= 20, isDate(bytes[..<10]), [0x54, 0x74, 0x20].contains(bytes[10]),
            matches(bytes[11..<19], "00:00:00")
        else { return false }
        var rest = bytes[19...]
        if rest.first == UInt8(ascii: ".") {
            let digits = rest.dropFirst().prefix { (0x30...0x39).contains($0) }
            guard !digits.isEmpty else { return false }
            rest = rest.dropFirst(1 + digits.count)
        }
        switch rest.first {
        case UInt8(ascii: "Z"), UInt8(ascii: "z"): return rest.count == 1
        case UInt8(ascii: "+"), UInt8(ascii: "-"): return matches(rest.dropFirst(), "00:00")
        default: return false
        }
    }

    private static func isDate(_ bytes: ArraySlice<UInt8>) -> Bool { matches(bytes, "0000-00-00") }

    private static func isAbsoluteURI(_ bytes: [UInt8]) -> Bool {
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), colon > 0, colon + 1 < bytes.count else {
            return false
        }
        let scheme = bytes[..<colon]
        let isScheme = scheme.allSatisfy { byte in
            (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte) || [0x2B, 0x2D, 0x2E].contains(byte)
        }
        return isScheme && (0x61...0x7A).contains(scheme[0] | 0x20) && bytes.allSatisfy { (0x21...0x7E).contains($0) }
    }

    /// In the pattern `0` stands for a digit, `x` for a hexadecimal one, all else for itself.
    private static func matches(_ bytes: ArraySlice<UInt8>, _ pattern: StaticString) -> Bool {
        guard bytes.count == pattern.utf8CodeUnitCount else { return false }
        for (offset, byte) in bytes.enumerated() {
            switch pattern.utf8Start[offset] {
            case UInt8(ascii: "0"): guard (0x30...0x39).contains(byte) else { return false }
            case UInt8(ascii: "x"): guard byte.isHexadecimal else { return false }
            case let literal: guard literal == byte else { return false }
            }
        }
        return true
    }
}

extension UInt8 {
    /// Whether the byte is an ASCII hexadecimal digit.
    var isHexadecimal: Bool {
        (0x30...0x39).contains(self) || (0x61...0x66).contains(self | 0x20)
    }
}
