import Deadlines
import JSON
import PostgresClient
import Workflows

/// An instance as the database holds it.
struct StoredInstance: Sendable {
    var definition: DefinitionKey
    var head: Snapshot.Head
    var data: StoredJSON

    /// The snapshot put together.
    var snapshot: Snapshot {
        get throws(CorruptRow) {
            let json: JSON
            do { json = try data.json } catch { throw CorruptRow("\(error)") }
            do { return try Snapshot(head: head, variablePart: json) } catch { throw CorruptRow("\(error)") }
        }
    }
}

/// A row that this version of Reeve cannot read.
struct CorruptRow: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

extension StoredInstance {
    /// The columns that ``init(_:)`` reads, of `reeve.instance i` joined with `reeve.instance_data d`.
    static let columns = """
        i.tenant_id, i.id, i.definition, i.version, i.reference, i.kind, i.parent_id, i.parent_child, i.parent_key,
        i.sequence, i.state, i.status, i.opened_at, i.last_at, d.snapshot
        """

    init(_ row: PostgresRow) throws(PostgresError) {
        definition = DefinitionKey(
            tenant: try row.decode(at: 0), name: try row.decode(at: 2), version: Int(try row.decode(Int32.self, at: 3)))
        var parent: Snapshot.Parent?
        if let id = try row.decode(Identifier?.self, at: 6) {
            let name = try row.decode(String?.self, at: 7) ?? ""
            let key = try row.decode(String?.self, at: 8) ?? ""
            parent = Snapshot.Parent(instance: id, child: ItemKey(name, key))
        }
        head = Snapshot.Head(
            id: try row.decode(at: 1), reference: try row.decode(at: 4),
            kind: Snapshot.Kind(rawValue: try row.decode(at: 5)) ?? .real, parent: parent,
            sequence: try row.decode(at: 9), state: try row.decode(at: 10),
            status: Snapshot.Status(rawValue: try row.decode(at: 11)) ?? .suspended,
            openedAt: try row.decode(at: 12), lastAt: try row.decode(at: 13))
        data = try row.decode(at: 14)
    }
}
