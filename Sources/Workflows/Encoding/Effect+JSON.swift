import CEL
import Deadlines
import JSON

extension Effect {
    /// The values of a call, which keep their types, in canonical form.
    public static func body(_ values: [String: CEL.Value], from origin: EffectOrigin) -> [UInt8] {
        CanonicalWriter.object { writer in
            writer.member("definition", origin.definition)
            writer.member("exercise", flag: origin.snapshot.kind == .exercise)
            writer.member("reference", origin.snapshot.reference)
            writer.member("state", origin.snapshot.state)
            writer.member("with", ValueCoding.json(values))
        }
    }
}

/// What the reader of an outward act has to know of the instance that it comes from.
public struct EffectOrigin: Sendable {
    /// The workflow.
    public let definition: String
    /// What its snapshot says.
    public let snapshot: Snapshot

    /// Names an instance.
    public init(definition: String, snapshot: Snapshot) {
        (self.definition, self.snapshot) = (definition, snapshot)
    }
}

extension Notification {
    /// What is told, in canonical form, without the recipients, each of whom gets a copy.
    public func body(from origin: EffectOrigin) -> [UInt8] {
        CanonicalWriter.object { writer in
            writer.member("body", body)
            if let clock {
                writer.key("clock")
                writer.object { clock.write(to: &$0) }
            }
            writer.member("definition", origin.definition)
            writer.member("due", due)
            writer.member("exercise", flag: origin.snapshot.kind == .exercise)
            writer.member("overdue", flag: isOverdue)
            writer.member("reference", origin.snapshot.reference)
            writer.member("state", origin.snapshot.state)
            writer.member("subject", subject)
            writer.member("template", template)
        }
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
