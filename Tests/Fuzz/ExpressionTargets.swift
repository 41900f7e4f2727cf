import CEL
import JSON

extension Target {
    /// Any bytes as an expression: parsed, checked, evaluated unchecked over some data, explained.
    static let cel = Target(name: "cel", seeds: Seeds.expressions) { bytes in
        guard let expression = parsed(bytes) else { return }
        let program = Program(expression, in: environment)
        let (first, second) = (outcome(program), outcome(program))
        demand(first == second, "the same input gives the same result")
        _ = program.explain(variables, limit: limit).reasons
        for issue in expression.check(environment).issues {
            demand(issue.position.line >= 1 && issue.position.column >= 1, "issues have places")
        }
    }

    /// Expressions over typed variables: one that passes the check is never refused for its types.
    static let checkedCEL = Target(name: "cel-checked", seeds: Seeds.expressions) { bytes in
        guard let expression = parsed(bytes) else { return }
        let check = expression.check(typed)
        guard check.issues.isEmpty else { return }
        do throws(EvaluationError) {
            _ = try Program(expression, in: typed).evaluate(variables, limit: limit)
        } catch {
            guard case .noSuchOverload = error.kind else { return }
            demand(check.isPartlyUnknown, "\(error.message) after a check that found nothing")
        }
    }

    /// A line of `reeve eval --batch`.
    static let celBatch = Target(
        name: "cel-batch",
        seeds: Seeds.expressions.map { text in
            JSON.object(["id": "x", "expression": .string(text), "data": ["a": 1, "text": "abc"]]).text()
        }
    ) { bytes in
        let answer = EvaluationRequest.answer(line: String(decoding: bytes, as: UTF8.self))
        let outcomes = ["value", "error"].filter { answer[$0] != nil }
        demand(outcomes.count == 1, "an answer has a value or an error")
        guard let value = answer["value"] else { return }
        let read = try? Value(typedJSON: value)
        demand(read.map { $0.typedJSON == value } ?? false, "values in JSON are read as they were written")
    }

    /// A pattern and, after a line break, a text.
    static let regex = Target(
        name: "regex",
        seeds: [
            "^[a-z]+$\nabc", "(a|b)*c{2,5}\nababcc", "\\p{Lu}\\d\\b\nÄ1", "[[:alpha:]]|(?i)x\nX", "(?s).*\nab",
            "\\x41\nA",
        ]
    ) { bytes in
        let halves = bytes.split(separator: 10, maxSplits: 1)
        guard let first = halves.first, let pattern = String(validating: first, as: UTF8.self),
            let regex = try? Regex(pattern)
        else { return }
        let text = String(decoding: (halves.count > 1 ? halves[1] : []).prefix(300), as: UTF8.self)
        _ = regex.matches(text)
    }

    private static func parsed(_ bytes: [UInt8]) -> Expression? {
        do throws(CELSyntaxError) {
            let expression = try Expression(parsing: bytes)
            let again = try? Expression(parsing: expression.source)
            demand(again?.nodeCount == expression.nodeCount, "a text is parsed the same way twice")
            return expression
        } catch {
            demand(error.line >= 1 && error.column >= 1 && !error.message.isEmpty, "errors have a place and a message")
            return nil
        }
    }

    private static func outcome(_ program: Program) -> String {
        do throws(EvaluationError) {
            return try program.evaluate(variables, limit: limit).typedJSON.text()
        } catch {
            return error.message
        }
    }

    private static let limit = CostLimit(units: 20_000)

    private static let types: [String: CELType] = [
        "a": .int, "b": .int, "u": .uint, "x": .double, "flag": .bool, "text": .string, "raw": .bytes,
        "list": .list(.int), "map": .map(.string, .int), "when": .timestamp, "span": .duration, "data": .dyn,
    ]
    private static let typed = Environment(variables: types)
    private static let environment = Environment(variables: types.mapValues { _ in .dyn })

    private static let variables = Bindings([
        "a": .int(1), "b": .int(.min), "u": .uint(.max), "x": .double(1.5), "flag": .bool(true),
        "text": .string("Grüße 👩‍👩‍👧 e\u{301}"), "raw": .bytes([0, 0x41, 0xFF]), "list": [.int(1), .int(2), .int(3)],
        "map": ["k": .int(1)],
        "when": Timestamp(seconds: 1_795_512_000, nanos: 250_000_000).map(Value.timestamp) ?? .null,
        "span": Span(seconds: -5400, nanos: 0).map(Value.duration) ?? .null,
        "data": ["n": .int(3), "text": .string("abc"), "items": [["id": .string("x")], ["id": .string("y")]]],
    ])
}
