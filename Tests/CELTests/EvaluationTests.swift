import CEL
import Testing

struct MissingRead: Error, Equatable {
    let name: String
}

final class Record: CELObject {
    private let fields: [String: Value]

    init(_ fields: [String: Value]) { self.fields = fields }

    func member(_ name: String) -> Value? { fields[name] }
    var memberNames: [String]? { fields.keys.sorted() }
}

struct Host: Activation {
    var values: [String: Value] = [:]

    func value(of variable: Environment.Variable) -> Value? { values[variable.name] }

    func call(_ function: String, _ arguments: [Value]) throws -> Value {
        switch function {
        case "related": throw MissingRead(name: arguments[0].stringValue ?? "")
        case "twice":
            guard let number = arguments[0].intValue else { throw EvaluationError(.invalidArgument, "no int") }
            return .int(number * 2)
        default: throw EvaluationError(.noSuchFunction, function)
        }
    }
}

@Suite("Evaluating CEL")
struct EvaluationTests {
    private let environment = Environment(
        variables: ["data": .dyn, "x": .dyn],
        functions: [
            FunctionDeclaration("related", [.function([.string], .list(.dyn))]),
            FunctionDeclaration("twice", [.function([.int], .int), .method(on: .int, [], .int)]),
        ])

    private func evaluate(_ source: String, _ values: [String: Value] = [:]) throws -> Value {
        try Program(Expression(parsing: source), in: environment).evaluate(Host(values: values))
    }

    private func failure(_ source: String, _ values: [String: Value] = [:]) -> EvaluationError? {
        do {
            _ = try evaluate(source, values)
            return nil
        } catch {
            return error as? EvaluationError
        }
    }

    @Test("Records of the host are read field by field")
    func objects() throws {
        let data: Value = .object(Record(["a": 1, "b": .object(Record(["c": "deep"]))]))
        #expect(try evaluate("data.a + 1", ["data": data]) == 2)
        #expect(try evaluate("data.b.c + data['b']['c']", ["data": data]) == "deepdeep")
        #expect(try evaluate("has(data.a) && !has(data.z) && 'b' in data", ["data": data]) == true)
        #expect(try evaluate("data.map(k, k)", ["data": data]) == ["a", "b"])
        #expect(try evaluate("size(data)", ["data": data]) == 2)
        guard case .noSuchField? = failure("data.z", ["data": data])?.kind else { return #expect(Bool(false)) }
    }

    @Test("An error of the host ends the evaluation, whatever stands beside it")
    func hostErrors() throws {
        for source in [
            "related('svc').size() > 0 || true", "true ? related('svc') : []", "[1].exists(i, related('svc') == [])",
        ] {
            let error = try #require(failure(source))
            guard case .host(let cause) = error.kind else { return #expect(Bool(false)) }
            #expect(cause as? MissingRead == MissingRead(name: "svc"))
            #expect(!error.isAbsorbable)
        }
        #expect(try evaluate("true || related('svc') == []") == true)
    }

    @Test("An evaluation error of a function of the host is one of the expression's own")
    func hostFunctions() throws {
        #expect(try evaluate("twice(2) + 3.twice()") == 10)
        #expect(try evaluate("twice(x) == 2 || true", ["x": "no"]) == true)
        #expect(failure("1 + twice(x)", ["x": "no"])?.position?.column == 5)
    }

    @Test("Errors know their kind and place")
    func errors() throws {
        let error = try #require(failure("1 +\n  10 / (x - x)", ["x": 1]))
        guard case .divisionByZero = error.kind else { return #expect(Bool(false)) }
        #expect(error.description == "2:3: division by zero")
        #expect(failure("x", [:])?.message == "'x' is not set")
        #expect(
            failure("9223372036854775807 + x", ["x": 1])?.message
                == "9223372036854775807 + 1 is out of the range of its type")
        #expect(failure("{'a': 1}.b")?.message == "no such key: 'b'")
    }

    @Test("Macros bind their variables innermost first and leave none behind")
    func scopes() throws {
        #expect(try evaluate("[1, 2].map(x, [10, 20].map(y, x + y))") == [[11, 21], [12, 22]])
        #expect(try evaluate("[1, 2].map(x, [x * 10].map(x, x + 1)[0] + x)") == [12, 23])
        #expect(try evaluate("[1].map(x, .x)", ["x": "outer"]) == ["outer"])
        #expect(try evaluate("[1, 2, 3].filter(x, x > 1).map(x, x * x) + [x]", ["x": 7]) == [4, 9, 7])
        #expect(try evaluate("{'a': 1, 'b': 2}.transformMap(k, v, v > 1, v * 10)") == ["b": 20])
        #expect(try evaluate("['a', 'b'].transformMapEntry(i, v, {v: i})") == ["a": 0, "b": 1])
    }

    @Test("Strings are compared by scalars, not by what they look like")
    func strings() throws {
        #expect(try evaluate("'\\u00e9' == 'e\\u0301'") == false)
        #expect(try evaluate("{'\\u00e9': 1, 'e\\u0301': 2}.size()") == 2)
        #expect(try evaluate("size('e\\u0301😀')") == 3)
        #expect(try evaluate("'\\ud83d\\ude00' == '😀'") == true)
    }

    @Test("Parentheses keep a dotted name apart")
    func dottedNames() throws {
        let environment = Environment(variables: ["a.b": .dyn, "a.b.c": .dyn])
        let values = Bindings(["a.b": ["c": "field"], "a.b.c": "variable"])
        #expect(try Program(Expression(parsing: "a.b.c"), in: environment).evaluate(values) == "variable")
        #expect(try Program(Expression(parsing: "(a.b).c"), in: environment).evaluate(values) == "field")
        #expect(
            try Program(Expression(parsing: "[{'b': 1}].exists(a, a.b == 1)"), in: environment).evaluate(values) == true
        )
    }

    @Test("Unknown names are errors only where they are needed")
    func unchecked() throws {
        #expect(try evaluate("nope || true") == true)
        #expect(try evaluate("nope(1) && false") == false)
        #expect(failure("nope.a.b") != nil)
    }
}
