import Deadlines
import JSON
import PostgresClient
import Workflows

/// All that stands behind one filing, in the order in which the authority asks for it: draft and checklist, deadline with
/// its reasons, decisions, evidence.
public struct FilingPack: Sendable {
    /// The filing.
    public var reference: String
    /// The pack as the API shows it.
    public var json: JSON
}

extension Reader {
    /// The pack of an instance that has a checklist; nil where the viewer sees none, or it has no checklist.
    public func filingPack(of id: Identifier) async throws(ReadingError) -> FilingPack? {
        let items = try await cases(of: [id])
        guard let filing = items.first(where: { $0.id == id }), let checklist = filing.data["checklist"]?.stringValue
        else { return nil }
        let above = try await ancestors(of: id)
        let clock = try await self.clock(ItemKey("submission"), of: id)
        let people = [filing] + items.filter { $0.id != id } + above
        // What was determined beside the filing: since when we are aware, and who decided it.
        var determinations: [CaseItem] = []
        if let incident = above.last {
            determinations = try await cases(of: [incident.id]).filter { $0.definition == "determination" }
        }
        let parties = try await directory()
        let json: JSON = [
            "reference": .string(filing.reference), "instance": .string(filing.id.description),
            "title": filing.data["title"] ?? .null, "recipient": filing.data["recipient"] ?? .null,
            "state": .string(filing.state), "kind": .string(filing.kind), "visibility": .string(filing.visibility),
            "case": .array(
                above.map { item in
                    [
                        "reference": .string(item.reference), "workflow": .string(item.definition),
                        "state": .string(item.state), "summary": item.data["summary"] ?? item.data["title"] ?? .null,
                    ]
                }),
            "entity": Self.party(above.lazy.compactMap { $0.data["entity"]?.stringValue }.first, parties["entities"]),
            "authority": Self.authority(filing.data["recipient"]?.stringValue, parties["authorities"]),
            "regime": above.lazy.compactMap { $0.data["regime"] }.first ?? .null,
            "why": above.lazy.compactMap { $0.data["why"] }.first ?? .null,
            "deadline": clock?.json ?? .null,
            "submission": [
                "submittedAt": filing.data["submittedAt"] ?? .null,
                "punctuality": .string(Punctuality(filing).rawValue),
                "lateReason": filing.data["lateReason"] ?? .null, "unapproved": filing.data["unapproved"] ?? false,
                "receipt": filing.data["receipt"] ?? .null, "dischargedBy": filing.data["discharged"] ?? .null,
            ],
            "checklist": try await self.checklist(checklist, filing.data["content"] ?? [:]),
            "decisions": .array(try await decisions(of: people + determinations)),
            "evidence": .array(try await evidence(of: people + determinations)),
            "orders": filing.data["orders"] ?? [],
        ]
        return FilingPack(reference: filing.reference, json: json)
    }

    private static func party(_ id: String?, _ parties: JSON?) -> JSON {
        guard let id else { return .null }
        var object = parties?[id]?.objectValue ?? ["title": .string(id)]
        object["id"] = .string(id)
        return .object(object)
    }

    /// Obligations name their recipient by its title.
    private static func authority(_ title: String?, _ authorities: JSON?) -> JSON {
        guard let title, let found = authorities?.objectValue?.first(where: { $0.value["title"]?.stringValue == title })
        else { return .null }
        return party(found.key, authorities)
    }

    // MARK: - Checklist

    private func checklist(_ id: String, _ content: JSON) async throws(ReadingError) -> JSON {
        let known = store.regimes.checklist(id)
        var items = (known?.items ?? []).map { (field: $0.field, title: $0.title, source: $0.source) }
        if known == nil {
            let rows = try await rows("SELECT settings FROM reeve.tenant WHERE tenant_id = \(viewer.tenant)")[0]
            let settings = (try? rows.first?.decode(StoredJSON.self, at: 0).json) ?? [:]
            items = (settings["checklists"]?[id]?.arrayValue ?? []).compactMap(\.stringValue).map { ($0, $0, "") }
        }
        let fields = items.map { item -> JSON in
            let value = content[item.field] ?? .null
            return [
                "field": .string(item.field), "title": .string(item.title), "source": .string(item.source),
                "value": value, "missing": .bool(value == .null || value == ""),
            ]
        }
        let asked = Set(items.map(\.field))
        let further = (content.objectValue ?? [:]).filter { !asked.contains($0.key) }
        return [
            "id": .string(id), "fields": .array(fields), "complete": .bool(!fields.contains { $0["missing"] == true }),
            "further": .object(JSONObject(further.map { ($0.key, $0.value) })),
        ]
    }

