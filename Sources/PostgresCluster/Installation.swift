import Glibc

/// Where PostgreSQL's programs are on this machine.
public struct Installation: Sendable, Hashable {
    /// The directory of `postgres` and `initdb`.
    public var binaries: String

    /// Uses the programs in a directory.
    public init(binaries: String) { self.binaries = binaries }

    /// Looks where `pg_config` says, in `PATH`, then in `/usr/lib/postgresql/*/bin`, the newest first.
    ///
    /// - Throws: `ClusterError.notInstalled`.
    public static func find() throws(ClusterError) -> Installation {
        let searched = candidates()
        for directory in searched where isComplete(directory) { return Installation(binaries: directory) }
        throw .notInstalled(searched: searched)
    }

    /// The major version, such as 15.
    ///
    /// - Throws: `ClusterError.failed` when the program cannot be run.
    public func majorVersion() throws(ClusterError) -> Int {
        let output = try Command([program("postgres"), "--version"]).run()
        let number = output.split(separator: " ").first { $0.first?.isNumber == true } ?? ""
        guard let major = Int(number.prefix { $0.isNumber }) else {
            throw .failed(program: "postgres --version", status: 0, output: output)
        }
        return major
    }

    func program(_ name: String) -> String { binaries + "/" + name }

    private static func isComplete(_ directory: String) -> Bool {
        ["postgres", "initdb"].allSatisfy { access(directory + "/" + $0, X_OK) == 0 }
    }

    private static func candidates() -> [String] {
        var found: [String] = []
        if let config = Command.find("pg_config"), let output = try? Command([config, "--bindir"]).run() {
            found.append(output)
        }
        found += (Environment["PATH"] ?? "").split(separator: ":").map(String.init)
        let versions = Directory.names(in: "/usr/lib/postgresql").compactMap { Int($0) }.sorted(by: >)
        found += versions.map { "/usr/lib/postgresql/\($0)/bin" }
        return found
    }
}
