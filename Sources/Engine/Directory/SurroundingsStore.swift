import Deadlines
import JSON
import Logging
import PostgresClient
import Synchronization
import Workflows

/// Copies of what tenants keep beside their instances, each good as long as the tenant's row shows its versions.
final class SurroundingsStore: Sendable {
    private let kept = Mutex<[Identifier: Surroundings]>([:])
    private let almanac: Almanac
    let regimes: RegimeLibrary
    private let logger: Logger

    init(almanac: Almanac, regimes: RegimeLibrary, logger: Logger) {
        self.almanac = almanac
        self.regimes = regimes
        self.logger = logger
    }

    /// The zones that deadlines are shown in.
    var zones: ZoneDatabase { almanac.zones }
    /// The rules of the library.
    var rules: RuleLibrary { almanac.rules }

    /// The copy, if it is at the versions that the tenant's row shows.
    func surroundings(of tenant: TenantRow) -> Surroundings? {
        kept.withLock { kept in
            guard let copy = kept[tenant.id], copy.tenant == tenant else { return nil }
            return copy
        }
    }

    /// Reads everything of a tenant, in one round trip.
    func load(_ tenant: TenantRow, on connection: PostgresConnection) async throws(PostgresError) -> Surroundings {
        let rows = try await connection.pipeline(Self.statements(tenant.id))
        let surroundings = Surroundings(
            tenant: tenant, directory: try Self.directory(rows), catalogue: try Self.catalogue(rows[6]),
            deadlines: DeadlineDesk(almanac: try almanac(for: tenant.id, rows[7])),
            regimes: TenantRegimes(library: regimes, settings: tenant.settings), parties: try parties(rows[8]))
        kept.withLock { $0[tenant.id] = surroundings }
        return surroundings
    }

    private static func statements(_ tenant: Identifier) -> [PostgresQuery] {
        [
            "SELECT id, name, address, manager_id, active FROM reeve.person WHERE tenant_id = \(tenant)",
            "SELECT id, title, lead_id FROM reeve.team WHERE tenant_id = \(tenant)",
            """
            SELECT team_id, person_id
            FROM reeve.membership
            WHERE tenant_id = \(tenant)
            ORDER BY team_id, person_id
            """,
            "SELECT id, rotation_start, handover_seconds FROM reeve.oncall_schedule WHERE tenant_id = \(tenant)",
            """
            SELECT schedule_id, person_id
            FROM reeve.oncall_rotation
            WHERE tenant_id = \(tenant)
            ORDER BY schedule_id, position
            """,
            """
            SELECT schedule_id, starts_at, ends_at, person_id
            FROM reeve.oncall_shift
            WHERE tenant_id = \(tenant) AND ends_at > statement_timestamp() - interval '1 day'
            ORDER BY schedule_id, starts_at, person_id
            """,
            """
            SELECT id, title, tier, owner_id, team_id, recovery_time_seconds
            FROM reeve.service
            WHERE tenant_id = \(tenant)
            """,
            TenantCalendars.newest(of: tenant),
            "SELECT kind, id, fields FROM reeve.party WHERE tenant_id = \(tenant)",
        ]
    }

    private static func directory(_ rows: [PostgresRows]) throws(PostgresError) -> Directory {
        let people = try rows[0].decode((String, String, String?, String?, Bool).self).map {
            Directory.Person(id: $0.0, name: $0.1, address: $0.2, manager: $0.3, isActive: $0.4)
        }
        var teams: [String: Directory.Team] = [:]
        for (id, title, lead) in try rows[1].decode((String, String, String?).self) {
            teams[id] = Directory.Team(id: id, title: title, lead: lead)
        }
        for (team, person) in try rows[2].decode((String, String).self) { teams[team]?.members.append(person) }
        var schedules: [String: Directory.OnCallSchedule] = [:]
        for (id, start, handover) in try rows[3].decode((String, Instant?, Int64?).self) {
            schedules[id] = Directory.OnCallSchedule(start: start, handover: handover)
        }
        for (schedule, person) in try rows[4].decode((String, String).self) {
            schedules[schedule]?.rotation.append(person)
        }
        for (schedule, start, end, person) in try rows[5].decode((String, Instant, Instant, String).self) {
            schedules[schedule]?.shifts.append(.init(start: start, end: end, person: person))
        }
        return Directory(people: people, teams: Array(teams.values), schedules: schedules)
    }

    private static func catalogue(_ rows: PostgresRows) throws(PostgresError) -> Catalogue {
        var catalogue = Catalogue()
        for (id, title, tier, owner, team, recovery) in try rows.decode(
            (String, String, Int32?, String?, String?, Int64?).self)
        {
            catalogue.services[id] = Catalogue.Service(
                id: id, title: title, tier: tier.map { Int($0) }, owner: owner, team: team, recoveryTime: recovery)
        }
        return catalogue
    }

    private func parties(_ rows: PostgresRows) throws(PostgresError) -> Parties {
        var parties: [Parties.Party] = []
        for (kind, id, fields) in try rows.decode((String, String, StoredJSON).self) {
            guard let kind = Parties.Kind(rawValue: kind) else { continue }
            do {
                parties.append(try Parties.Party(kind, id: id, fields.json))
            } catch {
                logger.error("a party cannot be read", metadata: ["party": "\(id)", "error": "\(error)"])
            }
        }
        return Parties(parties)
    }

    /// The library with the tenant's own calendars; one that cannot be read is left out and logged, so that a clock
    /// that needs it says so.
    private func almanac(for tenant: Identifier, _ rows: PostgresRows) throws(PostgresError) -> Almanac {
        let texts = try TenantCalendars.texts(rows)
        guard !texts.isEmpty else { return almanac }
        let (calendars, faults) = almanac.calendars.with(texts: texts)
        for (id, error) in faults {
            logger.error(
                "a calendar cannot be read",
                metadata: ["tenant": "\(tenant)", "calendar": "\(id)", "error": "\(error)"])
        }
        var own = almanac
        own.calendars = calendars
        return own
    }
}
