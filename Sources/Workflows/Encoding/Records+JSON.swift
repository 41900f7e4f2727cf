import CEL
import Deadlines
import JSON

extension TaskRecord {
    func write(to writer: inout CanonicalWriter) {
        writer.member("assignee", assignee)
        writer.member("doneAt", doneAt)
        writer.member("doneBy", doneBy)
        writer.member("item", item)
        writer.member("openedAt", openedAt)
        if !result.isEmpty { writer.member("result", result) }
        writer.member("status", status.rawValue)
        writer.member("title", title)
        writer.member("who", strings: who)
    }

    init(_ fields: JSONFields<some JSONSource>) throws(DecodingFault) {
        self.init(
            status: try fields.word("status"), title: try fields.string("title"), item: try fields.item,
            who: try fields.strings("who"), assignee: try fields.optionalString("assignee"),
            openedAt: try fields.instant("openedAt"), doneBy: try fields.optionalString("doneBy"),
            doneAt: try fields.optionalInstant("doneAt"), result: try fields.map("result", ValueCoding.value))
    }
}

extension ApprovalRecord {
    func write(to writer: inout CanonicalWriter) {
        writer.member("item", item)
        writer.member("openedAt", openedAt)
        writer.member("status", status.rawValue)
        writer.member("title", title)
        writer.member("votes", list: votes) { writer, vote in
            writer.object { writer in
                writer.member("approves", JSON.bool(vote.isApproval))
                writer.member("at", vote.at)
                writer.member("castBy", vote.castBy)
                writer.member("person", vote.person)
            }
        }
        writer.member("who", strings: who)
    }

    init(_ fields: JSONFields<some JSONSource>) throws(DecodingFault) {
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
    func write(to writer: inout CanonicalWriter) {
        if forgotten != 0 { writer.member("forgotten", Int64(forgotten)) }
        writer.key("rounds")
        writer.array(rounds) { writer, round in writer.object { round.write(to: &$0) } }
    }

    init(_ fields: JSONFields<some JSONSource>) throws(DecodingFault) {
        self.init(forgotten: Int(try fields.int("forgotten", default: 0)))
        try fields.eachElement(of: "rounds") { (element) throws(DecodingFault) in
            let round = try Round(JSONFields(element))
            if let last { earlier.append(last) }
            last = round
        }
    }
}

extension ClockRecord.Round {
    func write(to writer: inout CanonicalWriter) {
        writer.member("acknowledgedBy", acknowledgedBy)
        if let basis {
            writer.key("basis")
            writer.object { basis.write(to: &$0) }
        }
        writer.member("climbedTo", climbedTo)
        writer.member("due", due)
        writer.member("endedAt", endedAt)
        writer.member("ladder", ladder)
        writer.member("latest", latest)
        writer.member("overdue", flag: isOverdue)
        writer.member("pausedAt", pausedAt)
        writer.member("pauses", list: pauses) { $0.write($1.json) }
        writer.member("restarted", flag: isRestarted)
        writer.member("startedAt", startedAt)
        writer.member("status", status.rawValue)
        if let timer {
            writer.key("timer")
            writer.object { writer in
                writer.member("dueAt", timer.dueAt)
                writer.member("generation", timer.generation)
            }
        }
        writer.member("title", title)
    }

    init(_ fields: JSONFields<some JSONSource>) throws(DecodingFault) {
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

    init(json: some JSONSource, path: String) throws(DecodingFault) {
        let fields = try JSONFields(json, path: path)
        self.init(from: try fields.instant("from"), until: try fields.instant("until"))
    }
}

extension ChildRecord {
    func write(to writer: inout CanonicalWriter) {
        if !exports.isEmpty { writer.member("exports", exports) }
        if !followed.isEmpty { writer.member("followed", followed) }
        writer.member("instance", instance.description)
        writer.member("item", item)
        writer.member("state", state)
        writer.member("status", status.rawValue)
    }

    init(_ fields: JSONFields<some JSONSource>) throws(DecodingFault) {
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
        _ key: String, _ decode: (Source, String) throws(DecodingFault) -> Element
    ) throws(DecodingFault) -> Element? {
        guard let value = object[key] else { return nil }
        do {
            return try decode(value, "")
        } catch {
            throw error.within(at(key))
        }
    }
}
