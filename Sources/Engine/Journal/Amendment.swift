import Deadlines
import JSON
import PostgresClient
import Workflows

/// An entry that the engine writes by itself, since no machine has to judge it: a tombstone, a change of who may see.
///
/// It continues the journal under the instance's lock as any other entry does, and replay passes over it.
struct Amendment: Sendable {
    /// Kinds of such entries.
    static let kinds: Set<String> = ["erasure", "visibility"]
    /// Kinds of entries whose words, where there are no others, change nothing else: they can be stepped without.
    static let remarks: Set<String> = [
        "comment", "evidence", "vote", "assignment", "acknowledgement", "cancellation", "suspension", "upgrade",
    ]

    var kind: String
    var actor: Actor
    var erases: Int64?
    var facts: JSON

    /// Locks an instance, as far as the connection's role may see it, and answers where its journal stands.
    static func lock(_ key: InstanceKey, on connection: PostgresConnection) async throws -> StoredInstance? {
        let locked = try await connection.query(
            """
            SELECT 1
            FROM reeve.instance
            WHERE tenant_id = \(key.tenant) AND id = \(key.id)
            FOR NO KEY UPDATE
            """)
        guard !locked.isEmpty else { return nil }
        let rows = try await connection.query(
            """
            SELECT \(unescaped: StoredInstance.columns)
            FROM reeve.instance i
            JOIN reeve.instance_data d ON (d.tenant_id, d.instance_id) = (i.tenant_id, i.id)
            WHERE i.tenant_id = \(key.tenant) AND i.id = \(key.id)
            """)
        return try rows.first.map { try StoredInstance($0) }
    }

    /// Appends the entry after an offset from where the instance stood when it was locked.
    func append(after stored: StoredInstance, offset: Int64, on connection: PostgresConnection) async throws {
        let clock = try await connection.query(Found.installation)
        guard let (now, incarnation) = try clock.first((Instant, Int32).self) else {
            throw CorruptRow("the installation has no row")
        }
        let row = JournalRow(
            tenant: stored.definition.tenant, instance: stored.head.id, sequence: stored.head.sequence + 1 + offset,
            happenedAt: now, recordedAt: now, incarnation: incarnation, definition: stored.definition.name,
            version: Int32(stored.definition.version), kind: kind, event: kind, from: stored.head.state,
            to: stored.head.state, status: stored.head.status.rawValue, actor: actor.text, erases: erases,
            facts: facts.bytes(.canonical), payloadHMAC: nil)
        try await connection.execute(
            """
            INSERT INTO reeve.journal (
                tenant_id, instance_id, sequence, happened_at, recorded_at, incarnation, definition, version, kind, event,
                from_state, to_state, status, actor, erases, encoding, facts, hash)
            VALUES (
                \(row.tenant), \(row.instance), \(row.sequence), \(row.happenedAt), \(row.recordedAt),
                \(row.incarnation), \(row.definition), \(row.version), \(row.kind), \(row.event), \(row.from), \(row.to),
                \(row.status), \(row.actor), \(row.erases as Int64?), \(JournalRow.encoding), \(Bytea(row.facts)),
                \(Bytea(row.hash)))
            """)
    }
}
