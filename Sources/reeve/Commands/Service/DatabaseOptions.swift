import ArgumentParser
import PostgresClient

/// The flags of commands that use the database.
struct DatabaseOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Connection string of PostgreSQL; of `reeve up`'s own where absent.", valueName: "conninfo"))
    var database: String?

    @Option(help: ArgumentHelp("Data directory of `reeve up`.", valueName: "dir"))
    var data: String?

    @OptionGroup var settings: SettingOptions

    /// The installation on the database that is meant.
    func installation() throws(Failure) -> Installation {
        let configuration = try settings.load([.database: database, .data: data])
        LogHandler.install(configuration)
        return try Installation.found(by: configuration)
    }
}

extension Installation {
    /// Makes sure that the database answers, before anything waits for it.
    func reach() async throws(Failure) {
        do throws(PostgresError) {
            try await PostgresConnection.connect(database).close()
        } catch {
            throw Failure("\(error). Start it with `reeve up`, or name another with --database.")
        }
    }

    /// An installation on the database that the settings name, else on the one of `reeve up`.
    static func found(by configuration: Configuration) throws(Failure) -> Installation {
        if configuration[.database] != nil { return try Installation(configuration) }
        let cluster = try configuration.required(.data).expandingHome + "/postgres"
        guard Files.isFile(cluster + "/PG_VERSION") else {
            throw Failure(
                "No database is known here: set REEVE_DATABASE or use --database, or start one with `reeve up`.")
        }
        let port = configuration.integer(.port)
        let directory = Files.realPath(cluster) ?? cluster
        return try Installation(
            configuration,
            database: PostgresConfiguration(
                "host='\(directory)' port=\(port > 0 ? port : 5432) user=postgres dbname=reeve"))
    }
}
