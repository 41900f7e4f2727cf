import Foundation
import JSON
import TestSupport
import Testing

@Suite(.ownThread) struct EvalTests {
    @Test func printsTheValue() throws {
        #expect(try Binary.run(["eval", "[1, 2].map(x, x * 2)"]).output == "[2,4]\n")
    }

    @Test func printsTypedJSON() throws {
        let run = try Binary.run(
            ["eval", "duration('1h') + d", "--json", "--data", "-"], input: #"{"d": {"$duration": "60s"}}"#)
        #expect(try JSON(parsing: run.output) == ["value": ["$duration": "3660s"], "type": "google.protobuf.Duration"])
    }

    @Test func anErrorHasItsPlaceAndExitsWithOne() throws {
        let plain = try Binary.run(["eval", "1 +\n  nope"])
        #expect(plain.status == 1)
        #expect(plain.output.isEmpty)
        #expect(plain.errors.hasPrefix("2:3: "))
        let json = try Binary.run(["eval", "1 +\n  nope", "--json"])
        #expect(json.status == 1)
        let error = try #require(try JSON(parsing: json.output)["error"])
        #expect(error["line"] == 2 && error["column"] == 3)
    }

    @Test func uncheckedExpressionsFailOnlyWhereTheyAreEvaluated() throws {
        #expect(try Binary.run(["eval", "true || 1 + 'a' == 2"]).status == 1)
        #expect(try Binary.run(["eval", "true || 1 + 'a' == 2", "--unchecked"]).output == "true\n")
    }

    @Test func aBatchAnswersLineForLine() throws {
        let lines = """
            {"id": 1, "expression": "x + 1", "data": {"x": 2}}
            not json

            {"id": "b", "expression": "1 / 0", "data": {}}
            """
        let answers = try Binary.run(["eval", "--batch"], input: lines).output.split(separator: "\n")
            .map { try JSON(parsing: String($0)) }
        #expect(answers.count == 3)
        #expect(answers[0] == ["id": 1, "value": ["$int": "3"], "type": "int"])
        #expect(answers[1]["error"] != nil)
        #expect(answers[2]["id"] == "b" && answers[2]["error"] != nil)
    }

    @Test(arguments: [
        "{", "[]", #"{"x": {"$int": "many"}}"#, "{\"x\": \"\u{1}\"}", String(repeating: "[", count: 100_000),
    ])
    func dataThatCannotBeReadIsRefused(_ data: String) throws {
        let run = try Binary.run(["eval", "x", "--data", "-"], input: data)
        #expect(run.status == 1 || run.status == 2)
        #expect(!run.errors.isEmpty)
    }

    @Test(arguments: [
        String(repeating: "(", count: 50_000), String(repeating: "!", count: 50_000),
        "\"" + String(repeating: "x", count: 100_000), String(repeating: "9", count: 10_000),
        (0..<12).map { "[1,2,3,4,5,6,7,8,9].all(x\($0), " }.joined() + "true" + String(repeating: ")", count: 12),
    ])
    func noExpressionTakesTheProcessDown(_ expression: String) throws {
        let run = try Binary.run(["eval", expression])
        #expect(run.status == 1)
        #expect(!run.errors.isEmpty)
    }
}
