import CEL
import Deadlines
import JSON

extension Effect {
    /// Values of a call as JSON that keeps their types.
    public static func json(_ values: [String: CEL.Value]) -> JSON { ValueCoding.json(values) }
}

extension Notification {
    /// Writes what is told as members, without the recipients, each of whom gets a copy.
    public func write(to writer: inout CanonicalWriter) {
        writer.member("body", body)
        if let clock {
            writer.key("clock")
            writer.object { clock.write(to: &$0) }
        }
        writer.member("due", due)
        writer.member("overdue", flag: isOverdue)
        writer.member("subject", subject)
        writer.member("template", template)
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
