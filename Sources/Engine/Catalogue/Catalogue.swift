import CEL

/// Services of one tenant, as they stood at one version.
struct Catalogue: Sendable {
    struct Service: Sendable, Equatable {
        var id: String
        var title: String
        var tier: Int?
        var owner: String?
        var team: String?
        /// The recovery time objective, in seconds.
        var recoveryTime: Int64?

        /// The service as definitions read it.
        var value: CEL.Value {
            var fields: [(String, CEL.Value)] = [("id", .string(id)), ("title", .string(title))]
            if let tier { fields.append(("tier", .int(Int64(tier)))) }
            if let rto = recoveryTime.flatMap({ Span(seconds: $0) }) { fields.append(("rto", .duration(rto))) }
            if let owner { fields.append(("owner", .string(owner))) }
            return .map(MapValue(fields: fields))
        }
    }

    var services: [String: Service] = [:]

    /// The services of a tier (`tier1`, `1`) or of a team.
    func services(in selection: String) -> [Service] {
        let tier = Int(selection) ?? (selection.hasPrefix("tier") ? Int(selection.dropFirst(4)) : nil)
        return services.values
            .filter { service in service.team == selection || (tier != nil && service.tier == tier) }
            .sorted { $0.id < $1.id }
    }
}
