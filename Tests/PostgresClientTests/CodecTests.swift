import Foundation
import PostgresClient
import TestSupport
import Testing

@Suite("Codecs")
struct CodecTests {
    /// A value, as the server writes it, and how that is read back.
    struct Sample: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let check: @Sendable (PostgresConnection) async throws -> Void

        /// - Parameters:
        ///   - value: what is sent, and what the literal is read as.
        ///   - literal: what the server makes of it, as text; also a literal of the type.
        init<Value: PostgresCodable & Equatable>(_ value: Value, _ type: String, _ literal: String) {
            testDescription = "\(type) \(literal)"
            check = { connection in
                let sent = try await connection.query(
                    "SELECT (\(value))::text, \(value), ARRAY[\(value), NULL, \(value)]")
                #expect(try sent[0].decode(String.self, at: 0) == literal)
                #expect(try sent[0].decode(Value.self, at: 1) == value)
                #expect(try sent[0].decode([Value?].self, at: 2) == [value, nil, value])
                let quoted = literal.replacing("'", with: "''")
                let read = try await connection.query(
                    "SELECT '\(unescaped: quoted)'::\(unescaped: type), NULL::\(unescaped: type), \([value, value])")
                #expect(try read[0].decode(Value.self, at: 0) == value)
                #expect(try read[0].decode(Value?.self, at: 1) == nil)
                #expect(try read[0].decode([Value].self, at: 2) == [value, value])
                await #expect(throws: PostgresError.self) {
                    try await connection.query("SELECT NULL::int")[0].decode(Value.self, at: 0)
                }
            }
        }
    }

    static let samples: [Sample] = [
        Sample(true, "bool", "true"), Sample(false, "bool", "false"),
        Sample(Int16.min, "int2", "-32768"), Sample(Int16.max, "int2", "32767"),
        Sample(Int32.min, "int4", "-2147483648"), Sample(Int32.max, "int4", "2147483647"),
        Sample(Int64.min, "int8", "-9223372036854775808"), Sample(Int64.max, "int8", "9223372036854775807"),
        Sample(0.1, "float8", "0.1"), Sample(-Double.greatestFiniteMagnitude, "float8", "-1.7976931348623157e+308"),
        Sample(Double.infinity, "float8", "Infinity"),
        Sample("", "text", ""), Sample("it's ñ 🧭\n\t\"\\", "text", "it's ñ 🧭\n\t\"\\"),
        Sample(Bytea([]), "bytea", "\\x"), Sample(Bytea([0, 0x27, 0xFF]), "bytea", "\\x0027ff"),
        Sample(
            PostgresUUID(high: 0x0198_0000_0000_7000, low: 0x8000_0000_0000_0001), "uuid",
            "01980000-0000-7000-8000-000000000001"),
        Sample(PostgresTimestamp(microsecondsSinceEpoch: 0), "timestamptz", "1970-01-01 00:00:00+00"),
        Sample(PostgresTimestamp(microsecondsSinceEpoch: -1), "timestamptz", "1969-12-31 23:59:59.999999+00"),
        Sample(PostgresTimestamp.infinity, "timestamptz", "infinity"),
        Sample(PostgresTimestamp.negativeInfinity, "timestamptz", "-infinity"),
        Sample(PostgresDate(daysSinceEpoch: 11016), "date", "2000-02-29"),
        Sample(PostgresDate(daysSinceEpoch: -719_164), "date", "0001-12-30 BC"),
        Sample(PostgresDate.infinity, "date", "infinity"),
        Sample(
            PostgresInterval(months: 14, days: -3, microseconds: 3_600_000_001), "interval",
            "1 year 2 mons -3 days +01:00:00.000001"),
        Sample(PostgresTupleID(block: 4_294_967_294, item: 7), "tid", "(4294967294,7)"),
        Sample(JSONB("{\"a\": [1, null, \"ü\"]}"), "jsonb", "{\"a\": [1, null, \"ü\"]}"),
    ]

    @Test("values arrive as they were sent, single, in arrays and as NULL", arguments: samples)
    func roundTrip(sample: Sample) async throws {
        try await withDatabase { database in
            let connection = try await database.connect()
            try await sample.check(connection)
            await connection.close()
        }
    }

    @Test("numbers of any precision keep every digit")
    func numeric() async throws {
        try await withDatabase { database in
            let connection = try await database.connect()
            for text in [
                "0", "0.00", "-1", "9999", "10000", "-0.0001", "12345678901234567890.123456789", "1000000000000",
                "0.000000000000000000012300", "NaN", "Infinity", "-Infinity",
            ] {
                let value = try #require(PostgresNumeric(text))
                let rows = try await connection.query("SELECT (\(value))::text, '\(unescaped: text)'::numeric")
                #expect(try rows[0].decode(String.self, at: 0) == text)
                #expect(try rows[0].decode(PostgresNumeric.self, at: 1).text == text)
            }
            for text in ["", "1e5", "one", "1.2.3", "--1"] { #expect(PostgresNumeric(text) == nil, "\(text)") }
            await connection.close()
        }
    }

    @Test("a value of another type is refused with the name of its column and both types")
    func decodingErrors() async throws {
        try await withDatabase { database in
            let connection = try await database.connect()
            let rows = try await connection.query(
                "SELECT 'x'::text AS title, 5::int8 AS size, NULL::uuid AS owner, ARRAY[[1],[2]] AS matrix, 70000 AS big"
            )
            func failure(_ body: () throws(PostgresError) -> Void) throws -> DecodingFailure {
                do throws(PostgresError) {
                    try body()
                } catch {
                    guard case .decoding(let failure) = error else { throw error }
                    return failure
                }
                throw PostgresError.misuse("nothing was refused")
            }
            let title = try failure { () throws(PostgresError) in _ = try rows[0].decode(Int.self, "title") }
            #expect(title.column == "title" && title.type == .text && title.target == "Int" && title.index == 0)
            #expect("\(title)".contains("title") && "\(title)".contains("text") && "\(title)".contains("Int"))
            let size = try failure { () throws(PostgresError) in _ = try rows[0].decode(String.self, at: 1) }
            #expect(size.column == "size" && size.type == .int8)
            let owner = try failure { () throws(PostgresError) in _ = try rows[0].decode(PostgresUUID.self, at: 2) }
            #expect(owner.column == "owner" && owner.reason.contains("NULL"))
            let matrix = try failure { () throws(PostgresError) in _ = try rows[0].decode([Int32].self, at: 3) }
            #expect(matrix.column == "matrix" && matrix.reason.contains("dimension"))
            let big = try failure { () throws(PostgresError) in _ = try rows[0].decode(Int16.self, at: 4) }
            #expect(big.column == "big")
            let absent = try failure { () throws(PostgresError) in _ = try rows[0].decode(Int.self, "colour") }
            #expect(absent.index == nil && absent.reason.contains("title, size, owner"))
            await connection.close()
        }
    }

    @Test("what cannot be sent is refused before it is, with the number of the parameter")
    func encodingErrors() async throws {
        try await withDatabase { database in
            let connection = try await database.connect()
            let nul = await #expect(throws: PostgresError.self) {
                try await connection.query("SELECT \(1), \("a\u{0}b")")
            }
            guard case .encoding(let failure)? = nul else { throw try #require(nul) }
            #expect(failure.parameter == 2)
            await #expect(throws: PostgresError.self) {
                try await connection.query("SELECT \(PostgresTimestamp(microsecondsSinceEpoch: .min + 1))")
            }
            await #expect(throws: PostgresError.self) { try await connection.simple("SELECT '\u{0}'") }
            #expect(try await connection.query("SELECT 3")[0].decode(Int.self, at: 0) == 3)
            await connection.close()
        }
    }
}
