import CEL
import Deadlines
import Engine
import JSON
import Workflows

extension Schema {
    /// Fields and roles by name, as the definition describes them.
    static let form = Schema.map(of: .anything)

    /// What every command may say beside what it does.
    static let circumstances: [Property] = [
        .optional("happenedAt", .instant, "When it happened, as far as anyone says; now where absent"),
        .optional("onBehalfOf", .name, "The person for whom the caller acts; needs the scope represent"),
    ]

    /// What a command has done.
    static let done = Schema.component(
        "Done",
        .object([
            .required("instance", .uuid, "Identifier of the instance"),
            .required("reference", .name, "Its reference, such as INC-2026-0042"),
            .required("workflow", .name, "Its workflow"),
            .required("version", .integer(1 ... .max), "The version of the definition that it is pinned to"),
            .required("sequence", .integer(1 ... .max), "The last journal entry that was written; the ETag"),
            .required("state", .name, "The state afterwards"),
            .required("status", .choice(["running", "suspended", "final", "cancelled"]), "Whether it still moves"),
            .required("recordedAt", .instant, "When it was recorded, by the database's clock"),
        ]))
}

extension JSON {
    /// The members of an object member as plain values for the engine.
    func form(_ name: String) -> [String: CEL.Value] {
        var form: [String: CEL.Value] = [:]
        for (key, value) in self[name]?.objectValue ?? [:] { form[key] = CEL.Value(json: value) }
        return form
    }

    /// The instant that a text member holds.
    func instant(_ name: String) throws(Problem) -> Instant? {
        guard let text = self[name]?.stringValue else { return nil }
        do {
            return try Instant(text)
        } catch {
            throw Problem(
                .invalidBody, "The member /\(name): \(error)",
                faults: [Problem.Fault(place: "/\(name)", message: "\(error)")])
        }
    }

    /// The instant that a parameter holds.
    static func instant(_ text: String, parameter: String) throws(Problem) -> Instant {
        do {
            return try Instant(text)
        } catch {
            throw .parameter(parameter, "is no instant: \(error)")
        }
    }
}

extension Answer {
    /// The answer as the API describes it.
    var document: JSON {
        [
            "instance": .string(instance.description), "reference": .string(reference),
            "workflow": .string(definition), "version": .int(Int64(version)), "sequence": .int(sequence),
            "state": .string(state), "status": .string(status.rawValue),
            "recordedAt": .string(recordedAt.description),
        ]
    }
}
