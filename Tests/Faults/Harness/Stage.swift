import Deadlines
import Engine
import Foundation
import JSON
import PostgresClient
import PostgresCluster
import Synchronization
import TestSupport
import Testing
import Workflows

/// A Reeve of a test's own, as it is run in earnest: a durable PostgreSQL, a server, workers, and somebody who receives
/// what they deliver.
final class Stage: Sendable {
    static let tenant = Identifier(high: 0, low: 0xfa)
    static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    private static let key = "k1:" + String(repeating: "5a", count: 32)
    /// How many run at once: most of a test's time is waiting.
    private static let turnstile = Turnstile(places: 3)
    private static let names = Atomic<Int>(0)

    /// How long the eventful part of a test lasts: `REEVE_SOAK` seconds, or as many as the test needs at least.
    static func duration(_ least: Int) -> Duration {
        .seconds(ProcessInfo.processInfo.environment["REEVE_SOAK"].flatMap { Int($0) } ?? least)
    }

    /// Tells apart what clients of several stages write.
    let name: String
    /// For logs, gates and clocks.
    let folder: String
    private let present: Mutex<PrivateCluster>
    /// The clock that PostgreSQL goes by.
    let clock: SetClock
    /// The port of the server.
    let port: Int
    let token: String
    /// Receives webhooks.
    let receiver: TestServer
    let certificate: TestCertificate
    /// Everything that was received.
    let inbox = Mutex<[JSON]>([])
    private let programs = Mutex<[String: Program]>([:])
    private let others = Mutex<[PrivateCluster]>([])

    /// Runs a body on a stage, and takes it down whatever happens.
    ///
    /// - Parameter settings: settings of PostgreSQL.
    static func run(settings: [String: String] = [:], _ body: (Stage) async throws -> Void) async throws {
        try await turnstile.passing {
            let stage = try await Stage(settings)
            do {
                try await body(stage)
            } catch {
                Issue.record(error, "\(stage.tails)")
            }
            await stage.strike()
        }
    }

