/// Brings a schema up to date by numbered files of SQL, each applied once, in order, forward only.
///
/// What was applied is recorded with its SHA-256 in `reeve_migration.applied`. An advisory lock lets one migrator at a
/// time do its work; others wait and then find nothing to do.
public struct Migrator: Sendable {
    private let migrations: [Migration]

    /// Orders files by number.
    ///
    /// - Throws: ``MigrationError`` for names that do not fit, numbers that are taken twice or left out.
    public init(_ migrations: [Migration]) throws(MigrationError) {
        let ordered = migrations.sorted { ($0.number, $0.name) < ($1.number, $1.name) }
        for (before, after) in zip(ordered, ordered.dropFirst()) where before.number == after.number {
            throw .duplicate(before.name, after.name)
        }
        for (index, migration) in ordered.enumerated() where migration.number != index + 1 {
            throw .gap(before: migration.name)
        }
        self.migrations = ordered
    }

    /// The files that have not been applied, in order; looks and changes nothing.
    ///
    /// - Throws: ``MigrationError`` where an applied file was edited or is missing, or one was broken off.
    public func pending(on connection: PostgresConnection) async throws(MigrationError) -> [Migration] {
        let records = try await Self.asking { () async throws(PostgresError) in
            let found = try await connection.query("SELECT to_regclass('reeve_migration.applied') IS NOT NULL")
            guard try found[0].decode(Bool.self, at: 0) else { return [Record]() }
            return try await self.records(on: connection)
        }
        return try judge(records, canResume: false).pending
    }

    /// Applies what is pending, under a lock.
    ///
    /// - Parameters:
    ///   - canResume: whether a file that was broken off outside a transaction goes on where it stopped.
    ///   - progress: told of each file before it is applied.
    /// - Returns: the names of the files that were applied.
    @discardableResult
    public func apply(
        on connection: PostgresConnection, canResume: Bool = false, progress: (Migration) -> Void = { _ in }
    ) async throws(MigrationError) -> [String] {
        try await Self.asking { () async throws(PostgresError) in
            // Waits for another migrator, however long its files take.
            _ = try await connection.simple("SELECT pg_advisory_lock(hashtext('reeve.migration'))")
        }
        do throws(MigrationError) {
            let applied = try await applyLocked(on: connection, canResume, progress)
            await Self.unlock(connection)
            return applied
        } catch {
            await Self.unlock(connection)
            throw error
        }
    }

    private static func unlock(_ connection: PostgresConnection) async {
        // A connection that is lost has released its locks.
        _ = try? await connection.simple("SELECT pg_advisory_unlock(hashtext('reeve.migration'))")
    }

    private func applyLocked(
        on connection: PostgresConnection, _ canResume: Bool, _ progress: (Migration) -> Void
    ) async throws(MigrationError) -> [String] {
        let records = try await Self.asking { () async throws(PostgresError) in
            _ = try await connection.simple(
                """
                CREATE SCHEMA IF NOT EXISTS reeve_migration;
                CREATE TABLE IF NOT EXISTS reeve_migration.applied (
                    number integer PRIMARY KEY,
                    name text NOT NULL,
                    checksum bytea NOT NULL,
                    -- Statements done of a file that runs outside a transaction.
                    statements integer NOT NULL DEFAULT 0,
                    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
                    finished_at timestamptz
                );
                GRANT USAGE ON SCHEMA reeve_migration TO PUBLIC;
                GRANT SELECT ON reeve_migration.applied TO PUBLIC;
                """)
            return try await self.records(on: connection)
        }
        let (pending, resumed) = try judge(records, canResume: canResume)
        for migration in pending {
            progress(migration)
            if migration.isTransactional {
                try await applyAtOnce(migration, on: connection)
            } else {
                try await applyInSteps(migration, from: resumed[migration.number] ?? 0, on: connection)
            }
        }
        return pending.map(\.name)
    }

