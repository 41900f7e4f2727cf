import PostgresClient
import Workflows

extension Reader {
    /// The identifier of an instance that is named by identifier or reference; nil where the viewer can see none.
    public func find(_ name: String) async throws(ReadingError) -> Identifier? {
        let tenant = viewer.tenant
        let found: [PostgresRows]
        if let id = Identifier(name) {
            found = try await rows("SELECT id FROM reeve.instance WHERE tenant_id = \(tenant) AND id = \(id)")
        } else {
            found = try await rows("SELECT id FROM reeve.instance WHERE tenant_id = \(tenant) AND reference = \(name)")
        }
        do throws(PostgresError) {
            return try found[0].first?.decode(Identifier.self, at: 0)
        } catch {
            throw .database(error)
        }
    }
}
