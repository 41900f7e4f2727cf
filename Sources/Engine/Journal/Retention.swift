import Deadlines
import JSON
import PostgresClient
import Workflows

extension Engine {
    /// Puts an instance on legal hold: nothing of it is erased until the hold is lifted.
    ///
    /// Holds stay on record when they are lifted.
    ///
    /// - Throws: ``AdministrationError/invalid(_:)`` where there is no such instance, or no reason is given.
    public func hold(
        _ instance: Identifier, in tenant: Identifier, reason: String, by actor: Actor
    ) async throws(AdministrationError) {
        _ = try await administer { connection in
            try await connection.execute(
                """
                INSERT INTO reeve.legal_hold (tenant_id, instance_id, reason, placed_by)
                VALUES (\(tenant), \(instance), \(reason), \(actor.text))
                """)
        }
    }

    /// Lifts every hold of an instance; false where there was none.
    public func liftHolds(
        of instance: Identifier, in tenant: Identifier, by actor: Actor
    ) async throws(AdministrationError) -> Bool {
        try await administer { connection in
            try await connection.execute(
                """
                UPDATE reeve.legal_hold
                SET lifted_at = clock_timestamp(), lifted_by = \(actor.text)
                WHERE tenant_id = \(tenant) AND instance_id = \(instance) AND lifted_at IS NULL
                """) > 0
        }
    }

    /// How long what people wrote is kept after an instance has ended; nil where it is kept for ever.
    ///
    /// - Throws: ``AdministrationError/invalid(_:)`` where there is no such tenant.
    public func setRetention(_ period: Period?, of tenant: Identifier) async throws(AdministrationError) {
        guard var found = try await tenants().first(where: { $0.id == tenant }) else {
            throw .invalid("There is no tenant \(tenant).")
        }
        var settings = found.settings.objectValue ?? JSONObject()
        settings["retention"] = period.map { ["standard": .string("\($0)")] }
        found.settings = .object(settings)
        try await save(found)
    }

    /// Erases what people wrote in instances that ended longer ago than their tenant keeps it, a hundred at a time.
    ///
    /// What is on legal hold is passed over. Each erasure leaves its tombstone, as one that a person asks for does.
    ///
    /// - Returns: in how many instances something was erased.
    func forgetExpired() async throws(AdministrationError) -> Int {
        var forgotten = 0
        while true {
            let expired = try await administer { connection in
                try await connection.query(Self.expired).decode((Identifier, Identifier, [Int64]).self)
            }
            for (tenant, instance, sequences) in expired {
                _ = try await erase(
                    sequences, of: instance, in: tenant, reason: "The time for which it is kept is over", by: .worker)
            }
            forgotten += expired.count
            if expired.count < 100 { return forgotten }
        }
    }

    /// Instances whose time is over.
    ///
    /// Identifiers begin with the time of opening, so that only old ones are looked at.
    private static let expired: PostgresQuery = """
        SELECT i.tenant_id, i.id, array_agg(p.sequence ORDER BY p.sequence)
        FROM (
            SELECT tenant_id, settings #>> '{retention,standard}' AS kept
            FROM reeve.tenant
            WHERE settings #>> '{retention,standard}' ~ '^P([0-9]+Y)?([0-9]+M)?([0-9]+D)?$'
        ) t
        JOIN reeve.instance i
            ON i.tenant_id = t.tenant_id
            AND i.id < reeve.first_uuid_at(statement_timestamp() - t.kept::interval)
        JOIN reeve.journal_payload p ON (p.tenant_id, p.instance_id) = (i.tenant_id, i.id)
        WHERE i.status IN ('final', 'cancelled') AND i.last_at < statement_timestamp() - t.kept::interval
            AND p.payload IS NOT NULL AND p.retention_class = 'standard'
            AND NOT EXISTS (
                SELECT FROM reeve.legal_hold h
                WHERE (h.tenant_id, h.instance_id) = (i.tenant_id, i.id) AND h.lifted_at IS NULL)
        GROUP BY i.tenant_id, i.id
        LIMIT 100
        """
}
