import Deadlines
import JSON
import PostgresClient
import Workflows

/// Which breaches a register shows.
public struct BreachFilter: Sendable {
    /// Only what we became aware of at this instant or later.
    public var since: Instant?
    /// Only what we became aware of before this instant.
    public var until: Instant?
    /// Only those in which this legal entity is involved.
    public var entity: String?

    /// Creates a filter that lets everything pass.
    public init() {}
}

/// One personal-data breach as the register has it: facts, effects, remedial action; whether it was notified, and why not.
///
/// GDPR Art. 33(5) asks for it.
public struct BreachRecord: Sendable {
    /// The incident.
    public var instance: Identifier
    /// The record as the API shows it.
    public var json: JSON

    /// The workflow whose instances are incidents.
    static let workflow = "incident"

    /// - Parameter items: the incident and all that it has opened.
    init(_ incident: CaseItem, _ items: [CaseItem]) {
        instance = incident.id
        let data = incident.data
        let disclosures = items.filter { $0.definition == "disclosure" }
        let filings = items.filter { $0.definition == "filing" }
        let decisions = disclosures.map { disclosure in
            Self.decision(disclosure, filings.filter { $0.parent == disclosure.id })
        }
        let submitted = filings.filter { $0.data["submittedAt"]?.stringValue != nil }
        json = [
            "instance": .string(incident.id.description), "reference": .string(incident.reference),
            "kind": .string(incident.kind), "state": .string(incident.state), "status": .string(incident.status),
            "openedAt": .string(incident.openedAt.description),
            "facts": Self.facts(data, filings), "effects": Self.effects(data, disclosures, filings),
            "remedialAction": Self.remedies(data, items, disclosures, filings),
            "notified": .string(
                !submitted.isEmpty ? "yes" : disclosures.contains { $0.status == "running" } ? "open" : "no"),
            "decisions": .array(decisions),
        ]
    }

    // MARK: - Facts, effects, remedial action

    private static func facts(_ data: JSON, _ filings: [CaseItem]) -> JSON {
        [
            "summary": data["summary"] ?? .null, "nature": contents("nature", filings),
            "detectedAt": data["detectedAt"] ?? .null, "awareAt": data["awareSince"] ?? data["awareAt"] ?? .null,
            "classifiedAt": data["classifiedAt"] ?? .null, "endedAt": data["restoredAt"] ?? .null,
            "types": data["types"] ?? [], "services": data["services"] ?? [], "entities": data["entities"] ?? [],
            "affected": data["affected"] ?? [],
        ]
    }

    private static func effects(_ data: JSON, _ disclosures: [CaseItem], _ filings: [CaseItem]) -> JSON {
        let risks: [String] = ["unlikely", "likely", "high"].filter { risk in
            data["risk"]?.stringValue == risk || disclosures.contains { $0.data["risk"]?.stringValue == risk }
        }
        return [
            "severity": data["severity"] ?? .null, "risk": risks.last.map(JSON.string) ?? .null,
            "customersHit": data["customersHit"] ?? .null, "records": contents("records", filings),
            "consequences": contents("consequences", filings, disclosures),
        ]
    }

    private static func remedies(
        _ data: JSON, _ items: [CaseItem], _ disclosures: [CaseItem], _ filings: [CaseItem]
    ) -> JSON {
        let actions = items.filter { $0.definition == "action-item" || $0.definition == "remediation" }
        return [
            "measures": contents("measures", filings, disclosures), "lastUpdate": data["update"] ?? .null,
            "actions": .array(
                actions.map { action in
                    [
                        "reference": .string(action.reference), "title": action.data["title"] ?? .null,
                        "state": .string(action.state), "outcome": action.data["outcome"] ?? .null,
                    ]
                }),
        ]
    }

    /// What filings say under a name, and disclosures of which none was made, each text once.
    private static func contents(_ name: String, _ filings: [CaseItem], _ disclosures: [CaseItem] = []) -> JSON {
        var texts: [JSON] = []
        for text in filings.map({ $0.data["content"]?[name] }) + disclosures.map({ $0.data[name] }) {
            guard let text, text != .null, text != "", !texts.contains(text) else { continue }
            texts.append(text)
        }
        return .array(texts)
    }

    // MARK: - What was decided

