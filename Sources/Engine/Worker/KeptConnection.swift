import PostgresClient

/// A connection of its own for one loop, made anew when it was lost.
struct KeptConnection {
    private let configuration: PostgresConfiguration
    private var connection: PostgresConnection?

    init(_ configuration: PostgresConfiguration) { self.configuration = configuration }

    /// The connection, open.
    mutating func get() async throws(PostgresError) -> PostgresConnection {
        if let connection, await connection.isOpen { return connection }
        let connection = try await PostgresConnection.connect(configuration)
        self.connection = connection
        return connection
    }

    /// Ends what the loop had begun, so that the next use starts afresh.
    mutating func reset() async {
        guard let connection else { return }
        await connection.rollback()
        if await !connection.isOpen { self.connection = nil }
    }

    /// Closes the connection.
    mutating func close() async {
        await connection?.close()
        connection = nil
    }
}
