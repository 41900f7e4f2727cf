import JSON
import Testing

@Suite("Writing JSON")
struct JSONWritingTests {
    @Test(
        "Doubles are the shortest that read back, and stay doubles",
        arguments: [
            (1.0, "1.0"), (-0.0, "-0.0"), (0.1, "0.1"), (100, "100.0"), (1e15, "1000000000000000.0"),
            (1e20, "100000000000000000000.0"), (1e21, "1e+21"), (1.5e300, "1.5e+300"), (1e-6, "0.000001"),
            (1e-7, "1e-7"), (1.25e-7, "1.25e-7"), (-123.456, "-123.456"), (.leastNonzeroMagnitude, "5e-324"),
            (0.001, "0.001"),
            (123456789.125, "123456789.125"), (333333333.33333329, "333333333.3333333"), (.infinity, "null"),
        ])
    func doubles(value: Double, text: String) throws {
        #expect(JSON.double(value).text() == text)
        if value.isFinite { #expect(try JSON(parsing: text) == .double(value)) }
    }

    @Test("Canonical text does not depend on the order of members")
    func canonical() throws {
        let one: JSON = ["b": 1, "a": [true, nil], "é": "\u{1}\"\\/\n\u{7f}", "😀": 2.5, "\u{fb01}": 0]
        let other: JSON = ["\u{fb01}": 0, "😀": 2.5, "é": "\u{1}\"\\/\n\u{7f}", "a": [true, nil], "b": 1]
        #expect(one == other)
        #expect(one.hashValue == other.hashValue)
        #expect(one.text() != other.text())
        // UTF-16 order puts the surrogates of U+1F600 before U+FB01.
        let text = "{\"a\":[true,null],\"b\":1,\"é\":\"\\u0001\\\"\\\\/\\n\u{7f}\",\"😀\":2.5,\"\u{fb01}\":0}"
        #expect(one.text(.canonical) == text)
        #expect(other.text(.canonical) == text)
    }

    @Test("Pretty text is indented")
    func pretty() {
        let value: JSON = ["a": [1, []], "b": [:]]
        #expect(
            value.text(.pretty) == """
                {
                  "a": [
                    1,
                    []
                  ],
                  "b": {}
                }
                """)
    }
}

@Suite("JSON values")
struct JSONValueTests {
    @Test("Objects keep their order and find every key", arguments: [3, 12, 13, 500])
    func objects(count: Int) {
        var object = JSONObject()
        for number in 0..<count { object["k\(number)"] = .int(Int64(number)) }
        #expect(object.keys == (0..<count).map { "k\($0)" })
        #expect((0..<count).allSatisfy { object["k\($0)"] == .int(Int64($0)) })
        #expect(object["k\(count)"] == nil)

        object["k1"] = nil
        object["k2"] = "changed"
        #expect(object.count == count - 1)
        #expect(object["k1"] == nil)
        #expect(object[1].key == "k2")
        #expect(object["k2"] == "changed")
        #expect(JSON.object(object) == .object(JSONObject(object.reversed().map { ($0.key, $0.value) })))
    }

    @Test("Keys and strings are compared byte for byte")
    func exactKeys() throws {
        let value = try JSON(parsing: "{\"\\u00e9\": 1, \"e\\u0301\": 2}")
        #expect(value["\u{e9}"] == 1)
        #expect(value["e\u{301}"] == 2)
        #expect(JSON.string("\u{e9}") != JSON.string("e\u{301}"))
    }

    @Test("Accessors answer only for their own kind")
    func accessors() {
        let value: JSON = ["n": 1, "d": 1.5, "s": "x", "l": [1, 2], "z": nil, "b": true]
        #expect(value["n"]?.intValue == 1)
        #expect(value["n"]?.doubleValue == 1)
        #expect(value["d"]?.intValue == nil)
        #expect(value["s"]?.stringValue == "x")
        #expect(value["l"]?[1] == 2)
        #expect(value["l"]?[2] == nil)
        #expect(value["z"]?.isNull == true)
        #expect(value["b"]?.boolValue == true)
        #expect(value["q"] == nil)
        #expect(JSON.int(1) != JSON.double(1))
    }
}
