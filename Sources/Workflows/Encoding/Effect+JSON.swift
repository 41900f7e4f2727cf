import CEL
import Deadlines
import JSON

extension Effect {
    /// Values of a call as JSON that keeps their types.
    public static func json(_ values: [String: CEL.Value]) -> JSON { ValueCoding.json(values) }
}

extension Notification {
    /// What is told, without the recipients, each of whom gets a copy.
    public var json: JSON {
        var object = JSONObject()
        object["template"] = .string(template)
        object.set("subject", subject)
        object.set("body", body)
        object.set("clock", clock?.json)
        object.set("due", due)
        object.set("overdue", flag: isOverdue)
        return .object(object)
    }

    /// Reads a notification for one recipient back.
    public init(json: JSON, recipient: String) throws(DecodingFault) {
        let fields = try JSONFields(json)
        self.init(
            template: try fields.string("template"), recipients: [recipient],
            clock: try fields.optional("clock") { (json, path) throws(DecodingFault) in
                try ItemKey(JSONFields(json, path: path))
            },
            due: try fields.optionalInstant("due"), isOverdue: try fields.bool("overdue"))
        subject = try fields.optionalString("subject")
        body = try fields.optionalString("body")
    }
}
