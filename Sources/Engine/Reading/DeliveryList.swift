import Deadlines
import JSON
import PostgresClient
import Workflows

/// What became of an outward act of an instance.
public struct DeliverySummary: Sendable, Equatable {
    /// Identifier of the delivery, the same at every attempt.
    public var id: Identifier
    /// The journal entry that caused it.
    public var sequence: Int64
    /// `notification` or `call`.
    public var kind: String
    /// The person of a notification, the connector of a call.
    public var recipient: String
    /// The destination it goes by; nil while none is chosen.
    public var destination: String?
    /// `waiting`, `delivered`, `withheld` or `dead`.
    public var status: String
    /// How often it was tried.
    public var attempts: Int
    /// What the receiver said, or why it was given up.
    public var detail: String?
    /// When it ended; while it waits, when it is tried next.
    public var at: Instant

    init(_ row: PostgresRow) throws(PostgresError) {
        id = try row.decode(at: 0)
        sequence = try row.decode(at: 1)
        kind = try row.decode(at: 2)
        recipient = try row.decode(at: 3)
        destination = try row.decode(at: 4)
        status = try row.decode(at: 5)
        attempts = Int(try row.decode(Int32.self, at: 6))
        detail = try row.decode(at: 7)
        at = try row.decode(at: 8)
    }
}

extension Reader {
    /// Deliveries of an instance, made and waiting, in the order of the entries that caused them.
    ///
    /// - Parameter limit: the most to return, the newest being kept.
    public func deliveries(of instance: Identifier, limit: Int = 200) async throws(ReadingError) -> [DeliverySummary] {
        let rows = try await rows(
            """
            SELECT *
            FROM (
                SELECT id, sequence, kind, destination, channel, outcome, attempts, detail, finished_at AS at
                FROM reeve.delivery
                WHERE tenant_id = \(viewer.tenant) AND instance_id = \(instance)
                UNION ALL
                SELECT id, sequence, kind, destination, channel, 'waiting', attempts, NULL, next_at
                FROM reeve.outbox
                WHERE tenant_id = \(viewer.tenant) AND instance_id = \(instance)
                UNION ALL
                SELECT id, sequence, kind, destination, channel, 'dead', attempts, error, died_at
                FROM reeve.dead_letter
                WHERE tenant_id = \(viewer.tenant) AND instance_id = \(instance)
            ) d
            ORDER BY sequence DESC, id DESC
            LIMIT \(Int64(limit))
            """)[0]
        return try all(rows, DeliverySummary.init).reversed()
    }
}

extension Engine {
    /// One page of a tenant's dead letters, the oldest first.
    public func deadLetters(
        of tenant: Identifier, page: PageRequest
    ) async throws(AdministrationError) -> Page<DeadLetter> {
        var after = (Instant.earliest, Identifier(high: 0, low: 0))
        if let cursor = page.cursor {
            guard let died = cursor.place[0]?.stringValue.flatMap({ try? Instant($0) }),
                let id = cursor.place[1]?.stringValue.flatMap({ Identifier($0) })
            else { throw .invalid("The cursor belongs to another list.") }
            after = (died, id)
        }
        let found = try await deadLetters(of: tenant, after: after, limit: page.limit + 1)
        let letters = Array(found.prefix(page.limit))
        guard found.count > letters.count, let last = letters.last else { return Page(elements: letters, next: nil) }
        let place: JSON = [.string(last.diedAt.description), .string(last.id.description)]
        return Page(elements: letters, next: Cursor(place))
    }
}
