import Testing
import YAML

@Suite("Scalars resolve by the core schema of YAML 1.2")
struct ResolutionTests {
    @Test(arguments: [
        ("null", YAMLScalar.Value.null), ("~", .null), ("Null", .null), ("true", .bool(true)), ("FALSE", .bool(false)),
        ("0", .int(0)), ("-12", .int(-12)), ("+7", .int(7)), ("0o17", .int(15)), ("0xfF", .int(255)), ("007", .int(7)),
        ("1.5", .double(1.5)), (".5", .double(0.5)), ("3.", .double(3)), ("1e3", .double(1000)),
        ("1.e3", .double(1000)), ("-.inf", .double(-.infinity)), ("+1.25", .double(1.25)),
        ("9223372036854775807", .int(.max)), ("-9223372036854775808", .int(.min)),
    ])
    func plainScalarsHaveTypes(text: String, value: YAMLScalar.Value) throws {
        #expect(try YAML.parse("k: \(text)")["k"]?.scalar?.value == value)
    }

    @Test(arguments: [
        "yes", "no", "on", "off", "y", "N", "nULL", "tRUE", "2026-01-13", "2026-03-27T21:00:00+01:00", "12:30:45",
        "0b11", "1_000", "0x", "0o9", "--1", "1.2.3", ".", "+", "e3", "50%", "+PT10M", "eu.nis2.23-4-a", "0xG",
        "truely", "nan", "inf", "1e", "data.a && data.b >= 1000",
    ])
    func everythingElseIsText(text: String) throws {
        #expect(try YAML.parse("k: \(text)")["k"]?.string == text)
    }

    @Test func notANumberIsADouble() throws {
        guard case .double(let value)? = try YAML.parse("k: .nan")["k"]?.scalar?.value else {
            Issue.record("not a double")
            return
        }
        #expect(value.isNaN)
    }

    @Test(arguments: ["\"true\"", "'12'", "\"null\"", "''", "|\n  3", ">-\n  3"])
    func quotedScalarsAreText(text: String) throws {
        let scalar = try #require(try YAML.parse("k: \(text)")["k"]?.scalar)
        #expect(scalar.isQuoted)
        #expect(scalar.value == .string(scalar.text))
    }

    @Test(arguments: ["9223372036854775808", "-9223372036854775809", "0x10000000000000000", "1e999"])
    func numbersBeyond64BitsAreRefused(text: String) {
        expectFault("k: \(text)", .number, 1, 4)
    }

    @Test func wordsThatOlderReadersTakeForBooleansAreKnown() throws {
        let root = try YAML.parse("[no, 'no', nothing, On]")
        #expect(root.sequence?.map { $0.scalar?.isBooleanInYAML11 } == [true, false, false, true])
    }

    @Test func whatIsNotWrittenIsNullAndAbsent() throws {
        let root = try YAML.parse("a:\nb: null\nc: ''")
        #expect(root["a"]?.scalar?.isAbsent == true)
        #expect(root["b"]?.scalar?.isAbsent == false)
        #expect(root["b"]?.isNull == true)
        #expect(root["c"]?.string == "")
    }
}

/// Expects that reading `text` reports a fault of `code` at the place, among whatever else.
func expectFault(
    _ text: String, _ code: YAMLFault.Code, _ line: Int, _ column: Int,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    let faults = YAML.read(Array(text.utf8)).faults
    #expect(
        faults.contains { $0.code == code && $0.line == line && $0.column == column }, "\(faults)",
        sourceLocation: sourceLocation)
}
