import CEL
import Deadlines

/// What is done to an instance, and by whom.
public struct Input: Sendable, Equatable {
    /// Who does it.
    public var actor: Actor
    /// When it happened, as far as anyone says; nil means when it was recorded.
    public var happenedAt: Instant?
    /// What is done.
    public var act: Act

    /// Creates an input.
    public init(actor: Actor, happenedAt: Instant? = nil, act: Act) {
        self.actor = actor
        self.happenedAt = happenedAt
        self.act = act
    }
}

/// Who acts.
public enum Actor: Sendable, Hashable {
    /// A person of the directory by identifier, or acting for another.
    case person(String, onBehalfOf: String? = nil)
    /// The instance that opened this one.
    case parent(Identifier)
    /// An instance that this one opened.
    case child(ItemKey, Identifier)
    /// Another instance, neither parent nor child; `allow` counts it as a connector.
    case instance(Identifier)
    /// A system outside by the name of its token.
    case connector(String)
    /// The schedule of the definition.
    case schedule
    /// A ladder of the instance.
    case ladder(ItemKey)
    /// The worker, for timers and recomputation.
    case worker
}

/// What can be done to an instance.
public enum Act: Sendable, Equatable {
    /// Opens the instance.
    case open(Opening)
    /// Sends an event with its form: fields and roles by name, as plain values.
    case event(String, form: [String: CEL.Value])
    /// Completes a task with its result.
    case complete(ItemKey, result: [String: CEL.Value])
    /// Votes on an approval.
    case vote(ItemKey, isApproval: Bool, comment: String?)
    /// Changes fields after the fact; a null unsets.
    case correct([String: CEL.Value], reason: String)
    /// Gives a role to people.
    case assign(role: String, to: [String], reason: String?)
    /// Gives an open task to a person; nil gives it back to all who are eligible.
    case assignTask(ItemKey, to: String?, reason: String?)
    /// Says something about the instance.
    case comment(String)
    /// Attaches evidence: its SHA-256 in hexadecimal, or a link.
    case attach(Evidence)
    /// Refers to another instance.
    case link(to: Identifier, relation: String)
    /// Ends the repetition of an escalation.
    case acknowledge(ItemKey, comment: String?)
    /// Ends the instance with a reason.
    case cancel(reason: String)
    /// Holds the instance with a reason.
    case suspend(reason: String)
    /// Lets a held instance go on.
    case resume(reason: String?)
    /// A timer fell due.
    case timer(ItemKey, generation: Int64)
    /// The parent's `follow` values changed; a null unsets.
    case tell([String: CEL.Value])
    /// A child says where it stands.
    case report(ItemKey, state: String, isFinal: Bool, exports: [String: CEL.Value])
    /// A child could not be opened; the reason is told, and the next input tries again.
    case openingFailed(ItemKey, reason: String)
    /// Calendars, rules or the directory changed: clocks are computed anew.
    case recompute(reason: String)
    /// Takes the instance to a newer version; it is stepped by the machine of that version.
    case upgrade(Upgrade, reason: String)
}

/// Who sees an instance.
public enum Visibility: String, Sendable, CaseIterable, Comparable {
    /// Everyone of the tenant.
    case normal
    /// Those named on it, and whoever has a recorded grant.
    case restricted
    /// As restricted; its contents are under legal privilege.
    case privileged

    /// Orders by how few see it.
    public static func < (a: Visibility, b: Visibility) -> Bool {
        let order = allCases
        return (order.firstIndex(of: a) ?? 0) < (order.firstIndex(of: b) ?? 0)
    }
}

/// What opening an instance needs beside the form.
public struct Opening: Sendable, Equatable {
    /// Identifier of the new instance.
    public var id: Identifier
    /// Its reference, from the tenant's counter.
    public var reference: String
    /// What it counts as.
    public var kind: Snapshot.Kind
    /// Who sees it; a child is seen by no more than its parent.
    public var visibility: Visibility
    /// The instance that opens it; nil when a person or schedule does.
    public var parent: Snapshot.Parent?
    /// Fields and roles by name.
    public var form: [String: CEL.Value]
    /// Fields that the parent keeps telling, and that are read-only here; null for those not known yet.
    public var followed: [String: CEL.Value]

    /// Creates an opening.
    public init(
        id: Identifier, reference: String, kind: Snapshot.Kind = .real, visibility: Visibility = .normal,
        parent: Snapshot.Parent? = nil, form: [String: CEL.Value], followed: [String: CEL.Value] = [:]
    ) {
        self.id = id
        self.reference = reference
        self.kind = kind
        self.visibility = visibility
        self.parent = parent
        self.form = form
        self.followed = followed
    }
}

/// A file or link that is attached to an instance.
public struct Evidence: Sendable, Equatable {
    /// What is known of a file that Reeve keeps.
    public struct File: Sendable, Equatable {
        /// What it is, such as `application/pdf`.
        public var mediaType: String
        /// How many bytes it has.
        public var size: Int64

        /// Creates a description of a file.
        public init(mediaType: String, size: Int64) {
            self.mediaType = mediaType
            self.size = size
        }
    }

    /// SHA-256 of the content in hexadecimal; for a link, of its URI.
    public var digest: String
    /// Title that people see.
    public var title: String
    /// Where it can be found; nil where nobody says, or Reeve keeps it.
    public var uri: String?
    /// The file that Reeve keeps; nil where it lies elsewhere.
    public var file: File?

    /// Creates a reference to evidence.
    public init(digest: String, title: String, uri: String? = nil, file: File? = nil) {
        self.digest = digest
        self.title = title
        self.uri = uri
        self.file = file
    }
}
