import Deadlines
import JSON
import PostgresClient
import Workflows

/// What verifying journals has found.
public struct Verification: Sendable {
    /// Instances whose journals were folded.
    public var instances = 0
    /// Entries that were read.
    public var entries: Int64 = 0
    /// Instances of which a payload was erased.
    public var erased = 0
    /// Those of them that could be folded only up to there; after it hashes and continuity were checked.
    public var partial = 0
    /// Every difference.
    public var discrepancies: [Discrepancy] = []

    /// Whether everything is as the journals say.
    public var isClean: Bool { discrepancies.isEmpty }
}

extension Engine {
    /// Folds journals through the machine and compares them with what is stored.
    ///
    /// - Parameters:
    ///   - tenant: whose journals; nil for everyone's.
    ///   - instance: one instance; nil for all.
    /// - Throws: `PostgresError` where the database cannot be read.
    public func verifyJournals(
        of tenant: Identifier? = nil, instance: Identifier? = nil
    ) async throws(PostgresError) -> Verification {
        do {
            return try await JournalVerifier(definitions: transaction.definitions, pool: writers)
                .verify(tenant, instance)
        } catch let error as PostgresError {
            throw error
        } catch {
            throw .misuse("\(error)")
        }
    }

    /// Verifies the journals of one tenant's instances, a hundred at a time.
    ///
    /// - Returns: what was found, and where the next hundred begin; nil at the end.
    /// - Throws: ``ReadingError/badCursor`` for a cursor of another list.
    public func verifyJournals(
        of tenant: Identifier, after cursor: Cursor?
    ) async throws(ReadingError) -> (found: Verification, next: Cursor?) {
        var last = InstanceKey(tenant: tenant, id: Identifier(high: 0, low: 0))
        if let cursor {
            guard let id = cursor.place.stringValue.flatMap({ Identifier($0) }) else { throw .badCursor }
            last.id = id
        }
        do {
            let page = try await JournalVerifier(definitions: transaction.definitions, pool: writers)
                .page(after: last, tenant, nil)
            return (page.verification, page.last.map { Cursor(.string($0.id.description)) })
        } catch let error as PostgresError {
            throw .database(error)
        } catch {
            throw .corrupt("\(error)")
        }
    }
}

/// Reads journals and what they are compared with.
struct JournalVerifier {
    /// About how many entries are read at a time.
    private static let window: Int64 = 2000

    let definitions: DefinitionStore
    let pool: PostgresPool

    func verify(_ tenant: Identifier?, _ instance: Identifier?) async throws -> Verification {
        var verification = Verification()
        var last = InstanceKey(tenant: Identifier(high: 0, low: 0), id: Identifier(high: 0, low: 0))
        while true {
            let page = try await page(after: last, tenant, instance)
            guard let end = page.last else { break }
            last = end
            verification.add(page.verification)
        }
        if instance == nil { verification.discrepancies += try await orphans(of: tenant) }
        return verification
    }

    /// Journals whose instance is gone; at most a hundred.
    private func orphans(of tenant: Identifier?) async throws -> [Discrepancy] {
        try await pool.query(
            """
            SELECT DISTINCT j.tenant_id, j.instance_id
            FROM reeve.journal j
            WHERE (\(tenant as Identifier?)::uuid IS NULL OR j.tenant_id = \(tenant as Identifier?))
                AND NOT EXISTS (
                    SELECT FROM reeve.instance i WHERE (i.tenant_id, i.id) = (j.tenant_id, j.instance_id))
            LIMIT 100
            """
        ).decode((Identifier, Identifier).self).map { tenant, id in
            Discrepancy(
                tenant: tenant, instance: id, reference: "(unknown)", sequence: nil,
                message: "there is a journal, and no instance")
        }
    }

    /// One snapshot of the database for each page, so that commands in between do not look like differences.
    func page(
        after last: InstanceKey, _ tenant: Identifier?, _ instance: Identifier?
    ) async throws -> (last: InstanceKey?, verification: Verification) {
        try await pool.withTransaction(.repeatableRead, readOnly: true) { connection in
            try await page(after: last, tenant, instance, on: connection)
        }
    }