    // MARK: - Decisions

    private func decisions(of items: [CaseItem]) async throws(ReadingError) -> [JSON] {
        var decisions: [JSON] = []
        for item in items {
            decisions += votes(of: item) + advice(of: item) + determination(of: item)
        }
        return decisions.sorted { ($0["at"]?.stringValue ?? "") < ($1["at"]?.stringValue ?? "") }
    }

    private func votes(of item: CaseItem) -> [JSON] {
        item.records("approvals").flatMap { approval in
            (approval["votes"]?.arrayValue ?? []).map { vote -> JSON in
                [
                    "reference": .string(item.reference), "kind": "vote", "title": approval["title"] ?? .null,
                    "by": vote["person"] ?? .null, "onBehalfBy": vote["castBy"] ?? .null, "at": vote["at"] ?? .null,
                    "outcome": vote["approves"] == true ? "approved" : "refused", "text": .null,
                ]
            }
        }
    }

    private func advice(of item: CaseItem) -> [JSON] {
        item.records("tasks").filter { $0["status"] == "done" }.map { task in
            let result = task["result"]?.plain ?? [:]
            let isDissent = result["dissent"] == true
            return [
                "reference": .string(item.reference), "kind": "task", "title": task["title"] ?? .null,
                "by": task["doneBy"] ?? .null, "onBehalfBy": .null, "at": task["doneAt"] ?? .null,
                "outcome": isDissent ? "dissent" : "done", "text": result["advice"] ?? .null,
            ]
        }
    }

    private func determination(of item: CaseItem) -> [JSON] {
        var found: [JSON] = []
        func add(_ kind: JSON, _ title: JSON?, _ outcome: JSON, _ text: JSON?) {
            found.append([
                "reference": .string(item.reference), "kind": kind, "title": title ?? .null,
                "by": .string(item.holders(of: "owner").joined(separator: ", ")), "onBehalfBy": .null,
                "at": item.data["decided"] == nil ? .null : item.clock("determine")?["endedAt"] ?? .null,
                "outcome": outcome, "text": text ?? .null,
            ])
        }
        if item.definition == "determination", let instant = item.data["instant"] {
            let before = item.data["earlier"]?.stringValue.map { ", before that \($0)" } ?? ""
            let isDecided = item.data["decided"] != nil
            add(
                "determination", item.data["fact"],
                .string("\(isDecided ? "decided" : "undecided"): \(instant.stringValue ?? "")\(before)"),
                item.data["reason"])
        }
        if item.definition == "disclosure", let rationale = item.data["rationale"] {
            let isNotifiable = item.data["notifiable"] == true
            add(
                "assessment", item.data["title"],
                isNotifiable ? "to be notified" : item.data["notifiable"] == false ? "not to be notified" : "proposed",
                rationale)
        }
        return found
    }

    // MARK: - Evidence

    private func evidence(of items: [CaseItem]) async throws(ReadingError) -> [JSON] {
        let references = Dictionary(items.map { ($0.id, $0.reference) }) { first, _ in first }
        let rows = try await rows(
            """
            SELECT instance_id, digest, title, uri, media_type, size, added_by, added_at
            FROM reeve.evidence
            WHERE tenant_id = \(viewer.tenant) AND instance_id = ANY (\(Array(references.keys)))
            ORDER BY added_at, instance_id, sequence
            """)[0]
        do throws(PostgresError) {
            return try rows.decode(
                (Identifier, String, String, String?, String?, Int64?, String, Instant).self
            ).map { row in
                [
                    "reference": references[row.0].map(JSON.string) ?? .null, "digest": .string(row.1),
                    "title": .string(row.2), "uri": row.3.map(JSON.string) ?? .null,
                    "mediaType": row.4.map(JSON.string) ?? .null, "size": row.5.map(JSON.int) ?? .null,
                    "addedBy": .string(row.6), "addedAt": .string(row.7.description),
                ]
            }
        } catch {
            throw .database(error)
        }
    }
}
