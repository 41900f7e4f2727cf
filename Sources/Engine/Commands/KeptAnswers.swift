import Deadlines
import PostgresClient

extension Instant {
    /// Until when an answer that was recorded now is kept under its key.
    public var answerExpiry: Instant { advanced(by: Engine.answerLifetime.components.seconds * 1_000_000) }
}

extension Engine {
    /// How long answers are kept under their idempotency keys.
    public static let answerLifetime = Duration.seconds(7 * 86_400)

    /// Forgets answers whose time is over, a few thousand in a transaction.
    ///
    /// - Returns: how many were forgotten.
    public func forgetOldAnswers() async throws(PostgresError) -> Int {
        let seconds = Self.answerLifetime.components.seconds
        var forgotten = 0
        while true {
            let count = try await writers.execute(
                """
                DELETE FROM reeve.idempotency
                WHERE (tenant_id, principal, key) IN (
                    SELECT tenant_id, principal, key
                    FROM reeve.idempotency
                    WHERE created_at < statement_timestamp() - make_interval(secs => \(Double(seconds)))
                    ORDER BY created_at
                    LIMIT 5000
                )
                """)
            forgotten += count
            if count < 5000 { return forgotten }
        }
    }
}