    private func page(
        after last: InstanceKey, _ tenant: Identifier?, _ instance: Identifier?, on connection: PostgresConnection
    ) async throws -> (last: InstanceKey?, verification: Verification) {
        let rows = try await connection.query(
            """
            SELECT \(unescaped: StoredInstance.columns)
            FROM reeve.instance i
            LEFT JOIN reeve.instance_data kept ON (kept.tenant_id, kept.instance_id) = (i.tenant_id, i.id)
            CROSS JOIN LATERAL (SELECT COALESCE(kept.snapshot, 'null'::json) AS snapshot) d
            WHERE (i.tenant_id, i.id) > (\(last.tenant), \(last.id))
                AND (\(tenant as Identifier?)::uuid IS NULL OR i.tenant_id = \(tenant as Identifier?))
                AND (\(instance as Identifier?)::uuid IS NULL OR i.id = \(instance as Identifier?))
            ORDER BY i.tenant_id, i.id
            LIMIT 100
            """)
        var verification = Verification()
        let instances = try rows.map { try StoredInstance($0) }
        let versions = try await versions(of: instances, on: connection)
        let machines = try await definitions.load(Set(versions.values.joined()), on: connection)
        var lists = ListVerifier()
        for stored in instances {
            var own: [Int: Machine] = [:]
            for key in versions[stored.head.id] ?? [] {
                if case .success(let machine)? = machines[key] { own[key.version] = machine }
            }
            try await verify(stored, own, &lists, into: &verification, on: connection)
        }
        verification.discrepancies += try await lists.discrepancies(on: connection)
        let end = instances.last.map { InstanceKey(tenant: $0.definition.tenant, id: $0.head.id) }
        return (end, verification)
    }

    /// The versions that each instance has run under: its own, and those before an upgrade.
    private func versions(
        of instances: [StoredInstance], on connection: PostgresConnection
    ) async throws -> [Identifier: Set<DefinitionKey>] {
        let upgradable = instances.filter { $0.definition.version > 1 }
        let upgrades = try await connection.query(
            """
            SELECT j.instance_id, j.version, j.facts
            FROM unnest(
                \(upgradable.map(\.definition.tenant)), \(upgradable.map(\.head.id))
            ) AS wanted (tenant_id, instance_id)
            JOIN reeve.journal j USING (tenant_id, instance_id)
            WHERE j.kind = 'upgrade'
            """
        ).decode((Identifier, Int32, Bytea).self)
        var versions = Dictionary(instances.map { ($0.head.id, Set([$0.definition])) }) { $0.union($1) }
        for (id, version, facts) in upgrades {
            guard var key = versions[id]?.first else { continue }
            let former = try JSON(parsing: facts.bytes)["input"]?["upgrade"]?["from"]?["version"]?.intValue
            for version in [Int(version), former.map { Int($0) }].compactMap({ $0 }) {
                key.version = version
                versions[id]?.insert(key)
            }
        }
        return versions
    }

    private func verify(
        _ stored: StoredInstance, _ machines: [Int: Machine], _ lists: inout ListVerifier,
        into verification: inout Verification, on connection: PostgresConnection
    ) async throws {
        let key = InstanceKey(tenant: stored.definition.tenant, id: stored.head.id)
        verification.instances += 1
        var replay = InstanceReplay(tenant: key.tenant, head: stored.head, machines: machines)
        var after: Int64 = 0
        while after < stored.head.sequence {
            let entries = try await entries(of: key, after: after, on: connection)
            guard let end = entries.last else { break }
            for entry in entries { replay.add(entry) }
            verification.entries += Int64(entries.count)
            after = end.row.sequence
        }
        replay.end()
        replay.compare(
            stored: try? stored.snapshot, timers: try await standing(replay.armedTimers, on: connection))
        if !replay.isBroken, let snapshot = replay.snapshot,
            let machine = machines[stored.definition.version]
        {
            lists.add(key, snapshot, machine)
        }
        if replay.hasErasures { verification.erased += 1 }
        if replay.isPartial { verification.partial += 1 }
        verification.discrepancies += replay.discrepancies
    }

