import CEL
import Testing

@Suite("Checking CEL")
struct CheckerTests {
    private static let environment = Environment(
        variables: [
            "data": .record(
                RecordType(
                    "data",
                    fields: [
                        "awareAt": .init(.timestamp), "due": .init(.timestamp, isOptional: true),
                        "severity": .init(.enumeration(["low", "medium", "high"])), "hits": .init(.int),
                        "window": .init(
                            .record(RecordType("window", fields: ["from": .init(.timestamp)])), isOptional: true),
                        "gaps": .init(
                            .list(
                                .record(
                                    RecordType(
                                        "gap",
                                        fields: ["id": .init(.string), "owner": .init(.string, isOptional: true)])))),
                    ])),
            "now": .timestamp, "anything": .dyn, "maybe": .nullable(.string),
        ],
        functions: [FunctionDeclaration("related", [.function([.string], .list(.map(.string, .dyn)))])])

    @Test(
        "Types are inferred",
        arguments: [
            ("data.awareAt <= now", CELType.bool), ("now - data.awareAt", .duration),
            ("now + duration('1h')", .timestamp),
            ("data.gaps.map(g, g.id)", .list(.string)), ("data.gaps.filter(g, g.id != '')[0].id", .string),
            ("anything.x + 1", .int), ("anything.x", .dyn), ("[1, 'a']", .list(.dyn)),
            ("{'a': 1}", .map(.string, .int)),
            ("related('x').exists(r, r.open)", .bool), ("type(1)", .type),
            ("maybe == null ? 'x' : maybe", .nullable(.string)),
            ("data.severity", .enumeration(["low", "medium", "high"])), ("size(data.gaps) > 1u", .bool),
            ("google.protobuf.Duration", .type), ("data['hits'] * 2", .int), ("-duration('1h')", .duration),
            ("{'a': 1}.transformList(k, v, k)", .list(.string)), ("data.hits in [1, 2] ? 1.5 : 2.5", .double),
        ])
    func types(source: String, type: CELType) throws {
        let result = try Expression(parsing: source).check(Self.environment)
        #expect(result.issues.isEmpty)
        #expect(result.type == type)
    }

    @Test(
        "Faults say where, what was expected, and what was probably meant",
        arguments: [
            ("data.awareat <= now", 6, "data has no field 'awareat'; did you mean 'awareAt'?"),
            ("dta.awareAt <= now", 1, "unknown name 'dta'; did you mean 'data'?"),
            ("sise(data.gaps)", 1, "unknown function 'sise'; did you mean 'size'?"),
            ("data.hits + 'a'", 1, "'+' has no meaning between int and string"),
            ("data.hits == 'a'", 1, "int and string are never equal"),
            ("data.severity == 'hihg'", 18, "\"hihg\" is none of \"low\", \"medium\", \"high\"; did you mean 'high'?"),
            (
                "data.severity in ['low', 'hgh']", 26,
                "\"hgh\" is none of \"low\", \"medium\", \"high\"; did you mean 'high'?"
            ),
            ("data.hits && true", 1, "expected a bool beside '&&', found int"),
            ("!data.hits", 2, "expected a bool after '!', found int"),
            ("data.hits ? 1 : 2", 1, "expected a bool before '?', found int"),
            ("true ? 1 : 'a'", 8, "both results of '?' must have one type, found int and string"),
            ("data.hits.all(x, true)", 1, "expected a list or a map, found int"),
            ("data.gaps.all(g, g.id)", 18, "expected a bool as the condition of all(), found string"),
            ("data.gaps['x']", 11, "expected an int as the index of a list, found string"),
            ("data.hits.x", 11, "a value of type int has no field 'x'"),
            (
                "size(1)", 1,
                "found size(int), expected size(string), string.size(), size(bytes), bytes.size(), size(list(A)), list(A).size() …"
            ),
            (
                "duration('4 hours') > now - data.awareAt", 10,
                "\"4 hours\" is no duration; expected one such as \"1h30m\""
            ),
            (
                "timestamp('2026-02-30T00:00:00Z') < now", 11,
                "\"2026-02-30T00:00:00Z\" is no timestamp; expected one such as \"2026-03-27T20:55:00+01:00\""
            ),
            ("data.severity.matches('[')", 23, "a missing ']' in the pattern"),
            ("{1.5: 2}", 2, "a value of type double cannot be a key"),
            ("has(data.duo)", 10, "data has no field 'duo'; did you mean 'due'?"),
        ])
    func faults(source: String, column: Int, message: String) throws {
        let issues = try Expression(parsing: source).check(Self.environment).issues
        #expect(issues.map(\.message) == [message])
        #expect(issues.first?.position.column == column)
    }

    @Test("Every fault is found, in the order of the text")
    func all() throws {
        let issues = try Expression(parsing: "nope + 1 > 2 &&\n data.zzz == now && sise(1) == 'a'").check(
            Self.environment
        ).issues
        #expect(issues.map(\.kind) == [.unknownName, .unknownField, .unknownFunction])
        #expect(issues.map(\.position.line) == [1, 2, 2])
        #expect(issues.map(\.position.length) == [4, 3, 4])
    }

    @Test(
        "What is not known of a type is told apart from what is",
        arguments: [
            ("[1, 2][0] + 3 > 4 && ['a'].exists(x, x.startsWith('b'))", false), ("{'a': 1}.map(k, k + 'x')", false),
            ("size([[1], [2]][0]) == 1 ? 'a' : 'b'", false), ("data.hits + 1", false),
            ("[1, [1, []]][0][0]", true), ("[].map(x, x)", true), ("dyn(1) + 2", true), ("{'a': 1, 'b': 'c'}.a", true),
        ])
    func unknown(source: String, isPartlyUnknown: Bool) throws {
        let check = try Expression(parsing: source).check(Self.environment)
        #expect(check.issues.isEmpty && check.isPartlyUnknown == isPartlyUnknown, "\(check.issues)")
    }
}
