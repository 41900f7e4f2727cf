/// A time zone file as RFC 8536 describes it, versions 1 to 4.
struct TZif {
    var initialOffset: Int
    var transitions: [(at: Int64, offset: Int)]
    var rule: PosixRule?

    /// A reason, in words, why a file cannot be used.
    struct Failure: Error { var reason: String }

    init(_ bytes: [UInt8]) throws(Failure) {
        let first = try Header(bytes, at: 0)
        guard first.version > 1 else {
            let block = try Block(bytes, at: 44, header: first, wordSize: 4)
            (initialOffset, transitions) = (block.initialOffset, block.transitions)
            return
        }
        let start = 44 + first.size(wordSize: 4)
        let header = try Header(bytes, at: start)
        let block = try Block(bytes, at: start + 44, header: header, wordSize: 8)
        (initialOffset, transitions) = (block.initialOffset, block.transitions)
        let footer = bytes.dropFirst(start + 44 + header.size(wordSize: 8))
        guard footer.first == 10, let end = footer.dropFirst().firstIndex(of: 10) else {
            throw Failure(reason: "its footer is missing")
        }
        let text = String(decoding: footer[(footer.startIndex + 1)..<end], as: UTF8.self)
        guard !text.isEmpty else { return }
        guard let rule = PosixRule(text) else { throw Failure(reason: "its rule \"\(text)\" is malformed") }
        self.rule = rule
    }

    /// The zone, with the rule's changes written out for 400 years, after which they repeat.
    func zone(id: String, version: String) -> Zone {
        var all = transitions
        var cycles = false
        if let rule {
            let last = transitions.last?.at ?? Int64.min
            let year = last == .min ? 1970 : CivilDate(dayNumber: Int(last.flooredQuotient(86_400))).year
            if rule.daylight == nil {
                if let offset = transitions.last?.offset ?? initialOffset as Int?, offset != rule.standardOffset {
                    all.append((max(last, -.maxSeconds) + 1, rule.standardOffset))
                }
            } else {
                cycles = true
                let future = (year...(year + 401)).flatMap { rule.transitions(in: $0) }
                for transition in future where transition.at > last {
                    if transition.at == all.last?.at { all.removeLast() }
                    all.append(transition)
                }
            }
        }
        return Zone(id: id, version: version, initialOffset: initialOffset, transitions: all, cycles: cycles)
    }
}

extension Int64 {
    fileprivate static let maxSeconds: Int64 = 1 << 56
}

private struct Header {
    var version, isUTCount, isStandardCount, leapCount, timeCount, typeCount, characterCount: Int

    init(_ bytes: [UInt8], at start: Int) throws(TZif.Failure) {
        guard bytes.count >= start + 44, bytes[start..<start + 4].elementsEqual("TZif".utf8) else {
            throw TZif.Failure(reason: "it is not a TZif file")
        }
        let mark = bytes[start + 4]
        version = mark == 0 ? 1 : Int(mark) - 48
        guard (1...9).contains(version) else { throw TZif.Failure(reason: "its version is unknown") }
        func count(_ index: Int) -> Int { Int(bytes.bigEndian(at: start + 20 + index * 4, size: 4)) }
        (isUTCount, isStandardCount, leapCount) = (count(0), count(1), count(2))
        (timeCount, typeCount, characterCount) = (count(3), count(4), count(5))
        let all = [isUTCount, isStandardCount, leapCount, timeCount, typeCount, characterCount]
        guard all.allSatisfy({ (0...100_000).contains($0) }), typeCount > 0 else {
            throw TZif.Failure(reason: "its counts are not plausible")
        }
    }

    func size(wordSize: Int) -> Int {
        timeCount * (wordSize + 1) + typeCount * 6 + characterCount + leapCount * (wordSize + 4)
            + isStandardCount + isUTCount
    }
}

private struct Block {
    var initialOffset: Int
    var transitions: [(at: Int64, offset: Int)] = []

    init(_ bytes: [UInt8], at start: Int, header: Header, wordSize: Int) throws(TZif.Failure) {
        guard bytes.count >= start + header.size(wordSize: wordSize) else {
            throw TZif.Failure(reason: "it is cut short")
        }
        guard header.leapCount == 0 else {
            throw TZif.Failure(reason: "it counts leap seconds (a \"right/\" zone), which instants here do not")
        }
        let indices = start + header.timeCount * wordSize
        let types = indices + header.timeCount
        let offsets = (0..<header.typeCount).map { Int(bytes.bigEndian(at: types + $0 * 6, size: 4)) }
        guard offsets.allSatisfy({ abs($0) <= 93_599 }) else {
            throw TZif.Failure(reason: "an offset is not plausible")
        }
        initialOffset = offsets[0]
        var last = Int64.min
        for index in 0..<header.timeCount {
            let at = bytes.bigEndian(at: start + index * wordSize, size: wordSize)
            let type = Int(bytes[indices + index])
            guard type < offsets.count, at > last else { throw TZif.Failure(reason: "its transitions are damaged") }
            // Before the Big Bang some files put a mark that is no transition.
            if at > -(1 << 56) { transitions.append((at, offsets[type])) } else { initialOffset = offsets[type] }
            last = at
        }
    }
}

extension [UInt8] {
    /// A signed big-endian number of 4 or 8 bytes.
    fileprivate func bigEndian(at start: Int, size: Int) -> Int64 {
        var value: UInt64 = 0
        for byte in self[start..<start + size] { value = value << 8 | UInt64(byte) }
        return size == 4 ? Int64(Int32(truncatingIfNeeded: value)) : Int64(bitPattern: value)
    }
}
