import Connectors
import Deadlines
import Engine
import Foundation
import JSON
import PostgresClient
import PostgresCluster
import Testing
import Workflows

extension Stage {
    /// The tenant, its people and what it publishes and delivers to; made by the engine that the programs use, too.
    ///
    /// - Returns: a token of the person who owns every pledge.
    static func found(_ cluster: PrivateCluster, hook: String, keys: String, secret: String) async throws -> String {
        let admin = try await PostgresConnection.connect(PostgresConfiguration(cluster.conninfo()))
        _ = try await admin.simple("CREATE DATABASE reeve")
        _ = try await admin.simple("CREATE ROLE reeve LOGIN")
        await admin.close()
        let configuration = PostgresConfiguration(cluster.conninfo(database: "reeve"))
        let owner = try await PostgresConnection.connect(configuration)
        try await Migrator(try migrations()).apply(on: owner)
        _ = try await owner.simple("GRANT reeve_engine, reeve_app, reeve_retention TO reeve")
        await owner.close()
        let engine = Engine(
            Engine.Configuration(
                database: configuration,
                almanac: Almanac(
                    rules: try RuleLibrary([]), calendars: CalendarLibrary([]), zones: try ZoneDatabase())))
        let serving = Task { await engine.run() }
        defer { serving.cancel() }
        try await engine.save(Tenant(id: tenant, name: "default", title: "Faults", zone: "Etc/UTC"))
        var document = DirectoryDocument()
        var rita = DirectoryDocument.Person(id: "rita", name: "Rita")
        rita.address = "rita@example.org"
        document.people = [rita]
        try await engine.enter(document, for: tenant)
        for (name, settings) in [("hook", JSONObject()), ("people", ["notifications": true])] {
            var settings = settings
            settings["url"] = .string(hook)
            try await engine.save(
                Destination(name: name, transport: "webhook", settings: settings, secrets: [secret]), for: tenant,
                checkedBy: [WebhookTransport(transfers: TransferThread())], keys: try SecretKeys(parsing: keys))
        }
        for text in [
            Pledge.definition(), Pledge.definition("snare", titled: "Snare", end: "sprung"), Pledge.errand,
        ] {
            try await publish(text, through: engine)
        }
        return try await engine.issueToken(
            for: tenant, name: "test", person: "rita", scopes: Engine.scopes, by: .person("rita")
        ).text
    }

    private static func publish(_ text: String, through engine: Engine) async throws {
        _ = try await engine.publish(
            DefinitionSource(main: "pledge.yaml", files: ["pledge.yaml": text]), for: tenant, by: .person("rita"))
    }

    private static func migrations() throws -> [Migration] {
        let folder = URL(filePath: #filePath).appending(path: "../../../../sql").standardizedFileURL
        return try FileManager.default.contentsOfDirectory(atPath: folder.path()).filter { $0.hasSuffix(".sql") }
            .map { try Migration(name: $0, text: String(contentsOf: folder.appending(path: $0), encoding: .utf8)) }
    }
}

/// PostgreSQL's programs, with a server that goes by a clock of the test's.
enum Wrapped {
    /// Makes a directory of programs beside the real ones.
    static func installation(in folder: String, _ clock: SetClock) throws -> Installation {
        let real = try Installation.find()
        let binaries = folder + "/bin"
        try FileManager.default.createDirectory(atPath: binaries, withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            atPath: binaries + "/initdb", withDestinationPath: real.binaries + "/initdb")
        let words = clock.environment.map { "\($0.key)=\($0.value)" }.sorted().joined(separator: " ")
        let script = "#!/bin/sh\nexec env \(words) \(real.binaries)/postgres \"$@\"\n"
        let server = binaries + "/postgres"
        try script.write(toFile: server, atomically: true, encoding: .utf8)
        chmod(server, 0o755)
        return Installation(binaries: binaries)
    }
}
