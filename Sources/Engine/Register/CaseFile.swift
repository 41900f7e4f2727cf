import CEL
import Deadlines
import JSON
import PostgresClient
import Workflows

/// An instance within a case: an incident and all that it has opened, as far as a viewer sees it.
struct CaseItem: Sendable {
    /// The instance of the case that all of it began with.
    var root: Identifier
    var id: Identifier
    var reference: String
    var definition: String
    var version: Int
    var state: String
    var status: String
    var kind: String
    var visibility: String
    var openedAt: Instant
    var parent: Identifier?
    /// For which rule and element of its parent it was opened.
    var child: ItemKey?
    /// Its data as plain JSON.
    var data: JSON
    private var snapshot: JSON

    static let columns = """
        i.id, i.reference, i.definition, i.version, i.state, i.status, i.kind, i.visibility, i.opened_at, i.parent_id,
        i.parent_child, i.parent_key, d.snapshot
        """

    /// Reads a row of the root's identifier and ``columns``.
    init(_ row: PostgresRow) throws(PostgresError) {
        root = try row.decode(at: 0)
        id = try row.decode(at: 1)
        reference = try row.decode(at: 2)
        definition = try row.decode(at: 3)
        version = Int(try row.decode(Int32.self, at: 4))
        state = try row.decode(at: 5)
        status = try row.decode(at: 6)
        kind = try row.decode(at: 7)
        visibility = try row.decode(at: 8)
        openedAt = try row.decode(at: 9)
        parent = try row.decode(at: 10)
        if let name = try row.decode(String?.self, at: 11) {
            child = ItemKey(name, try row.decode(String?.self, at: 12) ?? "")
        }
        snapshot = (try? row.decode(StoredJSON.self, at: 13).json) ?? [:]
        data = snapshot["data"]?.plain ?? [:]
    }

    /// Records of a kind, such as `approvals`.
    func records(_ kind: String) -> [JSON] { snapshot[kind]?.arrayValue ?? [] }

    /// The last round of a clock.
    func clock(_ name: String) -> JSON? {
        records("clocks").first { $0["name"]?.stringValue == name }?["rounds"]?.arrayValue?.last
    }

    /// People who hold a role.
    func holders(of role: String) -> [String] {
        snapshot["holders"]?[role]?.arrayValue?.compactMap(\.stringValue) ?? []
    }
}

extension JSON {
    /// Values of CEL as clients know them: instants and durations as plain texts.
    var plain: JSON { (try? CEL.Value(typedJSON: self))?.plainJSON ?? self }
}

extension Reader {
    /// Instances with all that they have opened, down to the fifth level, each before what it opened.
    func cases(of roots: [Identifier]) async throws(ReadingError) -> [CaseItem] {
        let rows = try await rows(
            """
            WITH RECURSIVE tree AS (
                SELECT root, root AS id, 0 AS depth
                FROM unnest(\(roots)) AS root
                UNION ALL
                SELECT t.root, i.id, t.depth + 1
                FROM tree t
                JOIN reeve.instance i ON i.tenant_id = \(viewer.tenant) AND i.parent_id = t.id
                WHERE t.depth < 5
            )
            SELECT t.root, \(unescaped: CaseItem.columns)
            FROM tree t
            JOIN reeve.instance i ON i.tenant_id = \(viewer.tenant) AND i.id = t.id
            JOIN reeve.instance_data d ON (d.tenant_id, d.instance_id) = (i.tenant_id, i.id)
            ORDER BY t.depth, i.id
            """)[0]
        return try all(rows, CaseItem.init)
    }

    /// The instances above one, the nearest first, as far as the viewer sees them.
    func ancestors(of id: Identifier) async throws(ReadingError) -> [CaseItem] {
        let rows = try await rows(
            """
            WITH RECURSIVE line AS (
                SELECT i.id, i.parent_id, 0 AS depth
                FROM reeve.instance i
                WHERE i.tenant_id = \(viewer.tenant) AND i.id = \(id)
                UNION ALL
                SELECT p.id, p.parent_id, l.depth + 1
                FROM line l
                JOIN reeve.instance p ON p.tenant_id = \(viewer.tenant) AND p.id = l.parent_id
                WHERE l.depth < 5
            )
            SELECT \(id)::uuid, \(unescaped: CaseItem.columns)
            FROM line l
            JOIN reeve.instance i ON i.tenant_id = \(viewer.tenant) AND i.id = l.id
            JOIN reeve.instance_data d ON (d.tenant_id, d.instance_id) = (i.tenant_id, i.id)
            WHERE l.depth > 0
            ORDER BY l.depth
            """)[0]
        return try all(rows, CaseItem.init)
    }
}
