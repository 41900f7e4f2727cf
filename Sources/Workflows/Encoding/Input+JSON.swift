import CEL
import Deadlines
import JSON

extension Actor {
    /// The actor in one word for columns and logs, such as `person:ana`.
    public var text: String {
        switch self {
        case .person(let id, _): "person:\(id)"
        case .parent(let id): "parent:\(id)"
        case .child(_, let id): "child:\(id)"
        case .instance(let id): "instance:\(id)"
        case .connector(let name): "connector:\(name)"
        case .schedule: "schedule"
        case .ladder(let item): "ladder:\(item.name)"
        case .worker: "worker"
        }
    }

    var json: JSON {
        switch self {
        case .person(let id, let other):
            if let other { ["person": .string(id), "for": .string(other)] } else { ["person": .string(id)] }
        case .parent(let id): ["parent": .string(id.description)]
        case .child(let item, let id): ["child": item.json, "instance": .string(id.description)]
        case .instance(let id): ["instance": .string(id.description)]
        case .connector(let name): ["connector": .string(name)]
        case .schedule: "schedule"
        case .ladder(let item): ["ladder": item.json]
        case .worker: "worker"
        }
    }

    init(json: JSON, path: String) throws(DecodingFault) {
        if let word = json.stringValue {
            switch word {
            case "schedule": self = .schedule
            case "worker": self = .worker
            default: throw DecodingFault(path: path, expected: "an actor")
            }
            return
        }
        let fields = try JSONFields(json, path: path)
        if fields.object["person"] != nil {
            self = .person(try fields.string("person"), onBehalfOf: try fields.optionalString("for"))
        } else if fields.object["parent"] != nil {
            self = .parent(try fields.identifier("parent"))
        } else if let child = fields.object["child"] {
            self = .child(
                try ItemKey(JSONFields(child, path: fields.at("child"))), try fields.identifier("instance"))
        } else if fields.object["instance"] != nil {
            self = .instance(try fields.identifier("instance"))
        } else if fields.object["connector"] != nil {
            self = .connector(try fields.string("connector"))
        } else if let ladder = fields.object["ladder"] {
            self = .ladder(try ItemKey(JSONFields(ladder, path: fields.at("ladder"))))
        } else {
            throw DecodingFault(path: path, expected: "an actor")
        }
    }
}

extension Input {
    /// The input in two parts: facts that stay in the journal, and what people wrote, which can be erased.
    ///
    /// The written part is nil where there is none.
    public var parts: (facts: JSON, written: JSON?) {
        var facts = JSONObject()
        var written = JSONObject()
        facts["actor"] = actor.json
        facts.set("happenedAt", happenedAt)
        act.write(facts: &facts, written: &written)
        return (.object(facts), written.isEmpty ? nil : .object(written))
    }

    /// Writes the facts of ``parts``; returns what people wrote.
    public func writeFacts(to writer: inout CanonicalWriter) -> JSON? {
        // Timers are most of what is recorded.
        if case .timer(let item, let generation) = act, happenedAt == nil, actor == .worker {
            writer.object { writer in
                writer.member("act", act.name)
                writer.member("actor", actor.text)
                writer.member("generation", generation)
                writer.key("item")
                writer.object { item.write(to: &$0) }
            }
            return nil
        }
        let parts = parts
        writer.write(parts.facts)
        return parts.written
    }

    /// The input as one value, for messages that wait to be taken.
    public var json: JSON {
        let parts = parts
        var object = parts.facts.objectValue ?? JSONObject()
        for (key, value) in parts.written?.objectValue ?? JSONObject() { object[key] = value }
        return .object(object)
    }

    /// Puts an input together from its parts.
    public init(facts: JSON, written: JSON?) throws(DecodingFault) {
        guard var object = facts.objectValue else { throw DecodingFault(path: "", expected: "an object") }
        for (key, value) in written?.objectValue ?? JSONObject() { object[key] = value }
        let fields = try JSONFields(JSON.object(object))
        self.init(
            actor: try Actor(json: try fields.value("actor"), path: "actor"),
            happenedAt: try fields.optionalInstant("happenedAt"), act: try Act(fields))
    }
}

extension Act {
    /// The name of the act in facts, and of its journal entries where it is no event.
    public var name: String {
        switch self {
        case .open: "open"
        case .event: "event"
        case .complete: "complete"
        case .vote: "vote"
        case .correct: "correct"
        case .assign: "assign"
        case .assignTask: "assignTask"
        case .comment: "comment"
        case .attach: "attach"
        case .link: "link"
        case .acknowledge: "acknowledge"
        case .cancel: "cancel"
        case .suspend: "suspend"
        case .resume: "resume"
        case .timer: "timer"
        case .tell: "tell"
        case .report: "report"
        case .openingFailed: "openingFailed"
        case .recompute: "recompute"
        case .upgrade: "upgrade"
        }
    }

