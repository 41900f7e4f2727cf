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
            do { return try Snapshot(head: head, variablePart: data.bytes) } catch { throw CorruptRow("\(error)") }
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
    static let columns = "i.tenant_id, i.id, \(contents)"

    /// The columns beside the key.
    fileprivate static let contents = """
        i.definition, i.version, i.reference, i.kind, i.parent_id, i.parent_child, i.parent_key,
        i.sequence, i.state, i.status, i.opened_at, i.last_at, d.snapshot
        """

    init(_ row: PostgresRow) throws(PostgresError) {
        try self.init(row, InstanceKey(tenant: try row.decode(at: 0), id: try row.decode(at: 1)), from: 2)
    }

    fileprivate init(_ row: PostgresRow, _ key: InstanceKey, from first: Int) throws(PostgresError) {
        definition = DefinitionKey(
            tenant: key.tenant, name: try row.decode(at: first), version: Int(try row.decode(Int32.self, at: first + 1))
        )
        var parent: Snapshot.Parent?
        if let id = try row.decode(Identifier?.self, at: first + 4) {
            let name = try row.decode(String?.self, at: first + 5) ?? ""
            let key = try row.decode(String?.self, at: first + 6) ?? ""
            parent = Snapshot.Parent(instance: id, child: ItemKey(name, key))
        }
        head = Snapshot.Head(
            id: key.id, reference: try row.decode(at: first + 2),
            kind: Snapshot.Kind(rawValue: try row.decode(at: first + 3)) ?? .real, parent: parent,
            sequence: try row.decode(at: first + 7), state: try row.decode(at: first + 8),
            status: Snapshot.Status(rawValue: try row.decode(at: first + 9)) ?? .suspended,
            openedAt: try row.decode(at: first + 10), lastAt: try row.decode(at: first + 11))
        data = try row.decode(at: first + 12)
    }
}

// MARK: - Taking instances

/// What to do about an instance that another transaction holds.
enum Locking: Sendable {
    /// Lock nothing, since nothing will be written.
    case none
    /// Leave it.
    case skip
    /// Wait for it, up to a time.
    case wait(Duration)

    fileprivate var clause: String {
        switch self {
        case .none: ""
        case .skip: "FOR NO KEY UPDATE OF i, d SKIP LOCKED"
        case .wait: "FOR NO KEY UPDATE OF i, d"
        }
    }
}

/// How a transaction found an instance that it wants.
enum Holding: Sendable {
    /// There is none.
    case absent
    /// Another transaction holds it.
    case busy
    /// It stands like this, with its data in this row, and stays like this until the transaction ends.
    case held(StoredInstance, data: PostgresTupleID)
}

extension Holding {
    /// The columns that ``init(_:_:from:)`` reads behind ``join(tenant:instance:_:)``.
    static func columns(tenant: String, instance: String) -> String {
        """
        held.definition IS NULL AND EXISTS (
            SELECT FROM reeve.instance o WHERE (o.tenant_id, o.id) = (\(tenant), \(instance))
        ) AS is_busy, held.*
        """
    }

    /// Takes the instance that two columns name, with its data.
    ///
    /// Both rows are locked. In READ COMMITTED the server yields a row that it locks as it stands behind the lock,
    /// also where it was changed after the statement began; one that it does not lock it yields as it was before.
    static func join(tenant: String, instance: String, _ locking: Locking) -> String {
        """
        LEFT JOIN LATERAL (
            SELECT d.ctid, \(StoredInstance.contents)
            FROM reeve.instance i, reeve.instance_data d
            WHERE (i.tenant_id, i.id) = (\(tenant), \(instance))
                AND (d.tenant_id, d.instance_id) = (\(tenant), \(instance))
            \(locking.clause)
        ) AS held ON true
        """
    }

    /// Reads a row from a column on.
    init(_ row: PostgresRow, _ key: InstanceKey, from first: Int) throws(PostgresError) {
        if !row.isNull(at: first + 1) {
            self = .held(try StoredInstance(row, key, from: first + 2), data: try row.decode(at: first + 1))
        } else {
            self = try row.decode(Bool.self, at: first) ? .busy : .absent
        }
    }
}
