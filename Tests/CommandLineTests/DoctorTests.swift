import Foundation
import JSON
import PostgresClient
import TestSupport
import Testing

/// What is wrong with an installation, brought about for real, is what `reeve doctor` reports, with a remedy.
@Suite(.serialized, .ownThread, .timeLimit(.minutes(5)))
struct DoctorTests {
    private static let cluster = Result {
        try TestCluster(
            durable: true,
            settings: ["max_connections": "40", "max_prepared_transactions": "5", "autovacuum_naptime": "1d"])
    }
    private static let tenant = "00000000-0000-0000-0000-0000000000aa"
    private static let instance = "019a0000-0000-7000-8000-000000000001"

    /// A database with the schema and one tenant.
    private func withInstallation(
        _ body: (TestDatabase, PostgresConnection) async throws -> Void
    ) async throws {
        try await withDatabase(on: try Self.cluster.get(), template: "doctor", prepare: Self.prepare) { database in
            let connection = try await database.connect()
            try await body(database, connection)
            await connection.close()
        }
    }

    private static func prepare(_ connection: PostgresConnection) async throws {
        let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../sql")
        let files = try FileManager.default.contentsOfDirectory(atPath: directory.path).filter { $0.hasSuffix(".sql") }
        let migrations = try files.map { file in
            try Migration(
                name: file, text: String(contentsOf: directory.appendingPathComponent(file), encoding: .utf8))
        }
        try await Migrator(migrations).apply(on: connection)
        _ = try await connection.simple(
            """
            INSERT INTO reeve.tenant (tenant_id, name, title, zone) VALUES ('\(tenant)', 'acme', 'Acme', 'Etc/UTC');
            SELECT reeve.prepare_partitions(clock_timestamp() + interval '3 months');
            """)
    }

    /// What a run of the doctor found, by name.
    private func examine(
        _ database: String, _ arguments: [String] = [], environment: [String: String] = [:]
    ) throws -> [String: JSON] {
        let run = try Binary.run(
            ["doctor", "--json", "--database", database] + arguments, environment: environment)
        let findings = try JSON(parsing: run.output)["findings"]?.arrayValue ?? []
        let isBad = findings.contains { $0["status"] == "failing" }
        #expect(run.status == (isBad ? 1 : 0), "\(run.errors)")
        for finding in findings {
            #expect((finding["remedy"]?.stringValue == nil) == (finding["status"] == "ok"), "\(finding)")
        }
        return Dictionary(findings.map { ($0["name"]?.stringValue ?? "", $0) }) { first, _ in first }
    }

    private func expect(
        _ name: String, _ status: String = "failing", says words: String, in findings: [String: JSON],
        at location: SourceLocation = #_sourceLocation
    ) {
        let finding = findings[name]
        #expect(finding?["status"]?.stringValue == status, "\(findings)", sourceLocation: location)
        #expect(finding?["detail"]?.stringValue?.contains(words) == true, "\(findings)", sourceLocation: location)
    }

    @Test func aSoundInstallationHasNothingToMend() throws {
        let reeve = try Running()
        try reeve.start()
        let run = try reeve.reeve("doctor", "--json")
        let findings = try JSON(parsing: run.output)["findings"]?.arrayValue ?? []
        #expect(run.status == 0 && findings.count > 20, "\(run.output)")
        #expect(findings.allSatisfy { $0["status"] != "failing" }, "\(run.output)")
        let plain = try reeve.reeve("doctor")
        #expect(plain.status == 0 && plain.output.contains("note  standbys") && plain.output.contains("→ "))
    }