    private static func decision(_ disclosure: CaseItem, _ filings: [CaseItem]) -> JSON {
        let data = disclosure.data
        let voters = disclosure.records("approvals").filter { $0["status"] == "granted" }.flatMap { approval in
            (approval["votes"]?.arrayValue ?? []).filter { $0["approves"] == true }.compactMap {
                $0["person"]?.stringValue
            }
        }
        let advice = disclosure.records("tasks").filter { $0["status"] == "done" && $0["name"] == "advice" }
        let outcome: String =
            switch data["notifiable"]?.boolValue {
            case true?: "notify"
            case false?: "not notifiable"
            case nil: disclosure.state == "withdrawn" ? "withdrawn" : "open"
            }
        return [
            "reference": .string(disclosure.reference), "regime": data["regime"] ?? .null,
            "title": data["title"] ?? .null, "entity": data["entity"] ?? .null,
            "recipient": data["recipient"] ?? .null, "why": data["why"] ?? .null, "outcome": .string(outcome),
            "rationale": data["rationale"] ?? data["reason"] ?? .null,
            "decidedBy": .array((disclosure.holders(of: "owner") + voters).map(JSON.string)),
            "advice": .array(
                advice.map { task in
                    [
                        "by": task["doneBy"] ?? .null, "advice": task["result"]?["advice"]?.plain ?? .null,
                        "dissent": task["result"]?["dissent"] ?? false,
                    ]
                }),
            "filings": .array(filings.map { filing($0) }),
        ]
    }

    private static func filing(_ filing: CaseItem) -> JSON {
        let round = filing.clock("submission")
        return [
            "reference": .string(filing.reference), "title": filing.data["title"] ?? .null,
            "recipient": filing.data["recipient"] ?? .null, "rule": filing.data["rule"] ?? .null,
            "state": .string(filing.state), "dueAt": round?["due"] ?? .null, "latestAt": round?["latest"] ?? .null,
            "submittedAt": filing.data["submittedAt"] ?? .null, "punctuality": .string(Punctuality(filing).rawValue),
            "lateReason": filing.data["lateReason"] ?? .null, "unapproved": filing.data["unapproved"] ?? false,
            "receipt": filing.data["receipt"] ?? .null, "dischargedBy": filing.data["discharged"] ?? .null,
        ]
    }
}

/// How a filing stands to its two instants.
enum Punctuality: String {
    case open
    case onTime = "on time"
    case withinTheLaw = "within the law"
    case late
    case cancelled

    init(_ filing: CaseItem) {
        let round = filing.clock("submission")
        func instant(_ text: JSON?) -> Instant? { text?.stringValue.flatMap { try? Instant($0) } }
        guard let submitted = instant(filing.data["submittedAt"]) else {
            self = filing.status == "running" || filing.status == "suspended" ? .open : .cancelled
            return
        }
        // An act before the instant is in time.
        guard let due = instant(round?["due"]), submitted >= due else {
            self = .onTime
            return
        }
        self = instant(round?["latest"]).map { submitted < $0 } == true ? .withinTheLaw : .late
    }
}

extension Reader {
    /// The breaches of the tenant that the viewer sees, notified or not, the newest first; exercises are none.
    public func breaches(
        _ filter: BreachFilter = BreachFilter(), page: PageRequest = PageRequest()
    ) async throws(ReadingError) -> Page<BreachRecord> {
        var selection = Selection()
        selection.require("i.tenant_id", equals: viewer.tenant)
        selection.require("i.definition", equals: BreachRecord.workflow)
        selection.require("i.kind <> 'exercise'")
        selection.require(
            """
            (d.snapshot #>> '{data,personalData}' = 'true'
                OR (d.snapshot #> '{data,types}')::jsonb @> '["data-breach"]')
            """)
        let aware = "COALESCE((d.snapshot #>> '{data,awareAt,$timestamp}')::timestamptz, i.opened_at)"
        if let since = filter.since { selection.require("\(aware) >= \(selection.bind(since))") }
        if let until = filter.until { selection.require("\(aware) < \(selection.bind(until))") }
        if let entity = filter.entity {
            selection.require("(d.snapshot #> '{data,entities}')::jsonb @> to_jsonb(\(selection.bind(entity))::text)")
        }
        if let cursor = page.cursor {
            guard let last = cursor.place.stringValue.flatMap({ Identifier($0) }) else { throw .badCursor }
            selection.require("i.id < \(selection.bind(last))")
        }
        let rows = try await rows(
            selection.query(
                """
                SELECT i.id
                FROM reeve.instance i
                JOIN reeve.instance_data d ON (d.tenant_id, d.instance_id) = (i.tenant_id, i.id)
                """, "ORDER BY i.id DESC\nLIMIT \(page.limit + 1)"))[0]
        let ids = try self.page(rows, page, { row throws(PostgresError) in try row.decode(Identifier.self, at: 0) }) {
            .string($0.description)
        }
        let items = Dictionary(grouping: try await cases(of: ids.elements), by: \.root)
        return Page(
            elements: ids.elements.compactMap { id in
                guard let tree = items[id], let incident = tree.first(where: { $0.id == id }) else { return nil }
                return BreachRecord(incident, tree)
            }, next: ids.next)
    }
}
