import Connectors
import Deadlines
import Engine
import JSON
import Logging
import PostgresClient
import ServiceLifecycle
import Web

/// What the services of one process are made from.
struct Installation {
    /// The settings of this run.
    let configuration: Configuration
    /// Definitions, migrations and data.
    let share: Share
    /// The database.
    let database: PostgresConfiguration
    private let transfers: TransferThread

    /// An installation on the database that the settings name.
    init(_ configuration: Configuration) throws(Failure) {
        try self.init(configuration, database: PostgresConfiguration(try configuration.required(.database)))
    }

    /// An installation on a database.
    init(_ configuration: Configuration, database: PostgresConfiguration) throws(Failure) {
        self.configuration = configuration
        self.database = database
        share = try Share(configuration)
        transfers = TransferThread(policy: TransferPolicy(authorities: try Self.authorities(configuration)))
    }

    private static func authorities(_ configuration: Configuration) throws(Failure) -> String? {
        guard let path = configuration[.authorities]?.expandingHome else { return nil }
        guard Files.isFile(path) else { throw Failure("The setting authorities: there is no file \(path).") }
        return path
    }

    /// The migrations that this program knows.
    func migrations() throws(Failure) -> Migrations { try Migrations(share.migrations) }

    /// An engine; it says after each commit what there is to do.
    func engine(onCommit: @escaping @Sendable (CommitHints) -> Void = { _ in }) throws(Failure) -> Engine {
        let regimes = try WorkflowFiles.regimes(share)
        let newest = try Migrations(share.migrations).newest
        do throws(DeadlineError) {
            var settings = Engine.Configuration(
                database: database, almanac: try share.almanac(try ZoneDatabase()))
            settings.regimes = regimes
            settings.newestMigration = newest
            settings.readers = configuration.integer(.connections)
            settings.onCommit = onCommit
            return Engine(settings)
        } catch {
            throw Failure(error.description)
        }
    }

    /// The worker of an engine, with mail and webhooks as its ways to the world outside.
    func worker(_ engine: Engine, _ wakeUps: WakeUps) throws(Failure) -> Worker {
        let mail = MailTransport(transfers: transfers)
        var settings = Worker.Configuration()
        settings.transports = transports
        settings.address = configuration[.publicURL]
        settings.keys = try keys()
        if let server = mailServer {
            do throws(DestinationFault) {
                try mail.check(server)
            } catch {
                throw Failure("The setting mail-\(error)")
            }
            settings.destinations = [server]
        }
        return Worker(engine: engine, wakeUps: wakeUps, configuration: settings)
    }

    /// The ways to the world outside.
    private var transports: [any Transport] {
        [MailTransport(transfers: transfers), WebhookTransport(transfers: transfers)]
    }

    /// The keys that secrets of destinations are kept under.
    private func keys() throws(Failure) -> SecretKeys {
        guard let text = configuration[.key] else { return .none }
        do throws(SecretFault) {
            return try SecretKeys(parsing: text)
        } catch {
            throw Failure("The setting key: \(error)")
        }
    }

    /// The mail server of tenants that have none of their own; nil where none is set.
    private var mailServer: Destination? {
        guard let host = configuration[.mailHost] else { return nil }
        var values: [(String, JSON)] = [("host", .string(host))]
        if configuration[.mailPort] != nil { values.append(("port", .int(Int64(configuration.integer(.mailPort))))) }
        for (name, setting) in [("security", Setting.mailSecurity), ("user", .mailUser), ("from", .mailFrom)] {
            if let text = configuration[setting] { values.append((name, .string(text))) }
        }
        return Destination(
            name: "mail", transport: "mail", settings: JSONObject(values),
            secrets: configuration[.mailPassword].map { [$0] } ?? [])
    }

    /// Tries whether the servers of all destinations can be reached.
    func unreachable(from engine: Engine) async throws -> (count: Int, faults: [UnreachableDestination]) {
        try await engine.unreachable(
            through: transports, keys: try keys(), common: mailServer.map { [$0] } ?? [])
    }

    /// The HTTP server of an engine.
    func server(
        _ engine: Engine, offering offer: Server.Offer = .everything, at setting: Setting = .listen,
        onReady: @escaping @Sendable (_ port: Int) async -> Void
    ) throws(Failure) -> Server {
        let (host, port) = try configuration.address(setting)
        var settings = Server.Configuration()
        settings.host = host
        settings.port = port
        settings.bodyLimit = configuration.integer(.bodyLimit)
        settings.fileLimit = configuration.integer(.fileLimit)
        settings.requestTimeout = .seconds(configuration.integer(.requestTimeout))
        settings.idleTimeout = .seconds(configuration.integer(.idleTimeout))
        settings.headTimeout = .seconds(configuration.integer(.headTimeout))
        settings.maximumConnections = OpenFiles.raised(for: configuration.integer(.maxConnections))
        settings.rateLimit = configuration.limit(.rateLimit)
        settings.guestRateLimit = configuration.limit(.guestRateLimit)
        settings.trustedProxies = configuration[.trustedProxies].flatMap { TrustedProxies(parsing: $0) } ?? .none
        settings.metricsToken = configuration[.metricsToken]
        settings.address = configuration[.publicURL]
        settings.transports = transports
        settings.keys = try keys()
        return Server(
            settings, engine: engine, offering: offer, logger: Logger(label: "reeve.http"), onReady: onReady)
    }
}

/// Runs services until one fails, or the process is told to stop by Ctrl-C or SIGTERM; then stops them in order.
func run(_ services: [any Service]) async throws {
    var group = ServiceGroupConfiguration(
        services: services.map {
            .init(service: $0, successTerminationBehavior: .gracefullyShutdownGroup)
        },
        gracefulShutdownSignals: [.sigterm, .sigint], logger: Logger(label: "reeve.services"))
    group.maximumGracefulShutdownDuration = .seconds(30)
    do {
        try await ServiceGroup(configuration: group).run()
    } catch let error as Server.StartError {
        throw Failure(error.description)
    }
}
