import JSON
import PostgresClient
import Workflows

/// A tenant's row.
struct TenantRow: Sendable, Equatable {
    var id: Identifier
    var name: String
    var title: String
    var zone: String
    var calendar: String?
    var settings: JSON
    var versions: WorldVersions
}

/// The versions of what a tenant keeps beside its instances.
struct WorldVersions: Sendable, Equatable {
    var directory: Int64
    var catalogue: Int64
    var calendars: Int64
}

extension TenantRow {
    /// The statement whose rows ``init(_:)`` reads.
    static func query(_ tenants: [Identifier]) -> PostgresQuery {
        """
        SELECT tenant_id, name, title, zone, calendar, settings, directory_version, catalogue_version, calendar_version
        FROM reeve.tenant
        WHERE tenant_id = ANY (\(tenants))
        """
    }

    init(_ row: PostgresRow) throws(PostgresError) {
        id = try row.decode(at: 0)
        name = try row.decode(at: 1)
        title = try row.decode(at: 2)
        zone = try row.decode(at: 3)
        calendar = try row.decode(at: 4)
        settings = (try? row.decode(StoredJSON.self, at: 5).json) ?? [:]
        versions = WorldVersions(
            directory: try row.decode(at: 6), catalogue: try row.decode(at: 7), calendars: try row.decode(at: 8))
    }
}
