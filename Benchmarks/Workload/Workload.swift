import CEL
import Deadlines
import Engine
import Foundation
import Logging
import PostgresClient
import Workflows

/// A database with Reeve's schema, one tenant, the definitions that are measured, and instances by the ten thousand.
struct Workload: Sendable {
    static let tenant = Identifier(high: 0, low: 0xbe)
    /// Instances in a database.
    static let instances = 100_000

    let database: String
    let configuration: PostgresConfiguration
    /// The first twenty digits of the identifiers of its instances; the last twelve count from 1.
    let prefix: String

    /// How instances are put there.
    enum Filling {
        /// For commands, each with a timer that falls due in a few hours.
        case beats
        /// With timers due at the instants that an SQL expression over `n` yields.
        case promises(Int, due: String)
    }

    /// Makes a database and fills it.
    ///
    /// - Parameter pending: timers besides, which fall due from tomorrow on.
    init(_ bench: Bench, _ database: String, _ fillings: [Filling], pending: Int = 0) async throws {
        self.database = database
        configuration = try await bench.createDatabase(database)
        let now = UInt64(max(0, Instant.ofThisMachine.microseconds / 1000))
        let digits = String(now, radix: 16)
        let time = String(repeating: "0", count: 12 - digits.count) + digits
        prefix = "\(time.prefix(8))-\(time.suffix(4))-7000-8000-"
        try Program.reeve("migrate", "--database", bench.conninfo(database)).finish()
        let connection = try await PostgresConnection.connect(configuration)
        try await connection.simple(
            """
            INSERT INTO reeve.tenant (tenant_id, name, title) VALUES ('\(Self.tenant)', 'bench', 'Bench');
            INSERT INTO reeve.person (tenant_id, id, name) VALUES ('\(Self.tenant)', 'rita', 'Rita');
            UPDATE reeve.installation SET deliveries_held = true;
            """)
        for filling in fillings { try await fill(filling, bench, connection) }
        try await connection.simple(
            """
            INSERT INTO reeve.timer (tenant_id, due_at, instance_id, generation, name, key)
            SELECT '\(Self.tenant)', now() + interval '1 day' + n * interval '1 second', gen_random_uuid(), 1, 'later', ''
            FROM generate_series(1, \(pending)) AS n
            """)
        try await connection.simple("VACUUM (ANALYZE)")
        await connection.close()
    }

    private init(_ other: Workload, _ database: String, _ configuration: PostgresConfiguration) {
        (self.database, self.configuration, prefix) = (database, configuration, other.prefix)
    }

    /// Runs a body on a copy, which is dropped afterwards, so that every round begins with the same.
    func copied<Value>(_ bench: Bench, _ body: (Workload) async throws -> Value) async throws -> Value {
        let name = database + "_copy"
        let copy = Workload(self, name, try await bench.createDatabase(name, template: database))
        try await bench.checkpoint()
        if bench.options.showsStatements { try await bench.forgetStatements() }
        let value = try await body(copy)
        try await bench.dropDatabase(name)
        return value
    }

    /// The identifier of an instance.
    func instance(_ number: Int) -> Identifier {
        let digits = String(number, radix: 16)
        return Identifier(prefix + String(repeating: "0", count: 12 - digits.count) + digits)!
    }

    /// Runs a body with an engine on the database.
    func withEngine<Value: Sendable>(
        _ bench: Bench, _ body: (Engine) async throws -> Value
    ) async throws -> Value {
        let almanac = try Almanac(workflows: Bench.checkout + "/workflows", zones: ZoneDatabase())
        var settings = Engine.Configuration(database: configuration, almanac: almanac)
        settings.logger.logLevel = .error
        let engine = Engine(settings)
        let serving = Task { await engine.run() }
        let result: Result<Value, any Error>
        do { result = .success(try await body(engine)) } catch { result = .failure(error) }
        serving.cancel()
        await serving.value
        return try result.get()
    }

    /// Runs a body while worker processes are at work, and after they have entered.
    func withReeveWorkers<Value>(
        _ count: Int, _ bench: Bench, _ body: () async throws -> Value
    ) async throws -> Value {
        let workers = (0..<count).map { _ in Program.reeve("worker", "--database", bench.conninfo(database)) }
        for worker in workers { try worker.start() }
        defer { for worker in workers { worker.stop() } }
        try await wait(until: "SELECT count(*) = \(count) FROM reeve.worker", every: .milliseconds(2))
        return try await body()
    }

