import CEL
import JSON
import Workflows

/// The regimes that a tenant answers to, ready to examine cases.
///
/// The setting `regimes` lists identifiers of the library, without it all of them hold; `drafts` lists draft rules
/// that are to open obligations; `checklists` adds lists of field names by identifier.
struct TenantRegimes: Sendable {
    /// Identifiers of the regimes that hold.
    let inForce: Set<String>
    private let library: RegimeLibrary
    private let drafts: Set<String>
    private let checklists: [String: CEL.Value]

    init(library: RegimeLibrary, settings: JSON) {
        self.library = library
        let all = Set(library.regimes.map(\.id))
        inForce = Self.names(settings["regimes"]).map(all.intersection) ?? all
        drafts = Self.names(settings["drafts"]) ?? []
        // A filing may follow any checklist of the library, whatever regimes the tenant is under today.
        var lists = library.checklists.objectValue ?? JSONObject()
        for (id, fields) in settings["checklists"]?.objectValue ?? JSONObject() { lists[id] = fields }
        checklists = Dictionary(lists.compactMap { id, fields in (try? ReadAnswer.value(fields)).map { (id, $0) } }) {
            $1
        }
    }

    private static func names(_ setting: JSON?) -> Set<String>? {
        setting?.arrayValue.map { Set($0.compactMap(\.stringValue)) }
    }

    /// What is owed in a case, as the machine reads it.
    func examine(_ facts: CEL.Value, of parties: Parties, _ deadlines: DeadlineDesk) -> CEL.Value {
        Examination(
            of: facts, library: library, inForce: inForce, parties: parties, status: deadlines.status, drafts: drafts
        ).value
    }

    func knows(checklist id: String) -> Bool { checklists[id] != nil }

    /// Names of the fields that a checklist demands; a failure where nobody knows it.
    func checklist(_ id: String) -> CEL.Value {
        checklists[id] ?? Read.failure("There is no checklist `\(id)`.")
    }
}
