import Deadlines
import PostgresClient
import Workflows

extension Engine {
    /// Enters people, teams, on-call schedules and services; what exists is changed, nothing is removed.
    ///
    /// - Throws: ``AdministrationError/invalid(_:)`` where somebody or something is named that does not exist: a person, a
    ///   party, a zone or a calendar; nothing is entered then.
    public func enter(_ document: DirectoryDocument, for tenant: Identifier) async throws(AdministrationError) {
        let editor = DirectoryEditor(tenant: tenant)
        let statements =
            editor.people(document.people) + editor.teams(document.teams) + editor.schedules(document.schedules)
            + editor.services(document.services) + editor.parties(document.parties.all)
        try await administer { connection in
            _ = try await connection.pipeline(statements)
            if document.parties.all.isEmpty { return }
            let references = try PartyReferences(
                almanac: configuration.almanac, present: try await connection.query(PartyReferences.present(tenant)),
                calendars: try await connection.query(TenantCalendars.newest(of: tenant)))
            for party in document.parties.all { try references.check(party) }
        }
    }
}

/// The statements that enter a directory.
private struct DirectoryEditor {
    let tenant: Identifier

    func people(_ people: [DirectoryDocument.Person]) -> [PostgresQuery] {
        guard !people.isEmpty else { return [] }
        return [
            """
            INSERT INTO reeve.person (tenant_id, id, name, login, address, manager_id, active)
            SELECT \(tenant)::uuid, *
            FROM unnest(
                \(people.map(\.id)), \(people.map(\.name)), \(people.map(\.login)), \(people.map(\.address)),
                \(people.map(\.manager)), \(people.map(\.isActive)))
            ON CONFLICT (tenant_id, id) DO UPDATE
            SET name = excluded.name, login = excluded.login, address = excluded.address,
                manager_id = excluded.manager_id, active = excluded.active
            """
        ]
    }

    func teams(_ teams: [DirectoryDocument.Team]) -> [PostgresQuery] {
        guard !teams.isEmpty else { return [] }
        let members = teams.flatMap { team in team.members.map { (team: team.id, person: $0) } }
        return [
            """
            INSERT INTO reeve.team (tenant_id, id, title, lead_id)
            SELECT \(tenant)::uuid, *
            FROM unnest(\(teams.map(\.id)), \(teams.map(\.title)), \(teams.map(\.lead)))
            ON CONFLICT (tenant_id, id) DO UPDATE SET title = excluded.title, lead_id = excluded.lead_id
            """,
            "DELETE FROM reeve.membership WHERE tenant_id = \(tenant) AND team_id = ANY (\(teams.map(\.id)))",
            """
            INSERT INTO reeve.membership (tenant_id, team_id, person_id)
            SELECT DISTINCT \(tenant)::uuid, team_id, person_id
            FROM unnest(\(members.map(\.team)), \(members.map(\.person))) AS m (team_id, person_id)
            """,
        ]
    }

    func schedules(_ schedules: [DirectoryDocument.Schedule]) -> [PostgresQuery] {
        guard !schedules.isEmpty else { return [] }
        let turns = schedules.flatMap { schedule in
            schedule.rotation.enumerated().map { (schedule: schedule.id, place: Int32($0.offset), person: $0.element) }
        }
        return [
            """
            INSERT INTO reeve.oncall_schedule (tenant_id, id, title, rotation_start, handover_seconds)
            SELECT \(tenant)::uuid, *
            FROM unnest(
                \(schedules.map(\.id)), \(schedules.map(\.title)), \(schedules.map(\.start)),
                \(schedules.map(\.handover)))
            ON CONFLICT (tenant_id, id) DO UPDATE
            SET title = excluded.title, rotation_start = excluded.rotation_start,
                handover_seconds = excluded.handover_seconds
            """,
            """
            DELETE FROM reeve.oncall_rotation
            WHERE tenant_id = \(tenant) AND schedule_id = ANY (\(schedules.map(\.id)))
            """,
            """
            INSERT INTO reeve.oncall_rotation (tenant_id, schedule_id, position, person_id)
            SELECT \(tenant)::uuid, *
            FROM unnest(\(turns.map(\.schedule)), \(turns.map(\.place)), \(turns.map(\.person)))
            """,
        ] + shifts(schedules.filter { $0.shifts != nil })
    }

    private func shifts(_ schedules: [DirectoryDocument.Schedule]) -> [PostgresQuery] {
        guard !schedules.isEmpty else { return [] }
        let shifts = schedules.flatMap { schedule in
            Set(schedule.shifts ?? []).map { (schedule: schedule.id, shift: $0) }
        }
        return [
            """
            DELETE FROM reeve.oncall_shift
            WHERE tenant_id = \(tenant) AND schedule_id = ANY (\(schedules.map(\.id)))
            """,
            """
            INSERT INTO reeve.oncall_shift (tenant_id, schedule_id, starts_at, ends_at, person_id)
            SELECT \(tenant)::uuid, *
            FROM unnest(
                \(shifts.map(\.schedule)), \(shifts.map(\.shift.start)), \(shifts.map(\.shift.end)),
                \(shifts.map(\.shift.person)))
            ON CONFLICT (tenant_id, schedule_id, starts_at, person_id) DO UPDATE
            SET ends_at = GREATEST(oncall_shift.ends_at, excluded.ends_at)
            """,
        ]
    }

    func parties(_ parties: [Parties.Party]) -> [PostgresQuery] {
        guard !parties.isEmpty else { return [] }
        return [
            """
            INSERT INTO reeve.party (tenant_id, kind, id, fields)
            SELECT \(tenant)::uuid, *
            FROM unnest(
                \(parties.map(\.kind.rawValue)), \(parties.map(\.id)),
                \(parties.map { StoredJSON(.object($0.fields)) }))
            ON CONFLICT (tenant_id, kind, id) DO UPDATE SET fields = excluded.fields
            """
        ]
    }

    func services(_ services: [DirectoryDocument.Service]) -> [PostgresQuery] {
        guard !services.isEmpty else { return [] }
        return [
            """
            INSERT INTO reeve.service (tenant_id, id, title, tier, owner_id, team_id, recovery_time_seconds)
            SELECT \(tenant)::uuid, *
            FROM unnest(
                \(services.map(\.id)), \(services.map(\.title)), \(services.map { $0.tier.map { Int32(clamping: $0) } }),
                \(services.map(\.owner)), \(services.map(\.team)), \(services.map(\.recoveryTime)))
            ON CONFLICT (tenant_id, id) DO UPDATE
            SET title = excluded.title, tier = excluded.tier, owner_id = excluded.owner_id,
                team_id = excluded.team_id, recovery_time_seconds = excluded.recovery_time_seconds
            """
        ]
    }
}
