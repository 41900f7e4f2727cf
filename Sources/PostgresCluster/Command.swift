import Glibc

/// A program to be run, with its arguments.
struct Command: Sendable {
    var words: [String]

    init(_ words: [String]) { self.words = words }

    /// Finds a program in `PATH`, or in the directories for administrators.
    static func find(_ name: String) -> String? {
        let path = (Environment["PATH"] ?? "").split(separator: ":").map(String.init)
        return (path + ["/usr/bin", "/bin", "/usr/sbin", "/sbin"]).map { $0 + "/" + name }
            .first { access($0, X_OK) == 0 }
    }

    /// Runs it to its end and returns what it printed, errors included, without the last newline.
    ///
    /// - Throws: `ClusterError.failed` when it does not end with status 0.
    @discardableResult
    func run() throws(ClusterError) -> String {
        let stream = try StreamPair()
        defer { close(stream.near) }
        let process: pid_t
        do {
            defer { close(stream.far) }
            process = try spawn(input: nil, output: stream.far)
        }
        let output = Self.readAll(stream.near)
        let status = Self.wait(for: process)
        guard status == 0 else { throw .failed(program: words[0], status: status, output: output) }
        return output
    }

    /// Starts it in a session of its own, so that a Ctrl-C meant for this program does not reach it.
    ///
    /// - Throws: `ClusterError.system` when it cannot be started.
    func spawn(input: Int32?, output: Int32) throws(ClusterError) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let input {
            posix_spawn_file_actions_adddup2(&actions, input, 0)
        } else {
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        }
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, output, 2)
        // A server that lives on must hold nothing of ours: whoever reads from a pipe waits until all let go of it.
        try Self.closeAll(from: 3, &actions)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        let sessionFlag: Int32 = 0x80  // POSIX_SPAWN_SETSID
        posix_spawnattr_setflags(
            &attributes, Int16(sessionFlag | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
        let arguments = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var process: pid_t = 0
        let status = posix_spawn(&process, words[0], &actions, &attributes, arguments, environ)
        guard status == 0 else {
            throw .system("\(words[0]) cannot be started: \(String(cString: strerror(status)))")
        }
        return process
    }

    /// Closes every descriptor from this one up in the child.
    ///
    /// (glibc's `posix_spawn_file_actions_addclosefrom_np`, since 2.34, which its headers hide from Swift.)
    private static func closeAll(
        from first: Int32, _ actions: inout posix_spawn_file_actions_t
    ) throws(ClusterError) {
        typealias Function =
            @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, Int32) -> Int32
        guard let symbol = dlsym(nil, "posix_spawn_file_actions_addclosefrom_np"),
            unsafeBitCast(symbol, to: Function.self)(&actions, first) == 0
        else { throw .system("this system's C library is older than glibc 2.34") }
    }

    /// Waits until a child has ended; its status, or 128 and the signal that ended it.
    static func wait(for process: pid_t) -> Int32 {
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 {
            if errno != EINTR { return -1 }
        }
        return Self.exitStatus(status)
    }

    static func exitStatus(_ status: Int32) -> Int32 {
        status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f)
    }

    private static func readAll(_ descriptor: Int32) -> String {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            if count <= 0 { break }
            bytes += chunk[..<count]
        }
        while bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// Two ends of a stream between processes. (`pipe2` does not reach Swift, and `pipe` would leak into children.)
struct StreamPair {
    var near: Int32
    var far: Int32

    init() throws(ClusterError) {
        var ends: [Int32] = [-1, -1]
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { throw .system("no socket: \(systemError())") }
        (near, far) = (ends[0], ends[1])
    }
}

/// The environment of this process.
enum Environment {
    static subscript(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}

/// What the operating system last complained about.
func systemError() -> String { String(cString: strerror(errno)) }
