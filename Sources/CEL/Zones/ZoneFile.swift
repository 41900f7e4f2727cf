/// The changes of a zone's offset, from a TZif file (RFC 8536).
struct ZoneFile: Sendable {
    private var transitions: [Int64] = []
    private var offsets: [Int] = []
    private var initialOffset = 0
    private var rule: ZoneRule?

    /// Reads a file; nil where it is none.
    init?(_ bytes: [UInt8]) {
        guard let first = Header(bytes, at: 0) else { return nil }
        if first.version == 0 {
            guard load(bytes, first, timeSize: 4) != nil else { return nil }
            return
        }
        let second = Header.size + first.bodySize(timeSize: 4)
        guard let header = Header(bytes, at: second), let end = load(bytes, header, timeSize: 8) else { return nil }
        let footer = bytes[min(end, bytes.count)...].drop { $0 == 0x0A }.prefix { $0 != 0x0A }
        rule = ZoneRule(String(decoding: footer, as: UTF8.self))
    }

    private struct Header {
        static let size = 44
        let start: Int
        let version: UInt8
        let utcCount, standardCount, leapCount, transitionCount, typeCount, characterCount: Int

        init?(_ bytes: [UInt8], at start: Int) {
            guard start >= 0, bytes.count >= start + Self.size, bytes[start..<start + 4].elementsEqual("TZif".utf8)
            else { return nil }
            func count(_ index: Int) -> Int { Int(ZoneFile.integer(bytes, at: start + 20 + index * 4, size: 4)) }
            self.start = start
            version = bytes[start + 4]
            (utcCount, standardCount, leapCount) = (count(0), count(1), count(2))
            (transitionCount, typeCount, characterCount) = (count(3), count(4), count(5))
            let counts = [utcCount, standardCount, leapCount, transitionCount, typeCount, characterCount]
            guard typeCount > 0, counts.allSatisfy({ (0...bytes.count).contains($0) }) else { return nil }
        }

        func bodySize(timeSize: Int) -> Int {
            transitionCount * (timeSize + 1) + typeCount * 6 + characterCount + leapCount * (timeSize + 4)
                + standardCount + utcCount
        }
    }

    private static func integer(_ bytes: [UInt8], at offset: Int, size: Int) -> Int64 {
        let bits = bytes[offset..<offset + size].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return size == 4 ? Int64(Int32(truncatingIfNeeded: bits)) : Int64(bitPattern: bits)
    }

    /// Reads the body behind a header and yields where it ends.
    private mutating func load(_ bytes: [UInt8], _ header: Header, timeSize: Int) -> Int? {
        let times = header.start + Header.size
        let indices = times + header.transitionCount * timeSize
        let types = indices + header.transitionCount
        let end = header.start + Header.size + header.bodySize(timeSize: timeSize)
        guard end <= bytes.count else { return nil }
        let known = (0..<header.typeCount).map { Int(Self.integer(bytes, at: types + $0 * 6, size: 4)) }
        initialOffset = known[0]
        for number in 0..<header.transitionCount {
            let index = Int(bytes[indices + number])
            guard known.indices.contains(index) else { return nil }
            transitions.append(Self.integer(bytes, at: times + number * timeSize, size: timeSize))
            offsets.append(known[index])
        }
        return end
    }

    /// Seconds to add to UTC at an instant.
    func offset(at seconds: Int64) -> Int {
        guard let last = transitions.last else { return rule?.offset(at: seconds) ?? initialOffset }
        if seconds >= last, let rule { return rule.offset(at: seconds) }
        var low = 0
        var high = transitions.count
        while low < high {
            let middle = (low + high) / 2
            if transitions[middle] <= seconds { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? initialOffset : offsets[low - 1]
    }
}
