import Deadlines
import JSON
import PostgresClient
import Workflows

/// What a person can hold: timers of all its instances wait, and what falls due meanwhile is recorded as late.
public enum PauseScope: Sendable, Hashable {
    /// Everything of the tenant.
    case tenant
    /// All instances of a workflow.
    case definition(String)
    /// Deliveries to a destination.
    case destination(String)

    var columns: (scope: String, name: String) {
        switch self {
        case .tenant: ("tenant", "")
        case .definition(let name): ("definition", name)
        case .destination(let name): ("destination", name)
        }
    }
}

extension Engine {
    /// Holds a tenant, a workflow or a destination, with a reason.
    ///
    /// - Throws: ``AdministrationError/invalid(_:)`` for a workflow that is not published.
    public func pause(
        _ scope: PauseScope, of tenant: Identifier, reason: String, by actor: Actor
    ) async throws(AdministrationError) {
        let (kind, name) = scope.columns
        _ = try await administer { connection in
            if case .definition(let workflow) = scope {
                let versions = try await connection.query(
                    "SELECT 1 FROM reeve.definition WHERE tenant_id = \(tenant) AND name = \(workflow) LIMIT 1")
                guard !versions.isEmpty else {
                    throw AdministrationError.invalid("No workflow `\(workflow)` is published.")
                }
            }
            try await connection.execute(
                """
                INSERT INTO reeve.pause (tenant_id, scope, name, reason, paused_by)
                VALUES (\(tenant), \(kind), \(name), \(reason), \(actor.text))
                ON CONFLICT (tenant_id, scope, name) DO UPDATE
                SET reason = excluded.reason, paused_by = excluded.paused_by, paused_at = clock_timestamp()
                """)
        }
    }

    /// Lets a tenant, a workflow or a destination go on; false where it was not paused.
    public func unpause(_ scope: PauseScope, of tenant: Identifier) async throws(AdministrationError) -> Bool {
        let (kind, name) = scope.columns
        return try await administer { connection in
            try await connection.execute(
                "DELETE FROM reeve.pause WHERE tenant_id = \(tenant) AND scope = \(kind) AND name = \(name)") == 1
        }
    }
}
