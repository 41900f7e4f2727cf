import ArgumentParser
import Engine

/// The command `reeve serve`.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the HTTP server on a database; clocks are enforced by `reeve worker`.")

    @Option(help: ArgumentHelp("Connection string of PostgreSQL.", valueName: "conninfo"))
    var database: String?

    @Option(help: ArgumentHelp("Address and port to listen on.", valueName: "host:port"))
    var listen: String?

    @OptionGroup var settings: SettingOptions

    func run() async throws {
        let configuration = try settings.load([.database: database, .listen: listen])
        LogHandler.install(configuration)
        let installation = try Installation(configuration)
        let wakeUps = WakeUps(database: installation.database)
        let engine = try installation.engine(onCommit: wakeUps.committed)
        let host = try configuration.address(.listen).host
        let server = try installation.server(engine) { port in
            Console.write("Listening on http://\(host):\(port)")
            Console.flush()
        }
        try await reeve.run([wakeUps, engine, server])
    }
}
