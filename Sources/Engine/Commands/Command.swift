import Deadlines
import JSON
import Workflows

/// Something that is to be done to one instance, on its way to the batcher.
public struct Command: Sendable {
    /// What a command is for.
    public enum Target: Sendable, Equatable {
        /// Opens an instance of the newest version of a workflow.
        case opening(workflow: String)
        /// Acts on an instance that exists.
        case instance(Identifier)
    }

    /// A row of a queue that the command takes away: it is done once, with the row or not at all.
    public enum Origin: Sendable, Equatable {
        /// A caller asked.
        case request
        /// A timer fell due.
        case timer(Identifier, ArmedTimer)
        /// A message waited in the inbox.
        case inbox(position: Int64)
        /// A recurrence came round.
        case occurrence(at: Instant, key: String)
    }

    /// The tenant, from the caller's token and never from what it sent.
    public var tenant: Identifier
    /// What it is for.
    public var target: Target
    /// Who does what.
    ///
    /// For openings, the identifier may be the caller's own; the reference is given by the engine.
    public var input: Input
    /// The sequence at which the caller believes the instance to stand; nil where it does not care.
    public var expectedSequence: Int64?
    /// Distinguishes this request from others of the same principal, so that it can be repeated; nil for none.
    public var idempotencyKey: String?
    /// The row that it takes away.
    public var origin: Origin
    /// Whether the caller needs a part in the instance for what no definition speaks of, such as cancelling it.
    ///
    /// Callers within the process answer for themselves; the API asks for it of all but administrators.
    public var demandsPart = false

    /// Creates a command.
    public init(
        tenant: Identifier, target: Target, input: Input, expectedSequence: Int64? = nil, idempotencyKey: String? = nil,
        origin: Origin = .request
    ) {
        self.tenant = tenant
        self.target = target
        self.input = input
        self.expectedSequence = expectedSequence
        self.idempotencyKey = idempotencyKey
        self.origin = origin
    }

    /// The instance that it is about; for openings the one to be.
    public var instance: Identifier {
        switch target {
        case .instance(let id): id
        case .opening:
            if case .open(let opening) = input.act { opening.id } else { Identifier(high: 0, low: 0) }
        }
    }

    var key: InstanceKey { InstanceKey(tenant: tenant, id: instance) }

    /// SHA-256 of what was asked, to tell a repetition from another request under the same key.
    var requestHash: [UInt8] {
        var object = JSONObject()
        switch target {
        case .opening(let workflow): object["opens"] = .string(workflow)
        case .instance(let id): object["instance"] = .string(id.description)
        }
        var input = input.json
        if case .opening = target, var fields = input.objectValue {
            fields["id"] = nil  // the engine's own choice, made anew for each attempt
            input = .object(fields)
        }
        object["input"] = input
        if let expectedSequence { object["expected"] = .int(expectedSequence) }
        return Digest.sha256(JSON.object(object).bytes(.canonical))
    }
}

/// Names an instance of a tenant.
///
/// Ordered as the database orders keys, which is the order of locks.
struct InstanceKey: Hashable, Comparable, Sendable {
    var tenant: Identifier
    var id: Identifier

    static func < (left: InstanceKey, right: InstanceKey) -> Bool {
        (left.tenant, left.id) < (right.tenant, right.id)
    }
}

/// Names one version of a definition.
public struct DefinitionKey: Hashable, Sendable {
    /// The tenant that published it.
    public var tenant: Identifier
    /// The workflow.
    public var name: String
    /// The version, from 1.
    public var version: Int

    /// Creates a key.
    public init(tenant: Identifier, name: String, version: Int) {
        self.tenant = tenant
        self.name = name
        self.version = version
    }
}
