import CEL
import Testing

@Suite("Explaining CEL")
struct ExplanationTests {
    private func reasons(_ source: String) throws -> [String] {
        let instant = { (text: String) in Timestamp(rfc3339: text).map { Value.timestamp($0) } ?? .null }
        let data: Value = .map(
            MapValue(fields: [
                ("detectedAt", instant("2026-03-27T19:55:00Z")), ("awareAt", instant("2026-03-27T19:50:00Z")),
                ("major", .bool(false)), ("severity", .string("sev2")), ("gaps", .list([])),
                ("hits", [3, 5, 8] as Value), ("count", .int(0)),
            ]))
        let environment = Environment(variables: ["data": .dyn, "now": .timestamp])
        let values = Bindings(["data": data, "now": instant("2026-03-27T20:00:00Z")])
        return Program(try Expression(parsing: source), in: environment).explain(values).reasons
    }

    @Test(
        "Reasons are the smallest parts responsible, with their values",
        arguments: [
            (
                "data.awareAt >= data.detectedAt && data.awareAt <= now",
                ["data.awareAt >= data.detectedAt (2026-03-27T19:50:00Z >= 2026-03-27T19:55:00Z) is false"]
            ),
            (
                "data.severity == 'sev1' ||\n  data.major",
                ["data.severity == 'sev1' (\"sev2\" == \"sev1\") is false", "data.major is false"]
            ),
            ("!(data.major || size(data.gaps) == 0)", ["size(data.gaps) == 0 (0 == 0) is true"]),
            ("has(data.due)", ["data.due is not set"]),
            ("!has(data.major)", ["data.major is set"]),
            ("data.major ? data.count > 1 : data.count > 2", ["data.count > 2 (0 > 2) is false"]),
            (
                "data.hits.all(h, h < 4)",
                ["data.hits.all(h, h < 4) is false for element 2: h < 4 (5 < 4) is false"]
            ),
            ("data.gaps.exists(g, g == 1)", ["data.gaps.exists(g, g == 1) (0 elements) is false"]),
            (
                "data.hits.exists(h, h > 9)",
                [
                    "data.hits.exists(h, h > 9) is false for element 1: h > 9 (3 > 9) is false; "
                        + "for element 2: h > 9 (5 > 9) is false; for element 3: h > 9 (8 > 9) is false"
                ]
            ),
            ("data.severity.startsWith('x')", ["data.severity.startsWith('x') (data.severity = \"sev2\") is false"]),
            ("data.due < now", ["data.due: no such key: 'due'"]),
            ("10 / data.count > 1", ["10 / data.count: division by zero"]),
            ("data.hits[0] + 1", ["data.hits[0] + 1 is 4"]),
            ("'sev2' in ['sev1', 'sev3']", ["'sev2' in ['sev1', 'sev3'] (\"sev2\" in [\"sev1\", \"sev3\"]) is false"]),
        ])
    func sentences(source: String, expected: [String]) throws {
        #expect(try reasons(source) == expected)
    }

    @Test("The tree holds every part with its value")
    func tree() throws {
        let program = Program(
            try Expression(parsing: "a > 1 && strings.quote(b) == 'x'"),
            in: Environment(variables: ["a": .int, "b": .string]))
        let explanation = program.explain(Bindings(["a": 2, "b": "x"]))
        #expect(explanation.value == false)
        #expect(explanation.children.map(\.text) == ["a > 1", "strings.quote(b) == 'x'"])
        #expect(explanation.children.map(\.value) == [true, false])
        #expect(explanation.children[1].children.map(\.text) == ["strings.quote(b)"])
    }
}
