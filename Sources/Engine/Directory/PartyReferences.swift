import Deadlines
import JSON
import PostgresClient
import Workflows

/// What parties may refer to: other parties of the tenant, zones, calendars.
struct PartyReferences {
    private let zones: ZoneDatabase
    private let calendars: CalendarLibrary
    /// Identifiers by kind of party.
    private let known: [String: Set<String>]

    init(almanac: Almanac, present: PostgresRows, calendars: PostgresRows) throws {
        zones = almanac.zones
        self.calendars = almanac.calendars.with(texts: try TenantCalendars.texts(calendars)).library
        var known: [String: Set<String>] = [:]
        for (kind, id) in try present.decode((String, String).self) { known[kind, default: []].insert(id) }
        self.known = known
    }

    /// The statement whose rows say what there is.
    static func present(_ tenant: Identifier) -> PostgresQuery {
        "SELECT kind, id FROM reeve.party WHERE tenant_id = \(tenant)"
    }

    /// Refuses a party that refers to what is not there, so that no obligation goes astray later.
    func check(_ party: Parties.Party) throws(AdministrationError) {
        func text(_ name: String) -> String? { party.fields[name]?.stringValue }
        let place = "\(party.kind.plural).\(party.id)"
        let references: [(String, String)] =
            switch party.kind {
            case .entity: [("parent", "entity"), ("leadAuthority", "authority")]
            case .authority: []
            case .counterparty: [("entity", "entity")]
            }
        for (name, kind) in references {
            guard let id = text(name), known[kind]?.contains(id) != true else { continue }
            throw .invalid("\(place).\(name): there is no \(kind) `\(id)`.")
        }
        if text("parent") == party.id { throw .invalid("\(place).parent: an entity is not above itself.") }
        do throws(DeadlineError) {
            if let zone = text("zone") { _ = try zones.zone(zone) }
            if let calendar = text("calendar") { _ = try calendars.calendar(calendar) }
        } catch {
            throw .invalid("\(place): \(error)")
        }
    }
}
