import CEL
import Testing

@Suite("CEL syntax")
struct SyntaxTests {
    @Test(
        "Faults say where and what was expected",
        arguments: [
            ("", 1, 1, "expected a value, found the end"),
            ("1 +", 1, 4, "expected a value, found the end"),
            ("a b", 1, 3, "expected an operator or the end, found 'b'"),
            ("(1", 1, 3, "expected ')', found the end"),
            ("[1, 2", 1, 6, "expected ',' or ']' in the list, found the end"),
            ("{1 2}", 1, 4, "expected ':' after the key, found a number"),
            ("f(1 2)", 1, 5, "expected ',' or ')' after an argument, found a number"),
            ("a ? 1", 1, 6, "expected ':' between the two results of '?', found the end"),
            ("a.1", 1, 2, "expected an operator or the end, found a number"),
            ("a.", 1, 3, "expected a field or function after '.', found the end"),
            ("a = b", 1, 3, "'=' has no meaning here; equality is '=='"),
            ("a\n & b", 2, 2, "'&' has no meaning here; conjunction is '&&'"),
            ("é", 1, 1, "'é' has no meaning here"),
            ("'é' + #", 1, 7, "'#' has no meaning here"),
            ("for", 1, 1, "'for' is a reserved word and no name"),
            ("'abc", 1, 1, "this string does not end"),
            ("'a\nb'", 1, 1, "the line ends inside a string; three quotes allow that"),
            ("'\\ud800'", 1, 2, "U+D800 is no Unicode scalar"),
            ("9223372036854775808", 1, 1, "the number is out of the range of an int"),
            ("18446744073709551616u", 1, 1, "the number is out of the range of a uint"),
            ("1e400", 1, 1, "the number is out of the range of a double"),
            ("0x", 1, 1, "expected hexadecimal digits after '0x'"),
            ("1a", 1, 1, "a number cannot be followed by a letter"),
            ("has(a)", 1, 1, "has() takes one field, as in has(data.field)"),
            ("a.all(1, true)", 1, 7, "expected the name of a variable as in all(x, …)"),
            ("a.all(x, x, true)", 1, 10, "both variables are named 'x'"),
            ("Foo{a: 1}", 1, 4, "messages such as Foo{…} are not supported"),
            ("a.``", 1, 3, "a name in backquotes cannot be empty"),
        ])
    func faults(source: String, line: Int, column: Int, message: String) {
        #expect {
            try Expression(parsing: source)
        } throws: { error in
            guard let error = error as? CELSyntaxError else { return false }
            return error.line == line && error.column == column && error.message == message
        }
    }

    @Test("Invalid UTF-8 is refused")
    func invalidUTF8() {
        #expect(throws: CELSyntaxError.self) { try Expression(parsing: [0x27, 0xFF, 0x27]) }
    }

    @Test(
        "Deep nesting and long chains are refused, not crashed on",
        arguments: ["(", "[", "{1:", "f(", "!", "-", "a.b(", "a[", "1+", "a?b:", "x.", "[1].map(x,", "a&&(", "a||!("])
    func nesting(part: String) {
        let source = String(repeating: part, count: 10_000) + "1"
        #expect(throws: CELSyntaxError.self) { try Expression(parsing: source) }
        #expect(throws: CELSyntaxError.self) { try Expression(parsing: String(repeating: " ", count: 70_000)) }
    }

    @Test("Thousands of operands of one && are one level")
    func longConjunction() throws {
        let source = Array(repeating: "true", count: 5_000).joined(separator: " && ")
        #expect(try Program(Expression(parsing: source)).evaluate(Bindings()) == true)
    }

    @Test("References list variables and fields, and their tests")
    func references() throws {
        let source = """
            has(data.due) && data.due < now && data.gaps.all(g, has(g.owner) && g.owner != roles["owner"])
              || !has(data.note) || data.note == "" || data.other == .now
            """
        let expression = try Expression(parsing: source)
        let found = expression.references.map {
            $0.name + ($0.isTested ? "?" : "") + "@\(expression.position(of: $0.range).line)"
        }
        // Macro variables are no references; what is read on the way to a tested field is.
        #expect(
            found.sorted() == [
                "data.due?@1", "data.due@1", "data.gaps@1", "data.note?@2", "data.note@2", "data.other@2",
                "data@1", "data@2", "now@1", "now@2", "roles.owner@1",
            ])
    }

    @Test("Calls are listed with their constant arguments")
    func calls() throws {
        let calls = try Expression(parsing: "covering('drill', 'service', [data.service]).size() == 0 && f(1, 'a')")
            .calls
        #expect(calls.map(\.function).sorted() == ["covering", "f", "size"])
        #expect(calls.first { $0.function == "f" }?.constantArguments == [1, "a"])
        #expect(calls.first { $0.function == "covering" }?.constantArguments == nil)
    }
}
