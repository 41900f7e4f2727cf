import Foundation
import PostgresClient
import PostgresCluster
import Synchronization

/// What scenarios share: a server of their own, durable as in production, and its measuring rod.
final class Bench: Sendable {
    let options: Options
    private let cluster: PrivateCluster
    private let workloads = Mutex<[String: Workload]>([:])

    init(_ options: Options) throws {
        self.options = options
        var template = Array("/tmp/reeve-bench-XXXXXX".utf8CString)
        guard let path = mkdtemp(&template) else { throw UsageError("no temporary directory") }
        var configuration = ClusterConfiguration(directory: String(cString: path))
        configuration.whenAbandoned = .remove
        configuration.settings = [
            "fsync": "on", "synchronous_commit": "on", "shared_buffers": "512MB", "max_wal_size": "8GB",
            "max_connections": "200",
        ]
        if options.showsStatements {
            configuration.settings["shared_preload_libraries"] = "pg_stat_statements"
            configuration.settings["pg_stat_statements.track"] = "all"
        }
        cluster = try PrivateCluster(configuration)
        try cluster.start()
    }

    /// Connects to a database.
    func configuration(_ database: String = "postgres") -> PostgresConfiguration {
        PostgresConfiguration(conninfo(database))
    }

    func conninfo(_ database: String) -> String { cluster.conninfo(database: database) }

    func stop() throws { try cluster.stop() }

    /// The checkout that the program was built from.
    static let checkout = #filePath.split(separator: "/").dropLast(2).reduce("") { $0 + "/" + $1 }

    // MARK: - Databases

    /// A workload that several scenarios use copies of: made when it is first asked for.
    func workload(_ name: String, _ make: () async throws -> Workload) async throws -> Workload {
        if let known = workloads.withLock({ $0[name] }) { return known }
        let made = try await make()
        workloads.withLock { $0[name] = made }
        return made
    }

    /// Makes a database, as a copy where a template is named.
    func createDatabase(_ name: String, template: String = "template0") async throws -> PostgresConfiguration {
        try await administer(
            "DROP DATABASE IF EXISTS \(name) WITH (FORCE)",
            "CREATE DATABASE \(name) TEMPLATE \(template) STRATEGY file_copy")
        return configuration(name)
    }

    func dropDatabase(_ name: String) async throws {
        try await administer("DROP DATABASE IF EXISTS \(name) WITH (FORCE)")
    }

    /// Writes down what is dirty, so that no measurement pays for the one before.
    func checkpoint() async throws { try await administer("CHECKPOINT") }

    private func administer(_ statements: String...) async throws {
        let connection = try await PostgresConnection.connect(configuration())
        for statement in statements { try await connection.simple(statement) }
        await connection.close()
    }

    /// Prints which statements took the server's time since this was last asked, triggers' statements by themselves.
    func showStatements() async throws {
        let connection = try await PostgresConnection.connect(configuration())
        try await connection.simple("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
        let rows = try await connection.query(
            """
            SELECT COALESCE(d.datname, 'dropped'), s.total_exec_time, s.calls, s.rows, NOT s.toplevel,
                left(regexp_replace(s.query, '\\s+', ' ', 'g'), 100)
            FROM pg_stat_statements s
            LEFT JOIN pg_database d ON d.oid = s.dbid
            WHERE d.datname IS DISTINCT FROM 'postgres'
            ORDER BY s.total_exec_time DESC
            LIMIT 30
            """)
        for (database, time, calls, rows, isNested, text) in try rows.decode(
            (String, Double, Int64, Int64, Bool, String).self)
        {
            say("  \(database) \(Int(time)) ms, \(calls) calls, \(rows) rows\(isNested ? " within" : ""): \(text)")
        }
        await connection.close()
        try await forgetStatements()
    }

    func forgetStatements() async throws {
        try await administer("CREATE EXTENSION IF NOT EXISTS pg_stat_statements", "SELECT pg_stat_statements_reset()")
    }

    // MARK: - Servers

    /// A port of this machine that nobody listens on.
    static func freePort() throws -> UInt16 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in.loopback(port: 0)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 ? getsockname(descriptor, $0, &size) : -1
            }
        }
        guard result == 0 else { throw UsageError("no port is free") }
        return UInt16(bigEndian: address.sin_port)
    }

    /// Waits until somebody listens on a port, ten seconds at most.
    static func waitForListener(_ port: UInt16) async throws {
        for _ in 0..<1000 {
            if let descriptor = try? HTTPLoad.connect(to: port) {
                close(descriptor)
                return
            }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw UsageError("nobody listens on port \(port)")
    }

    // MARK: - Measuring

    /// Measures two things in turn and returns the median of each.
    func alternate(
        _ ours: () async throws -> Double, _ theirs: () async throws -> Double
    ) async throws -> (ours: Double, theirs: Double) {
        var figures: (ours: [Double], theirs: [Double]) = ([], [])
        for round in 1...options.rounds {
            try await checkpoint()
            figures.theirs.append(try await theirs())
            try await checkpoint()
            figures.ours.append(try await ours())
            say("  round \(round): \(Report.number(figures.ours.last!)) against \(Report.number(figures.theirs.last!))")
        }
        return (median(figures.ours), median(figures.theirs))
    }

    /// Runs pgbench with a script, prepared, and returns its transactions a second.
    func pgbench(
        script: String, database: String = "postgres", clients: Int, threads: Int, variables: [String: String] = [:]
    ) throws -> Double {
        let path = cluster.directory + "/pgbench.sql"
        try script.write(toFile: path, atomically: true, encoding: .utf8)
        let run = Program(
            "/usr/bin/env",
            ["pgbench", "-n", "-M", "prepared", "-f", path, "-c", "\(clients)", "-j", "\(threads)"]
                + ["-T", "\(options.seconds)", "-h", cluster.directory, "-U", "postgres"]
                + variables.flatMap { ["-D", "\($0.key)=\($0.value)"] } + [database])
        for line in try run.finish().split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count > 2, words[0] == "tps", let rate = Double(words[2]) { return rate }
        }
        throw UsageError("pgbench printed no figure; is it installed (package postgresql-contrib)?")
    }
}
