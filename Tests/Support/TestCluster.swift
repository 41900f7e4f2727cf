import Glibc
import PostgresClient
import PostgresCluster
import Synchronization

/// The PostgreSQL server of a test process: started when first asked for, removed when the process ends, however
/// it ends.
public final class TestCluster: Sendable {
    /// The server itself, for tests that stop or kill one: make a cluster of your own for that, not the shared one.
    public let server: PrivateCluster
    private let names = Atomic<Int>(0)
    private let templates = Mutex<[String: Task<Void, any Error>]>([:])

    private static let first = Mutex<Result<TestCluster, ClusterError>?>(nil)

    /// The one that tests share.
    ///
    /// - Throws: `ClusterError` when PostgreSQL cannot be started.
    public static var shared: TestCluster {
        get throws {
            try first.withLock { cluster in
                let result = cluster ?? Result { () throws(ClusterError) in try TestCluster() }
                cluster = result
                return try result.get()
            }
        }
    }

    /// Starts a server with a directory of its own.
    ///
    /// - Parameters:
    ///   - durable: whether it survives a crash of the machine, which costs time.
    ///   - settings: settings of the server, beside and above those for tests.
    ///   - port: a TCP port on 127.0.0.1, with the password `secret`; nil for none.
    /// - Throws: `ClusterError`.
    public init(durable: Bool = false, settings: [String: String] = [:], port: Int? = nil) throws(ClusterError) {
        var template = Array("/tmp/reeve-test-XXXXXX".utf8CString)
        guard let path = mkdtemp(&template) else { throw .system("no temporary directory") }
        var configuration = ClusterConfiguration(directory: String(cString: path))
        configuration.whenAbandoned = .remove
        configuration.syncsOnInit = false
        configuration.port = port
        configuration.password = port == nil ? nil : "secret"
        configuration.settings = ["max_connections": "400", "log_min_messages": "log", "timezone": "UTC"]
        if !durable {
            for name in ["fsync", "synchronous_commit", "full_page_writes"] { configuration.settings[name] = "off" }
        }
        configuration.settings.merge(settings) { $1 }
        server = try PrivateCluster(configuration)
        try server.start()
    }

    /// Makes a database, as a copy of a template that `prepare` fills once per process.
    ///
    /// - Parameters:
    ///   - template: the name of the template, a part of an SQL name; nil for an empty database.
    ///   - prepare: fills the template over a connection to it.
    /// - Throws: what `prepare` throws, and `PostgresError`.
    public func database(
        template: String? = nil, prepare: @escaping @Sendable (PostgresConnection) async throws -> Void = { _ in }
    ) async throws -> TestDatabase {
        let admin = try await PostgresConnection.connect(PostgresConfiguration(server.conninfo()))
        let name = "test_\(names.add(1, ordering: .relaxed).newValue)"
        var source = "template0"
        if let template {
            source = "template_\(template)"
            try await self.template(source, prepare).value
        }
        try await admin.simple("CREATE DATABASE \(name) TEMPLATE \(source)")
        return TestDatabase(name: name, cluster: self, admin: admin)
    }

    private func template(
        _ name: String, _ prepare: @escaping @Sendable (PostgresConnection) async throws -> Void
    ) -> Task<Void, any Error> {
        templates.withLock { templates in
            if let task = templates[name] { return task }
            let task = Task { [server] in
                let admin = try await PostgresConnection.connect(PostgresConfiguration(server.conninfo()))
                try await admin.simple("CREATE DATABASE \(name) TEMPLATE template0")
                await admin.close()
                let inside = try await PostgresConnection.connect(
                    PostgresConfiguration(server.conninfo(database: name)))
                try await prepare(inside)
                await inside.close()
            }
            templates[name] = task
            return task
        }
    }
}

/// A database for one suite or test.
public final class TestDatabase: Sendable {
    /// Its name.
    public let name: String
    /// Where it lies.
    public let cluster: TestCluster
    private let admin: PostgresConnection

    init(name: String, cluster: TestCluster, admin: PostgresConnection) {
        self.name = name
        self.cluster = cluster
        self.admin = admin
    }

    /// How it is reached, as the superuser or as another role.
    public func configuration(user: String? = nil) -> PostgresConfiguration {
        PostgresConfiguration(cluster.server.conninfo(database: name, user: user))
    }

    /// Connects to it.
    ///
    /// - Throws: `PostgresError`.
    public func connect(user: String? = nil) async throws(PostgresError) -> PostgresConnection {
        try await PostgresConnection.connect(configuration(user: user))
    }

    /// Ends its sessions and drops it.
    ///
    /// - Throws: `PostgresError`.
    public func drop() async throws(PostgresError) {
        try await admin.simple("DROP DATABASE IF EXISTS \(name) WITH (FORCE)")
        await admin.close()
    }
}

/// Runs a body with a database that is dropped afterwards.
///
/// A few such bodies run at once and the others wait, so that a small machine gives each its share.
///
/// - Parameters:
///   - cluster: a server of the test's own; nil for the one that tests share.
///   - template: the name of the template that the database is a copy of; nil for an empty database.
///   - prepare: fills the template.
/// - Throws: what the body throws, and `PostgresError`.
public func withDatabase<Value>(
    on cluster: TestCluster? = nil, template: String? = nil,
    prepare: @escaping @Sendable (PostgresConnection) async throws -> Void = { _ in },
    isolation: isolated (any Actor)? = #isolation,
    _ body: (TestDatabase) async throws -> Value
) async throws -> Value {
    try await Turnstile.databases.passing {
        let cluster = try cluster ?? TestCluster.shared
        let database = try await cluster.database(template: template, prepare: prepare)
        let value: Value
        do {
            value = try await body(database)
        } catch {
            try? await database.drop()
            throw error
        }
        try await database.drop()
        return value
    }
}
