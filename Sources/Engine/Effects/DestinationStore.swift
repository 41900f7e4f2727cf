import JSON
import PostgresClient
import Workflows

/// Names a destination of a tenant.
struct DestinationKey: Hashable, Sendable {
    var tenant: Identifier
    var name: String
}

/// What the database knows of one destination.
struct StoredDestination: Sendable {
    /// Ready to use; otherwise why it cannot be used.
    var destination: Result<Destination, SecretFault>
    /// Whether a person has paused it.
    var isPaused: Bool
}

/// Reads destinations and the people that deliveries are for.
struct DestinationStore: Sendable {
    let keys: SecretKeys
    /// Destinations of the installation, for tenants that have none of that name.
    let defaults: [Destination]

    /// The destinations with these names; absent where there is none.
    func load(
        _ wanted: Set<DestinationKey>, on connection: PostgresConnection
    ) async throws(PostgresError) -> [DestinationKey: StoredDestination] {
        guard !wanted.isEmpty else { return [:] }
        let wanted = Array(wanted)
        let rows = try await connection.query(
            """
            SELECT d.tenant_id, d.id, d.transport, d.settings, d.secret, d.secret_key_id,
                EXISTS (
                    SELECT FROM reeve.pause p
                    WHERE (p.tenant_id, p.scope, p.name) = (d.tenant_id, 'destination', d.id)
                )
            FROM unnest(\(wanted.map(\.tenant)), \(wanted.map(\.name))) AS wanted (tenant_id, id)
            JOIN reeve.destination d USING (tenant_id, id)
            """)
        var found: [DestinationKey: StoredDestination] = [:]
        for row in try rows.decode((Identifier, String, String, StoredJSON, Bytea?, String?, Bool).self) {
            let key = DestinationKey(tenant: row.0, name: row.1)
            var destination = Destination(
                name: row.1, transport: row.2, settings: (try? row.3.json)?.objectValue ?? JSONObject())
            do throws(SecretFault) {
                if let sealed = row.4, let keyID = row.5 {
                    let bytes = try keys.open(sealed.bytes, keyID: keyID, context: key.context)
                    destination.secrets = Self.secrets(bytes)
                }
                found[key] = StoredDestination(destination: .success(destination), isPaused: row.6)
            } catch {
                found[key] = StoredDestination(destination: .failure(error), isPaused: row.6)
            }
        }
        for key in wanted where found[key] == nil {
            if let common = defaults.first(where: { $0.name == key.name }) {
                found[key] = StoredDestination(destination: .success(common), isPaused: false)
            }
        }
        return found
    }

    /// The ways by which each tenant's notifications go: mail, and whatever asks for a copy.
    func ways(
        of tenants: Set<Identifier>, on connection: PostgresConnection
    ) async throws(PostgresError) -> [Identifier: [(name: String, transport: String)]] {
        let rows = try await connection.query(
            """
            SELECT tenant_id, id, transport, COALESCE(settings -> 'notifications' = 'true', transport = 'mail')
            FROM reeve.destination
            WHERE tenant_id = ANY (\(Array(tenants)))
            ORDER BY tenant_id, id
            """)
        var ways: [Identifier: [(name: String, transport: String)]] = [:]
        var named: Set<DestinationKey> = []
        for (tenant, name, transport, isWay) in try rows.decode((Identifier, String, String, Bool).self) {
            named.insert(DestinationKey(tenant: tenant, name: name))
            if isWay { ways[tenant, default: []].append((name, transport)) }
        }
        for common in defaults where common.transport == "mail" {
            for tenant in tenants where !named.contains(DestinationKey(tenant: tenant, name: common.name)) {
                ways[tenant, default: []].append((common.name, common.transport))
            }
        }
        return ways
    }

    /// Names and addresses of people; absent where the directory does not know them, or no longer.
    func people(
        _ wanted: Set<DestinationKey>, on connection: PostgresConnection
    ) async throws(PostgresError) -> [DestinationKey: (name: String, address: String?)] {
        guard !wanted.isEmpty else { return [:] }
        let wanted = Array(wanted)
        let rows = try await connection.query(
            """
            SELECT p.tenant_id, p.id, p.name, p.address
            FROM unnest(\(wanted.map(\.tenant)), \(wanted.map(\.name))) AS wanted (tenant_id, id)
            JOIN reeve.person p USING (tenant_id, id)
            WHERE p.active
            """)
        var people: [DestinationKey: (name: String, address: String?)] = [:]
        for (tenant, id, name, address) in try rows.decode((Identifier, String, String, String?).self) {
            people[DestinationKey(tenant: tenant, name: id)] = (name, address)
        }
        return people
    }

    /// Secrets as they are sealed: a JSON list.
    static func bytes(_ secrets: [String]) -> [UInt8] { JSON.array(secrets.map { .string($0) }).bytes() }

    private static func secrets(_ bytes: [UInt8]) -> [String] {
        ((try? JSON(parsing: bytes))?.arrayValue ?? []).compactMap(\.stringValue)
    }
}

extension DestinationKey {
    /// What a sealed secret belongs to.
    var context: [UInt8] { tenant.bytes + Array(name.utf8) }
}
