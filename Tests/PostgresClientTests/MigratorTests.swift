import TestSupport
import Testing

@testable import PostgresClient

@Suite("Migrations")
struct MigratorTests {
    private func migrator(_ files: [(String, String)]) throws -> Migrator {
        try Migrator(files.map { try Migration(name: $0.0, text: $0.1) })
    }

    private let first = ("0001_first.sql", "CREATE TABLE one (a integer);")
    private let second = ("0002_second.sql", "CREATE TABLE two (b text DEFAULT ';');\nINSERT INTO two VALUES ('x');")

    @Test("files are applied once, in order")
    func once() async throws {
        try await withDatabase { database in
            let connection = try await database.connect()
            let migrator = try migrator([second, first])
            #expect(try await migrator.pending(on: connection).map(\.name) == ["0001_first.sql", "0002_second.sql"])
            var seen: [String] = []
            try await migrator.apply(on: connection) { seen.append($0.name) }
            #expect(seen == ["0001_first.sql", "0002_second.sql"])
            #expect(try await migrator.pending(on: connection) == [])
            #expect(try await migrator.apply(on: connection) == [])
            #expect(try await connection.query("SELECT b FROM two")[0].decode(String.self, at: 0) == "x")
        }
    }

    @Test("an applied file that was edited is refused, and nothing is applied")
    func edited() async throws {
        try await withDatabase { database in
            let connection = try await database.connect()
            try await migrator([first]).apply(on: connection)
            let changed = try migrator([(first.0, first.1 + " "), second])
            await #expect(throws: MigrationError.edited("0001_first.sql")) {
                try await changed.apply(on: connection)
            }
            await #expect(throws: MigrationError.edited("0001_first.sql")) {
                try await changed.pending(on: connection)
            }
            #expect(try await connection.query("SELECT to_regclass('two')")[0].decode(String?.self, at: 0) == nil)
        }
    }

    @Test("an applied file that is gone is refused")
    func missing() async throws {
        try await withDatabase { database in
            let connection = try await database.connect()
            try await migrator([first, second]).apply(on: connection)
            await #expect(throws: MigrationError.missing("0002_second.sql")) {
                try await migrator([first]).apply(on: connection)
            }
        }
    }

    @Test("numbers neither repeat nor leave gaps, and names have a form")
    func numbering() {
        #expect(throws: MigrationError.duplicate("0001_a.sql", "0001_b.sql")) {
            try migrator([("0001_a.sql", ""), ("0001_b.sql", "")])
        }
        #expect(throws: MigrationError.gap(before: "0003_c.sql")) { try migrator([first, ("0003_c.sql", "")]) }
        for name in ["1_a.sql", "0001a.sql", "0001_.sql", "0001_a.txt", "0000_a.sql"] {
            #expect(throws: MigrationError.malformedName(name)) { try Migration(name: name, text: "") }
        }
    }

    @Test("a file that fails leaves nothing behind, and what came before it stays")
    func failure() async throws {
        try await withDatabase { database in
            let connection = try await database.connect()
            let broken = try migrator([first, ("0002_broken.sql", "CREATE TABLE half (a integer); SELECT 1/0;")])
            let error = await #expect(throws: MigrationError.self) { try await broken.apply(on: connection) }
            guard case .failed("0002_broken.sql", .server) = error else { throw try #require(error) }
            #expect(try await connection.query("SELECT to_regclass('half')")[0].decode(String?.self, at: 0) == nil)
            let mended = try migrator([first, second])
            #expect(try await mended.apply(on: connection) == ["0002_second.sql"])
        }
    }

    @Test("an index can be made concurrently, and a file that was broken off goes on only when told")
    func concurrently() async throws {
        try await withDatabase { database in
            let connection = try await database.connect()
            let text = """
                -- reeve: no transaction
                CREATE INDEX CONCURRENTLY one_a ON one (a); -- the first; of two
                INSERT INTO one SELECT 1 / (SELECT count(*) FROM switch)::integer;
                """
            let migrator = try migrator([first, ("0002_index.sql", text)])
            try await connection.execute("CREATE TABLE switch (a integer)")
            await #expect(throws: MigrationError.self) { try await migrator.apply(on: connection) }
            await #expect(throws: MigrationError.interrupted("0002_index.sql", statement: 2)) {
                try await migrator.apply(on: connection)
            }
            try await connection.execute("INSERT INTO switch VALUES (1)")
            #expect(try await migrator.apply(on: connection, canResume: true) == ["0002_index.sql"])
            #expect(try await migrator.pending(on: connection) == [])
            #expect(try await connection.query("SELECT count(*) FROM one")[0].decode(Int64.self, at: 0) == 1)
        }
    }

    @Test("two migrators at once apply every file once")
    func together() async throws {
        try await withDatabase { database in
            let migrator = try migrator([first, second])
            async let one = migrator.apply(on: database.connect())
            async let other = migrator.apply(on: database.connect())
            let applied = try await [one, other]
            #expect(applied.map(\.count).sorted() == [0, 2])
        }
    }

    @Test("statements end at semicolons outside quotes and comments")
    func splitting() {
        let script = """
            SELECT ';' -- a; b
            ; /* c; /* d; */ e; */ SELECT "x;y"; DO $a$ BEGIN; $b$; END; $a$;
            ;  -- nothing
            SELECT 'it''s; one'
            """
        let statements = StatementSplitter.statements(of: script)
        #expect(statements.count == 4)
        #expect(statements[1].contains("\"x;y\"") && statements[2].contains("$b$; END"))
        #expect(StatementSplitter.statements(of: "SELECT '; $$ ;").count == 1)
    }
}
