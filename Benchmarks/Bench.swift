import Glibc
import PostgresClient
import PostgresCluster

/// What scenarios share: a server of their own, durable as in production, and its measuring rod.
final class Bench: Sendable {
    let options: Options
    private let cluster: PrivateCluster

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
        cluster = try PrivateCluster(configuration)
        try cluster.start()
    }

    var configuration: PostgresConfiguration { PostgresConfiguration(cluster.conninfo()) }

    func stop() throws { try cluster.stop() }

    /// Writes down what is dirty, so that no measurement pays for the one before.
    func checkpoint() async throws {
        let connection = try await PostgresConnection.connect(configuration)
        try await connection.execute("CHECKPOINT")
        await connection.close()
    }

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
            say("  round \(round): \(Int(figures.ours.last ?? 0)) against \(Int(figures.theirs.last ?? 0))")
        }
        return (median(figures.ours), median(figures.theirs))
    }

    /// Runs pgbench with a script, prepared, and returns its transactions a second.
    func pgbench(script: String, clients: Int, threads: Int) throws -> Double {
        let path = cluster.directory + "/pgbench.sql"
        guard let file = fopen(path, "w") else { throw UsageError("\(path) cannot be written") }
        fputs(script, file)
        fclose(file)
        let command = """
            pgbench -n -M prepared -f '\(path)' -c \(clients) -j \(threads) -T \(options.seconds) \
            -h '\(cluster.directory)' -U postgres postgres 2>/dev/null
            """
        guard let pipe = popen(command, "r") else { throw UsageError("pgbench cannot be run") }
        defer { pclose(pipe) }
        var line = [CChar](repeating: 0, count: 1024)
        while fgets(&line, 1024, pipe) != nil {
            let words = line.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }.split(separator: " ")
            if words.count > 2, words[0] == "tps", let rate = Double(words[2]) { return rate }
        }
        throw UsageError("pgbench printed no figure; is it installed (package postgresql-contrib)?")
    }
}
