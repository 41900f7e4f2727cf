import Testing
import YAML

@Suite("Expressions that lack quotes are explained")
struct TrapTests {
    @Test(arguments: [
        ("guard: !data.major", 8), ("guard: !data.a && data.b", 8), ("{ when: !has(data.x), else: No }", 9),
        ("- { when: !(a) }", 11), ("guard: !", 8),
    ])
    func leadingExclamationMark(text: String, column: Int) {
        expectFault(text, .tag, 1, column)
    }

    @Test(arguments: [
        ("with: { title: \"a\" + data.b }", 16), ("guard: 'x' == data.y", 8), ("- \"a\" in data.list", 3),
        ("a: \"b\\\"c\" == d", 4),
    ])
    func leadingQuote(text: String, column: Int) {
        expectFault(text, .leadingQuote, 1, column)
    }

    @Test(arguments: [
        ("set: { x: a ? b : c }", 11), ("compute: data.a ? 1 : 2", 10), ("a:\n  b: c ? d : e", 6),
        ("{ compute: data.severity == \"sev1\" ? duration(\"4h\") : duration(\"24h\") }", 12),
    ])
    func conditional(text: String, column: Int) {
        expectFault(text, .conditional, text.contains("\n") ? 2 : 1, column)
    }

    @Test(arguments: [
        ("{ guard: f(a, b), target: x }", 10), ("{ when: x in [1, 2] }", 14), ("[size(a, b)]", 2),
    ])
    func commasAndBracketsInFlowStyle(text: String, column: Int) {
        expectFault(text, .flow, 1, column)
    }

    @Test(arguments: [
        ("a: @x", 4), ("a: `x", 4), ("a: %x", 4), ("a: 'open\nb: 1", 4), ("a: b: c", 5), ("a: \"\\q\"", 5),
        ("a: [1, 2", 1), ("a: 1\nb", 1), ("- a\nb: 1", 1), ("a\nb: 1", 2),
    ])
    func otherFaultsAreClearAndPlaced(text: String, column: Int) {
        let faults = YAML.read(Array(text.utf8)).faults
        #expect(faults.count == 1)
        #expect(faults.first?.column == column, "\(faults)")
    }

    @Test func aWellQuotedExpressionIsText() throws {
        let root = try YAML.parse(
            """
            a: '!data.major || state != "responding"'
            b: 'data.major && !before.major ? now : data.classifiedAt'
            c: related("incident").exists(i, !i.final && i.severity == "sev1")
            d: { guard: data.verdict == "passed", target: passed }
            """)
        #expect(root["a"]?.string == "!data.major || state != \"responding\"")
        #expect(root["d"]?["guard"]?.string == "data.verdict == \"passed\"")
    }
}
