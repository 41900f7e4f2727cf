import JSON
import PostgresClient
import Workflows

/// An instance that runs under an older version than one it could be taken to.
public struct UpgradeCandidate: Sendable {
    /// The instance.
    public var id: Identifier
    /// Its reference.
    public var reference: String
    /// The version that it runs under.
    public var version: Int
    /// Its state.
    public var state: String
    /// What the upgrade has still to be told before it can be taken along.
    public var needs: [Upgrade.Need]

    /// The candidate as the API shows it.
    public var json: JSON {
        [
            "instance": .string(id.description), "reference": .string(reference), "version": .int(Int64(version)),
            "state": .string(state), "needs": .array(needs.map(\.json)),
        ]
    }
}

extension Reader {
    /// The running instances of a workflow under versions before the upgrade's, in the order of their opening.
    ///
    /// - Throws: ``ReadingError/corrupt(_:)`` where there is no such version, or it cannot be run.
    public func candidates(
        for upgrade: Upgrade, of workflow: String, page: PageRequest = PageRequest()
    ) async throws(ReadingError) -> Page<UpgradeCandidate> {
        var selection = Selection()
        selection.require("i.tenant_id", equals: viewer.tenant)
        selection.require("i.definition", equals: workflow)
        selection.require("i.status IN ('running', 'suspended')")
        selection.require("i.version < \(selection.bind(Int32(clamping: upgrade.version)))")
        if let cursor = page.cursor {
            guard let last = cursor.place.stringValue.flatMap({ Identifier($0) }) else { throw .badCursor }
            selection.require("i.id > \(selection.bind(last))")
        }
        let rows = try await rows(
            selection.query(
                """
                SELECT \(StoredInstance.columns)
                FROM reeve.instance i
                JOIN reeve.instance_data d ON (d.tenant_id, d.instance_id) = (i.tenant_id, i.id)
                """,
                "ORDER BY i.id\nLIMIT \(page.limit + 1)"))[0]
        let found = try self.page(rows, page, StoredInstance.init) { .string($0.head.id.description) }
        guard let newer = try await usable(workflow, upgrade.version) else {
            throw .corrupt("`\(workflow)` version \(upgrade.version) cannot be run")
        }
        var candidates: [UpgradeCandidate] = []
        for stored in found.elements {
            var upgrade = upgrade
            if let former = try await usable(workflow, stored.definition.version) {
                upgrade.origin = Upgrade.Origin(former.definition, version: stored.definition.version)
            }
            let snapshot: Snapshot
            do { snapshot = try stored.snapshot } catch { throw .corrupt("\(error)") }
            candidates.append(
                UpgradeCandidate(
                    id: stored.head.id, reference: stored.head.reference, version: stored.definition.version,
                    state: stored.head.state, needs: newer.needs(of: upgrade, on: snapshot)))
        }
        return Page(elements: candidates, next: found.next)
    }

    private func usable(_ workflow: String, _ version: Int) async throws(ReadingError) -> Machine? {
        do throws(PostgresError) {
            let key = DefinitionKey(tenant: viewer.tenant, name: workflow, version: version)
            guard case .success(let machine)? = try await machine(key) else { return nil }
            return machine
        } catch {
            throw .database(error)
        }
    }
}
