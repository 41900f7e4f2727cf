import CEL
import JSON
import Workflows

/// The regimes that a tenant answers to, ready as answers.
///
/// The setting `regimes` is a list: identifiers of regimes of the library, and obligations of the tenant's own as
/// objects with `id regime recipient stages owner applies`. Without the setting it is the whole library. The setting
/// `checklists` adds lists of field names by identifier.
struct TenantRegimes: Sendable {
    /// Identifiers of the regimes.
    let identifiers: Set<String>
    /// All obligations, as a list of maps.
    let obligations: CEL.Value
    private let checklists: [String: CEL.Value]

    init(library: RegimeLibrary, settings: JSON) {
        let chosen = settings["regimes"]?.arrayValue
        let names = chosen?.compactMap(\.stringValue)
        let inForce = names.map { library.limited(to: $0) } ?? library
        let own = chosen?.filter { $0.objectValue != nil } ?? []
        identifiers = Set(inForce.regimes.map(\.id) + own.compactMap { $0["regime"]?.stringValue })
        let all = (inForce.obligations.arrayValue ?? []) + own
        obligations = .list(all.compactMap { try? ReadAnswer.value($0) })
        // A filing may follow any checklist of the library, whatever regimes the tenant is under today.
        var lists = library.checklists.objectValue ?? JSONObject()
        for (id, fields) in settings["checklists"]?.objectValue ?? JSONObject() { lists[id] = fields }
        checklists = Dictionary(lists.compactMap { id, fields in (try? ReadAnswer.value(fields)).map { (id, $0) } }) {
            $1
        }
    }

    func knows(checklist id: String) -> Bool { checklists[id] != nil }

    /// Names of the fields that a checklist demands; a failure where nobody knows it.
    func checklist(_ id: String) -> CEL.Value {
        checklists[id] ?? Read.failure("There is no checklist `\(id)`.")
    }
}
