import PostgresClient

/// The schema's migrations.
struct Migrations {
    private let migrator: Migrator
    /// The number of the newest.
    let newest: Int

    /// The migrations of a directory.
    init(_ directory: String) throws(Failure) {
        var migrations: [Migration] = []
        do {
            for name in try Files.names(in: directory) where name.hasSuffix(".sql") {
                let text = String(decoding: try Files.read("\(directory)/\(name)"), as: UTF8.self)
                migrations.append(try Migration(name: name, text: text))
            }
            migrator = try Migrator(migrations)
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure("\(error)")
        }
        newest = migrations.map(\.number).max() ?? 0
    }

    /// Names of those that have not been applied.
    func pending(on database: PostgresConfiguration) async throws -> [String] {
        try await connected(database) { connection in
            try await migrator.pending(on: connection).map(\.name)
        }
    }

    /// Applies what is pending, and says so.
    func apply(to database: PostgresConfiguration, canResume: Bool = false) async throws -> [String] {
        try await connected(database) { connection in
            try await migrator.apply(on: connection, canResume: canResume) { migration in
                Console.write("Applying \(migration.name) ...")
                Console.flush()
            }
        }
    }

    private func connected<Value: Sendable>(
        _ database: PostgresConfiguration, _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        let connection = try await PostgresConnection.connect(database)
        do {
            let value = try await body(connection)
            await connection.close()
            return value
        } catch {
            await connection.close()
            throw Failure("\(error)")
        }
    }
}
