import PostgresClient

/// The schema's migrations.
struct Migrations {
    private let directory: String

    /// The migrations of a directory.
    init(_ directory: String) {
        self.directory = directory
    }

    /// Applies what is pending.
    func apply(to database: PostgresConfiguration) async throws {
        let connection = try await PostgresConnection.connect(database)
        let found = try await connection.query("SELECT 1 FROM pg_namespace WHERE nspname = 'reeve'")
        if found.isEmpty {
            for name in try Files.names(in: directory) where name.hasSuffix(".sql") {
                let text = String(decoding: try Files.read("\(directory)/\(name)"), as: UTF8.self)
                try await connection.simple("BEGIN;\n\(text)\nCOMMIT;")
            }
        }
        await connection.close()
    }
}
