import Deadlines
import PostgresClient
import Workflows

/// Something that a person holds.
public struct PauseSummary: Sendable, Equatable {
    /// `tenant`, `definition` or `destination`.
    public var scope: String
    /// Name of the workflow or destination; empty for the tenant.
    public var name: String
    /// Why.
    public var reason: String
    /// Who holds it.
    public var pausedBy: String
    /// Since when.
    public var pausedAt: Instant

    init(_ row: PostgresRow) throws(PostgresError) {
        scope = try row.decode(at: 0)
        name = try row.decode(at: 1)
        reason = try row.decode(at: 2)
        pausedBy = try row.decode(at: 3)
        pausedAt = try row.decode(at: 4)
    }
}

extension PauseScope {
    /// What a scope and a name stand for; nil where there is no such scope.
    public init?(scope: String, name: String) {
        switch scope {
        case "tenant" where name.isEmpty: self = .tenant
        case "definition" where !name.isEmpty: self = .definition(name)
        case "destination" where !name.isEmpty: self = .destination(name)
        default: return nil
        }
    }
}

extension Reader {
    /// What is held in the viewer's tenant.
    public func pauses() async throws(ReadingError) -> [PauseSummary] {
        let rows = try await rows(
            """
            SELECT scope, name, reason, paused_by, paused_at
            FROM reeve.pause
            WHERE tenant_id = \(viewer.tenant)
            ORDER BY scope, name
            """)[0]
        return try all(rows, PauseSummary.init)
    }
}
