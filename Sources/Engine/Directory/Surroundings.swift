import CEL
import Deadlines
import JSON
import Workflows

/// All that a tenant keeps beside its instances, as it stood at certain versions: directory, catalogue, calendars, regimes.
///
/// A copy is kept in memory as long as the tenant's row shows the same versions.
final class Surroundings: Sendable {
    let tenant: TenantRow
    let directory: Directory
    let catalogue: Catalogue
    let deadlines: DeadlineDesk
    let regimes: TenantRegimes
    let parties: Parties

    init(
        tenant: TenantRow, directory: Directory, catalogue: Catalogue, deadlines: DeadlineDesk,
        regimes: TenantRegimes, parties: Parties
    ) {
        (self.tenant, self.directory, self.catalogue) = (tenant, directory, catalogue)
        (self.deadlines, self.regimes, self.parties) = (deadlines, regimes, parties)
    }

    /// The answer to a question; nil where the database must be asked.
    func answer(_ read: Read, at now: Instant) -> CEL.Value? {
        switch read {
        case .groups(let person): list(directory.groups(of: person))
        case .members(let group): list(directory.members(of: group))
        case .leads(let person): list(directory.leads(of: person))
        case .managers(let person): list(directory.managers(of: person))
        case .onCall(let schedule): list(directory.schedules[schedule]?.people(at: now) ?? [])
        case .exists(let format, let id): exists(format, id)
        case .deadline(let question): deadlines.answer(question, tenant: tenant)
        case .services(let selection): .list(catalogue.services(in: selection).map(\.value))
        case .obligations(let facts): regimes.examine(facts, of: parties, deadlines)
        case .checklist(let id): regimes.checklist(id)
        case .days(let count): deadlines.answer(count, tenant: tenant)
        case .tenant: tenantValue
        case .related, .covering: nil
        }
    }

    /// The same with other calendars, to see what they would change.
    func with(calendars: CalendarLibrary) -> Surroundings {
        var almanac = deadlines.almanac
        almanac.calendars = calendars
        return Surroundings(
            tenant: tenant, directory: directory, catalogue: catalogue, deadlines: DeadlineDesk(almanac: almanac),
            regimes: regimes, parties: parties)
    }

    private func list(_ texts: [String]) -> CEL.Value { .list(texts.map { .string($0) }) }

    private func exists(_ format: Definition.Format, _ id: String) -> CEL.Value? {
        switch format {
        case .person: .bool(directory.people[id]?.isActive == true)
        case .group: .bool(directory.teams[id] != nil)
        case .service: .bool(catalogue.services[id] != nil)
        case .rule: .bool(deadlines.knows(rule: id))
        case .regime: .bool(regimes.inForce.contains(id))
        case .checklist: .bool(regimes.knows(checklist: id))
        case .instance, .evidence: nil
        case .dateTime, .duration, .date, .item, .vendor, .uri, .email: .bool(true)
        }
    }

    private var tenantValue: CEL.Value {
        var fields: [(String, CEL.Value)] = [
            ("id", .string(tenant.id.description)), ("name", .string(tenant.name)), ("zone", .string(tenant.zone)),
        ]
        if let calendar = tenant.calendar { fields.append(("calendar", .string(calendar))) }
        return .map(MapValue(fields: fields))
    }
}
