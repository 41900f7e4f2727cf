import CLibPQ
import Glibc

/// Owns a `PGconn` and closes it.
///
/// Used on the connection's thread only, except when it is destroyed unused.
final class ServerLink: @unchecked Sendable {
    let raw: OpaquePointer
    let canceller: Canceller
    /// What the server said beside the results, not yet handed to anyone.
    var notices: [PostgresNotice] = []
    let onNotice: (@Sendable (PostgresNotice) -> Void)?

    /// Connects, and waits until that is done: call it on the connection's own thread.
    init(_ configuration: PostgresConfiguration) throws(PostgresError) {
        guard let raw = try Self.open(configuration) else { throw .connectFailed("out of memory") }
        guard PQstatus(raw) == CONNECTION_OK else {
            defer { PQfinish(raw) }
            throw .connectFailed(Self.message(raw))
        }
        guard PQsetnonblocking(raw, 1) == 0, PQenterPipelineMode(raw) == 1, let canceller = Canceller(raw) else {
            defer { PQfinish(raw) }
            throw .connectFailed(Self.message(raw))
        }
        self.raw = raw
        self.canceller = canceller
        onNotice = configuration.onNotice
        PQsetNoticeReceiver(
            raw,
            { context, result in
                guard let context, let result else { return }
                Unmanaged<ServerLink>.fromOpaque(context).takeUnretainedValue().receive(ServerMessage(result))
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    deinit { PQfinish(raw) }

    /// What libpq last complained about, in one line.
    var message: String { Self.message(raw) }

    private func receive(_ notice: PostgresNotice) {
        notices.append(notice)
        onNotice?(notice)
    }

    func takeNotices() -> [PostgresNotice] {
        if notices.isEmpty { return [] }
        defer { notices = [] }
        return notices
    }

    private static func message(_ raw: OpaquePointer) -> String {
        PQerrorMessage(raw).map { String(cString: $0) }?
            .split(whereSeparator: \.isNewline).joined(separator: "; ") ?? "unknown"
    }
}

extension ServerLink {
    private static func open(_ configuration: PostgresConfiguration) throws(PostgresError) -> OpaquePointer? {
        let given = try parse(configuration.conninfo)
        var options: [(String, String)] = [
            ("dbname", configuration.conninfo), ("client_encoding", "UTF8"),
            ("fallback_application_name", configuration.applicationName),
        ]
        if given["connect_timeout"] == nil {
            let hosts = (given["host"] ?? given["hostaddr"] ?? "").split(separator: ",").count
            let share = configuration.connectTimeout / max(1, hosts)
            options.append(("connect_timeout", String(max(2, share.components.seconds))))
        }
        options += silence.filter { given[$0.0] == nil }
        let settings = configuration.settings.sorted { $0.key < $1.key }.map { "-c \(escape("\($0.key)=\($0.value)"))" }
        if !settings.isEmpty {
            options.append(("options", ([given["options"]].compactMap { $0 } + settings).joined(separator: " ")))
        }
        guard !options.contains(where: { $0.1.utf8.contains(0) }) else {
            throw .connectFailed("the connection string or a setting holds a NUL character")
        }
        let strings = (options.map(\.0) + options.map(\.1)).map { strdup($0) }
        defer { for string in strings { free(string) } }
        let keys = strings.prefix(options.count).map { UnsafePointer($0) } + [nil]
        let values = strings.suffix(options.count).map { UnsafePointer($0) } + [nil]
        return PQconnectdbParams(keys, values, 1)
    }

    /// How long a server may be silent on the level of TCP before it is given up: a minute, not the system's hours.
    ///
    /// A statement may take as long as it likes; its server's machine still answers probes.
    private static let silence = [
        ("keepalives_idle", "30"), ("keepalives_interval", "10"), ("keepalives_count", "3"),
        ("tcp_user_timeout", "60000"),
    ]

    /// The options that a connection string sets.
    private static func parse(_ conninfo: String) throws(PostgresError) -> [String: String] {
        var complaint: UnsafeMutablePointer<CChar>?
        guard let options = PQconninfoParse(conninfo, &complaint) else {
            defer { PQfreemem(complaint) }
            throw .connectFailed(complaint.map { String(cString: $0).trimmingNewlines } ?? "out of memory")
        }
        defer { PQconninfoFree(options) }
        var given: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { given[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
        return given
    }

    /// Escapes a word of the `options` parameter, where spaces separate.
    private static func escape(_ word: String) -> String {
        var escaped = ""
        for character in word {
            if character == "\\" || character.isWhitespace { escaped.append("\\") }
            escaped.append(character)
        }
        return escaped
    }
}

/// Asks the server to cancel what a connection is doing.
///
/// Immutable, so it may be used on any thread.
final class Canceller: @unchecked Sendable {
    private let raw: OpaquePointer

    init?(_ connection: OpaquePointer) {
        guard let raw = PQgetCancel(connection) else { return nil }
        self.raw = raw
    }

    deinit { PQfreeCancel(raw) }

    /// Sends the request over a connection of its own, on a thread of its own since that blocks, then calls back.
    func send(then done: @escaping @Sendable () -> Void) {
        let work = Unmanaged.passRetained(Request(canceller: self, done: done))
        var thread = pthread_t()
        let status = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                let request = Unmanaged<Request>.fromOpaque(context).takeRetainedValue()
                var complaint = [CChar](repeating: 0, count: 256)
                _ = PQcancel(request.canceller.raw, &complaint, 256)
                request.done()
                return nil
            }, work.toOpaque())
        guard status == 0 else {
            work.release()
            return done()
        }
        pthread_detach(thread)
    }

    private final class Request: Sendable {
        let canceller: Canceller
        let done: @Sendable () -> Void

        init(canceller: Canceller, done: @escaping @Sendable () -> Void) {
            self.canceller = canceller
            self.done = done
        }
    }
}
