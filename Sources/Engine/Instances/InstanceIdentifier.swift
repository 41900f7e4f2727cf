import Deadlines
import Workflows

extension Identifier {
    /// Makes an identifier of version 7 for an instant, with 74 random bits.
    public static func version7(at instant: Instant) -> Identifier {
        var generator = SystemRandomNumberGenerator()
        let milliseconds = UInt64(max(0, instant.microseconds / 1000)) & 0xffff_ffff_ffff
        let high = milliseconds << 16 | 0x7000 | UInt64.random(in: 0...0xfff, using: &generator)
        let low = UInt64.random(in: 0...(.max >> 2), using: &generator) | 1 << 63
        return Identifier(high: high, low: low)
    }

    /// The version of the UUID, from 0 to 15.
    public var version: Int { Int(high >> 12 & 15) }

    /// The instant that an identifier of version 7 begins with, in whole milliseconds.
    public var instant: Instant { Instant(microseconds: Int64(high >> 16) * 1000) }

    /// An identifier derived from the first 128 bits of a digest: version 8, the same for the same content.
    static func derived(from digest: [UInt8]) -> Identifier {
        var halves: [UInt64] = [0, 0]
        for (index, byte) in digest.prefix(16).enumerated() {
            halves[index / 8] = halves[index / 8] << 8 | UInt64(byte)
        }
        return Identifier(high: halves[0] & ~0xf000 | 0x8000, low: halves[1] & (.max >> 2) | 1 << 63)
    }

    /// The sixteen bytes, most significant first.
    var bytes: [UInt8] {
        [high, low].flatMap { half in stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: half >> $0) }
        }
    }
}
