import Glibc
import PostgresClient
import TestSupport
import Testing

@Suite("Connecting")
struct ConnectingTests {
    @Test("of several hosts the one is taken that can be written to")
    func hosts() async throws {
        let standby = try TestCluster(settings: ["default_transaction_read_only": "on"])
        defer { try? standby.server.stop() }
        let primary = try TestCluster.shared
        func conninfo(_ directories: String...) -> PostgresConfiguration {
            let ports = directories.map { _ in "5432" }.joined(separator: ",")
            return PostgresConfiguration(
                "host='\(directories.joined(separator: ","))' port=\(ports) user=postgres dbname=postgres "
                    + "target_session_attrs=read-write")
        }
        let (first, second) = (standby.server.directory, primary.server.directory)
        let connection = try await PostgresConnection.connect(conninfo("/nowhere", first, second))
        let directory = try await connection.query("SELECT current_setting('data_directory')")
        #expect(try directory[0].decode(String.self, at: 0).hasPrefix(second))
        await connection.close()
        let refused = await #expect(throws: PostgresError.self) {
            try await PostgresConnection.connect(conninfo("/nowhere", first))
        }
        guard case .connectFailed(let reason)? = refused else { throw try #require(refused) }
        #expect(reason.contains("read-only") || reason.contains("writable"), "\(reason)")
    }

    @Test("a server that does not answer is given up in time, and a caller that leaves is let go")
    func silentServer() async throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { _ = close(listener) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        try withUnsafeMutablePointer(to: &address) { pointer in
            try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                try #require(bind(listener, raw, length) == 0)
                try #require(listen(listener, 8) == 0)
                try #require(getsockname(listener, raw, &length) == 0)
            }
        }
        var configuration = PostgresConfiguration(
            "host=127.0.0.1 port=\(UInt16(bigEndian: address.sin_port)) user=x dbname=x")
        configuration.connectTimeout = .milliseconds(200)
        await #expect(throws: PostgresError.timeout(.connect)) { try await PostgresConnection.connect(configuration) }
        configuration.connectTimeout = .seconds(60)
        let waiting = Task { [configuration] in try await PostgresConnection.connect(configuration) }
        try await Task.sleep(for: .milliseconds(50))
        waiting.cancel()
        await #expect(throws: PostgresError.cancelled) { try await waiting.value }
    }

    @Test("what cannot be reached or read says so")
    func failures() async throws {
        for conninfo in ["host=/nowhere user=x", "host=127.0.0.1 port=1 user=x", "nonsense", "port=many host=/tmp"] {
            let error = await #expect(throws: PostgresError.self, "\(conninfo)") {
                try await PostgresConnection.connect(PostgresConfiguration(conninfo))
            }
            guard case .connectFailed(let reason)? = error else { throw try #require(error) }
            #expect(!reason.isEmpty && !reason.contains("\n"))
        }
    }

    @Test("encryption that the server does not have is not done without")
    func encryption() async throws {
        let cluster = try TestCluster(port: 45_917)
        defer { try? cluster.server.stop() }
        let place = "host=127.0.0.1 port=45917 user=postgres dbname=postgres"
        let plain = try await PostgresConnection.connect(PostgresConfiguration("\(place) password=secret"))
        #expect(await !plain.isEncrypted)
        await plain.close()
        let error = await #expect(throws: PostgresError.self) {
            try await PostgresConnection.connect(PostgresConfiguration("\(place) password=secret sslmode=require"))
        }
        guard case .connectFailed(let reason)? = error else { throw try #require(error) }
        #expect(reason.contains("SSL"))
    }
}

