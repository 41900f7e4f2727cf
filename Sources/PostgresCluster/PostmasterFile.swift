import Glibc

/// What a server writes into `postmaster.pid` in its directory.
struct PostmasterFile {
    var process: pid_t
    var status: String

    init?(directory: String) {
        guard let text = Directory.read(directory + "/postmaster.pid") else { return nil }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard let process = lines.first.flatMap({ pid_t($0) }), process > 0 else { return nil }
        self.process = process
        status = lines.count > 7 ? String(lines[7].prefix { $0 != " " }) : ""
    }

    /// Whether the server accepts connections.
    var isReady: Bool { status == "ready" || status == "standby" }

    /// Whether a PostgreSQL server really runs there; the number may have been given to another program since.
    func isAlive(in directory: String) -> Bool {
        if kill(process, 0) != 0, errno == ESRCH { return false }
        guard let command = Directory.read("/proc/\(process)/cmdline") else { return true }
        let program = command.split(separator: "\0").first.map(String.init) ?? ""
        guard program.hasSuffix("postgres") || program.hasSuffix("postmaster") else { return false }
        var link = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/\(process)/cwd", &link, link.count - 1)
        guard count > 0 else { return true }
        return link.withUnsafeBytes { String(decoding: $0.prefix(count), as: UTF8.self) }
            == Directory.absolute(directory)
    }
}
