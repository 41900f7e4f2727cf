import Glibc
import PostgresClient
import Workflows

/// What the database knows of the processes that enforce clocks.
enum WorkerRegistry {
    /// A worker that has not been heard of for this long is taken for dead.
    static let silence = Duration.seconds(15)
    /// How often a worker says that it lives.
    static let pulse = Duration.seconds(5)

    /// The others, as a worker finds them when it starts.
    struct Others: Sendable {
        /// Those that are at work.
        var alive: Set<Identifier> = []
        /// Those that ended without saying so.
        var unclean: [Identifier] = []
    }

    /// Enters a worker and says what it finds.
    static func enter(
        _ worker: Identifier, host: String, on connection: PostgresConnection
    ) async throws(PostgresError) -> Others {
        let process = getpid()
        try await connection.execute(
            """
            INSERT INTO reeve.worker (id, host, process_id)
            VALUES (\(worker), \(host), \(process))
            ON CONFLICT (id) DO NOTHING
            """)
        let rows = try await connection.query(
            """
            SELECT id, host, process_id,
                seen_at < clock_timestamp() - \(silence.wholeMicroseconds) * interval '1 microsecond'
            FROM reeve.worker
            WHERE stopped_at IS NULL AND id <> \(worker)
            """)
        var others = Others()
        for (id, otherHost, otherProcess, isSilent) in try rows.decode((Identifier, String, Int32, Bool).self) {
            if isSilent || (otherHost == host && !isRunning(otherProcess)) {
                others.unclean.append(id)
            } else {
                others.alive.insert(id)
            }
        }
        return others
    }

    /// Whether a process of this host, not this one, runs.
    ///
    /// A worker with this process's own number ended before it: containers give their first process the number 1 again.
    private static func isRunning(_ process: Int32) -> Bool {
        process != getpid() && (kill(process, 0) == 0 || errno == EPERM)
    }

    /// Says that a worker lives.
    static func beat(_ worker: Identifier) -> PostgresQuery {
        "UPDATE reeve.worker SET seen_at = clock_timestamp() WHERE id = \(worker)"
    }

    /// Marks workers as ended: this one cleanly, or those whose unclean end has been dealt with.
    static func stop(_ workers: [Identifier]) -> PostgresQuery {
        "UPDATE reeve.worker SET stopped_at = clock_timestamp() WHERE id = ANY (\(workers)) AND stopped_at IS NULL"
    }

    /// Forgets workers that ended a week ago.
    static let tidy: PostgresQuery =
        "DELETE FROM reeve.worker WHERE stopped_at < clock_timestamp() - interval '7 days'"

    /// The name of this host.
    static var hostName: String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "unknown" }
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