@Suite("Patience")
struct PatienceTests {
    @Test("a statement that takes too long is cancelled, and the connection can be used again")
    func statementTimeout() async throws {
        try await withDatabase { database in
            var configuration = database.configuration()
            configuration.statementTimeout = .milliseconds(100)
            let connection = try await PostgresConnection.connect(configuration)
            await #expect(throws: PostgresError.timeout(.statement)) {
                try await connection.query("SELECT pg_sleep(60)")
            }
            #expect(try await connection.query("SELECT 3")[0].decode(Int.self, at: 0) == 3)
            // A call may have less patience than the connection, or more.
            await #expect(throws: PostgresError.timeout(.statement)) {
                try await connection.query("SELECT pg_sleep(60)", patience: .atMost(.milliseconds(20)))
            }
            _ = try await connection.query("SELECT pg_sleep(0.2)", patience: .unlimited)
            await connection.close()
        }
    }

    @Test("a cancelled task leaves no statement behind on the server")
    func cancelled() async throws {
        try await withDatabase { database in
            let connection = try await database.connect()
            let watcher = try await database.connect()
            let task = Task { try await connection.pipeline(["SELECT 1", "SELECT pg_sleep(60)", "SELECT 2"]) }
            // Other tests sleep too, in databases of their own.
            let asleep: PostgresQuery = """
                SELECT count(*)
                FROM pg_stat_activity
                WHERE wait_event = 'PgSleep' AND datname = current_database()
                """
            while try await watcher.query(asleep)[0].decode(Int.self, at: 0) == 0 { await Task.yield() }
            task.cancel()
            await #expect(throws: PostgresError.cancelled) { try await task.value }
            #expect(try await watcher.query(asleep)[0].decode(Int.self, at: 0) == 0)
            #expect(try await connection.query("SELECT 3")[0].decode(Int.self, at: 0) == 3)
            await connection.close()
            await watcher.close()
        }
    }

    @Test("of a pipeline of units only the one that fails is undone")
    func units() async throws {
        try await withDatabase { database in
            let connection = try await database.connect()
            try await connection.execute("CREATE TABLE t (a integer PRIMARY KEY)")
            let outcomes = try await connection.pipelineEach([
                "INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (2)",
            ])
            #expect(outcomes.map { (try? $0.get()) != nil } == [true, false, true])
            if case .failure(let error) = outcomes[1] { #expect(error.state == .uniqueViolation) }
            #expect(try await connection.query("SELECT count(*) FROM t")[0].decode(Int.self, at: 0) == 2)
            await connection.close()
        }
    }

    @Test("what is found wrong only when a unit ends fails its last statement")
    func deferred() async throws {
        try await withDatabase { database in
            let connection = try await database.connect()
            try await connection.execute("CREATE TABLE t (a integer UNIQUE DEFERRABLE INITIALLY DEFERRED)")
            try await connection.execute("INSERT INTO t VALUES (1)")
            for _ in 0..<2 {
                let error = await #expect(throws: PostgresError.self) {
                    try await connection.execute("INSERT INTO t VALUES (1)")
                }
                #expect(error?.state == .uniqueViolation)
            }
            let pipeline = await #expect(throws: PostgresError.self) {
                try await connection.pipeline(["INSERT INTO t VALUES (2)", "INSERT INTO t VALUES (1)", "SELECT 1"])
            }
            #expect(pipeline?.state == .uniqueViolation)
            let outcomes = try await connection.pipelineEach([
                "INSERT INTO t VALUES (3)", "INSERT INTO t VALUES (3)", "INSERT INTO t VALUES (4)",
            ])
            #expect(outcomes.map { (try? $0.get()) != nil } == [true, false, true])
            let rows = try await connection.query("SELECT array_agg(a ORDER BY a) FROM t")
            #expect(try rows[0].decode([Int32].self, at: 0) == [1, 3, 4])
            await connection.close()
        }
    }

    @Test("a transaction that throws leaves nothing, and one that is cancelled is rolled back")
    func transactions() async throws {
        struct Stop: Error {}
        try await withDatabase { database in
            let connection = try await database.connect()
            try await connection.execute("CREATE TABLE t (a integer)")
            await #expect(throws: Stop.self) {
                try await connection.transaction { inner in
                    try await inner.execute("INSERT INTO t VALUES (1)")
                    throw Stop()
                }
            }
            let task = Task {
                try await connection.transaction { inner in
                    try await inner.execute("INSERT INTO t VALUES (2)")
                    _ = try await inner.query("SELECT pg_sleep(60)")
                }
            }
            try await Task.sleep(for: .milliseconds(50))
            task.cancel()
            await #expect(throws: PostgresError.cancelled) { try await task.value }
            #expect(await connection.isIdle)
            #expect(try await connection.query("SELECT count(*) FROM t")[0].decode(Int.self, at: 0) == 0)
            await connection.close()
        }
    }

    @Test("listeners hear what was sent to their channel after it was committed")
    func notifications() async throws {
        try await withDatabase { database in
            let listener = try await database.connect()
            let sender = try await database.connect()
            var heard = try await listener.listen("odd \"name\"").makeAsyncIterator()
            let other = try await listener.listen("other")
            try await sender.transaction { inner in
                _ = try await inner.query("SELECT pg_notify('odd \"name\"', 'one'), pg_notify('third', 'x')")
            }
            _ = try await sender.query("SELECT pg_notify('odd \"name\"', 'two')")
            let (first, second) = (await heard.next(), await heard.next())
            #expect(first?.payload == "one" && second?.payload == "two")
            #expect(first?.channel == "odd \"name\"")
            await listener.close()
            #expect(await heard.next() == nil)
            for await stray in other { Issue.record("heard \(stray)") }
            await sender.close()
        }
    }
}
