import Deadlines
import JSON
import PostgresClient
import Workflows

/// One instance with all that a person who may see it sees.
public struct InstanceDetail: Sendable {
    /// What lists show.
    public var summary: InstanceSummary
    /// Fields, role holders, tasks, approvals, clocks, children, as ``Workflows/Snapshot/variablePart`` holds them.
    public var snapshot: JSON
    /// Events that can be sent in its state, whoever may send them.
    public var events: [String]
    /// Children: identifier, reference, workflow, state, status.
    public var children: [InstanceSummary]
    /// Links from and to other instances.
    public var links: [JSON]
    /// Files and links attached.
    public var evidence: [JSON]

    /// The detail as the API shows it.
    public var json: JSON {
        var object = summary.json.objectValue ?? JSONObject()
        for (key, value) in snapshot.objectValue ?? JSONObject() where key != "issued" && key != "acted" {
            object[key] = value
        }
        object["events"] = .array(events.map(JSON.string))
        object["instances"] = .array(children.map(\.json))
        object["links"] = .array(links)
        object["evidence"] = .array(evidence)
        return .object(object)
    }
}

extension Reader {
    /// An instance by identifier or reference; nil where the viewer can see none.
    public func instance(_ name: String) async throws(ReadingError) -> InstanceDetail? {
        var selection = Selection()
        selection.require("i.tenant_id", equals: viewer.tenant)
        if let id = Identifier(name) {
            selection.require("i.id", equals: id)
        } else {
            selection.require("i.reference", equals: name)
        }
        let found = try await rows(
            selection.query("SELECT \(InstanceSummary.columns)\n\(InstanceSummary.tables)", "LIMIT 1"))[0]
        guard let row = found.first else { return nil }
        do throws(PostgresError) {
            let summary = try InstanceSummary(row)
            return try await detail(summary)
        } catch {
            throw .database(error)
        }
    }

    private func detail(_ summary: InstanceSummary) async throws(PostgresError) -> InstanceDetail {
        let tenant = viewer.tenant
        let results: [PostgresRows]
        do throws(ReadingError) {
            results = try await rows(
                "SELECT snapshot FROM reeve.instance_data WHERE tenant_id = \(tenant) AND instance_id = \(summary.id)",
                """
                SELECT \(unescaped: InstanceSummary.columns)
                \(unescaped: InstanceSummary.tables)
                WHERE i.tenant_id = \(tenant) AND i.parent_id = \(summary.id)
                ORDER BY i.id
                """,
                """
                SELECT l.relation, l.instance_id = \(summary.id), o.id, o.reference, o.state
                FROM reeve.link l
                JOIN reeve.instance o ON o.tenant_id = l.tenant_id
                    AND o.id = CASE l.instance_id WHEN \(summary.id) THEN l.target_id ELSE l.instance_id END
                WHERE l.tenant_id = \(tenant) AND (l.instance_id = \(summary.id) OR l.target_id = \(summary.id))
                ORDER BY l.linked_at, o.id
                """,
                """
                SELECT digest, title, uri, added_by, added_at, media_type, size, sequence
                FROM reeve.evidence
                WHERE tenant_id = \(tenant) AND instance_id = \(summary.id)
                ORDER BY sequence
                """)
        } catch {
            if case .database(let error) = error { throw error }
            throw .misuse("\(error)")
        }
        var children: [InstanceSummary] = []
        for row in results[1] { children.append(try InstanceSummary(row)) }
        return InstanceDetail(
            summary: summary,
            snapshot: (try? results[0].first?.decode(StoredJSON.self, at: 0).json) ?? [:],
            events: try await events(summary), children: children,
            links: try results[2].decode((String, Bool, Identifier, String, String).self).map {
                [
                    "relation": .string($0.0), "direction": $0.1 ? "to" : "from", "id": .string($0.2.description),
                    "reference": .string($0.3), "state": .string($0.4),
                ]
            },
            evidence: try results[3].decode(
                (String, String, String?, String, Instant, String?, Int64?, Int64).self
            ).map {
                [
                    "digest": .string($0.0), "title": .string($0.1), "uri": $0.2.map(JSON.string) ?? .null,
                    "addedBy": .string($0.3), "addedAt": .string($0.4.description),
                    "mediaType": $0.5.map(JSON.string) ?? .null, "size": $0.6.map(JSON.int) ?? .null,
                    "entry": .int($0.7),
                ]
            })
    }

    private func events(_ summary: InstanceSummary) async throws(PostgresError) -> [String] {
        guard summary.status == "running" else { return [] }
        let key = DefinitionKey(tenant: viewer.tenant, name: summary.definition, version: summary.version)
        guard case .success(let machine)? = try await machine(key),
            let state = machine.definition.states.first(where: { $0.name == summary.state })
        else { return [] }
        return machine.definition.events(in: state).map(\.name)
    }

    /// The machine of a version, from memory or loaded as this viewer.
    func machine(_ key: DefinitionKey) async throws(PostgresError) -> Result<Machine, BrokenDefinition>? {
        if let machine = definitions.machine(key) { return machine }
        do {
            return try await pool.withTransaction(readOnly: true) { connection in
                _ = try await connection.query(viewer.settings)
                return try await definitions.load([key], on: connection)[key]
            }
        } catch let error as PostgresError {
            throw error
        } catch {
            throw .misuse("\(error)")
        }
    }
}
