import CEL
import JSON
import Testing

@Suite("Functions of CEL")
struct LibraryTests {
    @Test(
        "Patterns match as in RE2",
        arguments: [
            ("", "", true), ("a|b", "xbx", true), ("^(ab)+$", "abab", true), ("^(ab)+$", "aba", false),
            ("a{2,3}b", "aab", true), ("^a{2,3}b", "ab", false), ("^a{,2}$", "a{,2}", true), ("x*", "", true),
            ("[^a-c]", "abc", false), ("[]a]", "]", true), ("[a-]", "-", true), ("[[:digit:]]+\\z", "a12", true),
            ("\\bfoo\\b", "a foo b", true), ("\\bfoo\\b", "afoo", false), ("(?i)straße", "STRAßE", true),
            ("(?i:A)b", "ab", true), ("(?i:A)b", "aB", false), ("a.c", "a\nc", false), ("(?s)a.c", "a\nc", true),
            ("^b$", "a\nb", false), ("(?m)^b$", "a\nb", true), ("\\p{Lu}\\P{Lu}", "Ab", true), ("\\pL", "ß", true),
            ("\\x41\\x{1F600}\\101", "A😀A", true), ("\\Qa.b\\E", "a.b", true), ("\\Qa.b\\E", "axb", false),
            ("(?P<year>\\d{4})-(?<m>\\d\\d)", "in 2026-03", true), ("a??b", "b", true), ("(a*)*b", "aaaac", false),
            ("(x+x+)+y", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", false), ("$^", "", true),
            ("a$|b", "ab", true),
            ("[\\d\\-x]+$", "1-x", true), ("\\.", "a", false), ("(|a)b", "b", true), ("()", "", true),
        ])
    func patterns(pattern: String, text: String, matches: Bool) throws {
        #expect(try Regex(pattern).matches(text) == matches)
    }

    @Test(
        "Bad patterns are refused",
        arguments: [
            "(", ")", "[", "[b-a]", "*", "a**", "a{2,1}", "a{1001}", "\\", "\\1", "(?=a)", "(?<a", "\\p{Foo}",
            "((a{100}){100}){100}", "\\q", "[[:foo:]]",
        ])
    func badPatterns(pattern: String) {
        #expect(throws: RegexError.self) { try Regex(pattern) }
    }

    @Test(
        "Zones follow their rules, listed and for ever after",
        arguments: [
            ("America/New_York", 1_782_000_000, -14_400), ("America/New_York", 1_768_000_000, -18_000),
            ("Europe/Berlin", 1_774_745_999, 3600), ("Europe/Berlin", 1_774_746_000, 7200),
            ("Europe/Berlin", 4_120_000_000, 7200), ("Australia/Sydney", 4_100_000_000, 39_600),
            ("Asia/Kathmandu", 1_700_000_000, 20_700), ("Etc/GMT+5", 0, -18_000),
            ("Europe/London", -5_000_000_000, -75),
        ])
    func zones(zone: String, seconds: Int64, offset: Int) {
        #expect(SystemZones().offset(of: zone, at: seconds) == offset)
    }

    @Test(
        "What is no zone has no offset",
        arguments: ["", "Nowhere/City", "../../etc/passwd", "/etc/localtime", "Europe", "a b", "Europe//Berlin"])
    func unknownZones(zone: String) {
        #expect(SystemZones().offset(of: zone, at: 0) == nil)
    }

    @Test("Durations are read with their units, exactly or not at all")
    func durations() {
        for (text, nanoseconds) in [
            ("1h30m", 5_400_000_000_000), ("-1.5s", -1_500_000_000), ("250ms", 250_000_000), ("0", 0), ("1us", 1000),
            ("1µs", 1000),
            (".5m", 30_000_000_000), ("1.0000000019s", 1_000_000_001), ("-9223372036854775808ns", .min),
        ] as [(String, Int64)] {
            #expect(Span(parsing: text)?.nanoseconds == nanoseconds)
        }
        for text in ["", "1", "h", "-", "1x", "1h-1m", "1.s.", "9223372036854775808ns", "999999999h", "1 h", "٣s"] {
            #expect(Span(parsing: text) == nil)
        }
        #expect(Span(nanoseconds: .min).text == "-9223372036.854775808s")
        #expect(Span(seconds: 5400)?.text == "5400s")
    }

    @Test("Timestamps read RFC 3339 and nothing else")
    func timestamps() {
        #expect(Timestamp(rfc3339: "2026-03-27T20:55:00.250+01:00")?.rfc3339 == "2026-03-27T19:55:00.25Z")
        #expect(Timestamp(rfc3339: "0001-01-01T00:00:00Z")?.seconds == -62_135_596_800)
        #expect(Timestamp(rfc3339: "9999-12-31T23:59:59.999999999Z")?.rfc3339 == "9999-12-31T23:59:59.999999999Z")
        for text in [
            "", "2026-03-27", "2026-03-27T20:55:00", "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z",
            "2026-03-27T24:00:00Z",
            "2026-03-27T20:55:60Z", "2026-03-27 20:55:00Z", "0001-01-01T00:00:00+01:00", "2026-03-27T20:55:00.Z",
            "2026-03-27T20:55:00.1234567890Z", "2026-03-27T20:55:00+0100", "+026-03-27T20:55:00Z",
        ] {
            #expect(Timestamp(rfc3339: text) == nil)
        }
    }

    @Test(
        "Typed JSON keeps every type",
        arguments: [
            #"null"#, #"true"#, #""text""#, #"{"$int":"-9223372036854775808"}"#, #"{"$uint":"18446744073709551615"}"#,
            #"{"$double":"1.0"}"#, #"{"$double":"NaN"}"#, #"{"$double":"-Infinity"}"#, #"{"$double":"6.02214e+23"}"#,
            #"{"$double":"1e-07"}"#,
            #"{"$bytes":""}"#, #"{"$bytes":"AQ=="}"#, #"{"$bytes":"AQI="}"#, #"{"$bytes":"AQID"}"#,
            #"{"$timestamp":"2026-03-27T19:55:00.5Z"}"#,
            #"{"$duration":"-0.25s"}"#, #"{"$type":"google.protobuf.Duration"}"#,
            #"[{"$int":"1"},[]]"#, #"{"$map":[[{"$int":"1"},"a"],["k",null],[true,{"$map":[]}],[{"$uint":"7"},[]]]}"#,
        ])
    func typedJSON(text: String) throws {
        #expect(try Value(typedJSON: JSON(parsing: text)).typedJSON.text() == text)
    }

    @Test("Plain JSON is read by the way it is written")
    func plainJSON() throws {
        let value = try Value(typedJSON: JSON(parsing: #"{"a": 1, "b": 1.0, "c": {"$uint": "2"}, "d": {"x": [1e2]}}"#))
        #expect(value == ["a": 1, "b": 1.0, "c": .uint(2), "d": ["x": [100.0]]])
        #expect(value.plainJSON.text() == #"{"a":1,"b":1.0,"c":2,"d":{"x":[100.0]}}"#)
        for text in [
            #"{"$int": 1}"#, #"{"$int": "x"}"#, #"{"$foo": "1"}"#, #"{"$map": [[1]]}"#, #"{"$map": [[1.5, 1]]}"#,
            #"{"$map": [[1, 1], [1, 2]]}"#, #"{"$bytes": "A"}"#,
        ] {
            #expect(throws: TypedJSONError.self) { try Value(typedJSON: JSON(parsing: text)) }
        }
    }

    @Test(
        "A batch answers every line",
        arguments: [
            (#"{"id": 1, "expression": "x + 1", "data": {"x": 2}}"#, #"{"id":1,"value":{"$int":"3"},"type":"int"}"#),
            (
                #"{"id": "a", "expression": "x +", "data": {}}"#,
                #"{"id":"a","error":{"message":"expected a value, found the end","line":1,"column":4}}"#
            ),
            (
                #"{"id": "a", "expression": "1 + 'a'"}"#,
                #"{"id":"a","error":{"message":"'+' has no meaning between int and string","line":1,"column":1}}"#
            ),
            (
                #"{"id": "a", "expression": "[1][2]"}"#,
                #"{"id":"a","error":{"message":"index 2 is outside a list of 1","line":1,"column":1}}"#
            ),
            (#"{"expression": "1 == 1.0", "unchecked": true}"#, #"{"value":true,"type":"bool"}"#),
            (
                #"{"id": 7}"#,
                #"{"id":7,"error":{"message":"expected {\"id\", \"expression\", \"data\"} with an expression in a string","line":1,"column":1}}"#
            ),
            (
                #"{"id": 7, "expression": "1", "data": []}"#,
                #"{"id":7,"error":{"message":"expected an object as \"data\", found an array","line":1,"column":1}}"#
            ),
            (
                #"{"id": 7, "expression": "1", "data": {"x": {"$int": 1}}}"#,
                #"{"id":7,"error":{"message":"the variable 'x': $int takes a string, found a whole number","line":1,"column":1}}"#
            ),
            ("nope", #"{"error":{"message":"the line is no JSON: expected null","line":1,"column":1}}"#),
        ])
    func batches(line: String, answer: String) {
        #expect(EvaluationRequest.answer(line: line).text() == answer)
    }
}
