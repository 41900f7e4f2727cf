import Deadlines
import Engine
import Logging
import PostgresClient
import Workflows

extension Scenario {
    /// How long it takes until every running clock has followed a new holiday.
    static let recompute: [Scenario] = [
        Scenario(
            name: "recompute", summary: "300,000 running clocks after a new holiday, stored and journalled"
        ) { bench in
            let stage = try await RecomputeStage(bench)
            let seconds = try await stage.run(clocks: 300_000)
            return Measurement(
                name: "recompute", value: seconds, unit: "s", reference: nil, referenceName: "", limit: 60, atMost: true
            )
        }
    ]
}

/// An engine and a worker on a database of the bench, with a workflow whose clock hangs on a calendar.
private struct RecomputeStage {
    private static let name = "recompute"
    private static let tenant = Identifier(high: 1, low: 1)

    private let database: PostgresConfiguration
    private let engine: Engine
    private let wakeUps: WakeUps
    private let bench: Bench

    init(_ bench: Bench) async throws {
        self.bench = bench
        database = try await bench.createDatabase(Self.name)
        try Program.reeve("migrate", "--database", bench.conninfo(Self.name)).finish()
        let zones = try ZoneDatabase()
        let almanac = try Almanac(workflows: Bench.checkout + "/workflows", zones: zones)
        let wakeUps = WakeUps(database: database)
        self.wakeUps = wakeUps
        var configuration = Engine.Configuration(database: database, almanac: almanac)
        configuration.logger.logLevel = .critical
        configuration.onCommit = { wakeUps.committed($0) }
        engine = Engine(configuration)
    }

    /// Opens so many instances, publishes a holiday that moves every one of their clocks, and returns the seconds from the
    /// second person's approval until the last has been moved.
    func run(clocks: Int) async throws -> Double {
        let serving = Task { await engine.run() }
        let hints = Task { await wakeUps.run() }
        let working = Task { await Worker(engine: engine, wakeUps: wakeUps).run() }
        defer { for task in [serving, hints, working] { task.cancel() } }
        try await found()
        try await open(clocks)
        try await bench.checkpoint()
        let before = try await number("SELECT sum(extract(epoch FROM due_at))::bigint FROM reeve.clock")
        let seconds = try await publishHoliday()
        let after = try await number("SELECT sum(extract(epoch FROM due_at))::bigint FROM reeve.clock")
        let entries = try await number("SELECT count(*) FROM reeve.journal WHERE kind = 'recomputation'")
        guard after - before == Int64(clocks) * 86_400, entries == Int64(clocks) else {
            throw UsageError("\(entries) entries and \((after - before) / 86_400) days for \(clocks) clocks")
        }
        return seconds
    }

    private func found() async throws {
        try await engine.save(Tenant(id: Self.tenant, name: "bench", title: "Bench", zone: "Europe/Berlin"))
        var people = DirectoryDocument()
        people.people = ["ana", "ben"].map { DirectoryDocument.Person(id: $0, name: $0) }
        try await engine.enter(people, for: Self.tenant)
        _ = try await engine.publish(
            DefinitionSource(main: "matter/matter.yaml", files: ["matter/matter.yaml": Self.matter]), for: Self.tenant,
            by: .person("ana"))
        _ = try await engine.publishCalendar("house", source: Self.calendar(""), for: Self.tenant, by: .person("ana"))
    }

    /// Opens one instance, and copies its rows under identifiers of their own.
    private func open(_ count: Int) async throws {
        let opening = Opening(id: .version7(at: .ofThisMachine), reference: "", form: [:])
        _ = try await engine.submit(
            Command(
                tenant: Self.tenant, target: .opening(workflow: "matter"),
                input: Input(actor: .person("ana"), act: .open(opening))))
        let connection = try await PostgresConnection.connect(database)
        let tables = ["instance_data", "role_holder", "clock", "timer", "journal"].map { ($0, "instance_id", "") }
        var copies = "SET session_replication_role = replica;\n"
        for (table, key, more) in [("instance", "id", ", 'reference', 'MAT-' || n")] + tables {
            copies += """
                INSERT INTO reeve.\(table)
                SELECT (jsonb_populate_record(
                    t, jsonb_build_object('\(key)', left(t.\(key)::text, 24) || lpad(to_hex(n), 12, '0')\(more)))).*
                FROM reeve.\(table) t
                CROSS JOIN generate_series(1, \(count - 1)) AS n;

                """
        }
        _ = try await connection.simple(copies + "SET session_replication_role = origin; ANALYZE")
        await connection.close()
        say("  \(count) clocks run")
    }

    private func publishHoliday() async throws -> Double {
        let tomorrow = Instant.ofThisMachine.advanced(by: 86_400_000_000).description.prefix(10)
        var start = ContinuousClock.now
        let publication = try await engine.publishCalendar(
            "house", source: Self.calendar("\"\(tomorrow)\": \"Holiday\""), for: Self.tenant, by: .person("ana"))
        guard let id = publication.recomputation else { throw UsageError("nothing hangs on the calendar") }
        try await wait(for: .waiting, id)
        say("  looked at in \(start.duration(to: .now))")
        start = .now
        _ = try await engine.decide(id, approves: true, reason: nil, for: Self.tenant, by: "ben")
        try await wait(for: .done, id)
        let (seconds, attoseconds) = start.duration(to: .now).components
        return Double(seconds) + Double(attoseconds) / 1e18
    }

    private func wait(for status: Recomputation.Status, _ id: Identifier) async throws {
        let reader = engine.reader(for: Viewer(tenant: Self.tenant))
        while try await reader.recomputation(id)?.status != status { try await Task.sleep(for: .milliseconds(50)) }
    }

    private func number(_ sql: String) async throws -> Int64 {
        let connection = try await PostgresConnection.connect(database)
        let rows = try await connection.query(PostgresQuery(sql: sql))
        await connection.close()
        return try rows[0].decode(Int64.self, at: 0)
    }

    private static func calendar(_ holidays: String) -> String {
        """
        {"calendar": "house", "title": "House", "source": "us", "years": [2020, 2099],
         "week": {"monday-sunday": ["00:00-24:00"]}, "holidays": {\(holidays)}}
        """
    }

    private static let matter = """
        workflow: matter
        title: Matter
        reference: MAT
        roles:
          owner: { title: Owner, initially: opener }
        data: { type: object, properties: { note: { type: string } } }
        open: { optional: [note] }
        initial: waiting
        states:
          waiting: { on: { answer: { target: answered, allow: [owner] } } }
          answered: { final: true }
        clocks:
          response:
            start: { in: waiting }
            goal: { workingDays: 5, calendar: house }
            stop: { in: answered }
            escalation: gentle
        escalations:
          gentle: [{ share: 50%, notify: [owner] }, { after: PT0S, notify: [owner] }]
        """
}
