import PostgresClient
import TestSupport
import Testing

@Suite("Connection")
struct ConnectionTests {
    @Test("a query binds its parameters and returns typed rows")
    func query() async throws {
        try await withDatabase { database in
            let connection = try await database.connect()
            let rows = try await connection.query(
                "SELECT \(7)::int8 AS number, \("seven") AS word, NULL::text AS nothing")
            #expect(rows.count == 1)
            #expect(try rows[0].decode(Int64.self, at: 0) == 7)
            #expect(try rows[0]["word"].decode(String.self) == "seven")
            #expect(try rows[0].decode(String?.self, "nothing") == nil)
            let decoded = try rows.decode((Int, String, String?).self)
            #expect(decoded[0] == (7, "seven", nil))
            #expect(await connection.serverVersion >= 150000)
        }
    }

    @Test("a pipeline runs in one round trip and names the statement that failed")
    func pipeline() async throws {
        try await withDatabase { database in
            let connection = try await database.connect()
            let rows = try await connection.pipeline((0..<500).map { "SELECT \($0)" })
            #expect(try rows.map { try $0[0].decode(Int.self, at: 0) } == Array(0..<500))
            let error = await #expect(throws: PostgresError.self) {
                try await connection.pipeline(["SELECT 1", "SELECT 1/0", "SELECT 2"])
            }
            guard case .server(let server) = error else { throw try #require(error) }
            #expect(server.statement == 1)
            #expect(server.state == SQLState(rawValue: "22012"))
            #expect(try await connection.query("SELECT 3")[0].decode(Int.self, at: 0) == 3)
        }
    }

    @Test("a cancelled task cancels its query and leaves the connection usable")
    func cancellation() async throws {
        try await withDatabase { database in
            let connection = try await database.connect()
            let task = Task { try await connection.query("SELECT pg_sleep(60)") }
            try await Task.sleep(for: .milliseconds(50))
            task.cancel()
            await #expect(throws: PostgresError.cancelled) { try await task.value }
            #expect(try await connection.query("SELECT 3")[0].decode(Int.self, at: 0) == 3)
        }
    }
}