    /// Waits until a query yields true, two minutes at most; returns when the query that did was sent.
    @discardableResult
    func wait(until condition: String, every pause: Duration) async throws -> ContinuousClock.Instant {
        let connection = try await PostgresConnection.connect(configuration)
        let started = ContinuousClock.now
        var asked = started
        while try await !connection.query(PostgresQuery(sql: condition))[0].decode(Bool.self, at: 0) {
            guard ContinuousClock.now - started < .seconds(120) else { throw UsageError("never: \(condition)") }
            try await Task.sleep(for: pause)
            asked = .now
        }
        await connection.close()
        return asked
    }

    /// The one number that a query yields.
    func number(_ sql: String) async throws -> Double {
        let connection = try await PostgresConnection.connect(configuration)
        let rows = try await connection.query(PostgresQuery(sql: "SELECT (\(sql))::float8"))
        await connection.close()
        return try rows[0].decode(Double.self, at: 0)
    }

    // MARK: - Filling

    /// The instant that stands for the due instants of all instances until they are multiplied.
    private static let anyDue = "2035-01-01T00:00:00Z"

    /// Opens one instance as users do, and multiplies its rows past all triggers.
    private func fill(_ filling: Filling, _ bench: Bench, _ connection: PostgresConnection) async throws {
        let (name, text, count, due) =
            switch filling {
            case .beats: ("beat", Definitions.beat, Self.instances, "'2030-01-01Z'::timestamptz + interval '1 hour'")
            case .promises(let count, let due): ("promise", Definitions.promise, count, due)
            }
        let model = try await withEngine(bench) { engine in
            _ = try await engine.publish(
                DefinitionSource(main: "bench.yaml", files: ["bench.yaml": text]), for: Self.tenant, by: .person("rita")
            )
            let due = try Instant(Self.anyDue)
            let opening = Opening(
                id: .version7(at: .ofThisMachine), reference: "", form: ["due": .instant(due)])
            return try await engine.submit(
                Command(
                    tenant: Self.tenant, target: .opening(workflow: name),
                    input: Input(actor: .person("rita"), act: .open(opening)))
            ).instance
        }
        try await connection.simple(multiply(model, count: count, due: due))
    }

    private func multiply(_ model: Identifier, count: Int, due: String) -> String {
        let key = "(tenant_id, instance_id) = ('\(Self.tenant)', '\(model)')"
        return """
            SET session_replication_role = replica;
            CREATE TEMP TABLE crowd AS
            SELECT n, ('\(prefix)' || lpad(to_hex(n), 12, '0'))::uuid AS id, (\(due)) AS due
            FROM generate_series(1, \(count)) AS n;
            INSERT INTO reeve.instance
            SELECT tenant_id, c.id, sequence, opened_at, last_at, version, definition, state, status, kind, visibility,
                'N' || definition || '-' || c.n, parent_id, parent_child, parent_key
            FROM reeve.instance i, crowd c WHERE i.id = '\(model)' ORDER BY c.n;
            INSERT INTO reeve.instance_data
            SELECT tenant_id, c.id, replace(
                snapshot::text, '\(Self.anyDue)', to_char(c.due AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))::json
            FROM reeve.instance_data d, crowd c WHERE \(key) ORDER BY c.n;
            INSERT INTO reeve.journal
            SELECT tenant_id, c.id, sequence, happened_at, recorded_at, xid, incarnation, version, definition, kind, event,
                from_state, to_state, status, actor, erases, encoding, facts, payload_hmac, hash
            FROM reeve.journal j, crowd c WHERE \(key) ORDER BY c.n;
            INSERT INTO reeve.role_holder
            SELECT tenant_id, c.id, role, person_id FROM reeve.role_holder h, crowd c WHERE \(key);
            INSERT INTO reeve.clock
            SELECT tenant_id, c.id, name, key, round, title, status, rule, started_at, c.due, latest_at, ended_at,
                is_overdue, uses_calendar
            FROM reeve.clock k, crowd c WHERE \(key);
            INSERT INTO reeve.timer
            SELECT tenant_id, c.due, c.id, generation, name, key FROM reeve.timer t, crowd c WHERE \(key);
            DELETE FROM reeve.timer WHERE \(key);
            DROP TABLE crowd;
            SET session_replication_role = origin;
            """
    }
}

extension Instant {
    /// The instant by this machine's clock.
    static var ofThisMachine: Instant {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Instant(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }
}
