import CEL
import Deadlines
import Foundation
import JSON
import PostgresClient
import TestSupport
import Workflows

@testable import Engine

/// An engine on a database of its own, with one tenant and a few people.
struct EngineFixture: Sendable {
    static let tenant = Identifier(high: 0x0000_0000_0000_0000, low: 0x0000_0000_0000_00aa)

    let database: TestDatabase
    let engine: Engine

    /// Runs a body with an engine that serves commands meanwhile.
    ///
    /// - Parameters:
    ///   - cluster: a server of the test's own; nil for the one that tests share.
    ///   - settings: settings of the engine's sessions.
    ///   - onCommit: told what commits leave to do.
    static func run<Value: Sendable>(
        on cluster: TestCluster? = nil, settings: [String: String] = [:], lanes: Int = 2, almanac: Almanac? = nil,
        regimes: RegimeLibrary = RegimeLibrary([]), onCommit: @escaping @Sendable (CommitHints) -> Void = { _ in },
        _ body: (EngineFixture) async throws -> Value
    ) async throws -> Value {
        try await withDatabase(on: cluster, template: "engine", prepare: Schema.migrate) { database in
            var connection = database.configuration()
            connection.settings.merge(settings) { $1 }
            var configuration = Engine.Configuration(
                database: connection, almanac: try almanac ?? self.almanac())
            configuration.lanes = lanes
            configuration.regimes = regimes
            configuration.onCommit = onCommit
            configuration.logger.logLevel = .critical
            return try await serve(database, configuration, body)
        }
    }

    private static func serve<Value: Sendable>(
        _ database: TestDatabase, _ configuration: Engine.Configuration,
        _ body: (EngineFixture) async throws -> Value
    ) async throws -> Value {
        let owner = try await database.connect()
        _ = try await owner.simple(people)
        await owner.close()
        let engine = Engine(configuration)
        let serving = Task { await engine.run() }
        let outcome: Result<Value, any Error>
        do {
            outcome = .success(try await body(EngineFixture(database: database, engine: engine)))
        } catch {
            outcome = .failure(error)
        }
        serving.cancel()
        await serving.value
        return try outcome.get()
    }

    private static func almanac() throws -> Almanac {
        let zones = try ZoneDatabase()
        return Almanac(rules: try RuleLibrary([]), calendars: CalendarLibrary([]), zones: zones)
    }

    private static let people = """
        INSERT INTO reeve.tenant (tenant_id, name, title, zone)
        VALUES ('\(tenant)', 'acme', 'Acme', 'Europe/Berlin');
        INSERT INTO reeve.person (tenant_id, id, name, address)
        SELECT '\(tenant)', id, initcap(id), id || '@acme.example'
        FROM unnest(ARRAY['rita', 'ana', 'ben']) AS id;
        INSERT INTO reeve.team (tenant_id, id, title, lead_id)
        VALUES ('\(tenant)', 'clerks', 'Clerks', 'ben');
        INSERT INTO reeve.membership (tenant_id, team_id, person_id)
        VALUES ('\(tenant)', 'clerks', 'ana'), ('\(tenant)', 'clerks', 'ben');
        """

    // MARK: - Shorthand

    /// Publishes a definition given as text.
    @discardableResult
    func publish(_ text: String) async throws -> Publication {
        try await engine.publish(
            DefinitionSource(main: "definition.yaml", files: ["definition.yaml": text]), for: Self.tenant,
            by: .person("rita"))
    }

    /// A command that opens an instance.
    func opening(
        _ workflow: String, by person: String = "rita", _ form: [String: JSON] = [:], key: String? = nil
    ) -> Command {
        let opening = Opening(id: .version7(at: .now), reference: "", form: values(form))
        return Command(
            tenant: Self.tenant, target: .opening(workflow: workflow),
            input: Input(actor: .person(person), act: .open(opening)), idempotencyKey: key)
    }

    /// A command that does something to an instance.
    func command(
        _ act: Act, to instance: Identifier, by person: String = "rita", expected: Int64? = nil, key: String? = nil
    ) -> Command {
        Command(
            tenant: Self.tenant, target: .instance(instance), input: Input(actor: .person(person), act: act),
            expectedSequence: expected, idempotencyKey: key)
    }

    /// A command that sends an event.
    func event(
        _ event: String, to instance: Identifier, by person: String = "rita", _ form: [String: JSON] = [:],
        expected: Int64? = nil, key: String? = nil
    ) -> Command {
        command(.event(event, form: values(form)), to: instance, by: person, expected: expected, key: key)
    }

    private func values(_ form: [String: JSON]) -> [String: CEL.Value] {
        form.compactMapValues { try? ReadAnswer.value($0) }
    }

    /// The refusal of a command; nil where it was done.
    func refusal(of command: Command) async throws -> Refusal? {
        do throws(CommandError) {
            _ = try await engine.submit(command)
            return nil
        } catch {
            if case .refused(let refusal) = error { return refusal }
            throw error
        }
    }

    /// The one number that a query yields, asked as the superuser.
    func count(_ sql: String) async throws -> Int64 {
        let connection = try await database.connect()
        let rows = try await connection.query(PostgresQuery(sql: sql))
        await connection.close()
        return try rows[0].decode(Int64.self, at: 0)
    }
}

extension Instant {
    /// The instant by this machine's clock.
    static var now: Instant {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Instant(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }
}

/// The migrations of the checkout.
enum Schema {
    static func migrate(_ connection: PostgresConnection) async throws {
        let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../sql")
        let files = try FileManager.default.contentsOfDirectory(atPath: directory.path).filter { $0.hasSuffix(".sql") }
        let migrations = try files.map { file in
            try Migration(
                name: file, text: String(contentsOf: directory.appendingPathComponent(file), encoding: .utf8))
        }
        try await Migrator(migrations).apply(on: connection)
    }
}
