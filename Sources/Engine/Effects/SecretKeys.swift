import CLibCrypto
import Workflows

/// The installation's keys, under which secrets of destinations are kept: AES-256-GCM in an envelope.
///
/// Each secret is encrypted under a random key of its own, and that key under one of these. A row names the key it
/// needs, so that keys can be changed one after the other: put the new one first, save the destinations again, then
/// drop the old one.
public struct SecretKeys: Sendable {
    private struct Key: Sendable {
        var id: String
        var bytes: [UInt8]
    }

    private let keys: [Key]

    /// No key: secrets can neither be kept nor read.
    public static let none = SecretKeys(keys: [])

    private init(keys: [Key]) { self.keys = keys }

    /// Reads `ID:KEY` pairs separated by commas, the present key first; a key is 32 bytes in hexadecimal.
    ///
    /// - Throws: ``SecretFault`` saying what is wrong, never showing a key.
    public init(parsing text: String) throws(SecretFault) {
        var keys: [Key] = []
        for part in text.split(separator: ",") {
            let pair = part.split(separator: ":", maxSplits: 1)
            guard pair.count == 2, let bytes = Self.bytes(hexadecimal: pair[1]), bytes.count == 32 else {
                throw SecretFault(
                    "a key is written ID:KEY with 64 hexadecimal digits, as `openssl rand -hex 32` prints them")
            }
            keys.append(Key(id: String(pair[0]), bytes: bytes))
        }
        guard !keys.isEmpty else { throw SecretFault("no key is given") }
        guard Set(keys.map(\.id)).count == keys.count else { throw SecretFault("two keys have the same ID") }
        self.init(keys: keys)
    }

    /// Encrypts a secret under the present key.
    ///
    /// - Parameter context: What the secret belongs to; it cannot be read in another place.
    func seal(_ secret: [UInt8], context: [UInt8]) throws(SecretFault) -> (sealed: [UInt8], keyID: String) {
        guard let key = keys.first else {
            throw SecretFault("there is no key to keep secrets under; set REEVE_KEY, as `reeve help keys` says")
        }
        let own = Randomness.bytes(32)
        let wrapped = try Cipher.seal(own, key: key.bytes, context: context)
        return ([1] + wrapped + (try Cipher.seal(secret, key: own, context: context)), key.id)
    }

    /// Decrypts what ``seal(_:context:)`` made.
    func open(_ sealed: [UInt8], keyID: String, context: [UInt8]) throws(SecretFault) -> [UInt8] {
        guard let key = keys.first(where: { $0.id == keyID }) else {
            throw SecretFault("the key `\(keyID)` that a secret was kept under is not configured; add it to REEVE_KEY")
        }
        let wrappedLength = 32 + Cipher.overhead
        guard sealed.first == 1, sealed.count > 1 + wrappedLength else {
            throw SecretFault("a secret is kept in a form that this version of Reeve does not know")
        }
        let own = try Cipher.open(Array(sealed[1...wrappedLength]), key: key.bytes, context: context)
        return try Cipher.open(Array(sealed[(1 + wrappedLength)...]), key: own, context: context)
    }

    private static func bytes(hexadecimal text: Substring) -> [UInt8]? {
        let digits = Array(text.utf8)
        guard digits.count % 2 == 0 else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let byte = UInt8(String(decoding: digits[index...index + 1], as: UTF8.self), radix: 16) else {
                return nil
            }
            bytes.append(byte)
        }
        return bytes
    }
}

/// Why a secret cannot be kept or read.
public struct SecretFault: Error, Sendable, Equatable, CustomStringConvertible {
    /// Cause and way out.
    public let description: String

    init(_ description: String) { self.description = description }
}

/// AES-256-GCM: nonce, text, tag.
private enum Cipher {
    private static let nonceLength = 12
    private static let tagLength = 16
    static let overhead = nonceLength + tagLength

    static func seal(_ text: [UInt8], key: [UInt8], context: [UInt8]) throws(SecretFault) -> [UInt8] {
        let nonce = Randomness.bytes(nonceLength)
        guard let cipher = EVP_CIPHER_CTX_new() else { throw SecretFault("libcrypto has no memory") }
        defer { EVP_CIPHER_CTX_free(cipher) }
        var output = [UInt8](repeating: 0, count: text.count)
        var tag = [UInt8](repeating: 0, count: tagLength)
        var length: Int32 = 0
        var end: UInt8 = 0
        guard EVP_EncryptInit_ex(cipher, EVP_aes_256_gcm(), nil, key, nonce) == 1,
            EVP_EncryptUpdate(cipher, nil, &length, context, Int32(context.count)) == 1,
            EVP_EncryptUpdate(cipher, &output, &length, text, Int32(text.count)) == 1,
            EVP_EncryptFinal_ex(cipher, &end, &length) == 1,
            EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_GET_TAG, Int32(tagLength), &tag) == 1
        else { throw SecretFault("libcrypto refuses to encrypt") }
        return nonce + output + tag
    }

    static func open(_ sealed: [UInt8], key: [UInt8], context: [UInt8]) throws(SecretFault) -> [UInt8] {
        guard sealed.count >= overhead, let cipher = EVP_CIPHER_CTX_new() else {
            throw SecretFault("a secret is cut short")
        }
        defer { EVP_CIPHER_CTX_free(cipher) }
        let nonce = Array(sealed.prefix(nonceLength))
        let text = Array(sealed.dropFirst(nonceLength).dropLast(tagLength))
        var tag = Array(sealed.suffix(tagLength))
        var output = [UInt8](repeating: 0, count: text.count)
        var length: Int32 = 0
        var end: UInt8 = 0
        guard EVP_DecryptInit_ex(cipher, EVP_aes_256_gcm(), nil, key, nonce) == 1,
            EVP_DecryptUpdate(cipher, nil, &length, context, Int32(context.count)) == 1,
            EVP_DecryptUpdate(cipher, &output, &length, text, Int32(text.count)) == 1,
            EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_SET_TAG, Int32(tagLength), &tag) == 1,
            EVP_DecryptFinal_ex(cipher, &end, &length) == 1
        else { throw SecretFault("a secret was changed, or was kept under another key of the same ID") }
        return output
    }
}
