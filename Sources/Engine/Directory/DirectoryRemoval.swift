import PostgresClient
import Workflows

/// What is to be taken out of a directory, each by its identifier.
public struct DirectoryRemoval: Sendable {
    /// People.
    public var people: [String] = []
    /// Teams.
    public var teams: [String] = []
    /// On-call schedules.
    public var schedules: [String] = []
    /// Services.
    public var services: [String] = []
    /// Legal entities, authorities and counterparties, by kind.
    public var parties: [Parties.Kind: [String]] = [:]

    /// Creates a removal of nothing.
    public init() {}
}

extension Engine {
    /// Takes people, teams, on-call schedules, services and parties out of a directory: all of them, or none.
    ///
    /// Nobody is removed on whom something still rests: a role or task in a running instance, a team, a turn on call, a
    /// service, a person whose manager they are. Their memberships and past shifts go with them, and their tokens end.
    /// Journals keep the identifiers that they name.
    ///
    /// - Throws: ``AdministrationError/invalid(_:)`` where something does not exist, or is still needed; it says for what.
    public func remove(_ removal: DirectoryRemoval, from tenant: Identifier) async throws(AdministrationError) {
        try await administer { connection in
            let needs = try await connection.query(removal.needs(tenant)).decode((String, String).self)
            if let (what, need) = needs.first {
                let more = needs.count == 1 ? "" : needs.count > 10 ? " (and more)" : " (and \(needs.count - 1) more)"
                throw AdministrationError.invalid("\(what) cannot be removed: \(need)\(more).")
            }
            for part in removal.parts where !part.ids.isEmpty {
                let removed = try await connection.query(part.deletion(tenant)).decode(String.self)
                if let unknown = part.ids.first(where: { !removed.contains($0) }) {
                    throw AdministrationError.invalid("There is no \(part.kind) `\(unknown)`.")
                }
            }
        }
        tokens.forget()
    }
}

extension DirectoryRemoval {
    /// What is removed of one kind, by a statement that returns the identifiers of what was there.
    fileprivate struct Part {
        var kind: String
        var ids: [String]
        var deletion: (Identifier) -> PostgresQuery
    }

    private var partyParts: [Part] {
        Parties.Kind.allCases.map { kind in
            let ids = parties[kind] ?? []
            return Part(kind: kind.rawValue, ids: ids) { tenant in
                """
                DELETE FROM reeve.party
                WHERE tenant_id = \(tenant) AND kind = \(kind.rawValue) AND id = ANY (\(ids))
                RETURNING id
                """
            }
        }
    }

    /// In the order in which nothing refers to what is gone already.
    fileprivate var parts: [Part] {
        partyParts + [
            Part(kind: "service", ids: services) { tenant in
                "DELETE FROM reeve.service WHERE tenant_id = \(tenant) AND id = ANY (\(services)) RETURNING id"
            },
            Part(kind: "on-call schedule", ids: schedules) { tenant in
                "DELETE FROM reeve.oncall_schedule WHERE tenant_id = \(tenant) AND id = ANY (\(schedules)) RETURNING id"
            },
            Part(kind: "team", ids: teams) { tenant in
                "DELETE FROM reeve.team WHERE tenant_id = \(tenant) AND id = ANY (\(teams)) RETURNING id"
            },
            Part(kind: "person", ids: people) { tenant in
                """
                WITH past AS (
                    DELETE FROM reeve.oncall_shift WHERE tenant_id = \(tenant) AND person_id = ANY (\(people))
                ),
                tokens AS (
                    DELETE FROM reeve.api_token WHERE tenant_id = \(tenant) AND person_id = ANY (\(people))
                )
                DELETE FROM reeve.person
                WHERE tenant_id = \(tenant) AND id = ANY (\(people))
                RETURNING id
                """
            },
        ]
    }

