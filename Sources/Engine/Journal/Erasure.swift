import Deadlines
import JSON
import PostgresClient
import Workflows

extension Engine {
    /// Erases what people wrote in entries of an instance; each erasure leaves a tombstone in the journal.
    ///
    /// Remarks, reasons and evidence can be erased at any time; a file that Reeve keeps goes with the last entry that
    /// attached it. What went into the data of an instance only once it has ended:
    /// its data are emptied with it, since they are the same text. The sessions are those of `reeve_retention`.
    ///
    /// - Parameters:
    ///   - sequences: the entries whose payloads are erased; those erased before are passed over.
    ///   - reason: why, without personal data: it stays in the journal.
    /// - Returns: how many payloads were erased.
    /// - Throws: ``AdministrationError/invalid(_:)`` where there is no such instance, or it still needs the text.
    public func erase(
        _ sequences: [Int64], of instance: Identifier, in tenant: Identifier, reason: String, by actor: Actor
    ) async throws(AdministrationError) -> Int {
        let key = InstanceKey(tenant: tenant, id: instance)
        do {
            let connection = try await PostgresConnection.connect(
                configuration.database.acting(as: "reeve_retention"))
            let outcome: Result<Int, any Error>
            do {
                outcome = .success(
                    try await connection.transaction { connection in
                        try await Self.erase(sequences, of: key, reason: reason, by: actor, on: connection)
                    })
            } catch {
                outcome = .failure(error)
            }
            await connection.close()
            return try outcome.get()
        } catch let error as AdministrationError {
            throw error
        } catch let error as PostgresError {
            throw AdministrationError(error)
        } catch {
            throw .invalid("\(error)")
        }
    }

    private static func erase(
        _ sequences: [Int64], of key: InstanceKey, reason: String, by actor: Actor, on connection: PostgresConnection
    ) async throws -> Int {
        guard let stored = try await Amendment.lock(key, on: connection) else {
            throw AdministrationError.invalid("There is no instance \(key.id).")
        }
        let holds = try await connection.query(
            """
            SELECT reason
            FROM reeve.legal_hold
            WHERE tenant_id = \(key.tenant) AND instance_id = \(key.id) AND lifted_at IS NULL
            """
        ).decode(String.self)
        if let reason = holds.first {
            throw AdministrationError.invalid("\(stored.head.reference) is on legal hold: \(reason)")
        }
        if let unknown = sequences.first(where: { $0 < 1 || $0 > stored.head.sequence }) {
            throw AdministrationError.invalid("\(stored.head.reference) has no entry \(unknown).")
        }
        let rows = try await connection.query(
            """
            SELECT p.sequence, p.payload, j.kind
            FROM reeve.journal_payload p
            JOIN reeve.journal j
                ON (j.tenant_id, j.instance_id, j.sequence) = (p.tenant_id, p.instance_id, p.sequence)
            WHERE p.tenant_id = \(key.tenant) AND p.instance_id = \(key.id) AND p.sequence = ANY (\(sequences))
                AND p.payload IS NOT NULL
            ORDER BY p.sequence
            """
        ).decode((Int64, Bytea, String).self)
        let hasEnded = stored.head.status == .final || stored.head.status == .cancelled
        let feedsData = try rows.contains { try Self.feedsData(JSON(parsing: $0.1.bytes)) }
        guard hasEnded || !feedsData else {
            throw AdministrationError.invalid(
                "\(stored.head.reference) still needs what was entered; it can be erased once the instance has ended.")
        }
        for (offset, row) in rows.enumerated() {
            var facts: JSONObject = ["reason": .string(reason)]
            let isRemark = try !Self.feedsData(JSON(parsing: row.1.bytes)) && Amendment.remarks.contains(row.2)
            if isRemark { facts["remark"] = true }
            let tombstone = Amendment(kind: "erasure", actor: actor, erases: row.0, facts: .object(facts))
            try await tombstone.append(after: stored, offset: Int64(offset), on: connection)
        }
        try await connection.execute(
            """
            UPDATE reeve.journal_payload
            SET payload = NULL, salt = NULL, data_subject = NULL, erased_at = clock_timestamp()
            WHERE tenant_id = \(key.tenant) AND instance_id = \(key.id) AND sequence = ANY (\(rows.map(\.0)))
            """)
        try await EvidenceErasure.erase(rows.map(\.0), of: key, on: connection)
        if feedsData {
            try await connection.execute(
                """
                UPDATE reeve.instance_data
                SET snapshot = \(VerbatimJSON(bytes: Self.emptied(try stored.data.json).bytes()))
                WHERE tenant_id = \(key.tenant) AND instance_id = \(key.id)
                """)
        }
        return rows.count
    }

    /// Whether a payload has gone into the data of the instance, so that it cannot be stepped again without.
    private static func feedsData(_ payload: JSON) -> Bool {
        guard payload["reads"] == nil else { return true }
        let remarks: Set<String> = ["comment", "reason", "title", "uri"]
        return payload["input"]?.objectValue?.keys.contains { !remarks.contains($0) } ?? false
    }

    /// A snapshot without what people wrote: no data, no results, no elements.
    private static func emptied(_ snapshot: JSON) -> JSON {
        var object = snapshot.objectValue ?? JSONObject()
        object["data"] = [:]
        for list in ["tasks", "approvals", "children"] {
            guard let items = object[list]?.arrayValue else { continue }
            object[list] = .array(
                items.map { item in
                    var fields = item.objectValue ?? JSONObject()
                    for key in ["result", "item", "exports", "followed"] { fields[key] = nil }
                    if fields["title"] != nil { fields["title"] = "" }
                    return .object(fields)
                })
        }
        return .object(object)
    }
}