    fileprivate func write(facts: inout JSONObject, written: inout JSONObject) {
        facts["act"] = .string(name)
        switch self {
        case .open(let opening): opening.write(facts: &facts, written: &written)
        case .event(let event, let form):
            facts["event"] = .string(event)
            if !form.isEmpty { written["form"] = ValueCoding.json(form) }
        case .complete(let item, let result):
            facts["item"] = item.json
            if !result.isEmpty { written["result"] = ValueCoding.json(result) }
        case .vote(let item, let isApproval, let comment):
            facts["item"] = item.json
            facts["approves"] = .bool(isApproval)
            written.set("comment", comment)
        case .correct(let fields, let reason):
            written["fields"] = ValueCoding.json(fields)
            written["reason"] = .string(reason)
        case .assign(let role, let people, let reason):
            facts["role"] = .string(role)
            facts.set("to", strings: people)
            written.set("reason", reason)
        case .assignTask(let item, let person, let reason):
            facts["item"] = item.json
            facts.set("to", person)
            written.set("reason", reason)
        case .comment(let text): written["comment"] = .string(text)
        case .attach(let evidence):
            facts["digest"] = .string(evidence.digest)
            if let file = evidence.file {
                facts["mediaType"] = .string(file.mediaType)
                facts["size"] = .int(file.size)
            }
            written["title"] = .string(evidence.title)
            written.set("uri", evidence.uri)
        case .link(let target, let relation):
            facts["to"] = .string(target.description)
            facts["relation"] = .string(relation)
        case .acknowledge(let item, let comment):
            facts["item"] = item.json
            written.set("comment", comment)
        case .cancel(let reason), .suspend(let reason): written["reason"] = .string(reason)
        case .resume(let reason): written.set("reason", reason)
        case .timer(let item, let generation):
            facts["item"] = item.json
            facts["generation"] = .int(generation)
        case .tell(let fields): written["fields"] = ValueCoding.json(fields)
        case .report(let item, let state, let isFinal, let exports):
            facts["item"] = item.json
            facts["state"] = .string(state)
            facts["final"] = .bool(isFinal)
            written["exports"] = ValueCoding.json(exports)
        case .openingFailed(let item, let reason):
            facts["item"] = item.json
            written["reason"] = .string(reason)
        case .recompute(let reason): facts["reason"] = .string(reason)
        case .upgrade(let upgrade, let reason):
            facts["upgrade"] = upgrade.json
            written["reason"] = .string(reason)
        }
    }

    fileprivate init(_ fields: JSONFields<some JSONSource>) throws(DecodingFault) {
        func item() throws(DecodingFault) -> ItemKey {
            try ItemKey(JSONFields(try fields.value("item"), path: fields.at("item")))
        }
        switch try fields.string("act") {
        case "open": self = .open(try Opening(fields))
        case "event": self = .event(try fields.string("event"), form: try fields.map("form", ValueCoding.value))
        case "complete": self = .complete(try item(), result: try fields.map("result", ValueCoding.value))
        case "vote":
            self = .vote(
                try item(), isApproval: try fields.bool("approves"), comment: try fields.optionalString("comment"))
        case "correct":
            self = .correct(try fields.map("fields", ValueCoding.value), reason: try fields.string("reason"))
        case "assign":
            self = .assign(
                role: try fields.string("role"), to: try fields.strings("to"),
                reason: try fields.optionalString("reason"))
        case "assignTask":
            self = .assignTask(
                try item(), to: try fields.optionalString("to"), reason: try fields.optionalString("reason"))
        case "comment": self = .comment(try fields.string("comment"))
        case "attach":
            self = .attach(
                Evidence(
                    digest: try fields.string("digest"), title: try fields.string("title"),
                    uri: try fields.optionalString("uri"),
                    file: try fields.optionalString("mediaType").map { (type) throws(DecodingFault) in
                        Evidence.File(mediaType: type, size: try fields.int("size"))
                    }))
        case "link": self = .link(to: try fields.identifier("to"), relation: try fields.string("relation"))
        case "acknowledge": self = .acknowledge(try item(), comment: try fields.optionalString("comment"))
        case "cancel": self = .cancel(reason: try fields.string("reason"))
        case "suspend": self = .suspend(reason: try fields.string("reason"))
        case "resume": self = .resume(reason: try fields.optionalString("reason"))
        case "timer": self = .timer(try item(), generation: try fields.int("generation"))
        case "tell": self = .tell(try fields.map("fields", ValueCoding.value))
        case "report":
            self = .report(
                try item(), state: try fields.string("state"), isFinal: try fields.bool("final"),
                exports: try fields.map("exports", ValueCoding.value))
        case "openingFailed": self = .openingFailed(try item(), reason: try fields.string("reason"))
        case "recompute": self = .recompute(reason: try fields.string("reason"))
        case "upgrade":
            self = .upgrade(
                try Upgrade(json: try fields.value("upgrade").json, path: fields.at("upgrade")),
                reason: try fields.string("reason"))
        default: throw DecodingFault(path: fields.at("act"), expected: "a known act")
        }
    }
}

extension Opening {
    fileprivate func write(facts: inout JSONObject, written: inout JSONObject) {
        facts["id"] = .string(id.description)
        facts["reference"] = .string(reference)
        facts["kind"] = .string(kind.rawValue)
        if visibility != .normal { facts["visibility"] = .string(visibility.rawValue) }
        if let parent {
            facts["parent"] = ["instance": .string(parent.instance.description), "child": parent.child.json]
        }
        if !form.isEmpty { written["form"] = ValueCoding.json(form) }
        if !followed.isEmpty { written["followed"] = ValueCoding.json(followed) }
    }

    fileprivate init(_ fields: JSONFields<some JSONSource>) throws(DecodingFault) {
        self.init(
            id: try fields.identifier("id"), reference: try fields.string("reference"), kind: try fields.word("kind"),
            visibility: fields.object["visibility"] == nil ? .normal : try fields.word("visibility"),
            parent: try fields.optional("parent") { (json, path) throws(DecodingFault) in
                let parent = try JSONFields(json, path: path)
                return Snapshot.Parent(
                    instance: try parent.identifier("instance"),
                    child: try ItemKey(JSONFields(try parent.value("child"), path: parent.at("child"))))
            },
            form: try fields.map("form", ValueCoding.value),
            followed: try fields.map("followed", ValueCoding.value))
    }
}
