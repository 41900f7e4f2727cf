import Deadlines
import JSON
import PostgresClient
import Workflows

extension Engine {
    /// Sets who sees an instance; the journal says so.
    ///
    /// What is hidden takes the instances that it opened with it; what is shown again does not.
    ///
    /// - Returns: false where it was so already.
    /// - Throws: ``AdministrationError/invalid(_:)`` where there is no such instance.
    public func setVisibility(
        _ visibility: Visibility, of instance: Identifier, in tenant: Identifier, reason: String, by actor: Actor
    ) async throws(AdministrationError) -> Bool {
        let key = InstanceKey(tenant: tenant, id: instance)
        let (changed, children) = try await administer { connection in
            guard let stored = try await Amendment.lock(key, on: connection) else {
                throw AdministrationError.invalid("There is no instance \(instance).")
            }
            let changed = try await connection.execute(
                """
                UPDATE reeve.instance
                SET visibility = \(visibility.rawValue)
                WHERE tenant_id = \(tenant) AND id = \(instance) AND visibility <> \(visibility.rawValue)
                """)
            if changed == 1 {
                let entry = Amendment(
                    kind: "visibility", actor: actor,
                    facts: ["visibility": .string(visibility.rawValue), "reason": .string(reason)])
                try await entry.append(after: stored, offset: 0, on: connection)
            }
            let weaker = Visibility.allCases.filter { $0 < visibility }.map(\.rawValue)
            let children = try await connection.query(
                """
                SELECT id
                FROM reeve.instance
                WHERE tenant_id = \(tenant) AND parent_id = \(instance) AND visibility = ANY (\(weaker))
                """
            ).decode(Identifier.self)
            return (changed == 1, children)
        }
        // One after the other, since no transaction locks a second instance.
        for child in children {
            _ = try await setVisibility(visibility, of: child, in: tenant, reason: reason, by: actor)
        }
        return changed
    }

    /// The identifier of an instance by its reference, whoever sees it; nil where there is none.
    ///
    /// For grants alone: who gives one need not see the instance.
    public func instance(
        referredToAs reference: String, in tenant: Identifier
    ) async throws(AdministrationError) -> Identifier? {
        try await administer { connection in
            try await connection.query(
                "SELECT id FROM reeve.instance WHERE tenant_id = \(tenant) AND reference = \(reference)"
            ).first(Identifier.self)
        }
    }

    /// Lets a person who is not named on a restricted instance see it until an instant; the grant stays on record.
    ///
    /// - Throws: ``AdministrationError/invalid(_:)`` where there is no such instance or person, no reason is given, or
    ///   the instant has passed.
    public func grant(
        _ person: String, sightOf instance: Identifier, in tenant: Identifier, until: Instant, reason: String,
        by actor: Actor
    ) async throws(AdministrationError) {
        _ = try await administer { connection in
            let known = try await connection.query(
                """
                SELECT EXISTS (SELECT FROM reeve.person WHERE tenant_id = \(tenant) AND id = \(person) AND active),
                    \(until) > statement_timestamp()
                """
            ).first((Bool, Bool).self)
            guard known?.0 == true else {
                throw AdministrationError.invalid("There is no active person `\(person)` to see it.")
            }
            guard known?.1 == true else {
                throw AdministrationError.invalid("A grant ends in the future; \(until) has passed.")
            }
            try await connection.execute(
                """
                INSERT INTO reeve.instance_grant (tenant_id, instance_id, person_id, reason, granted_by, expires_at)
                VALUES (\(tenant), \(instance), \(person), \(reason), \(actor.text), \(until))
                """)
        }
    }
}
