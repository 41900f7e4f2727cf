import CEL
import Deadlines
import JSON

extension Read {
    /// The question as the journal keeps it: its name and what it is about.
    public var json: JSON {
        switch self {
        case .groups(let person): ["read": "groups", "of": .string(person)]
        case .members(let group): ["read": "members", "of": .string(group)]
        case .leads(let person): ["read": "leads", "of": .string(person)]
        case .managers(let person): ["read": "managers", "of": .string(person)]
        case .onCall(let schedule): ["read": "oncall", "of": .string(schedule)]
        case .exists(let format, let id): ["read": "exists", "format": .string(format.rawValue), "of": .string(id)]
        case .deadline(let question): ["read": "deadline", "question": question.json]
        case .related(let workflow): ["read": "related", "of": .string(workflow)]
        case .covering(let workflow, let field, let keys):
            [
                "read": "covering", "of": .string(workflow), "field": .string(field),
                "keys": .array(keys.map(JSON.string)),
            ]
        case .services(let selection): ["read": "services", "of": .string(selection)]
        case .obligations(let facts): ["read": "obligations", "of": ReadAnswer.json(facts)]
        case .checklist(let id): ["read": "checklist", "of": .string(id)]
        case .days(let count): ["read": "days", "count": count.json]
        case .tenant: ["read": "tenant"]
        }
    }

    /// Reads a question back from the journal.
    public init(json: JSON) throws(DecodingFault) {
        let fields = try JSONFields(json)
        switch try fields.string("read") {
        case "groups": self = .groups(ofPerson: try fields.string("of"))
        case "members": self = .members(ofGroup: try fields.string("of"))
        case "leads": self = .leads(ofPerson: try fields.string("of"))
        case "managers": self = .managers(ofPerson: try fields.string("of"))
        case "oncall": self = .onCall(schedule: try fields.string("of"))
        case "exists": self = .exists(try fields.word("format"), try fields.string("of"))
        case "deadline":
            self = .deadline(try DeadlineQuestion(JSONFields(try fields.value("question"), path: "question")))
        case "related": self = .related(workflow: try fields.string("of"))
        case "covering":
            self = .covering(
                workflow: try fields.string("of"), field: try fields.string("field"), keys: try fields.strings("keys"))
        case "services": self = .services(try fields.string("of"))
        case "obligations": self = .obligations(of: try ReadAnswer.value(try fields.value("of")))
        case "checklist": self = .checklist(try fields.string("of"))
        case "days": self = .days(try DayCount(JSONFields(try fields.value("count"), path: "count")))
        case "tenant": self = .tenant
        default: throw DecodingFault(path: "read", expected: "a known question")
        }
    }

    /// Whether the answer may hold what people wrote, so that it must be erasable.
    public var mayHoldPersonalText: Bool {
        switch self {
        case .related, .covering, .obligations: true
        default: false
        }
    }
}

extension DayCount {
    var json: JSON {
        var object = JSONObject()
        switch measure {
        case .calendar: object["measure"] = "calendar"
        case .working(let calendar):
            object["measure"] = "working"
            object.set("calendar", calendar)
        }
        object.set("start", start)
        object.set("end", end)
        return .object(object)
    }

    init(_ fields: JSONFields<some JSONSource>) throws(DecodingFault) {
        let isWorking = try fields.string("measure") == "working"
        self.init(
            isWorking ? .working(try fields.optionalString("calendar")) : .calendar,
            from: try fields.instant("start"), to: try fields.instant("end"))
    }
}

extension DeadlineQuestion {
    /// Writes the members that the question has as JSON.
    func write(to writer: inout CanonicalWriter) {
        guard case .goal(let goal) = measure else {
            for (key, value) in object {
                writer.key(named: key)
                writer.write(value)
            }
            return
        }
        writer.member("calendar", calendar)
        writer.member("goal", goal.json)
        writer.member("pauses", list: pauses) { $0.write($1.json) }
        writer.member("start", start)
        writer.member("zone", zone)
    }

    var json: JSON { .object(object) }

