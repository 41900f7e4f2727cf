import Connectors
import Deadlines
import Engine
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

    /// An installation on the database that the settings name.
    init(_ configuration: Configuration) throws(Failure) {
        try self.init(configuration, database: PostgresConfiguration(try configuration.required(.database)))
    }

    /// An installation on a database.
    init(_ configuration: Configuration, database: PostgresConfiguration) throws(Failure) {
        self.configuration = configuration
        self.database = database
        share = try Share(configuration)
    }

    /// An engine; it says after each commit what there is to do.
    func engine(onCommit: @escaping @Sendable (CommitHints) -> Void = { _ in }) throws(Failure) -> Engine {
        do throws(DeadlineError) {
            var settings = Engine.Configuration(
                database: database, almanac: try Almanac(workflows: share.workflows, zones: try ZoneDatabase()))
            settings.readers = configuration.integer(.connections)
            settings.onCommit = onCommit
            return Engine(settings)
        } catch {
            throw Failure(error.description)
        }
    }

    /// The HTTP server of an engine.
    func server(
        _ engine: Engine, onReady: @escaping @Sendable (_ port: Int) async -> Void
    ) throws(Failure) -> Server {
        let (host, port) = try configuration.address(.listen)
        var settings = Server.Configuration()
        settings.host = host
        settings.port = port
        settings.bodyLimit = configuration.integer(.bodyLimit)
        settings.requestTimeout = .seconds(configuration.integer(.requestTimeout))
        settings.idleTimeout = .seconds(configuration.integer(.idleTimeout))
        return Server(settings, engine: engine, logger: Logger(label: "reeve.http"), onReady: onReady)
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
