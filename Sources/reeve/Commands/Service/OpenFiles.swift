import Glibc
import Logging

/// How many files and connections this process may have open.
enum OpenFiles {
    /// What is needed beside the connections of clients: to the database, outward, and of the program itself.
    static let reserve = 256

    /// How many of so many connections the system would allow.
    static func room(for connections: Int) -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return connections }
        return min(connections, max(10, Int(clamping: limit.rlim_max) - reserve))
    }

    /// Raises the limit of this process, where the system allows it, so that there is room for so many connections.
    ///
    /// - Returns: the connections that there is room for.
    static func raised(for connections: Int) -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return connections }
        let wanted = rlim_t(connections + reserve)
        if limit.rlim_cur < wanted {
            limit.rlim_cur = min(wanted, limit.rlim_max)
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        }
        guard limit.rlim_cur < wanted else { return connections }
        let room = max(10, Int(limit.rlim_cur) - reserve)
        Logger(label: "reeve.http").warning(
            "the system allows fewer connections than the setting max-connections; raise the limit of open files (ulimit -n)",
            metadata: ["allowed": "\(room)", "max-connections": "\(connections)"])
        return room
    }
}
