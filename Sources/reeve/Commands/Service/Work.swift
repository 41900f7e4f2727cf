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

    @OptionGroup var settings: SettingOptions

    func run() async throws {
        let configuration = try settings.load([.database: database])
        LogHandler.install(configuration)
        let installation = try Installation(configuration)
        let wakeUps = WakeUps(database: installation.database)
        let engine = try installation.engine(onCommit: wakeUps.committed)
        Console.write("Working.")
        Console.flush()
        try await reeve.run([wakeUps, engine, try installation.worker(engine, wakeUps)])
    }
}
