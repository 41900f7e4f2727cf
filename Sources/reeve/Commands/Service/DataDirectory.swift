import Glibc

/// Where `reeve up` keeps its PostgreSQL and what programs on this machine need to find it.
struct DataDirectory: Sendable {
    /// The directory, absolute.
    let path: String

    /// Makes sure that the directory is there and that PostgreSQL can work in it.
    init(_ configuration: Configuration) throws(Failure) {
        let chosen = try configuration.required(.data).expandingHome
        try Files.makeDirectory(chosen)
        path = Files.realPath(chosen) ?? chosen
        // PostgreSQL refuses to run as root; the user it runs as must be able to reach the directory.
        if geteuid() == 0, let closed = Self.closedAncestor(of: path) {
            throw Failure(
                """
                PostgreSQL runs as the user postgres, who may not enter \(closed). Choose another directory with --data, \
                for example --data /var/lib/reeve.
                """)
        }
    }

    /// Keeps the directory for this process until it ends, however it ends.
    ///
    /// One that has just been killed is given the time to be gone.
    func claim() throws(Failure) {
        let file = path + "/lock"
        let descriptor = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure("\(file) cannot be written: \(String(cString: strerror(errno)))") }
        var attempts = 0
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            attempts += 1
            guard attempts < Self.patience else {
                close(descriptor)
                let owner = (try? Files.read(file)).map { String(decoding: $0, as: UTF8.self) } ?? ""
                throw Failure(
                    """
                    A `reeve up`\(owner.isEmpty ? "" : " (process \(owner))") runs in \(path) already. Stop it, or choose \
                    another directory with --data.
                    """)
            }
            usleep(50_000)
        }
        let number = Array("\(getpid())".utf8)
        if ftruncate(descriptor, 0) == 0 { _ = number.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) } }
        // The descriptor stays open: the system closes it, and so gives the lock up, when the process ends.
    }

    /// How often a lock is tried, twenty times a second.
    private static let patience = 40

    /// The directory of the private cluster.
    var cluster: String { path + "/postgres" }

    /// The first directory on the way that only its owner may enter.
    private static func closedAncestor(of path: String) -> String? {
        var current = ""
        for part in path.split(separator: "/") {
            current += "/" + part
            var status = stat()
            if stat(current, &status) == 0, status.st_mode & S_IXOTH == 0 { return current }
        }
        return nil
    }
}
