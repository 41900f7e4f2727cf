import Foundation
import PostgresClient
import PostgresCluster
import Testing

/// Copies of the stage's cluster, as PostgreSQL itself makes them.
extension Stage {
    /// Counts standbys that COMMIT waits for.
    static let synchronous =
        "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync' AND state = 'streaming'"

    /// Takes a base backup of the running cluster.
    ///
    /// - Parameter words: more arguments of `pg_basebackup`.
    /// - Returns: a cluster on it, which is not started.
    func backup(named name: String, _ words: [String] = []) async throws -> PrivateCluster {
        let directory = "\(folder)/\(name)"
        // The server's own user writes it, who may not make a directory here.
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        var prefix: [String] = []
        if geteuid() == 0, let entry = getpwnam("postgres") {
            chown(directory, entry.pointee.pw_uid, entry.pointee.pw_gid)
            prefix = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--"]
        }
        chmod(directory, 0o700)
        let tool = Process()
        tool.executableURL = URL(filePath: "/usr/bin/env")
        let program = try Installation.find().binaries + "/pg_basebackup"
        tool.arguments =
            prefix + [program, "-D", directory, "-d", cluster.conninfo(), "-c", "fast", "-X", "stream", "--no-sync"]
            + words
        tool.currentDirectoryURL = URL(filePath: "/")
        try tool.run()
        while tool.isRunning { try await Task.sleep(for: .milliseconds(10)) }
        try #require(tool.terminationStatus == 0, "pg_basebackup failed")
        let copy = try cluster(at: directory)
        watch(copy)
        return copy
    }

    /// Starts a standby that every COMMIT waits for.
    func standby() async throws -> PrivateCluster {
        let conninfo = cluster.conninfo() + " application_name=second"
        let standby = try await backup(named: "second", ["-R", "-d", conninfo])
        try standby.start()
        try await sql("ALTER SYSTEM SET synchronous_standby_names = 'second'")
        try await sql("SELECT pg_reload_conf()")
        try await expect(1, Self.synchronous)
        return standby
    }
}
