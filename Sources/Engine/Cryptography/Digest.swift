import CLibCrypto

/// Digests through libcrypto.
public enum Digest {
    /// SHA-256 of bytes: 32 bytes.
    public static func sha256(_ bytes: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 32) { digest, count in
            count = 32
            let isDone = EVP_Digest(bytes, bytes.count, digest.baseAddress, nil, sha256, nil)
            precondition(isDone == 1, "libcrypto has no SHA-256")
        }
    }

    /// Looked up once: libcrypto's own `SHA256` looks for it at each call.
    private nonisolated(unsafe) static let sha256 = EVP_MD_fetch(nil, "SHA256", nil)

    /// HMAC-SHA-256 of bytes under a key: 32 bytes.
    public static func hmac(_ bytes: [UInt8], key: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 32)
        var length: UInt32 = 0
        _ = CLibCrypto.HMAC(EVP_sha256(), key, Int32(key.count), bytes, bytes.count, &digest, &length)
        return digest
    }

    /// Whether two digests are equal, in a time that does not tell where they differ.
    public static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        left.count == right.count && CRYPTO_memcmp(left, right, left.count) == 0
    }

    /// Bytes in lower-case hexadecimal.
    public static func hexadecimal(_ bytes: some Collection<UInt8>) -> String {
        String(unsafeUninitializedCapacity: bytes.count * 2) { write(bytes, into: $0) }
    }

    /// Writes bytes in hexadecimal digits, two each; returns how many digits there are.
    static func write(_ bytes: some Collection<UInt8>, into text: UnsafeMutableBufferPointer<UInt8>) -> Int {
        func digit(_ value: UInt8) -> UInt8 { value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") - 10 + value }
        for (index, byte) in bytes.enumerated() {
            text[2 * index] = digit(byte >> 4)
            text[2 * index + 1] = digit(byte & 15)
        }
        return bytes.count * 2
    }
}

/// Random bytes from libcrypto's generator, which the system seeds.
public enum Randomness {
    /// That many bytes that nobody can guess.
    public static func bytes(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        var bytes = [UInt8](repeating: 0, count: count)
        if RAND_bytes(&bytes, Int32(count)) != 1 {
            for index in bytes.indices { bytes[index] = UInt8.random(in: .min ... .max, using: &generator) }
        }
        return bytes
    }
}