    private func applyAtOnce(_ migration: Migration, on connection: PostgresConnection) async throws(MigrationError) {
        do throws(PostgresError) {
            _ = try await connection.simple("BEGIN;\n\(migration.text)\n;")
            try await connection.execute(
                """
                INSERT INTO reeve_migration.applied (number, name, checksum, finished_at)
                VALUES (
                    \(Int32(migration.number)), \(migration.name), sha256(convert_to(\(migration.text), 'UTF8')),
                    clock_timestamp())
                """)
            _ = try await connection.simple("COMMIT")
        } catch {
            _ = try? await connection.simple("ROLLBACK")
            throw .failed(migration.name, error)
        }
    }

    private func applyInSteps(
        _ migration: Migration, from done: Int, on connection: PostgresConnection
    ) async throws(MigrationError) {
        do throws(PostgresError) {
            let number = Int32(migration.number)
            try await connection.execute(
                """
                INSERT INTO reeve_migration.applied (number, name, checksum)
                VALUES (\(number), \(migration.name), sha256(convert_to(\(migration.text), 'UTF8')))
                ON CONFLICT (number) DO NOTHING
                """)
            for (index, statement) in StatementSplitter.statements(of: migration.text).enumerated() where index >= done
            {
                _ = try await connection.simple(statement)
                try await connection.execute(
                    "UPDATE reeve_migration.applied SET statements = \(Int32(index + 1)) WHERE number = \(number)")
            }
            try await connection.execute(
                "UPDATE reeve_migration.applied SET finished_at = clock_timestamp() WHERE number = \(number)")
        } catch {
            throw .failed(migration.name, error)
        }
    }

    // MARK: - What was applied

    private struct Record {
        var number: Int
        var name: String
        var statements: Int
        var isFinished: Bool
        /// Whether the file of that number has the content that was applied; nil where there is no such file.
        var isUnchanged: Bool?
    }

    private func records(on connection: PostgresConnection) async throws(PostgresError) -> [Record] {
        let rows = try await connection.query(
            """
            SELECT a.number, a.name, a.statements, a.finished_at IS NOT NULL,
                sha256(convert_to(f.text, 'UTF8')) = a.checksum AND f.name = a.name
            FROM reeve_migration.applied a
            LEFT JOIN unnest(
                \(migrations.map { Int32($0.number) }), \(migrations.map(\.name)), \(migrations.map(\.text))
            ) AS f (number, name, text) USING (number)
            ORDER BY a.number
            """)
        var records: [Record] = []
        for row in rows {
            records.append(
                Record(
                    number: Int(try row.decode(Int32.self, at: 0)), name: try row.decode(at: 1),
                    statements: Int(try row.decode(Int32.self, at: 2)), isFinished: try row.decode(at: 3),
                    isUnchanged: try row.decode(Bool?.self, at: 4)))
        }
        return records
    }

    /// What is to be applied, and after which statement a file that was broken off goes on.
    private func judge(
        _ records: [Record], canResume: Bool
    ) throws(MigrationError) -> (pending: [Migration], resumed: [Int: Int]) {
        var resumed: [Int: Int] = [:]
        for record in records {
            guard let isUnchanged = record.isUnchanged else { throw .missing(record.name) }
            guard isUnchanged else { throw .edited(record.name) }
            guard !record.isFinished else { continue }
            guard canResume else { throw .interrupted(record.name, statement: record.statements + 1) }
            resumed[record.number] = record.statements
        }
        let finished = Set(records.filter(\.isFinished).map(\.number))
        let pending = migrations.filter { !finished.contains($0.number) }
        if let first = pending.first, let last = records.last(where: { $0.number > first.number }) {
            throw .outOfOrder(first.name, after: last.name)
        }
        return (pending, resumed)
    }

    private static func asking<Value>(
        _ body: () async throws(PostgresError) -> Value
    ) async throws(MigrationError) -> Value {
        do throws(PostgresError) {
            return try await body()
        } catch {
            throw .database(error)
        }
    }
}