    private var object: JSONObject {
        var object = JSONObject()
        switch measure {
        case .goal(let goal): object["goal"] = goal.json
        case .rule(let rule, let terms):
            object["rule"] = .string(rule)
            object["facts"] = .object(
                JSONObject(
                    terms.facts.sorted { $0.key < $1.key }.map {
                        ($0.key, .array($0.value.map { .string($0.description) }))
                    }))
            if !terms.inputs.isEmpty {
                let inputs = terms.inputs.sorted { $0.key < $1.key }.map { ($0.key, JSON.string($0.value)) }
                object["inputs"] = .object(JSONObject(inputs))
            }
            object.set("orders", list: terms.orders.map(\.json))
        }
        object.set("start", start)
        object.set("calendar", calendar)
        object.set("zone", zone)
        object.set("pauses", list: pauses.map(\.json))
        return object
    }

    init(_ fields: JSONFields<some JSONSource>) throws(DecodingFault) {
        let measure: Measure
        if let goal = fields.object["goal"] {
            measure = .goal(try Definition.Goal(JSONFields(goal, path: fields.at("goal"))))
        } else {
            var terms = RuleTerms(
                facts: try fields.map("facts") { (json, path) throws(DecodingFault) in
                    try Self.instants(json, path)
                })
            fields.object["inputs"]?.eachMember { terms.inputs[$0] = $1.stringValue }
            terms.orders = try fields.list("orders", Order.init)
            measure = .rule(try fields.string("rule"), terms)
        }
        self.init(
            measure: measure, start: try fields.instant("start"), calendar: try fields.optionalString("calendar"),
            zone: try fields.optionalString("zone"), pauses: try fields.list("pauses", Pause.init))
    }

    private static func instants(_ json: some JSONSource, _ path: String) throws(DecodingFault) -> [Instant] {
        var instants: [Instant] = []
        try json.eachElement { (_, element) throws(DecodingFault) in
            guard let text = element.stringValue, let instant = try? Instant(text) else {
                throw DecodingFault(path: path, expected: "RFC 3339 instants")
            }
            instants.append(instant)
        }
        return instants
    }
}

extension Order {
    var json: JSON {
        var object: JSONObject = ["kind": .string(suspension)]
        object.set("from", from)
        object.set("until", until)
        if isOral { object["oral"] = true }
        return .object(object)
    }

    init(_ json: some JSONSource, _ path: String) throws(DecodingFault) {
        let fields = try JSONFields(json, path: path)
        self.init(
            try fields.string("kind"), from: try fields.instant("from"), until: try fields.optionalInstant("until"),
            isOral: fields.object["oral"]?.boolValue ?? false)
    }
}

extension Definition.Goal {
    var json: JSON {
        var object = JSONObject()
        switch self {
        case .period(let period): object["period"] = .string(period.description)
        case .workingDays(let days, let calendar):
            object["workingDays"] = .int(Int64(days))
            object.set("calendar", calendar)
        case .workingHours(let hours, let calendar):
            object["workingHours"] = .double(hours)
            object.set("calendar", calendar)
        }
        return .object(object)
    }

    init(_ fields: JSONFields<some JSONSource>) throws(DecodingFault) {
        let calendar = try fields.optionalString("calendar")
        if let text = try fields.optionalString("period") {
            guard let period = try? Period(text) else {
                throw DecodingFault(path: fields.at("period"), expected: "an ISO 8601 period")
            }
            self = .period(period)
        } else if let hours = fields.object["workingHours"]?.doubleValue {
            self = .workingHours(hours, calendar: calendar)
        } else {
            self = .workingDays(Int(try fields.int("workingDays")), calendar: calendar)
        }
    }
}

/// Answers of reads as the journal keeps them: JSON that keeps the types of CEL.
public enum ReadAnswer {
    /// The answer as JSON.
    public static func json(_ answer: CEL.Value) -> JSON { ValueCoding.json(answer) }

    /// The answer that was kept.
    public static func value(_ json: JSON) throws(DecodingFault) -> CEL.Value { try ValueCoding.value(json) }
}
