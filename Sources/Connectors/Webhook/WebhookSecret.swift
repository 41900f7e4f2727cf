import CLibCrypto
import Engine

/// A symmetric secret of the Standard Webhooks specification: `whsec_` and 24 to 64 bytes in Base64.
struct WebhookSecret: Sendable {
    private let key: [UInt8]

    init(_ text: String) throws(DestinationFault) {
        guard text.hasPrefix("whsec_"), let key = Base64.decode(String(text.dropFirst(6))),
            (24...64).contains(key.count)
        else {
            throw DestinationFault(
                setting: "secret",
                message:
                    "must be `whsec_` followed by 24 to 64 random bytes in Base64, as `openssl rand -base64 32` makes")
        }
        self.key = key
    }

    /// `v1,` and the HMAC-SHA-256 of identifier, timestamp and body in Base64.
    func signature(id: String, timestamp: Int64, body: [UInt8]) -> String {
        let content = Array("\(id).\(timestamp).".utf8) + body
        var code = [UInt8](repeating: 0, count: 32)
        HMAC(EVP_sha256(), key, Int32(key.count), content, content.count, &code, nil)
        return "v1,\(Base64.encode(code))"
    }
}
