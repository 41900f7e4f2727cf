import JSON
import PostgresClient
import Synchronization
import Workflows

/// Definitions made ready to run, each version compiled once in a process.
///
/// A version never changes, so nothing here
/// ever has to be thrown away for being out of date; the least recently used go when there are too many.
final class DefinitionStore: Sendable {
    private struct Kept {
        var machine: Result<Machine, BrokenDefinition>
        var lastUse: UInt64
    }

    private struct State {
        var kept: [DefinitionKey: Kept] = [:]
        var uses: UInt64 = 0
    }

    private let state = Mutex(State())
    private let capacity: Int

    init(capacity: Int = 1000) { self.capacity = capacity }

    /// The machine of a version that has been used before.
    func machine(_ key: DefinitionKey) -> Result<Machine, BrokenDefinition>? {
        state.withLock { state in
            guard var kept = state.kept[key] else { return nil }
            state.uses += 1
            kept.lastUse = state.uses
            state.kept[key] = kept
            return kept.machine
        }
    }

    /// Loads versions and compiles them.
    func load(
        _ keys: Set<DefinitionKey>, on connection: PostgresConnection
    ) async throws(PostgresError) -> [DefinitionKey: Result<Machine, BrokenDefinition>] {
        var machines: [DefinitionKey: Result<Machine, BrokenDefinition>] = [:]
        var missing: [DefinitionKey] = []
        for key in keys {
            if let machine = machine(key) { machines[key] = machine } else { missing.append(key) }
        }
        guard !missing.isEmpty else { return machines }
        let rows = try await connection.query(
            """
            SELECT d.tenant_id, d.name, d.version, d.source
            FROM unnest(
                \(missing.map(\.tenant)), \(missing.map(\.name)), \(missing.map { Int32($0.version) })
            ) AS wanted (tenant_id, name, version)
            JOIN reeve.definition d USING (tenant_id, name, version)
            """)
        for (tenant, name, version, source) in try rows.decode((Identifier, String, Int32, StoredJSON).self) {
            let key = DefinitionKey(tenant: tenant, name: name, version: Int(version))
            let machine = Self.compile(source)
            machines[key] = machine
            keep(machine, for: key)
        }
        for key in missing where machines[key] == nil {
            machines[key] = .failure(BrokenDefinition("\(key.name) version \(key.version) is not published"))
        }
        return machines
    }

    /// Decodes and compiles a stored source.
    static func compile(_ source: StoredJSON) -> Result<Machine, BrokenDefinition> {
        do {
            guard let source = DefinitionSource(json: try source.json) else {
                return .failure(BrokenDefinition("the stored source is no bundle of files"))
            }
            return .success(try Machine(try source.definition()))
        } catch {
            return .failure(BrokenDefinition("\(error)"))
        }
    }

    private func keep(_ machine: Result<Machine, BrokenDefinition>, for key: DefinitionKey) {
        state.withLock { state in
            state.uses += 1
            state.kept[key] = Kept(machine: machine, lastUse: state.uses)
            if state.kept.count > capacity, let oldest = state.kept.min(by: { $0.value.lastUse < $1.value.lastUse }) {
                state.kept[oldest.key] = nil
            }
        }
    }
}
