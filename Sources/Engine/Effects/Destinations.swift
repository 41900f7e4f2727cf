import JSON
import PostgresClient
import Workflows

/// A destination as people see it: never with its secrets.
public struct DestinationSummary: Sendable, Equatable {
    /// Name within the tenant.
    public var name: String
    /// The transport that serves it.
    public var transport: String
    /// The transport's settings.
    public var settings: JSONObject
    /// Whether a secret is kept for it, and under which key of the installation.
    public var secretKeyID: String?
    /// State of its circuit breaker as a worker reported it last: `closed`, `open` or `half-open`.
    public var breaker: String
    /// Why it failed last; nil while its breaker is closed.
    public var error: String?
    /// Whether a person has paused it.
    public var isPaused: Bool

    static func read(_ rows: PostgresRows) throws(PostgresError) -> [DestinationSummary] {
        var summaries: [DestinationSummary] = []
        for row in rows {
            let settings = try row.decode(StoredJSON.self, at: 2)
            summaries.append(
                DestinationSummary(
                    name: try row.decode(at: 0), transport: try row.decode(at: 1),
                    settings: (try? settings.json)?.objectValue ?? JSONObject(), secretKeyID: try row.decode(at: 3),
                    breaker: try row.decode(at: 4), error: try row.decode(at: 5), isPaused: try row.decode(at: 6)))
        }
        return summaries
    }
}

extension Engine {
    /// Adds a destination, or replaces the one of its name.
    ///
    /// - Parameters:
    ///   - destination: Secrets that are given replace those kept; where none are given, those kept stay.
    ///   - transports: Checked by the one that is to serve it.
    ///   - keys: Encrypt the secrets.
    /// - Throws: ``AdministrationError/invalid(_:)`` naming the setting at fault.
    public func save(
        _ destination: Destination, for tenant: Identifier, checkedBy transports: [any Transport], keys: SecretKeys
    ) async throws(AdministrationError) {
        guard let transport = transports.first(where: { $0.name == destination.transport }) else {
            let known = transports.map(\.name).sorted().joined(separator: ", ")
            throw .invalid("There is no transport `\(destination.transport)`, only: \(known).")
        }
        let key = DestinationKey(tenant: tenant, name: destination.name)
        try await administer { connection in
            var complete = destination
            if complete.secrets.isEmpty,
                let kept = try await DestinationStore(keys: keys, defaults: []).load([key], on: connection)[key]
            {
                do { complete.secrets = try kept.destination.get().secrets } catch {
                    throw AdministrationError.invalid("\(error)")
                }
            }
            var sealed: (sealed: [UInt8], keyID: String)?
            do {
                try transport.check(complete)
                if !complete.secrets.isEmpty {
                    sealed = try keys.seal(DestinationStore.bytes(complete.secrets), context: key.context)
                }
            } catch {
                throw AdministrationError.invalid("\(error)")
            }
            let secret = sealed.map { Bytea($0.sealed) }
            let keyID = sealed?.keyID
            try await connection.execute(
                """
                INSERT INTO reeve.destination (tenant_id, id, transport, settings, secret, secret_key_id)
                VALUES (
                    \(tenant), \(complete.name), \(complete.transport), \(StoredJSON(.object(complete.settings))),
                    \(secret as Bytea?), \(keyID as String?))
                ON CONFLICT (tenant_id, id) DO UPDATE
                SET transport = excluded.transport, settings = excluded.settings, secret = excluded.secret,
                    secret_key_id = excluded.secret_key_id
                """)
        }
    }

    /// Removes a destination; what is still to be delivered there becomes dead letters.
    ///
    /// - Returns: Whether there was one.
    public func removeDestination(
        _ name: String, of tenant: Identifier
    ) async throws(AdministrationError) -> Bool {
        try await administer { connection in
            try await connection.execute(
                "DELETE FROM reeve.destination WHERE (tenant_id, id) = (\(tenant), \(name))") == 1
        }
    }

    /// All destinations of a tenant, by name.
    public func destinations(of tenant: Identifier) async throws(AdministrationError) -> [DestinationSummary] {
        try await administer { connection in
            let rows = try await connection.query(
                """
                SELECT d.id, d.transport, d.settings, d.secret_key_id, COALESCE(b.state, 'closed'), b.error,
                    EXISTS (
                        SELECT FROM reeve.pause p
                        WHERE (p.tenant_id, p.scope, p.name) = (d.tenant_id, 'destination', d.id)
                    )
                FROM reeve.destination d
                LEFT JOIN reeve.breaker b ON (b.tenant_id, b.destination) = (d.tenant_id, d.id)
                WHERE d.tenant_id = \(tenant)
                ORDER BY d.id
                """)
            return try DestinationSummary.read(rows)
        }
    }
}
