import CEL
import Workflows

/// What is refused before a command costs the database anything.
enum InputCheck {
    /// The most bytes of text that one command may bring.
    static let limit = 1 << 20

    /// Why a command cannot be stored, whatever its definition says; nil where it can.
    static func refusal(of command: Command) -> Refusal? {
        if let key = command.idempotencyKey, !(1...255).contains(key.unicodeScalars.count) {
            return Refusal(code: "invalid", message: "An idempotency key has 1 to 255 characters.")
        }
        let bytes = command.input.json.bytes()
        guard bytes.count <= limit else {
            return Refusal(
                code: "too-large", message: "The request has \(bytes.count) bytes; at most \(limit) are taken.",
                details: ["limit": .int(Int64(limit))])
        }
        // JSON writes U+0000 as an escape, which no other text turns into.
        guard !contains(Array("\\u0000".utf8), in: bytes), !(command.idempotencyKey ?? "").utf8.contains(0) else {
            return Refusal(
                code: Refusal.unstorable, message: "A text holds the character U+0000, which cannot be stored.")
        }
        return nil
    }

    private static func contains(_ needle: [UInt8], in bytes: [UInt8]) -> Bool {
        guard bytes.contains(UInt8(ascii: "\\")), bytes.count >= needle.count else { return false }
        var index = 0
        while index + needle.count <= bytes.count {
            if bytes[index] == needle[0] {
                if bytes[index + 1] == needle[0] {
                    index += 2
                    continue
                }
                if bytes[index..<index + needle.count].elementsEqual(needle) { return true }
            }
            index += 1
        }
        return false
    }
}
