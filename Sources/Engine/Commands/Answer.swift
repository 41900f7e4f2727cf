import Deadlines
import JSON
import Workflows

/// What a command has done.
public struct Answer: Sendable, Equatable {
    /// The instance.
    public var instance: Identifier
    /// Its reference, such as `INC-2026-0042`.
    public var reference: String
    /// Its workflow.
    public var definition: String
    /// The version of the definition that it is pinned to.
    public var version: Int
    /// The last journal entry that the command wrote.
    public var sequence: Int64
    /// The state afterwards.
    public var state: String
    /// Whether it still moves.
    public var status: Snapshot.Status
    /// When it was recorded, by the database's clock.
    public var recordedAt: Instant
    /// Whether this is the answer to an earlier request under the same key.
    public var isRepeated = false

    var json: JSON {
        [
            "instance": .string(instance.description), "reference": .string(reference),
            "definition": .string(definition), "version": .int(Int64(version)), "sequence": .int(sequence),
            "state": .string(state), "status": .string(status.rawValue),
            "recordedAt": .string(recordedAt.description),
        ]
    }

    init?(json: JSON) {
        guard let instance = json["instance"]?.stringValue.flatMap({ Identifier($0) }),
            let reference = json["reference"]?.stringValue, let definition = json["definition"]?.stringValue,
            let version = json["version"]?.intValue, let sequence = json["sequence"]?.intValue,
            let state = json["state"]?.stringValue,
            let status = json["status"]?.stringValue.flatMap({ Snapshot.Status(rawValue: $0) }),
            let recordedAt = json["recordedAt"]?.stringValue.flatMap({ try? Instant($0) })
        else { return nil }
        self.init(
            instance: instance, reference: reference, definition: definition, version: Int(version),
            sequence: sequence, state: state, status: status, recordedAt: recordedAt)
    }

    /// Creates an answer.
    public init(
        instance: Identifier, reference: String, definition: String, version: Int, sequence: Int64, state: String,
        status: Snapshot.Status, recordedAt: Instant
    ) {
        self.instance = instance
        self.reference = reference
        self.definition = definition
        self.version = version
        self.sequence = sequence
        self.state = state
        self.status = status
        self.recordedAt = recordedAt
    }
}

/// Why a command was not done, for programs and people.
///
/// Nothing of it was written.
public struct Refusal: Error, Sendable, Equatable {
    /// The kind, such as `guard-false`; see ``Workflows/Rejection`` and the constants here.
    public var code: String
    /// The reason and the way out in one sentence.
    public var message: String
    /// The particulars.
    public var details: JSON
    /// Whether this is the answer to an earlier request under the same key.
    public var isRepeated = false
    /// When it was kept under the request's key; nil where there was none.
    public var recordedAt: Instant?

    /// There is no such instance in the tenant.
    public static let notFound = "not-found"
    /// There is no such workflow in the tenant.
    public static let unknownWorkflow = "unknown-workflow"
    /// The key was used for another request.
    public static let keyReused = "key-reused"
    /// The identifier of the opening cannot be used.
    public static let badIdentifier = "bad-identifier"
    /// An instance has that identifier already.
    public static let alreadyOpen = "already-open"
    /// A text holds what the database cannot store.
    public static let unstorable = "unstorable"
    /// The tenant is unknown.
    public static let unknownTenant = "unknown-tenant"

    /// There is no such version of the workflow, or it is not newer.
    public static let noVersion = "no-version"

    /// An upgrade to a version that is not newer.
    static func noUpgrade(from definition: DefinitionKey, to version: Int) -> Refusal {
        Refusal(
            code: noVersion,
            message:
                "It runs under `\(definition.name)` version \(definition.version); version \(version) is not newer.")
    }

    /// An upgrade to a version that is not there, or cannot be run.
    static func noVersion(_ definition: DefinitionKey) -> Refusal {
        Refusal(
            code: noVersion, message: "There is no `\(definition.name)` version \(definition.version) to run under.")
    }

    /// Creates a refusal.
    public init(code: String, message: String, details: JSON = [:]) {
        self.code = code
        self.message = message
        self.details = details
    }

    /// A refusal from the machine's rejection.
    public init(_ rejection: Rejection) {
        self.init(code: rejection.code, message: rejection.message, details: rejection.details)
    }

    var json: JSON {
        [
            "code": .string(code), "message": .string(message), "details": details,
            "recordedAt": recordedAt.map { .string($0.description) } ?? .null,
        ]
    }

    init?(json: JSON) {
        guard let code = json["code"]?.stringValue, let message = json["message"]?.stringValue else { return nil }
        self.init(code: code, message: message, details: json["details"] ?? [:])
        recordedAt = json["recordedAt"]?.stringValue.flatMap { try? Instant($0) }
    }
}

/// Why a command has no answer.
public enum CommandError: Error, Sendable, Equatable {
    /// It was refused; nothing was written, and the same request will be refused again.
    case refused(Refusal)
    /// The database could not be reached or was too busy; nothing was written. Try again, with the same key.
    case unavailable(String)
    /// The connection was lost at COMMIT and nobody could tell in time what became of it. Repeat with the same key.
    case outcomeUnknown(String)
    /// An error that nobody foresaw; nothing was written. The log has the particulars.
    case failed(String)
}

extension CommandError: CustomStringConvertible {
    /// Cause and way out in one line.
    public var description: String {
        switch self {
        case .refused(let refusal): refusal.message
        case .unavailable(let reason): "The database is not available (\(reason)). Try again."
        case .outcomeUnknown(let reason): "The outcome is not known (\(reason)). Repeat it under the same key."
        case .failed(let reason): "The command failed: \(reason)"
        }
    }
}