    private init(_ settings: [String: String]) async throws {
        name = "s\(Self.names.add(1, ordering: .relaxed).newValue)"
        var template = Array("/tmp/reeve-faults-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        chmod(folder, 0o755)
        clock = try SetClock(in: folder, named: "server")
        let cluster = try Self.cluster(in: folder, clock, settings)
        present = Mutex(cluster)
        try cluster.start()
        port = try freePort()
        certificate = try TestCertificate()
        receiver = try await TestServer("receiver.py", Self.secret, certificate.certificate, certificate.key)
        token = try await Self.found(
            cluster, hook: "https://localhost:\(receiver.port)/ok", keys: Self.key, secret: Self.secret)
    }

    /// A cluster whose server goes by a clock of the test's.
    private static func cluster(
        in folder: String, _ clock: SetClock, _ settings: [String: String]
    ) throws -> PrivateCluster {
        try cluster(at: folder + "/postgres", Wrapped.installation(in: folder, clock), settings)
    }

    private static func cluster(
        at directory: String, _ installation: Installation, _ settings: [String: String]
    ) throws -> PrivateCluster {
        var configuration = ClusterConfiguration(directory: directory)
        configuration.whenAbandoned = .remove
        configuration.syncsOnInit = false
        configuration.settings = ["max_connections": "200", "log_min_messages": "log", "timezone": "UTC"]
        configuration.settings.merge(settings) { $1 }
        return try PrivateCluster(configuration, installation: installation)
    }

    /// The cluster that Reeve uses.
    var cluster: PrivateCluster { present.withLock { $0 } }

    /// Prepares another cluster of the test's, whose server goes by the same clock.
    func cluster(at directory: String, _ settings: [String: String] = [:]) throws -> PrivateCluster {
        try Self.cluster(at: directory, cluster.installation, settings)
    }

    /// Lets programs that are started from now on use another cluster.
    func move(to cluster: PrivateCluster) { present.withLock { $0 = cluster } }

    // MARK: - Programs

    /// Starts a server, and waits until it listens.
    ///
    /// - Parameters:
    ///   - port: where; the stage's own port where absent.
    ///   - gate: between it and PostgreSQL.
    @discardableResult
    func serve(
        on port: Int? = nil, through gate: Gate? = nil, _ environment: [String: String] = [:]
    ) async throws -> Program {
        let program = try start("serve", ["serve", "--listen", "127.0.0.1:\(port ?? self.port)"], gate, environment)
        try await program.says("Listening on")
        return program
    }

    /// Starts a worker under a name, and waits until it works.
    @discardableResult
    func work(
        as name: String = "worker", through gate: Gate? = nil, _ environment: [String: String] = [:]
    ) async throws -> Program {
        let program = try start(name, ["worker"], gate, environment)
        try await program.says("Working.")
        return program
    }

    private func start(
        _ name: String, _ arguments: [String], _ gate: Gate?, _ more: [String: String]
    ) throws -> Program {
        var environment = [
            "REEVE_DATABASE": conninfo(through: gate), "REEVE_KEY": Self.key, "REEVE_RATE_LIMIT": "0",
            "REEVE_AUTHORITIES": certificate.certificate, "REEVE_LOG_LEVEL": "warning",
        ]
        environment.merge(more) { $1 }
        let number = Self.names.add(1, ordering: .relaxed).newValue
        let log = URL(filePath: "\(folder)/\(name)-\(number).log")
        let program = try Program(arguments, environment: environment, log: log)
        programs.withLock { $0["\(name)-\(number)"] = program }
        return program
    }

    /// Runs a command of Reeve's to its end.
    ///
    /// - Returns: its exit status and all that it said.
    func reeve(_ arguments: String...) async throws -> (status: Int32, words: String) {
        let program = try start("command", arguments, nil, [:])
        let status = try await program.end()
        return (status, program.text)
    }

    /// Stops every program as an operator would.
    ///
    /// - Parameter signal: what they are sent; where it is the operator's own, they must end cleanly.
    func stopAll(with signal: Int32 = SIGTERM) async throws {
        for program in programs.withLock({ $0.values.filter(\.isRunning) }) {
            let status = try await program.stop(signal)
            #expect(signal != SIGTERM || status == 0, "\(program.tail)")
        }
    }

    /// Ends a cluster other than the present one as well when the stage is taken down.
    func watch(_ cluster: PrivateCluster) { others.withLock { $0.append(cluster) } }

    private func strike() async {
        for program in programs.withLock({ $0.values.filter(\.isRunning) }) { _ = try? await program.stop(SIGKILL) }
        for cluster in others.withLock({ $0 }) + [cluster] { try? cluster.stop(.immediate) }
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// The last words of everybody, for whoever looks for a cause.
    var tails: String {
        programs.withLock { $0.sorted { $0.key < $1.key } }.map { "--- \($0)\n\($1.tail)" }.joined(separator: "\n")
    }

    // MARK: - Database

    /// How Reeve reaches the database: as a login role with the rights of a deployment and no more.
    func conninfo(through gate: Gate? = nil) -> String {
        "host='\(gate?.folder ?? cluster.directory)' port=5432 user=reeve dbname=reeve"
    }

    /// A gate before PostgreSQL.
    func gate(_ name: String = "gate") throws -> Gate {
        try Gate(in: "\(folder)/\(name)", before: cluster.directory)
    }

    /// Connects as the superuser.
    func connect(to database: String = "reeve") async throws -> PostgresConnection {
        try await PostgresConnection.connect(PostgresConfiguration(cluster.conninfo(database: database)))
    }

    /// Runs a script as the superuser.
    func sql(_ script: String, on database: String = "reeve") async throws {
        let connection = try await connect(to: database)
        _ = try await connection.simple(script)
        await connection.close()
    }

    /// The number that a query yields, asked as the superuser.
    func count(_ sql: String) async throws -> Int64 {
        let connection = try await connect()
        let rows = try await connection.query(PostgresQuery(sql: sql))
        await connection.close()
        return try rows[0].decode(Int64.self, at: 0)
    }

    /// The texts that a query yields, asked as the superuser.
    func texts(_ sql: String) async throws -> [String] {
        let connection = try await connect()
        let rows = try await connection.query(PostgresQuery(sql: sql))
        await connection.close()
        return try rows.decode(String.self)
    }

    /// Waits until a query yields a number.
    func expect(
        _ wanted: Int64, _ sql: String, atMost limit: Duration = .seconds(60),
        at location: SourceLocation = #_sourceLocation
    ) async throws {
        let end = ContinuousClock.now + limit
        var found = try await count(sql)
        while found != wanted, ContinuousClock.now < end {
            try await Task.sleep(for: .milliseconds(50))
            found = try await count(sql)
        }
        #expect(found == wanted, "\(sql)", sourceLocation: location)
    }

    /// The instant by PostgreSQL's clock, about.
    var now: Instant {
        let shift = ((try? clock.shift) ?? .zero).components
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        let host = Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
        return Instant(microseconds: host + shift.seconds * 1_000_000 + shift.attoseconds / 1_000_000_000_000)
    }
}