    /// What is still needed of all this, and for what, a few lines at most.
    fileprivate func needs(_ tenant: Identifier) -> PostgresQuery {
        """
        WITH running AS (
            SELECT id, CASE visibility WHEN 'normal' THEN reference ELSE 'a restricted instance' END AS reference
            FROM reeve.instance
            WHERE tenant_id = \(tenant) AND status IN ('running', 'suspended')
        )
        SELECT h.person_id, format('they hold the role `%s` of %s', h.role, i.reference)
        FROM reeve.role_holder h
        JOIN running i ON i.id = h.instance_id
        WHERE h.tenant_id = \(tenant) AND h.person_id = ANY (\(people))
        UNION ALL
        SELECT asked, format('they are asked for `%s` of %s', t.name, i.reference)
        FROM reeve.task t
        CROSS JOIN unnest(t.people) AS asked
        JOIN running i ON i.id = t.instance_id
        WHERE t.tenant_id = \(tenant) AND t.people && \(people) AND asked = ANY (\(people))
        UNION ALL
        SELECT manager_id, format('they are the manager of %s', id)
        FROM reeve.person
        WHERE tenant_id = \(tenant) AND manager_id = ANY (\(people)) AND NOT id = ANY (\(people))
        UNION ALL
        SELECT lead_id, format('they lead the team `%s`', id)
        FROM reeve.team
        WHERE tenant_id = \(tenant) AND lead_id = ANY (\(people)) AND NOT id = ANY (\(teams))
        UNION ALL
        SELECT person_id, format('they are in the rotation of `%s`', schedule_id)
        FROM reeve.oncall_rotation
        WHERE tenant_id = \(tenant) AND person_id = ANY (\(people)) AND NOT schedule_id = ANY (\(schedules))
        UNION ALL
        SELECT person_id, format('they have a shift of `%s` before them', schedule_id)
        FROM reeve.oncall_shift
        WHERE tenant_id = \(tenant) AND person_id = ANY (\(people)) AND NOT schedule_id = ANY (\(schedules))
            AND ends_at > statement_timestamp()
        UNION ALL
        SELECT owner_id, format('they own the service `%s`', id)
        FROM reeve.service
        WHERE tenant_id = \(tenant) AND owner_id = ANY (\(people)) AND NOT id = ANY (\(services))
        UNION ALL
        SELECT asked, format('its members are asked for `%s` of %s', t.name, i.reference)
        FROM reeve.task t
        CROSS JOIN unnest(t.groups) AS asked
        JOIN running i ON i.id = t.instance_id
        WHERE t.tenant_id = \(tenant) AND t.groups && \(teams) AND asked = ANY (\(teams))
        UNION ALL
        SELECT fields ->> 'leadAuthority', format('it is the lead authority of `%s`', id)
        FROM reeve.party
        WHERE tenant_id = \(tenant) AND kind = 'entity' AND fields ->> 'leadAuthority' = ANY (\(parties[.authority] ?? []))
            AND NOT id = ANY (\(parties[.entity] ?? []))
        UNION ALL
        SELECT fields ->> 'parent', format('it is above `%s`', id)
        FROM reeve.party
        WHERE tenant_id = \(tenant) AND kind = 'entity' AND fields ->> 'parent' = ANY (\(parties[.entity] ?? []))
            AND NOT id = ANY (\(parties[.entity] ?? []))
        UNION ALL
        SELECT fields ->> 'entity', format('it has the contract with `%s`', id)
        FROM reeve.party
        WHERE tenant_id = \(tenant) AND kind = 'counterparty' AND fields ->> 'entity' = ANY (\(parties[.entity] ?? []))
            AND NOT id = ANY (\(parties[.counterparty] ?? []))
        UNION ALL
        SELECT team_id, format('it runs the service `%s`', id)
        FROM reeve.service
        WHERE tenant_id = \(tenant) AND team_id = ANY (\(teams)) AND NOT id = ANY (\(services))
        LIMIT 11
        """
    }
}
