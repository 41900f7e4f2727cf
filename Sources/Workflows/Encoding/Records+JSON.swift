import CEL
import Deadlines
import JSON

extension TaskRecord {
    var fields: JSONObject {
        var object = JSONObject()
        object["status"] = .string(status.rawValue)
        object["title"] = .string(title)
        object.set("item", item.map(ValueCoding.json))
        object.set("who", strings: who)
        object.set("assignee", assignee)
        object.set("openedAt", openedAt)
        object.set("doneBy", doneBy)
        object.set("doneAt", doneAt)
        if !result.isEmpty { object["result"] = ValueCoding.json(result) }
        return object
    }

    init(_ fields: JSONFields) throws(DecodingFault) {
        self.init(
            status: try fields.word("status"), title: try fields.string("title"), item: try fields.item,
            who: try fields.strings("who"), assignee: try fields.optionalString("assignee"),
            openedAt: try fields.instant("openedAt"), doneBy: try fields.optionalString("doneBy"),
            doneAt: try fields.optionalInstant("doneAt"), result: try fields.map("result", ValueCoding.value))
    }
}

extension ApprovalRecord {
    var fields: JSONObject {
        var object = JSONObject()
        object["status"] = .string(status.rawValue)
        object["title"] = .string(title)
        object.set("item", item.map(ValueCoding.json))
        object.set("who", strings: who)
        object.set("openedAt", openedAt)
        object.set(
            "votes",
            list: votes.map { vote in
                var object: JSONObject = ["person": .string(vote.person), "approves": .bool(vote.isApproval)]
                object.set("castBy", vote.castBy)
                object.set("at", vote.at)
                return .object(object)
            })
        return object
    }

    init(_ fields: JSONFields) throws(DecodingFault) {
        self.init(
            status: try fields.word("status"), title: try fields.string("title"), item: try fields.item,
            who: try fields.strings("who"), openedAt: try fields.instant("openedAt"),
            votes: try fields.list("votes") { (json, path) throws(DecodingFault) in
                let vote = try JSONFields(json, path: path)
                return Vote(
                    person: try vote.string("person"), castBy: try vote.optionalString("castBy"),
                    isApproval: try vote.bool("approves"), at: try vote.instant("at"))
            })
    }
}

extension ClockRecord {
    var fields: JSONObject {
        var object: JSONObject = ["rounds": .array(rounds.map { .object($0.fields) })]
        if forgotten != 0 { object["forgotten"] = .int(Int64(forgotten)) }
        return object
    }

    init(_ fields: JSONFields) throws(DecodingFault) {
        self.init(
            rounds: try fields.list("rounds") { (json, path) throws(DecodingFault) in
                try Round(try JSONFields(json, path: path))
            },
            forgotten: Int(try fields.int("forgotten", default: 0)))
    }
}

extension ClockRecord.Round {
    var fields: JSONObject {
        var object = JSONObject()
        object["status"] = .string(status.rawValue)
        object["title"] = .string(title)
        object.set("startedAt", startedAt)
        object.set("restarted", flag: isRestarted)
        object.set("due", due)
        object.set("latest", latest)
        object.set("basis", basis?.json)
        object.set("pausedAt", pausedAt)
        object.set("pauses", list: pauses.map(\.json))
        object.set("endedAt", endedAt)
        object.set("overdue", flag: isOverdue)
        object.set("ladder", ladder)
        object.set("climbedTo", climbedTo)
        object.set("acknowledgedBy", acknowledgedBy)
        object.set("timer", timer?.json)
        return object
    }

    init(_ fields: JSONFields) throws(DecodingFault) {
        self.init(
            status: try fields.word("status"), title: try fields.string("title"),
            startedAt: try fields.instant("startedAt"), isRestarted: try fields.bool("restarted"),
            due: try fields.optionalInstant("due"),
            latest: try fields.optionalInstant("latest"),
            basis: try fields.optional("basis") { (json, path) throws(DecodingFault) in
                try DeadlineQuestion(JSONFields(json, path: path))
            },
            pausedAt: try fields.optionalInstant("pausedAt"), pauses: try fields.list("pauses", Pause.init),
            endedAt: try fields.optionalInstant("endedAt"), isOverdue: try fields.bool("overdue"),
            ladder: try fields.optionalString("ladder"), climbedTo: try fields.optionalInstant("climbedTo"),
            acknowledgedBy: try fields.optionalString("acknowledgedBy"),
            timer: try fields.optional("timer") { (json, path) throws(DecodingFault) in
                let timer = try JSONFields(json, path: path)
                return ArmedTimer(generation: try timer.int("generation"), dueAt: try timer.instant("dueAt"))
            })
    }
}

extension Pause {
    var json: JSON { ["from": .string(from.description), "until": .string(until.description)] }

    init(json: JSON, path: String) throws(DecodingFault) {
        let fields = try JSONFields(json, path: path)
        self.init(from: try fields.instant("from"), until: try fields.instant("until"))
    }
}

extension ArmedTimer {
    var json: JSON { ["generation": .int(generation), "dueAt": .string(dueAt.description)] }
}

extension ChildRecord {
    var fields: JSONObject {
        var object = JSONObject()
        object["status"] = .string(status.rawValue)
        object["instance"] = .string(instance.description)
        object.set("item", item.map(ValueCoding.json))
        object.set("state", state)
        if !exports.isEmpty { object["exports"] = ValueCoding.json(exports) }
        if !followed.isEmpty { object["followed"] = ValueCoding.json(followed) }
        return object
    }

    init(_ fields: JSONFields) throws(DecodingFault) {
        self.init(
            status: try fields.word("status"), instance: try fields.identifier("instance"), item: try fields.item,
            state: try fields.optionalString("state"), exports: try fields.map("exports", ValueCoding.value),
            followed: try fields.map("followed", ValueCoding.value))
    }
}

extension JSONFields {
    var item: CEL.Value? {
        get throws(DecodingFault) { try optional("item", ValueCoding.value) }
    }

    func optional<Element>(
        _ key: String, _ decode: (JSON, String) throws(DecodingFault) -> Element
    ) throws(DecodingFault) -> Element? {
        guard let value = object[key] else { return nil }
        do {
            return try decode(value, "")
        } catch {
            throw error.within(at(key))
        }
    }
}
