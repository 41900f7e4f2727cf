import CEL
import Deadlines
import JSON

extension Effect {
    /// The values of a call, which keep their types, in canonical form.
    public static func body(_ values: [String: CEL.Value], from origin: EffectOrigin) -> [UInt8] {
        CanonicalWriter.object { writer in
            writer.member("definition", origin.definition)
            writer.member("exercise", flag: origin.isExercise)
            writer.member("reference", origin.reference)
            writer.member("state", origin.state)
            writer.member("with", ValueCoding.json(values))
        }
    }
}

/// What the reader of an outward act has to know of the instance that it comes from.
public struct EffectOrigin: Sendable {
    /// The workflow.
    public let definition: String
    /// The reference that people see.
    public let reference: String
    /// Its state after the step.
    public let state: String
    /// Whether it is an exercise.
    public let isExercise: Bool

    /// Names an instance by its workflow and its snapshot after the step.
    public init(definition: String, _ snapshot: Snapshot) {
        (self.definition, reference, state) = (definition, snapshot.reference, snapshot.state)
        isExercise = snapshot.kind == .exercise
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
            writer.member("exercise", flag: origin.isExercise)
            writer.member("overdue", flag: isOverdue)
            writer.member("reference", origin.reference)
            writer.member("state", origin.state)
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
