import CEL
import JSON
import PostgresClient
import Workflows

/// Questions about other instances, answered from the database for a whole batch at once.
enum InstanceReads {
    /// Answers questions in the transaction that asks them.
    static func answer(
        _ reads: [InstanceKey: Set<Read>], definitions: DefinitionStore, on connection: PostgresConnection
    ) async throws(PostgresError) -> [InstanceKey: [Read: CEL.Value]] {
        var answers: [InstanceKey: [Read: CEL.Value]] = [:]
        for (key, questions) in reads.sorted(by: { $0.key < $1.key }) {
            for question in questions {
                answers[key, default: [:]][question] = try await answer(
                    question, key, definitions: definitions, on: connection)
            }
        }
        return answers
    }

    private static func answer(
        _ question: Read, _ key: InstanceKey, definitions: DefinitionStore, on connection: PostgresConnection
    ) async throws(PostgresError) -> CEL.Value {
        let isHidden = try await isHidden(key, connection)
        switch question {
        case .related(let workflow):
            return try await list(
                """
                SELECT \(unescaped: columns)
                FROM reeve.instance i
                JOIN reeve.instance_data d ON (d.tenant_id, d.instance_id) = (i.tenant_id, i.id)
                WHERE i.tenant_id = \(key.tenant) AND i.definition = \(workflow)
                    AND (i.visibility = 'normal' OR \(isHidden))
                    AND i.id IN (
                    SELECT target_id FROM reeve.link WHERE tenant_id = \(key.tenant) AND instance_id = \(key.id)
                    UNION SELECT instance_id FROM reeve.link WHERE tenant_id = \(key.tenant) AND target_id = \(key.id)
                    UNION SELECT id FROM reeve.instance WHERE tenant_id = \(key.tenant) AND parent_id = \(key.id)
                    UNION SELECT parent_id FROM reeve.instance WHERE tenant_id = \(key.tenant) AND id = \(key.id)
                )
                ORDER BY i.id
                """, key, definitions, connection)
        case .covering(let workflow, let field, let keys):
            return try await list(
                """
                SELECT \(unescaped: columns)
                FROM reeve.instance i
                JOIN reeve.instance_data d ON (d.tenant_id, d.instance_id) = (i.tenant_id, i.id)
                WHERE i.tenant_id = \(key.tenant) AND i.status IN ('running', 'suspended')
                    AND (i.visibility = 'normal' OR \(isHidden))
                    AND i.id IN (
                    SELECT instance_id
                    FROM reeve.exported_key
                    WHERE tenant_id = \(key.tenant) AND definition = \(workflow) AND field = \(field)
                        AND key = ANY (\(keys))
                )
                ORDER BY i.id
                """, key, definitions, connection)
        case .exists(.instance, let text):
            let rows = try await connection.query(
                """
                SELECT 1
                FROM reeve.instance
                WHERE tenant_id = \(key.tenant) AND (
                    id = \(Identifier(text) as Identifier?)
                    OR reference = \(text) AND (visibility = 'normal' OR \(isHidden)))
                """)
            return .bool(!rows.isEmpty)
        case .exists(.evidence, let digest):
            let rows = try await connection.query(
                "SELECT 1 FROM reeve.evidence WHERE tenant_id = \(key.tenant) AND digest = \(digest) LIMIT 1")
            return .bool(!rows.isEmpty)
        default:
            return Read.failure("Nothing can answer \(question.json).")
        }
    }

    /// Whether the instance that asks is itself hidden.
    ///
    /// Others are told nothing of those that are, and references can be guessed; an identifier is known already.
    private static func isHidden(
        _ key: InstanceKey, _ connection: PostgresConnection
    ) async throws(PostgresError) -> Bool {
        let rows = try await connection.query(
            """
            SELECT 1
            FROM reeve.instance
            WHERE tenant_id = \(key.tenant) AND id = \(key.id) AND visibility <> 'normal'
            """)
        return !rows.isEmpty
    }

    private static let columns = "i.id, i.reference, i.state, i.status, i.definition, i.version, d.snapshot -> 'data'"

    private static func list(
        _ query: PostgresQuery, _ key: InstanceKey, _ definitions: DefinitionStore, _ connection: PostgresConnection
    ) async throws(PostgresError) -> CEL.Value {
        let rows = try await connection.query(query).decode(
            (Identifier, String, String, String, String, Int32, StoredJSON).self)
        let keys = Set(rows.map { DefinitionKey(tenant: key.tenant, name: $0.4, version: Int($0.5)) })
        let machines = try await definitions.load(keys, on: connection)
        var values: [CEL.Value] = []
        for (id, reference, state, status, name, version, data) in rows {
            var fields: [(String, CEL.Value)] = [
                ("id", .string(id.description)), ("reference", .string(reference)), ("state", .string(state)),
                ("final", .bool(status == "final" || status == "cancelled")),
            ]
            let definition = DefinitionKey(tenant: key.tenant, name: name, version: Int(version))
            if case .success(let machine)? = machines[definition], let data = try? data.json {
                for field in machine.definition.exports {
                    if let value = data[field].flatMap({ try? ReadAnswer.value($0) }) { fields.append((field, value)) }
                }
            }
            values.append(.map(MapValue(fields: fields)))
        }
        return .list(values)
    }
}
