import ArgumentParser
import Engine
import Glibc
import Logging
import PostgresClient
import PostgresCluster
import ServiceLifecycle
import Workflows

/// The command `reeve up`.
struct Up: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run everything on one machine: a private PostgreSQL, migrations, library, server and worker.",
        discussion: """
            All data lie in the data directory; the next start finds them again. Ctrl-C or SIGTERM stops everything \
            in order.
            """)

    @Flag(help: "Load a portfolio of some forty instances in all stages, once.")
    var demo = false

    @Option(help: ArgumentHelp("Where the data lie.", valueName: "dir"))
    var data: String?

    @Option(help: ArgumentHelp("Address and port to listen on.", valueName: "host:port"))
    var listen: String?

    @Option(help: ArgumentHelp("Port for other programs to reach PostgreSQL on; none where absent.", valueName: "port"))
    var port: String?

    @OptionGroup var settings: SettingOptions

    func run() async throws {
        let configuration = try settings.load([.data: data, .listen: listen, .port: port])
        LogHandler.install(configuration)
        let address = try configuration.address(.listen)
        let directory = try DataDirectory(configuration)
        try directory.claim()
        try Port.check(host: address.host, port: address.port)
        let cluster = try start(in: directory, configuration)
        do {
            try await serve(configuration, directory, cluster)
        } catch {
            try? cluster.stop()
            throw Failure(error)
        }
        try? cluster.stop()
        Console.write("Stopped.")
    }

    private func start(in directory: DataDirectory, _ configuration: Configuration) throws(Failure) -> PrivateCluster {
        var setup = ClusterConfiguration(directory: directory.cluster)
        let port = configuration.integer(.port)
        if port > 0 {
            setup.port = port
            setup.password = "reeve"
        }
        do throws(ClusterError) {
            let cluster = try PrivateCluster(setup)
            if !cluster.isInitialized { Console.write("Making a PostgreSQL cluster in \(directory.cluster) ...") }
            Console.flush()
            // The directory is ours: a server that still runs in it was left behind by one that was killed.
            try cluster.endLeftOver()
            try cluster.start()
            return cluster
        } catch {
            throw Failure(error.description)
        }
    }

    private func serve(
        _ configuration: Configuration, _ directory: DataDirectory, _ cluster: PrivateCluster
    ) async throws {
        try await makeDatabase(in: cluster)
        let database = PostgresConfiguration(cluster.conninfo(database: "reeve"))
        let installation = try Installation(configuration, database: database)
        _ = try await Migrations(installation.share.migrations).apply(to: database)
        let wakeUps = WakeUps(database: database)
        let engine = try installation.engine(onCommit: wakeUps.committed)
        let founding = Founding(installation: installation, engine: engine, directory: directory, isDemo: demo)
        let setup = try await founding.prepare()
        let host = try configuration.address(.listen).host
        let server = try installation.server(engine) { port in
            do {
                try await founding.announce(setup, url: "http://\(host == "0.0.0.0" ? "127.0.0.1" : host):\(port)")
            } catch {
                Console.error(Failure(error).message)
            }
        }
        var services: [any Service] = [wakeUps, engine, try installation.worker(engine, wakeUps), server]
        if demo {
            services.append(
                Demonstration(
                    engine: engine, tenant: setup.tenant,
                    portfolio: try Portfolio(installation.share.demo + "/portfolio.yaml"),
                    directory: directory))
        }
        try await reeve.run(services)
    }

    private func makeDatabase(in cluster: PrivateCluster) async throws {
        let admin = try await PostgresConnection.connect(PostgresConfiguration(cluster.conninfo()))
        let found = try await admin.query("SELECT 1 FROM pg_database WHERE datname = 'reeve'")
        if found.isEmpty { try await admin.simple("CREATE DATABASE reeve") }
        await admin.close()
    }
}
