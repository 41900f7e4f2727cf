/// How far transactions that run at the same time see each other.
public enum IsolationLevel: String, Sendable {
    /// Each statement sees what was committed before it began.
    case readCommitted = "READ COMMITTED"
    /// All statements see what was committed before the first; conflicting writes fail.
    case repeatableRead = "REPEATABLE READ"
    /// As if one transaction ran after the other; conflicts fail with `serializationFailure`.
    case serializable = "SERIALIZABLE"
}

extension PostgresConnection {
    /// Runs a body in a transaction: committed when it returns, rolled back when it throws.
    ///
    /// COMMIT is neither cancelled nor timed out. When its outcome is not known, the error says so
    /// (`PostgresError.isOutcomeUnknown`).
    ///
    /// - Throws: what the body throws, and `PostgresError`.
    public func transaction<Value>(
        isolation: IsolationLevel = .readCommitted, readOnly: Bool = false,
        caller: isolated (any Actor)? = #isolation,
        _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        let mode = readOnly ? "READ ONLY" : "READ WRITE"
        try await execute("BEGIN ISOLATION LEVEL \(unescaped: isolation.rawValue) \(unescaped: mode)")
        let value: Value
        do {
            value = try await body(self)
        } catch {
            await rollback()
            throw error
        }
        try await commit()
        return value
    }

    /// Commits, uninterruptibly.
    ///
    /// - Throws: `PostgresError`; `.commitUnconfirmed` when the wait for a synchronous standby was cancelled.
    public func commit() async throws(PostgresError) {
        let rows = try await query("COMMIT", patience: .unlimited)
        if let notice = rows.notices.first(where: \.isUnconfirmedCommit) { throw .commitUnconfirmed(notice) }
        if rows.commandTag == "ROLLBACK" {
            throw .misuse("a statement of the transaction had failed, so COMMIT rolled it back")
        }
    }

    /// Rolls back, even in a cancelled task; gives the connection up where that fails.
    public func rollback() async {
        guard link != nil else { return }
        do throws(PostgresError) {
            _ = try await simple("ROLLBACK", patience: .uncancelled(configuration.cancellationGrace))
        } catch {
            lose("ROLLBACK failed: \(error)")
        }
    }
}
