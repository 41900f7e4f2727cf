import JSON
import Testing

@Suite("Parsing JSON")
struct JSONParsingTests {
    @Test(
        "Numbers keep whole and fractional apart",
        arguments: [
            ("0", JSON.int(0)), ("-0", .int(0)), ("12", .int(12)), ("-9223372036854775808", .int(.min)),
            ("9223372036854775807", .int(.max)), ("9223372036854775808", .double(9_223_372_036_854_775_808)),
            ("1.0", .double(1)), ("1e2", .double(100)), ("-1.5E-3", .double(-0.0015)), ("0.1", .double(0.1)),
            ("1.7976931348623157e308", .double(.greatestFiniteMagnitude)), ("5e-324", .double(.leastNonzeroMagnitude)),
            ("123456789012345678901234567890", .double(1.2345678901234568e29)),
            ("99999999999999999999e-1", .double(9999999999999999999.9)),
        ])
    func numbers(text: String, value: JSON) throws {
        #expect(try JSON(parsing: text) == value)
    }

    @Test("Strings decode every escape")
    func strings() throws {
        #expect(try JSON(parsing: #""a\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00é😀""#) == "a\"\\/\u{8}\u{c}\n\r\té😀é😀")
    }

    @Test(
        "Faults name line, column and what was expected",
        arguments: [
            ("", 1, 1, "expected a value, found the end"),
            ("{\"a\": 1,\n  b}", 2, 3, "expected a key in quotes, found 'b'"),
            ("[1 2]", 1, 4, "expected ',' or ']' after an element, found '2'"),
            ("{\"a\" 1}", 1, 6, "expected ':' after the key, found '1'"),
            ("[1,]", 1, 4, "expected a value, found ']'"),
            ("01", 1, 1, "a number has no leading zeros"),
            ("1.", 1, 3, "expected a digit after '.', found the end"),
            ("1e", 1, 3, "expected a digit in the exponent, found the end"),
            ("-", 1, 2, "expected a digit, found the end"),
            ("1e999", 1, 1, "the number is out of the range of a double"),
            ("\"a", 1, 1, "this string does not end"),
            ("\"é\n\"", 1, 3, "a control character in a string must be escaped"),
            ("\"\\x\"", 1, 2, "no such escape; allowed are \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX"),
            ("\"\\ud800\"", 1, 2, "half a surrogate pair"),
            ("\"\\ud800\\u0041\"", 1, 2, "half a surrogate pair"),
            ("\"\\u12g4\"", 1, 6, "expected four hexadecimal digits after \\u, found 'g'"),
            ("nul", 1, 1, "expected null"),
            ("{\"a\":1,\"a\":2}", 1, 8, "the key \"a\" is here a second time"),
            ("1 1", 1, 3, "expected the end after the value, found '1'"),
        ])
    func faults(text: String, line: Int, column: Int, message: String) {
        #expect { try JSON(parsing: text) } throws: { error in
            guard let error = error as? JSONError else { return false }
            return error.line == line && error.column == column && error.message == message
        }
    }

    @Test(
        "Bytes that are not UTF-8 are refused",
        arguments: [
            [0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0xEF, 0xBB, 0xBF, 0x31],
            [0x22, 0x5C, 0x6E, 0xF5, 0x22],
        ] as [[UInt8]])
    func invalidUTF8(bytes: [UInt8]) {
        #expect(throws: JSONError.self) { try JSON(parsing: bytes) }
    }

    @Test("Depth, size and repeated keys have limits")
    func limits() throws {
        let deep = String(repeating: "[", count: 100_000)
        #expect(throws: JSONError.self) { try JSON(parsing: deep) }
        let options = JSON.ParsingOptions(maximumDepth: 2, maximumBytes: 10, allowsDuplicateKeys: true)
        #expect(throws: Never.self) { try JSON(parsing: "[[1]]", options: options) }
        #expect(throws: JSONError.self) { try JSON(parsing: "[[[]]]", options: options) }
        #expect(throws: JSONError.self) { try JSON(parsing: "\"123456789\"", options: options) }
        #expect(
            try JSON(parsing: #"{"a":1,"a":2}"#, options: JSON.ParsingOptions(allowsDuplicateKeys: true)) == ["a": 2])
    }

    @Test("A text read in its place shows what it holds")
    func views() throws {
        let text = #"{"n": [1, 2.5, -3], "t\u0065xt": "\u00e9\n", "deep": {"a": null, "b": true, "": false}, "e": {}}"#
        try JSONView.read(Array(text.utf8)) { view in
            #expect(view.isObject && view.count == 4 && view["missing"] == nil)
            #expect(view["text"]?.stringValue == "é\n")
            #expect(view["deep"]?["b"]?.boolValue == true && view["deep"]?[""]?.boolValue == false)
            #expect(view["deep"]?["a"]?.boolValue == nil && view["deep"]?["a"]?.json == .null)
            #expect(view["e"]?.count == 0 && view["n"]?.isArray == true && view["n"]?["x"] == nil)
            var numbers: [Double?] = []
            view["n"]?.eachElement { numbers.append($1.doubleValue) }
            #expect(numbers == [1, 2.5, -3])
            var keys: [String] = []
            view.eachMember { key, _ in keys.append(key) }
            #expect(keys == ["n", "text", "deep", "e"])
            #expect(view.json == (try? JSON(parsing: text)))
        }
        let repeated = Array(#"{"a": 1, "\u0061": 2}"#.utf8)
        #expect(throws: JSONError.self) { try JSONView.read(repeated) { $0.count } }
        let lax = JSON.ParsingOptions(allowsDuplicateKeys: true)
        #expect(try JSONView.read(repeated, lax) { $0["a"]?.intValue } == 2)
    }

    @Test("No damaged text crashes the parser")
    func mutations() {
        let seed = Array(#"{"a":[1,2.5e3,-0,"\u00e9\ud83d\ude00é",true,null],"b":{"c":"\\"}}"#.utf8)
        var random = SplitMix(state: 7)
        var accepted = 0
        for _ in 0..<50_000 {
            var bytes = seed
            for _ in 0...Int(random.next() % 4) {
                let index = Int(random.next() % UInt64(bytes.count))
                switch random.next() % 3 {
                case 0: bytes[index] = UInt8(truncatingIfNeeded: random.next())
                case 1: bytes.remove(at: index)
                default: bytes.insert(seed[Int(random.next() % UInt64(seed.count))], at: index)
                }
            }
            guard let value = try? JSON(parsing: bytes) else { continue }
            accepted += 1
            #expect((try? JSON(parsing: value.bytes())) == value)
        }
        #expect(accepted > 100)
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
