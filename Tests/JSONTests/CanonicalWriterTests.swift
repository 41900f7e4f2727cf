import JSON
import Testing

@Suite struct CanonicalWriterTests {
    private static let keys = [
        "", "a", "aa", "ab", "b", "ä", "\"", "\\", "a\"", "a\\", "\u{1}", "\u{8}", "\t", "\n", "\u{c}", "\r", "\u{1f}",
        "\u{FFFD}", "\u{E000}", "\u{10000}", "😀", "due", "dueAt", "generation",
    ]

    @Test("objects come out in order, whatever the order of their members", arguments: 0..<200 as Range<UInt64>)
    func order(seed: UInt64) {
        var random = SplitMix(state: seed)
        let chosen = Self.keys.shuffled(using: &random).prefix(Int.random(in: 0...12, using: &random))
        let inner = Self.keys.shuffled(using: &random).prefix(3)
        var expected = JSONObject()
        for (place, key) in chosen.enumerated() {
            expected[key] = place == 1 ? .object(JSONObject(inner.map { ($0, JSON.string($0)) })) : .int(Int64(place))
        }
        let written = CanonicalWriter.object { writer in
            for (place, key) in chosen.enumerated() {
                writer.key(named: key)
                guard place == 1 else {
                    writer.write(Int64(place))
                    continue
                }
                writer.object { writer in
                    for key in inner {
                        writer.key(named: key)
                        writer.write(key)
                    }
                }
            }
        }
        #expect(written == JSON.object(expected).bytes(.canonical))
    }

    @Test("arrays, numbers and absent members are written as values are")
    func values() {
        let written = CanonicalWriter.object { writer in
            writer.member("none", nil as String?)
            writer.key("numbers")
            writer.array(count: 3) { $0.write([Int64.min, 0, 12][$1]) }
            writer.key("empty")
            writer.array(count: 0) { writer, _ in writer.write("never") }
            writer.member("built", [true, nil, 1.5])
        }
        let expected: JSON = ["numbers": [.int(.min), 0, 12], "empty": [], "built": [true, nil, 1.5]]
        #expect(written == expected.bytes(.canonical))
    }
}
