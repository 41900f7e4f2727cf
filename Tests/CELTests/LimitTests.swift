import CEL
import JSON
import Testing

@Suite("Limits of CEL")
struct LimitTests {
    @Test(
        "Work beyond the cost limit ends the evaluation",
        arguments: [
            "x.all(a, x.all(b, x.all(c, x.all(d, true))))",
            "x.map(a, x.map(b, x.map(c, x)))",
            "x.map(a, s + s + s + s).map(a, a + a + a + a).map(a, a + a + a + a).size() > 0",
            "x.exists(a, x.exists(b, x == x && s.contains('y') && false))",
            "x.all(a, x.all(b, s.matches('(x+x+)+y') || true))",
            "x.map(a, s).map(a, s.replace('x', s)).size() > 0",
            "true || x.all(a, x.all(b, x.all(c, false || true)))",
        ])
    func cost(source: String) throws {
        let environment = Environment(variables: ["x": .dyn, "s": .string])
        let values = Bindings([
            "x": .list((0..<1000).map { .int($0) }), "s": .string(String(repeating: "x", count: 10_000)),
        ])
        let program = Program(try Expression(parsing: source), in: environment)
        if source.hasPrefix("true ||") {
            #expect(try program.evaluate(values) == true)
            return
        }
        #expect {
            try program.evaluate(values)
        } throws: { error in
            guard let error = error as? EvaluationError, case .costExceeded = error.kind else { return false }
            return !error.isAbsorbable
        }
    }

    @Test("No damaged expression crashes the parser, the checker or the evaluator")
    func mutations() throws {
        var random = SplitMix(state: 42)
        let environment = Environment(variables: ["data": .dyn, "now": .timestamp, "s": .string, "l": .list(.int)])
        let values = Bindings([
            "data": ["a": 1, "b": [1, 2, "x"], "c": ["d": nil]], "s": "some text", "l": [1, 2, 3],
            "now": Timestamp(seconds: 1_700_000_000).map { .timestamp($0) } ?? .null,
        ])
        var parsed = 0
        var evaluated = 0
        for round in 0..<100_000 {
            var bytes = Array(Self.seeds[round % Self.seeds.count].utf8)
            for _ in 0...Int(random.next() % 4) { Self.damage(&bytes, &random) }
            guard let expression = try? Expression(parsing: bytes) else { continue }
            parsed += 1
            _ = expression.check(environment)
            _ = expression.references
            let program = Program(expression, in: environment)
            if (try? program.evaluate(values, limit: CostLimit(units: 20_000))) != nil { evaluated += 1 }
            if round % 16 == 0 { _ = program.explain(values, limit: CostLimit(units: 2_000)).reasons }
        }
        #expect(parsed > 5_000)
        #expect(evaluated > 1_000)
    }

    @Test("No random bytes crash the parser")
    func noise() {
        var random = SplitMix(state: 1)
        for _ in 0..<5_000 {
            let bytes = (0..<Int(random.next() % 40)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            _ = try? Expression(parsing: bytes)
            _ = try? Regex(String(decoding: bytes, as: UTF8.self)).matches("some text 123")
            _ = EvaluationRequest.answer(line: String(decoding: bytes, as: UTF8.self))
        }
    }

    private static let seeds = [
        "data.a + 1 > 2 && has(data.b) || !(data.c.d == null)", "l.map(x, x * 2).filter(x, x > 2).size() == 2",
        "now - duration('1h30m') < timestamp('2026-03-27T20:55:00Z') ? \"yes\" : 'no'",
        "'%s %d %.2f'.format([s, 1, 2.5]) + r'\\d' + \"\"\"a\nb\"\"\"",
        "s.matches('^[a-z]+(\\\\s|$){1,3}') in [true, false]",
        "{'k': [1, 2u, 3.5, b'\\x00', null], 2: -9223372036854775808}['k'][1] % 2u",
        "data.b.exists_one(i, v, i == 0 && v != 'x')",
        "s.split(' ').join(',').substring(1, 3).indexOf('o', 1) + l[0] / 0",
        "now.getHours('Europe/Berlin') + now.getDate('+02:00')",
        "[1, 2].transformMapEntry(i, v, {i: [v]}).all(k, k < 5)", "type(dyn([int(1.5), uint(2), string(3)])) == list",
    ]

    private static let fragments = [
        "(", ")", "[", "]", "{", "}", ".", ",", ":", "?", "&&", "||", "!", "-", "+", "/", "%", "in", "'", "\"", "\\",
        "0", "1u", "2.5", "null", "data", "s", "l", "has(", ".all(x, ", ".map(x,", ".size()", "😀", "\u{0}", "r'", "b'",
        "9223372036854775807", "1e308", "matches", "string(", "`a b`",
    ]

    private static func damage(_ bytes: inout [UInt8], _ random: inout SplitMix) {
        let index = bytes.isEmpty ? 0 : Int(random.next() % UInt64(bytes.count))
        switch random.next() % 4 {
        case 0 where !bytes.isEmpty: bytes[index] = UInt8(truncatingIfNeeded: random.next())
        case 1 where !bytes.isEmpty: bytes.remove(at: index)
        case 2 where bytes.count > 4:
            let end = min(bytes.count, index + Int(random.next() % 12))
            bytes.insert(contentsOf: bytes[index..<end], at: Int(random.next() % UInt64(bytes.count)))
        default: bytes.insert(contentsOf: fragments[Int(random.next() % UInt64(fragments.count))].utf8, at: index)
        }
    }
}

struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
