/// Why a private cluster cannot be started or stopped.
public enum ClusterError: Error, Sendable, Hashable {
    /// No PostgreSQL server was found on this machine.
    case notInstalled(searched: [String])
    /// PostgreSQL refuses to run as root, and there is no other user to run it as.
    case noUnprivilegedUser(String)
    /// The path of the socket would be longer than the operating system allows.
    case socketPathTooLong(path: String, limit: Int)
    /// A server runs in the directory already.
    case alreadyRunning(directory: String, process: Int32)
    /// The directory holds something else than a cluster.
    case notACluster(directory: String, reason: String)
    /// The directory was made by another major version.
    case wrongVersion(directory: String, found: String, needed: String)
    /// The TCP port is taken.
    case portTaken(Int)
    /// A program failed; with the end of what it printed.
    case failed(program: String, status: Int32, output: String)
    /// The server did not get ready, or did not stop, in time.
    case tooSlow(doing: String, output: String)
    /// The operating system refused something.
    case system(String)
}

extension ClusterError: CustomStringConvertible {
    /// The cause and the way out.
    public var description: String {
        switch self {
        case .notInstalled(let searched):
            "PostgreSQL is not installed (looked in \(searched.joined(separator: ", "))); install it, for example with"
                + " `apt-get install postgresql`"
        case .noUnprivilegedUser(let reason):
            "PostgreSQL does not run as root, and no user to run it as was found: \(reason); create one named postgres"
        case .socketPathTooLong(let path, let limit):
            "the socket's path \(path) has \(path.utf8.count) bytes, the system allows \(limit); use a shorter directory"
        case .alreadyRunning(let directory, let process):
            "a PostgreSQL server (process \(process)) runs in \(directory) already; stop it first"
        case .notACluster(let directory, let reason):
            "\(directory) cannot hold a cluster: \(reason); use an empty directory"
        case .wrongVersion(let directory, let found, let needed):
            "\(directory) was made by PostgreSQL \(found), this is \(needed); upgrade it with pg_upgrade or use another"
        case .portTaken(let port):
            "port \(port) on 127.0.0.1 is taken by another program; choose another port, or stop that program"
        case .failed(let program, let status, let output): "\(program) failed with status \(status): \(output)"
        case .tooSlow(let doing, let output): "PostgreSQL took too long \(doing): \(output)"
        case .system(let reason): reason
        }
    }
}
