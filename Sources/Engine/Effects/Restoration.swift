import Deadlines
import PostgresClient
import Workflows

/// Whether deliveries are held, and what would be sent if they were not.
public struct Restoration: Sendable {
    /// Why deliveries are held.
    public enum Cause: Sendable, Equatable {
        /// A person holds them.
        case held
        /// The database lies in another cluster than the one that deliveries were last made from.
        case otherCluster
        /// The cluster has gone on from an earlier point: a restore, or a failover.
        case otherTimeline(was: Int, is: Int)
        /// The cluster was started from a base backup, which was begun at this instant and place.
        case baseBackup(String)
    }

    /// Why they are held; nil where they are not.
    public var cause: Cause?
    /// Counts restores; every journal entry says in which it was written.
    public var incarnation: Int
    /// How many deliveries wait.
    public var waiting: Int
    /// The oldest of them.
    public var deliveries: [WaitingDelivery]
}

/// A delivery that waits.
public struct WaitingDelivery: Sendable {
    /// The tenant.
    public var tenant: Identifier
    /// Identifier of the delivery.
    public var id: Identifier
    /// The instance that caused it.
    public var instance: Identifier
    /// `notification` or `call`.
    public var kind: String
    /// The person of a notification, the connector of a call.
    public var recipient: String
    /// When the step that caused it was recorded.
    public var createdAt: Instant

    static func read(_ rows: PostgresRows) throws(PostgresError) -> [WaitingDelivery] {
        try rows.decode((Identifier, Identifier, Identifier, String, String, Instant).self).map { row in
            WaitingDelivery(
                tenant: row.0, id: row.1, instance: row.2, kind: row.3, recipient: row.4, createdAt: row.5)
        }
    }
}

extension Engine {
    /// Says whether deliveries are held, and lists what waits.
    ///
    /// - Parameter limit: The most deliveries to list.
    public func restoration(limit: Int = 100) async throws(AdministrationError) -> Restoration {
        try await administer { connection in
            let rows = try await connection.query(
                """
                SELECT h.incarnation, h.deliveries_held,
                    h.system_identifier = (SELECT system_identifier FROM pg_control_system()),
                    h.timeline, reeve.current_timeline(), (SELECT count(*) FROM reeve.outbox), h.base_backup,
                    COALESCE(reeve.base_backup(), h.base_backup)
                FROM reeve.installation h
                """)
            guard let found = try rows.first((Int32, Bool, Bool, Int32, Int32, Int64, String, String).self)
            else {
                throw AdministrationError.invalid("The database has no installation; run `reeve migrate`.")
            }
            var cause: Restoration.Cause?
            if !found.2 {
                cause = .otherCluster
            } else if found.3 != found.4 {
                cause = .otherTimeline(was: Int(found.3), is: Int(found.4))
            } else if found.6 != found.7 {
                cause = .baseBackup(found.7)
            } else if found.1 {
                cause = .held
            }
            let waiting = try await connection.query(
                """
                SELECT tenant_id, id, instance_id, kind, destination, created_at
                FROM reeve.outbox
                ORDER BY created_at, id
                LIMIT \(Int64(limit))
                """)
            return Restoration(
                cause: cause, incarnation: Int(found.0), waiting: Int(found.5),
                deliveries: try WaitingDelivery.read(waiting))
        }
    }

    /// Holds all deliveries of the installation: to be said before a database is started that was restored by hand.
    public func holdDeliveries() async throws(AdministrationError) {
        _ = try await administer { try await $0.execute("UPDATE reeve.installation SET deliveries_held = true") }
    }

    /// Lets deliveries go on from here, in a new incarnation where the database was restored.
    ///
    /// - Returns: The incarnation that entries are written in from now on.
    public func resumeAfterRestore() async throws(AdministrationError) -> Int {
        let incarnation = try await administer { connection in
            let rows = try await connection.query(
                """
                UPDATE reeve.installation h
                SET incarnation = CASE
                        WHEN (h.system_identifier, h.timeline, h.base_backup) = (
                            c.system_identifier, reeve.current_timeline(), COALESCE(reeve.base_backup(), h.base_backup))
                            THEN h.incarnation
                        ELSE h.incarnation + 1
                    END,
                    system_identifier = c.system_identifier,
                    timeline = reeve.current_timeline(),
                    base_backup = COALESCE(reeve.base_backup(), h.base_backup),
                    deliveries_held = false
                FROM pg_control_system() c
                RETURNING h.incarnation
                """)
            return Int(try rows[0].decode(Int32.self, at: 0))
        }
        configuration.onCommit(CommitHints(earliestDue: nil, hasMessages: false, hasDeliveries: true))
        return incarnation
    }
}
