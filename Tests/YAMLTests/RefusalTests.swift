import Testing
import YAML

@Suite("What a document may not hold is refused with its place")
struct RefusalTests {
    @Test func tags() {
        expectFault("k: !!str 1", .tag, 1, 4)
        expectFault("- !point [1]", .tag, 1, 3)
        expectFault("k: !<tag:yaml.org,2002:int> 1", .tag, 1, 4)
    }

    @Test func anchorsAndAliases() {
        expectFault("a: &x 1\nb: *x", .anchor, 1, 4)
        expectFault("a: &x 1\nb: *x", .anchor, 2, 4)
        expectFault("a: &x {b: 1}", .anchor, 1, 4)
    }

    @Test func aliasesDoNotMultiply() {
        var text = "a0: &a0 [x]\n"
        for index in 1...40 { text += "a\(index): &a\(index) [*a\(index - 1), *a\(index - 1)]\n" }
        #expect(YAML.read(Array(text.utf8)).faults.count == 121)
    }

    @Test func duplicateKeys() {
        expectFault("a: 1\nb: {c: 1, d: 2, c: 3}", .duplicateKey, 2, 17)
        expectFault("a: 1\n'a': 2", .duplicateKey, 2, 1)
    }

    @Test func everyDuplicateIsReportedOnce() {
        let faults = YAML.read(Array("a: 1\na: 2\nb: 1\na: 3\nb: 2\n".utf8)).faults
        #expect(faults.map(\.line) == [2, 4, 5])
    }

    @Test func keysThatAreNoWords() {
        expectFault("? [a, b]\n: 1", .key, 1, 3)
        expectFault("title: {{data.title}}", .key, 1, 9)
        expectFault("? ~\n: 1", .key, 1, 3)
    }

    @Test func furtherDocumentsAndDirectives() {
        expectFault("a: 1\n---\nb: 2\n", .documents, 2, 1)
        expectFault("%YAML 1.1\n---\na: 1\n", .directive, 1, 1)
        expectFault("%TAG ! tag:x,2000:\n---\na: 1\n", .directive, 1, 1)
        #expect(throws: Never.self) { try YAML.parse("---\na: 1\n...\n") }
        #expect(throws: Never.self) { try YAML.parse("%YAML 1.2\n---\na: 1\n") }
    }

    @Test func nothingAtAll() {
        expectFault("", .empty, 1, 1)
        expectFault("# only a remark\n", .empty, 1, 1)
    }

    @Test func tabsThatIndent() {
        expectFault("a:\n\tb: 1", .tab, 2, 1)
        expectFault("a:\n  - b\n \t- c", .tab, 3, 2)
    }

    @Test func bytesThatAreNotUTF8() {
        let faults = YAML.read(Array("a: 1\nb: ".utf8) + [0xC3, 0x28]).faults
        #expect(faults.map { [$0.line, $0.column] } == [[2, 4]])
        #expect(faults.map(\.code) == [.encoding])
        #expect(YAML.read([0xFF, 0xFE, 0x61, 0x00]).faults.map(\.code) == [.encoding])
        #expect(YAML.read([0xED, 0xA0, 0x80]).faults.map(\.code) == [.encoding])
    }

    @Test func charactersThatReadersDisagreeAbout() {
        expectFault("a: \u{0}", .encoding, 1, 4)
        expectFault("a: x\u{2028}y", .encoding, 1, 5)
        expectFault("a: \u{7F}", .encoding, 1, 4)
        expectFault("a: x\u{FEFF}", .encoding, 1, 5)
    }

    @Test func moreBytesThanTheLimit() {
        let faults = YAML.read([UInt8](repeating: 0x61, count: 10 << 20)).faults
        #expect(faults.map(\.code) == [.size])
        #expect(YAML.read(Array("abc".utf8), limits: YAML.Limits(bytes: 2)).faults.map(\.code) == [.size])
    }

    @Test func moreLevelsThanTheLimit() {
        let open = String(repeating: "[\n", count: 100_000)
        #expect(YAML.read(Array(open.utf8)).faults.map(\.code) == [.depth])
        let dashes = String(repeating: "- ", count: 100_000)
        #expect(YAML.read(Array(dashes.utf8)).faults.map(\.code) == [.depth])
        let marks = String(repeating: "? ", count: 100_000)
        #expect(YAML.read(Array(marks.utf8)).faults.map(\.code) == [.depth])
        #expect(YAML.read(Array("[[x]]".utf8), limits: YAML.Limits(depth: 2)).faults.isEmpty)
        #expect(YAML.read(Array("[[[x]]]".utf8), limits: YAML.Limits(depth: 2)).faults.map(\.column) == [3])
    }

    @Test func theTreeSurvivesWhatIsRefused() {
        let (root, faults) = YAML.read(Array("a: 1\na: 2\nb: !x 3\n".utf8))
        #expect(faults.count == 2)
        #expect(root?.mapping?.keys == ["a", "b"])
        #expect(root?["a"]?.scalar?.value == .int(1))
    }
}
