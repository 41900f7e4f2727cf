import ArgumentParser
import JSON
import PostgresClient

/// The command `reeve migrate`.
struct Migrate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Bring the database's schema up to date.",
        discussion: """
            Each file of sql/ is applied once, in order, under a lock; an applied file that was edited is refused. The \
            login role needs the right to create roles and schemas.
            """)

    @Flag(help: "Apply nothing; list what is pending, and exit with 1 if anything is.")
    var check = false

    @Flag(help: "Go on with a file that was broken off outside a transaction.")
    var resume = false

    @Flag(help: "Print JSON.")
    var json = false

    @Option(help: ArgumentHelp("Connection string of PostgreSQL.", valueName: "conninfo"))
    var database: String?

    @OptionGroup var settings: SettingOptions

    func run() async throws {
        let configuration = try settings.load([.database: database])
        let database = PostgresConfiguration(try configuration.required(.database))
        let migrations = try Migrations(try Share(configuration).migrations)
        let names = JSON.string
        if check {
            let pending = try await migrations.pending(on: database)
            if json {
                Console.write(["pending": .array(pending.map(names))])
            } else {
                Console.write(
                    pending.isEmpty ? "The schema is up to date." : "Pending: " + pending.joined(separator: ", "))
            }
            if !pending.isEmpty { throw Failure.silent }
        } else {
            let applied = try await migrations.apply(to: database, canResume: resume)
            if json {
                Console.write(["applied": .array(applied.map(names))])
            } else {
                Console.write(applied.isEmpty ? "The schema was up to date." : "\(applied.count) files were applied.")
            }
        }
    }
}
