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
