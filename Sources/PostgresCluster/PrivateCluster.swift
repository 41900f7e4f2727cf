import Glibc
import Synchronization

/// How a private cluster is set up.
public struct ClusterConfiguration: Sendable {
    /// What happens to the server when this process ends without stopping it.
    public enum WhenAbandoned: Sendable {
        /// It runs on.
        case keep
        /// It is stopped.
        case stop
        /// It is stopped and its directory removed.
        case remove
    }

    /// The directory of the cluster; made if it does not exist.
    public var directory: String
    /// The TCP port on 127.0.0.1; nil for none, leaving only the socket in the directory.
    public var port: Int?
    /// The superuser that `initdb` makes.
    public var superuser = "postgres"
    /// The password that connections over TCP have to give; those over the socket need none.
    public var password: String?
    /// Settings of `postgresql.conf`, given to the server when it is started.
    public var settings: [String: String] = [:]
    /// The user to run the server as when this process is root's.
    public var unprivilegedUser = "postgres"
    /// What happens when this process ends without stopping the server.
    public var whenAbandoned = WhenAbandoned.stop
    /// Whether `initdb` waits until its files are on disk; only tests can do without.
    public var syncsOnInit = true
    /// How long starting and stopping may take.
    public var patience: Duration = .seconds(60)

    /// Creates a configuration for a directory.
    public init(directory: String) { self.directory = directory }
}

/// A PostgreSQL server of one's own in a directory, on a Unix socket that lies in it.
///
/// All methods block: they wait for other programs. Call them where that is allowed.
public final class PrivateCluster: Sendable {
    /// How the server is stopped.
    public enum StopMode: Sendable {
        /// Sessions are ended, all is written down.
        case fast
        /// As if it had crashed; it recovers when started again.
        case immediate
        /// Killed from outside, for tests of failures.
        case kill
    }

    private struct State {
        var process: pid_t?
        /// Kept until the end where the directory is to be removed, else as long as the server runs.
        var watcher: Guard?
    }

    /// How it is set up.
    public let configuration: ClusterConfiguration
    /// The programs it uses.
    public let installation: Installation
    private let user: ServerUser
    private let state = Mutex(State())

    /// Prepares a cluster; nothing is started yet.
    ///
    /// - Throws: `ClusterError` when PostgreSQL is missing, or cannot be run in this directory.
    public init(_ configuration: ClusterConfiguration, installation: Installation? = nil) throws(ClusterError) {
        var configuration = configuration
        user = try ServerUser.current(named: configuration.unprivilegedUser)
        try Directory.make(configuration.directory)
        configuration.directory = Directory.absolute(configuration.directory)
        self.configuration = configuration
        self.installation = if let installation { installation } else { try Installation.find() }
        let limit = 107
        guard socketPath.utf8.count <= limit else { throw .socketPathTooLong(path: socketPath, limit: limit) }
    }

    /// The directory of the data, which also holds the socket and the log.
    public var directory: String { configuration.directory }

    /// The file that the server logs to.
    public var logFile: String { directory + "/server.log" }

    /// The server's main process, while this object runs it.
    public var process: Int32? { state.withLock { $0.process } }

    private var socketPath: String { directory + "/.s.PGSQL.\(configuration.port ?? 5432)" }

    /// How a database of this cluster is reached, over the socket.
    public func conninfo(database: String = "postgres", user: String? = nil) -> String {
        let fields = [
            ("host", directory), ("port", String(configuration.port ?? 5432)),
            ("user", user ?? configuration.superuser), ("dbname", database),
        ]
        return fields.map { "\($0.0)=\(Self.quoted($0.1))" }.joined(separator: " ")
    }

    private static func quoted(_ value: String) -> String {
        "'" + value.map { $0 == "'" || $0 == "\\" ? "\\\($0)" : "\($0)" }.joined() + "'"
    }
}

// MARK: - Starting

extension PrivateCluster {
    /// Whether the directory holds a cluster already.
    public var isInitialized: Bool { Directory.read(directory + "/PG_VERSION") != nil }

    /// The process of a server that runs in the directory, whoever started it; nil when there is none.
    public var runningProcess: Int32? {
        guard let file = PostmasterFile(directory: directory), file.isAlive(in: directory) else { return nil }
        return file.process
    }

