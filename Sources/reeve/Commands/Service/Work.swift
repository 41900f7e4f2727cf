import ArgumentParser
import Connectors
import Engine
import ServiceLifecycle

/// The command `reeve worker`.
struct Work: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker",
        abstract: "Enforce clocks on a database: escalate what is late, carry messages, deliver what leaves.",
        discussion: """
            Any number of workers may run. Ctrl-C or SIGTERM finishes what is under way; a worker that is killed loses \
            nothing.
            """)

    @Option(help: ArgumentHelp("Connection string of PostgreSQL.", valueName: "conninfo"))
    var database: String?

    @Option(help: ArgumentHelp("Address and port on which to serve health and metrics.", valueName: "host:port"))
    var listen: String?

    @OptionGroup var settings: SettingOptions

    func run() async throws {
        let configuration = try settings.load([.database: database, .workerListen: listen])
        LogHandler.install(configuration)
        let installation = try Installation(configuration)
        let wakeUps = WakeUps(database: installation.database)
        let engine = try installation.engine(onCommit: wakeUps.committed)
        Console.write("Working.")
        Console.flush()
        var services: [any Service] = [wakeUps, engine, try installation.worker(engine, wakeUps)]
        if configuration[.workerListen] != nil {
            let host = try configuration.address(.workerListen).host
            let server = try installation.server(engine, offering: .watching, at: .workerListen) { port in
                Console.write("Listening on http://\(host):\(port)")
                Console.flush()
            }
            services.append(server)
        }
        try await reeve.run(services)
    }
}
