import CEL
import Engine
import JSON
import Workflows

/// An instance as the API describes it.
struct InstanceDocument {
    /// What the engine knows of it.
    let detail: InstanceDetail
    /// The definition that it is pinned to; nil where it can no longer be read.
    let definition: Definition?

    /// The whole of it.
    var json: JSON {
        var document = detail.summary.json.objectValue ?? [:]
        let snapshot = detail.snapshot
        document["data"] = .object(data(snapshot["data"]?.untyped.objectValue ?? [:]))
        document["roles"] = snapshot["holders"] ?? [:]
        document["tasks"] = .array(items(snapshot["tasks"]).map(task))
        document["approvals"] = .array(items(snapshot["approvals"]).map(approval))
        document["clocks"] = .array(items(snapshot["clocks"]).flatMap(rounds))
        document["children"] = .array(items(snapshot["children"]).map(child))
        document["links"] = .array(detail.links)
        document["evidence"] = .array(detail.evidence)
        document["events"] = .array(detail.events.map(event))
        return .object(document)
    }

    /// The fields in the order of the definition.
    private func data(_ fields: JSONObject) -> JSONObject {
        let order = (definition?.data.fields ?? []).map(\.name)
        let known = order.compactMap { name in fields[name].map { (name, $0) } }
        return JSONObject(known + fields.filter { !order.contains($0.key) }.map { ($0.key, $0.value) })
    }

    private func items(_ list: JSON?) -> [JSONObject] { (list?.arrayValue ?? []).compactMap(\.objectValue) }

    private func task(_ record: JSONObject) -> JSON {
        let declared = definition?.states.lazy.flatMap(\.tasks).first { $0.name == record["name"]?.stringValue }
        var task = record.picking(["name", "key", "title", "status", "who", "assignee", "openedAt", "doneBy", "doneAt"])
        task["from"] = .array((declared?.from ?? []).map(JSON.string))
        task["asks"] = .array((declared?.result ?? []).map { .string($0.name) })
        task["result"] = record["result"]?.untyped ?? [:]
        return .object(task)
    }

    private func approval(_ record: JSONObject) -> JSON {
        let declared = definition?.states.lazy.flatMap(\.approvals).first { $0.name == record["name"]?.stringValue }
        var approval = record.picking(["name", "key", "title", "status", "who", "openedAt"])
        approval["from"] = .array((declared?.from ?? []).map(JSON.string))
        approval["quorum"] = .int(Int64(declared?.quorum ?? 1))
        approval["votes"] = .array(
            (record["votes"]?.arrayValue ?? []).map { vote in
                [
                    "person": vote["person"] ?? .null, "at": vote["at"] ?? .null,
                    "vote": vote["approves"]?.boolValue == true ? "approve" : "refuse",
                ]
            })
        return .object(approval)
    }

    /// The rounds of a clock, each with its number.
    private func rounds(_ record: JSONObject) -> [JSON] {
        let forgotten = record["forgotten"]?.intValue ?? 0
        return (record["rounds"]?.arrayValue ?? []).enumerated().map { index, round in
            let source = round.objectValue ?? [:]
            var clock = record.picking(["name", "key"])
            clock["round"] = .int(forgotten + Int64(index + 1))
            for (member, value) in source.picking(["title", "status", "startedAt", "endedAt", "acknowledgedBy"]) {
                clock[member] = value
            }
            clock["dueAt"] = source["due"] ?? .null
            clock["latestAt"] = source["latest"] ?? .null
            clock["overdue"] = source["overdue"] ?? false
            return .object(clock)
        }
    }

    private func child(_ record: JSONObject) -> JSON {
        var child = record.picking(["name", "key", "instance", "status", "state"])
        let opened = detail.children.first { $0.id.description == record["instance"]?.stringValue }
        child["reference"] = opened.map { .string($0.reference) } ?? .null
        child["workflow"] = opened.map { .string($0.definition) } ?? .null
        if let opened { child["state"] = .string(opened.state) }
        return .object(child)
    }

    /// What can be sent: what it asks for, what may go with it, and by whom.
    private func event(_ name: String) -> JSON {
        let state = definition?.states.first { $0.name == detail.summary.state }
        let declared = state.flatMap { definition?.events(in: $0).first { $0.name == name } }
        return [
            "name": .string(name), "title": declared?.title.map(JSON.string) ?? .null,
            "form": .array((declared?.form ?? []).map { .string($0.name) }),
            "optional": .array((declared?.optional ?? []).map(JSON.string)),
            "allow": .array((declared?.allow ?? []).map { .string($0.words) }),
        ]
    }
}

extension JSONObject {
    /// These members; null for those that are absent, the empty text for an absent key.
    fileprivate func picking(_ names: [String]) -> JSONObject {
        JSONObject(names.map { ($0, self[$0] ?? ($0 == "key" ? "" : $0 == "who" ? [] : .null)) })
    }
}

extension JSON {
    /// Values as clients send them: instants and durations as plain texts.
    fileprivate var untyped: JSON { (try? CEL.Value(typedJSON: self))?.plainJSON ?? self }
}

extension Definition.Allowance {
    /// Who is meant, as definitions write it.
    var words: String {
        switch self {
        case .role(let name), .group(let name): name
        case .parent: "parent"
        case .child: "child"
        case .connector: "connector"
        case .schedule: "schedule"
        case .ladder: "ladder"
        }
    }
}
