import JSON
import PostgresClient
import Workflows

/// A destination that cannot be reached, or not be used.
public struct UnreachableDestination: Sendable {
    /// Where it goes: the destination and its tenant.
    public var place: String
    /// Why.
    public var reason: String
}

extension Engine {
    /// The most destinations that are looked at; more would take too long to wait for.
    private static let mostReached: Int64 = 200

    /// Tries whether the servers of all destinations can be reached; nothing is sent to them.
    ///
    /// - Parameter common: destinations of the installation, for tenants that have none of that name.
    /// - Returns: how many were tried, and those that cannot be reached.
    public func unreachable(
        through transports: [any Transport], keys: SecretKeys, common: [Destination]
    ) async throws(AdministrationError) -> (count: Int, faults: [UnreachableDestination]) {
        let wanted = try await administer { connection in
            let rows = try await connection.query(
                """
                SELECT d.tenant_id, d.id, t.name
                FROM reeve.destination d
                JOIN reeve.tenant t USING (tenant_id)
                ORDER BY t.name, d.id
                LIMIT \(Self.mostReached)
                """)
            let names = try rows.decode((Identifier, String, String).self)
            let stored = try await DestinationStore(keys: keys, defaults: []).load(
                Set(names.map { DestinationKey(tenant: $0.0, name: $0.1) }), on: connection)
            return names.compactMap { tenant, name, title in
                stored[DestinationKey(tenant: tenant, name: name)].map { ("\(name) of \(title)", $0.destination) }
            }
        }
        let all = wanted + common.map { ("\($0.name) of the installation", .success($0)) }
        let faults = await withTaskGroup(of: UnreachableDestination?.self, returning: [UnreachableDestination].self) {
            group in
            for (place, destination) in all {
                group.addTask {
                    await Self.fault(reaching: destination, through: transports).map { .init(place: place, reason: $0) }
                }
            }
            return await group.reduce(into: []) { faults, fault in if let fault { faults.append(fault) } }
        }
        return (all.count, faults.sorted { $0.place < $1.place })
    }

    private static func fault(
        reaching destination: Result<Destination, SecretFault>, through transports: [any Transport]
    ) async -> String? {
        switch destination {
        case .failure(let fault): return "\(fault)"
        case .success(let destination):
            guard let transport = transports.first(where: { $0.name == destination.transport }) else {
                return "there is no transport \(destination.transport)"
            }
            return await transport.fault(reaching: destination)
        }
    }
}