    /// Makes the cluster if there is none yet, starts the server and waits until it accepts connections.
    ///
    /// A `postmaster.pid` that a crash left behind is no obstacle.
    ///
    /// - Throws: `ClusterError`.
    public func start() throws(ClusterError) {
        if let process = runningProcess { throw .alreadyRunning(directory: directory, process: process) }
        if let port = configuration.port, !Self.isFree(port: port) { throw .portTaken(port) }
        try initialize()
        // Its number may belong to another program by now, which would keep the server from starting; in a base backup,
        // to the server that the backup was taken of.
        for file in [directory + "/postmaster.pid", socketPath + ".lock"] { unlink(file) }
        try watch()
        let log = open(logFile, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard log >= 0 else { throw .system("\(logFile) cannot be written: \(systemError())") }
        defer { close(log) }
        // A base backup copies the whole directory, as the server's user.
        try user.own(logFile)
        let start = lseek(log, 0, SEEK_END)
        let process = try Command(user.prefix + [installation.program("postgres"), "-D", directory] + arguments)
            .spawn(input: nil, output: log)
        try waitUntilReady(process, logStart: Int(start))
        state.withLock { $0.process = process }
    }

    private var arguments: [String] {
        var settings = configuration.settings
        settings["unix_socket_directories"] = directory
        settings["listen_addresses"] = configuration.port == nil ? "" : "127.0.0.1"
        settings["port"] = String(configuration.port ?? 5432)
        return settings.sorted { $0.key < $1.key }.flatMap { ["-c", "\($0.key)=\($0.value)"] }
    }

    private func initialize() throws(ClusterError) {
        if let found = Directory.read(directory + "/PG_VERSION") {
            let version = String(found.prefix { $0.isNumber })
            let needed = String(try installation.majorVersion())
            guard version == needed else { throw .wrongVersion(directory: directory, found: version, needed: needed) }
            return
        }
        guard Directory.names(in: directory).isEmpty else {
            throw .notACluster(directory: directory, reason: "it is not empty and has no file PG_VERSION")
        }
        try user.own(directory)
        var words = [
            installation.program("initdb"), "-D", directory, "-U", configuration.superuser, "--encoding=UTF8",
            "--locale=C.UTF-8", "--auth-local=trust", "--no-instructions",
            "--auth-host=\(configuration.password == nil ? "reject" : "scram-sha-256")",
        ]
        if !configuration.syncsOnInit { words.append("--no-sync") }
        guard let password = configuration.password else {
            try Command(user.prefix + words).run()
            return
        }
        try withPasswordFile(password) { (path) throws(ClusterError) in
            _ = try Command(user.prefix + words + ["--pwfile=\(path)"]).run()
        }
    }

    /// `initdb` wants the password in a file; the directory itself must still be empty.
    private func withPasswordFile(
        _ password: String, _ body: (String) throws(ClusterError) -> Void
    ) throws(ClusterError) {
        var path = Array("/tmp/reeve-initdb-XXXXXX".utf8CString)
        let descriptor = mkstemp(&path)
        guard descriptor >= 0 else { throw .system("no temporary file: \(systemError())") }
        defer {
            close(descriptor)
            unlink(path)
        }
        _ = password.withCString { write(descriptor, $0, strlen($0)) }
        fchown(descriptor, user.identifier, user.group)
        try body(path.withUnsafeBufferPointer { String(cString: $0.baseAddress!) })
    }

    private func watch() throws(ClusterError) {
        guard state.withLock({ $0.watcher == nil }) else { return }
        let watcher: Guard? =
            switch configuration.whenAbandoned {
            case .keep: nil
            case .stop: try Guard(data: directory, signal: "INT", removing: nil)
            case .remove: try Guard(data: directory, signal: "QUIT", removing: directory)
            }
        state.withLock { $0.watcher = watcher }
    }

    private func waitUntilReady(_ process: pid_t, logStart: Int) throws(ClusterError) {
        let deadline = ContinuousClock.now + configuration.patience
        while ContinuousClock.now < deadline {
            var status: Int32 = 0
            if waitpid(process, &status, WNOHANG) == process {
                throw .failed(
                    program: "postgres", status: Command.exitStatus(status), output: log(from: logStart))
            }
            if let file = PostmasterFile(directory: directory), file.process == process, file.isReady { return }
            usleep(5000)
        }
        kill(process, SIGQUIT)
        _ = Command.wait(for: process)
        throw .tooSlow(doing: "to start", output: log(from: logStart))
    }

    private func log(from offset: Int) -> String {
        let text = Directory.read(logFile) ?? ""
        return String(decoding: text.utf8.dropFirst(offset).suffix(4000), as: UTF8.self)
    }

    private static func isFree(port: Int) -> Bool {
        guard let number = in_port_t(exactly: port) else { return false }
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = number.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}

// MARK: - Stopping

extension PrivateCluster {
    /// Stops the server and waits until it is gone.
    ///
    /// Does nothing when this object does not run one.
    ///
    /// - Throws: `ClusterError.tooSlow` when it does not end in time; it is killed then.
    public func stop(_ mode: StopMode = .fast) throws(ClusterError) {
        guard let process = state.withLock({ $0.process.take() }) else { return }
        defer { if configuration.whenAbandoned != .remove { state.withLock { $0.watcher.take() }?.dismiss() } }
        let signal =
            switch mode {
            case .fast: SIGINT
            case .immediate: SIGQUIT
            case .kill: SIGKILL
            }
        kill(process, signal)
        guard !hasEnded(process) else { return }
        kill(process, SIGKILL)
        _ = Command.wait(for: process)
        throw .tooSlow(doing: "to stop, and was killed", output: log(from: 0))
    }

    /// Stops a server that a process left behind which was killed, and waits until it is gone.
    ///
    /// Only for whoever has made sure that nobody else uses the directory. Mostly the guard of that process is at it, and
    /// is left to it for two seconds.
    ///
    /// - Throws: `ClusterError.alreadyRunning` when it does not end in time.
    public func endLeftOver() throws(ClusterError) {
        guard state.withLock({ $0.process == nil }), let process = runningProcess else { return }
        let deadline = ContinuousClock.now + configuration.patience
        var looks = 0
        while runningProcess != nil {
            guard ContinuousClock.now < deadline else {
                throw .alreadyRunning(directory: directory, process: process)
            }
            looks += 1
            if looks == 100 { kill(process, SIGINT) }
            usleep(20_000)
        }
    }

    private func hasEnded(_ process: pid_t) -> Bool {
        let deadline = ContinuousClock.now + configuration.patience
        var status: Int32 = 0
        while ContinuousClock.now < deadline {
            let ended = waitpid(process, &status, WNOHANG)
            if ended == process || ended < 0 && errno == ECHILD { return true }
            usleep(2000)
        }
        return false
    }
}