    private func entries(
        of key: InstanceKey, after sequence: Int64, on connection: PostgresConnection
    ) async throws(PostgresError) -> [StoredEntry] {
        let rows = try await connection.query(
            """
            SELECT j.sequence, j.happened_at, j.recorded_at, j.incarnation, j.definition, j.version, j.kind, j.event,
                j.from_state, j.to_state, j.status, j.actor, j.erases, j.facts, j.payload_hmac, j.hash,
                p.payload, p.salt, p.erased_at IS NOT NULL,
                CASE WHEN p.erased_at IS NOT NULL THEN (
                    SELECT t.facts
                    FROM reeve.journal t
                    WHERE (t.tenant_id, t.instance_id, t.erases) = (j.tenant_id, j.instance_id, j.sequence)
                    LIMIT 1
                ) END
            FROM reeve.journal j
            LEFT JOIN reeve.journal_payload p
                ON (p.tenant_id, p.instance_id, p.sequence) = (j.tenant_id, j.instance_id, j.sequence)
            WHERE j.tenant_id = \(key.tenant) AND j.instance_id = \(key.id) AND j.sequence > \(sequence)
            ORDER BY j.sequence
            LIMIT \(Self.window)
            """)
        var entries: [StoredEntry] = []
        for row in rows {
            let journal = JournalRow(
                tenant: key.tenant, instance: key.id, sequence: try row.decode(at: 0),
                happenedAt: try row.decode(at: 1), recordedAt: try row.decode(at: 2),
                incarnation: try row.decode(at: 3), definition: try row.decode(at: 4), version: try row.decode(at: 5),
                kind: try row.decode(at: 6), event: try row.decode(at: 7), from: try row.decode(at: 8),
                to: try row.decode(at: 9), status: try row.decode(at: 10), actor: try row.decode(at: 11),
                erases: try row.decode(at: 12), facts: try row.decode(Bytea.self, at: 13).bytes,
                payloadHMAC: try row.decode(Bytea?.self, at: 14)?.bytes)
            entries.append(
                StoredEntry(
                    row: journal, hash: try row.decode(Bytea.self, at: 15).bytes,
                    payload: try row.decode(Bytea?.self, at: 16)?.bytes,
                    salt: try row.decode(Bytea?.self, at: 17)?.bytes,
                    isErased: try row.decode(Bool?.self, at: 18) ?? false,
                    isRemark: try Self.isRemark(row.decode(Bytea?.self, at: 19))))
        }
        return entries
    }

    /// Whether a tombstone says that the step can be made without what was erased.
    private static func isRemark(_ facts: Bytea?) -> Bool {
        facts.flatMap { try? JSON(parsing: $0.bytes) }?["remark"]?.boolValue ?? false
    }

    /// Those of some timers that stand.
    private func standing(
        _ timers: Set<Writes.TimerRow>, on connection: PostgresConnection
    ) async throws(PostgresError) -> Set<Writes.TimerRow> {
        guard !timers.isEmpty else { return [] }
        let wanted = Array(timers)
        let rows = try await connection.query(
            """
            SELECT t.tenant_id, t.due_at, t.instance_id, t.generation, t.name, t.key
            FROM unnest(
                \(wanted.map(\.key.tenant)), \(wanted.map(\.dueAt)), \(wanted.map(\.key.id)),
                \(wanted.map(\.generation))
            ) AS wanted (tenant_id, due_at, instance_id, generation)
            JOIN reeve.timer t USING (tenant_id, due_at, instance_id, generation)
            """
        ).decode((Identifier, Instant, Identifier, Int64, String, String).self)
        return Set(
            rows.map {
                Writes.TimerRow(
                    key: InstanceKey(tenant: $0.0, id: $0.2), item: ItemKey($0.4, $0.5), generation: $0.3, dueAt: $0.1)
            })
    }
}

extension Verification {
    mutating func add(_ other: Verification) {
        instances += other.instances
        entries += other.entries
        erased += other.erased
        partial += other.partial
        discrepancies += other.discrepancies
    }
}
