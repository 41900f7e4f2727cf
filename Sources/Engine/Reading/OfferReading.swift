import CEL
import Deadlines
import JSON
import PostgresClient
import Workflows

extension Reader {
    /// What an actor can do to an instance now, and why not what they cannot; nil where the viewer can see none.
    public func offers(to actor: Actor, on instance: Identifier) async throws(ReadingError) -> Offers? {
        do {
            return try await pool.withTransaction(readOnly: true) { connection in
                _ = try await connection.query(viewer.settings)
                return try await offers(to: actor, instance, connection)
            }
        } catch let error as PostgresError {
            throw .database(error)
        } catch {
            throw .corrupt("\(error)")
        }
    }

    private func offers(
        to actor: Actor, _ instance: Identifier, _ connection: PostgresConnection
    ) async throws -> Offers? {
        let rows = try await connection.query(
            """
            SELECT \(unescaped: StoredInstance.columns)
            FROM reeve.instance i
            JOIN reeve.instance_data d ON (d.tenant_id, d.instance_id) = (i.tenant_id, i.id)
            WHERE i.tenant_id = \(viewer.tenant) AND i.id = \(instance)
            """)
        guard let row = rows.first else { return nil }
        let stored = try StoredInstance(row)
        let snapshot = try stored.snapshot
        let loaded = try await definitions.load([stored.definition], on: connection)
        guard case .success(let machine)? = loaded[stored.definition] else {
            throw BrokenDefinition("\(stored.definition.name) version \(stored.definition.version) cannot be run")
        }
        let (surroundings, now) = try await self.surroundings(on: connection)
        let key = InstanceKey(tenant: viewer.tenant, id: instance)
        var answers: [Read: CEL.Value] = [:]
        while true {
            switch machine.offers(to: actor, snapshot, context: Context(answers: answers), now: now) {
            case .offers(let offers): return offers
            case .needs(let reads):
                let missing = Set(reads.filter { answers[$0] == nil })
                guard !missing.isEmpty else { throw CorruptRow("the machine asks again for what it was told") }
                for read in missing { answers[read] = surroundings.answer(read, at: now) }
                let rest = missing.filter { answers[$0] == nil }
                let more = try await InstanceReads.answer([key: rest], definitions: definitions, on: connection)
                answers.merge(more[key] ?? [:]) { $1 }
            }
        }
    }

    /// What the viewer's tenant keeps beside its instances, and the database's instant.
    func surroundings(
        on connection: PostgresConnection
    ) async throws(PostgresError) -> (Surroundings, Instant) {
        let rows = try await connection.pipeline([TenantRow.query([viewer.tenant]), "SELECT statement_timestamp()"])
        guard let row = rows[0].first, let instant = rows[1].first else {
            throw .misuse("there is no tenant \(viewer.tenant)")
        }
        let tenant = try TenantRow(row)
        let now = try instant.decode(Instant.self, at: 0)
        if let copy = store.surroundings(of: tenant) { return (copy, now) }
        return (try await store.load(tenant, on: connection), now)
    }
}
