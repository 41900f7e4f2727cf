import Deadlines
import JSON
import PostgresClient
import Workflows

/// One entry of a journal as it is shown.
public struct JournalEntry: Sendable {
    /// Its number within the instance.
    public var sequence: Int64
    /// What it records, such as `transition`.
    public var kind: String
    /// The event.
    public var event: String
    /// The state before; empty for the opening.
    public var from: String
    /// The state after.
    public var to: String
    /// Whether the instance still moved afterwards.
    public var status: String
    /// Who did it, such as `person:ana`.
    public var actor: String
    /// When it happened, as far as anyone says.
    public var happenedAt: Instant
    /// When it was recorded, by the database's clock.
    public var recordedAt: Instant
    /// The version of the definition.
    public var version: Int
    /// Facts of the machine.
    public var facts: JSON
    /// What people wrote; nil where there was nothing, or it was erased.
    public var payload: JSON?
    /// When what people wrote was erased.
    public var erasedAt: Instant?

    init(_ row: PostgresRow) throws(PostgresError) {
        sequence = try row.decode(at: 0)
        kind = try row.decode(at: 1)
        event = try row.decode(at: 2)
        from = try row.decode(at: 3)
        to = try row.decode(at: 4)
        status = try row.decode(at: 5)
        actor = try row.decode(at: 6)
        happenedAt = try row.decode(at: 7)
        recordedAt = try row.decode(at: 8)
        version = Int(try row.decode(Int32.self, at: 9))
        facts = (try? JSON(parsing: row.decode(Bytea.self, at: 10).bytes)) ?? .null
        payload = try row.decode(Bytea?.self, at: 11).flatMap { try? JSON(parsing: $0.bytes) }
        erasedAt = try row.decode(at: 12)
    }

    /// The entry as the API shows it.
    public var json: JSON {
        var object: JSONObject = [
            "sequence": .int(sequence), "kind": .string(kind), "event": .string(event), "from": .string(from),
            "to": .string(to), "status": .string(status), "actor": .string(actor),
            "happenedAt": .string(happenedAt.description), "recordedAt": .string(recordedAt.description),
            "version": .int(Int64(version)), "facts": facts,
        ]
        if let payload { object["payload"] = payload }
        if let erasedAt { object["erasedAt"] = .string(erasedAt.description) }
        return .object(object)
    }
}

extension Reader {
    /// The journal of an instance in order; empty where the viewer cannot see it.
    public func journal(
        of instance: Identifier, page: PageRequest = PageRequest(limit: 200)
    ) async throws(ReadingError) -> Page<JournalEntry> {
        var after: Int64 = 0
        if let cursor = page.cursor {
            guard let place = cursor.place.intValue else { throw .badCursor }
            after = place
        }
        let rows = try await rows(
            """
            SELECT j.sequence, j.kind, j.event, j.from_state, j.to_state, j.status, j.actor, j.happened_at,
                j.recorded_at, j.version, j.facts, p.payload, p.erased_at
            FROM reeve.journal j
            LEFT JOIN reeve.journal_payload p
                ON (p.tenant_id, p.instance_id, p.sequence) = (j.tenant_id, j.instance_id, j.sequence)
            WHERE j.tenant_id = \(viewer.tenant) AND j.instance_id = \(instance) AND j.sequence > \(after)
            ORDER BY j.sequence
            LIMIT \(Int64(page.limit + 1))
            """)[0]
        return try self.page(rows, page, JournalEntry.init) { .int($0.sequence) }
    }
}