    @Test func settingsAndSurroundings() async throws {
        try await withInstallation { database, _ in
            let address = database.configuration().conninfo
            expect(
                "configuration", says: "REEVE_LISTNE",
                in: try examine(address, environment: ["REEVE_LISTNE": "127.0.0.1:1"]))
            expect(
                "metrics", "note", says: "open to whoever",
                in: try examine(address, ["--set", "listen=0.0.0.0:8080"]))
            expect("installation", says: "/nowhere", in: try examine(address, ["--share", "/nowhere"]))
            let lowered = Process()
            lowered.executableURL = URL(fileURLWithPath: "/bin/bash")
            lowered.arguments = [
                "-c", "ulimit -n 300; exec \(Binary.url.path) doctor --json --database \"\(address)\"",
            ]
            lowered.environment = Binary.clean
            let output = Pipe()
            lowered.standardOutput = output
            try lowered.run()
            let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            lowered.waitUntilExit()
            #expect(lowered.terminationStatus == 1)
            let finding = try JSON(parsing: text)["findings"]?.arrayValue?.first { $0["name"] == "open files" }
            #expect(
                finding?["status"] == "failing" && finding?["detail"]?.stringValue?.contains("44 ") == true, "\(text)")
        }
        expect(
            "database", says: "cannot connect", in: try examine("host=/nowhere dbname=reeve connect_timeout=2"))
    }

    @Test func migrationsThatArePendingOrUnknown() async throws {
        try await withDatabase(on: try Self.cluster.get()) { database in
            expect("migrations", says: "0001_roles.sql", in: try examine(database.configuration().conninfo))
        }
        try await withInstallation { database, connection in
            _ = try await connection.simple(
                "UPDATE reeve_migration.applied SET checksum = checksum || checksum WHERE number = 3")
            let findings = try examine(database.configuration().conninfo)
            #expect(findings["migrations"]?["status"] == "failing", "\(findings)")
        }
    }

    @Test func clocksThatDiffer() async throws {
        try await withInstallation { database, connection in
            _ = try await connection.simple(
                """
                CREATE SCHEMA wrong;
                CREATE FUNCTION wrong.clock_timestamp() RETURNS timestamptz LANGUAGE sql
                    RETURN pg_catalog.clock_timestamp() - interval '1 hour';
                ALTER DATABASE \(database.name) SET search_path = wrong, pg_catalog;
                """)
            expect("clocks", says: "behind this machine's", in: try examine(database.configuration().conninfo))
        }
    }

    @Test func whatACrashOrAFailoverMayLose() async throws {
        try await withDatabase(template: "doctor", prepare: Self.prepare) { database in
            expect("durability", says: "fsync is off", in: try examine(database.configuration().conninfo))
        }
        try await withInstallation { database, connection in
            let address = database.configuration().conninfo
            // The test itself waits for no standby.
            _ = try await connection.simple("SET synchronous_commit = local")
            expect("durability", "ok", says: "survives a crash", in: try examine(address))
            expect("standbys", "note", says: "there is none", in: try examine(address))
            try await with("full_page_writes", "off", connection) {
                expect("durability", says: "full_page_writes is off", in: try examine(address))
            }
            _ = try await connection.simple("ALTER DATABASE \(database.name) SET synchronous_commit = off")
            expect("durability", says: "synchronous_commit is off", in: try examine(address))
            _ = try await connection.simple("ALTER DATABASE \(database.name) SET synchronous_commit = local")
            try await with("synchronous_standby_names", "far", connection) {
                expect("standbys", says: "do not wait for far", in: try examine(address))
                _ = try await connection.simple("ALTER DATABASE \(database.name) RESET synchronous_commit")
                expect("standbys", says: "no such standby is connected", in: try examine(address))
            }
            try await withStandby("far", of: database, connection) {
                expect("standbys", "note", says: "far is asynchronous", in: try examine(address))
                try await with("synchronous_standby_names", "far", connection) {
                    try await eventually(
                        connection, "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'")
                    expect("standbys", "ok", says: "far is synchronous", in: try examine(address))
                }
            }
            _ = try await connection.simple("SELECT pg_create_physical_replication_slot('forgotten', true)")
            expect("replication slots", says: "forgotten", in: try examine(address))
            _ = try await connection.simple("SELECT pg_drop_replication_slot('forgotten')")
        }
    }

    @Test(arguments: [
        (
            "REVOKE SELECT ON reeve.timer FROM reeve_engine", "GRANT SELECT ON reeve.timer TO reeve_engine",
            "may not SELECT"
        ),
        ("GRANT UPDATE ON reeve.journal TO reeve_app", "REVOKE UPDATE ON reeve.journal FROM reeve_app", "may UPDATE"),
        ("ALTER TABLE reeve.timer DISABLE ROW LEVEL SECURITY", "SELECT 1", "not kept apart in reeve.timer"),
        ("ALTER TABLE reeve.definition DISABLE TRIGGER ALL", "SELECT 1", "refuse_change of reeve.definition"),
        ("ALTER ROLE reeve_app BYPASSRLS", "ALTER ROLE reeve_app NOBYPASSRLS", "reeve_app bypasses"),
        (
            "ALTER ROLE reeve_auditor RENAME TO elsewhere", "ALTER ROLE elsewhere RENAME TO reeve_auditor",
            "missing: reeve_auditor"
        ),
    ])
    func rolesThatMayTooMuchOrTooLittle(spoil: String, mend: String, words: String) async throws {
        try await withInstallation { database, connection in
            _ = try await connection.simple(spoil)
            let findings = Result { try examine(database.configuration().conninfo) }
            _ = try await connection.simple(mend)
            expect("roles", says: words, in: try findings.get())
        }
    }

    @Test func aLoginRoleThatBelongsToNone() async throws {
        try await withInstallation { database, connection in
            _ = try await connection.simple("CREATE ROLE outsider LOGIN")
            let findings = try examine(database.configuration(user: "outsider").conninfo)
            expect("roles", says: "outsider, whom Reeve signs in as, is no member of", in: findings)
            _ = try await connection.simple("DROP ROLE outsider")
        }
    }

    @Test func vacuumThatDoesNotKeepUp() async throws {
        try await withInstallation { database, connection in
            let address = database.configuration().conninfo
            expect("autovacuum", "ok", says: "set for the queues", in: try examine(address))
            _ = try await connection.simple(
                """
                ALTER TABLE reeve.timer SET (autovacuum_enabled = off);
                ALTER TABLE reeve.outbox RESET (autovacuum_vacuum_scale_factor);
                INSERT INTO reeve.timer
                SELECT '\(Self.tenant)', 'infinity', gen_random_uuid(), 1, 'x', '' FROM generate_series(1, 150000);
                DELETE FROM reeve.timer;
                """)
            try await eventually(
                connection, "SELECT (n_dead_tup > 100000)::int::bigint FROM pg_stat_user_tables WHERE relname = 'timer'"
            )
            let findings = try examine(address)
            expect("autovacuum", says: "reeve.outbox, reeve.timer", in: findings)
            expect("dead rows", says: "reeve.timer has 150000", in: findings)
            try await with("autovacuum", "off", connection) {
                expect("autovacuum", says: "it is off: queues", in: try examine(address))
            }
        }
    }

    @Test func transactionsThatLastAndConnectionsThatIdle() async throws {
        try await withInstallation { database, connection in
            let address = database.configuration().conninfo
            let holder = try await database.connect()
            _ = try await holder.simple("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1")
            try await Task.sleep(for: .seconds(2))
            expect("oldest transaction", "ok", says: "none", in: try examine(address))
            expect("oldest transaction", says: "idle in transaction", in: try examine(address, ["--patience", "1"]))
            _ = try await holder.simple("ROLLBACK")
            _ = try await holder.simple("BEGIN; SELECT pg_current_xact_id(); PREPARE TRANSACTION 'forgotten'")
            try await Task.sleep(for: .seconds(2))
            expect(
                "oldest transaction", says: "prepared transaction forgotten",
                in: try examine(address, ["--patience", "1"]))
            _ = try await holder.simple("ROLLBACK PREPARED 'forgotten'")
            var idle: [PostgresConnection] = []
            for _ in 0..<33 { idle.append(try await database.connect()) }
            expect("connections", says: "of 37 are in use; idle: 3", in: try examine(address))
            for connection in idle { await connection.close() }
            await holder.close()
        }
    }

    @Test func workThatNobodyDoes() async throws {
        try await withInstallation { database, connection in
            let address = database.configuration().conninfo
            _ = try await connection.simple(
                """
                SET session_replication_role = replica;
                INSERT INTO reeve.instance (tenant_id, id, sequence, version, definition, state, kind, reference, status)
                VALUES ('\(Self.tenant)', '\(Self.instance)', 1, 1, 'ticket', 'open', 'real', 'TIC-1', 'suspended');
                INSERT INTO reeve.timer
                VALUES ('\(Self.tenant)', now() - interval '10 minutes', '\(Self.instance)', 1, 'answer', '');
                INSERT INTO reeve.outbox
                    (tenant_id, next_at, id, instance_id, sequence, ordinal, attempts, kind, destination, channel, body, created_at)
                VALUES ('\(Self.tenant)', now(), gen_random_uuid(), '\(Self.instance)', 1, 0, 7, 'notification', 'rita', 'mail',
                    '{}', now() - interval '1 hour');
                INSERT INTO reeve.dead_letter
                    (tenant_id, id, instance_id, sequence, ordinal, attempts, kind, destination, body, error, created_at)
                VALUES ('\(Self.tenant)', gen_random_uuid(), '\(Self.instance)', 1, 0, 9, 'call', 'hook', '{}', 'gone', now());
                INSERT INTO reeve.inbox_attempt VALUES ('\(Self.tenant)', 1, 5, 'the field is unknown', now());
                INSERT INTO reeve.breaker (tenant_id, destination, state, error) VALUES ('\(Self.tenant)', 'hook', 'open', 'refused');
                """)
            let month = try await connection.query(
                "SELECT 'journal_' || to_char((now() + interval '1 month') AT TIME ZONE 'UTC', 'YYYY_MM')")
            let partition = try month[0].decode(String.self, at: 0)
            _ = try await connection.simple("DROP TABLE reeve.\(partition)")
            let findings = try examine(address)
            expect("worker", says: "none has ever run", in: findings)
            expect("timers", says: "of acme for 6", in: findings)
            expect("instances", "note", says: "1 suspended", in: findings)
            expect("partitions", says: partition, in: findings)
            expect("stuck deliveries", says: "1 of acme to mail", in: findings)
            expect("messages", says: "1 of acme: the field is unknown", in: findings)
            expect("destinations", says: "hook of acme", in: findings)
            expect("dead letters", says: "of acme", in: findings)
            expect("deliveries", "ok", says: "1 wait", in: findings)
            _ = try await connection.simple("UPDATE reeve.installation SET deliveries_held = true")
            expect("deliveries", says: "held by a person", in: try examine(address))
            _ = try await connection.simple("UPDATE reeve.installation SET system_identifier = 1")
            expect("deliveries", says: "restored or failed over", in: try examine(address))
        }
    }

    @Test func serversThatCannotBeReached() async throws {
        try await withInstallation { database, connection in
            let address = database.configuration().conninfo
            let port = try freePort()
            let mail = [
                "mail-host=127.0.0.1", "mail-port=\(port)", "mail-security=none", "mail-from=reeve@acme.example",
            ]
            .flatMap { ["--set", $0] }
            expect("transports", "ok", says: "no destinations", in: try examine(address))
            expect("transports", says: "mail of the installation cannot be reached", in: try examine(address, mail))
            _ = try await connection.simple(
                """
                INSERT INTO reeve.destination (tenant_id, id, transport, settings)
                VALUES ('\(Self.tenant)', 'post', 'mail',
                    '{"host": "127.0.0.1", "port": \(port), "security": "none", "from": "reeve@acme.example"}')
                """)
            expect("transports", says: "post of acme cannot be reached", in: try examine(address))
            try await withMailServer(on: port) {
                expect("transports", "ok", says: "all 2 destinations answer", in: try examine(address, mail))
            }
        }
    }

    // MARK: - Causes

    /// Runs a body while the server has a setting.
    private func with(
        _ setting: String, _ value: String, _ connection: PostgresConnection, _ body: () async throws -> Void
    ) async throws {
        _ = try await connection.simple("ALTER SYSTEM SET \(setting) = '\(value)'")
        try await reload(connection)
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await body()) } catch { outcome = .failure(error) }
        _ = try await connection.simple("ALTER SYSTEM RESET \(setting)")
        try await reload(connection)
        try outcome.get()
    }

    private func reload(_ connection: PostgresConnection) async throws {
        _ = try await connection.simple("SELECT pg_reload_conf()")
        try await Task.sleep(for: .milliseconds(500))
    }

    /// Runs a body while something receives the WAL as a standby does.
    private func withStandby(
        _ name: String, of database: TestDatabase, _ connection: PostgresConnection, _ body: () async throws -> Void
    ) async throws {
        let directory = URL(fileURLWithPath: "/tmp/reeve-standby-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "pg_receivewal", "--synchronous", "--no-loop", "-D", directory.path, "-d",
            "\(database.configuration().conninfo) application_name=\(name)",
        ]
        process.standardError = FileHandle.nullDevice
        try process.run()
        defer {
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
        try await eventually(connection, "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'")
        try await body()
    }

    private func withMailServer(on port: Int, _ body: () async throws -> Void) async throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let process = Process()
        process.executableURL = root.appendingPathComponent(".venv/bin/python")
        process.arguments = ["-m", "aiosmtpd", "-n", "-l", "127.0.0.1:\(port)"]
        (process.standardOutput, process.standardError) = (FileHandle.nullDevice, FileHandle.nullDevice)
        try process.run()
        defer {
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
        for _ in 0..<100 where !Self.listens(on: port) { try await Task.sleep(for: .milliseconds(100)) }
        try await body()
    }

    private static func listens(on port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    /// Waits until a query yields 1, ten seconds at most.
    private func eventually(_ connection: PostgresConnection, _ sql: String) async throws {
        for _ in 0..<100 {
            if try await connection.query(PostgresQuery(sql: sql))[0].decode(Int64.self, at: 0) == 1 { return }
            try await Task.sleep(for: .milliseconds(100))
        }
        Issue.record("not within ten seconds: \(sql)")
    }
}
