import Deadlines
import JSON

/// A way to reach the world outside, such as mail.
///
/// A delivery is made at least once: a transport may be asked again for one that arrived, under the same identifier.
public protocol Transport: Sendable {
    /// The word by which destinations name it, such as `mail`.
    var name: String { get }

    /// Says what is wrong with a destination's settings or secrets before anything is sent there.
    func check(_ destination: Destination) throws(DestinationFault)

    /// Says why the server of a destination cannot be reached; nil where it can, or where nobody can tell.
    ///
    /// Nothing is sent.
    func fault(reaching destination: Destination) async -> String?

    /// Tries once to deliver, within the transport's own time limits.
    ///
    /// Cancelling the task abandons the attempt; whether it arrived is then unknown.
    func deliver(_ delivery: Delivery) async -> DeliveryOutcome
}

extension Transport {
    /// Nobody can tell.
    public func fault(reaching destination: Destination) async -> String? { nil }
}

/// An address outside, with what a transport needs to reach it.
public struct Destination: Sendable, Equatable {
    /// Name within the tenant.
    public var name: String
    /// The transport that serves it.
    public var transport: String
    /// The transport's settings.
    public var settings: JSONObject
    /// Secrets in clear, the present one first; never journalled, logged or shown.
    public var secrets: [String]

    /// Creates a destination.
    public init(name: String, transport: String, settings: JSONObject, secrets: [String] = []) {
        self.name = name
        self.transport = transport
        self.settings = settings
        self.secrets = secrets
    }
}

/// What is wrong with a destination.
public struct DestinationFault: Error, Sendable, Equatable, CustomStringConvertible {
    /// The setting at fault; `secret` for the secrets.
    public var setting: String
    /// What is wrong and what would be right.
    public var message: String

    /// Creates a fault.
    public init(setting: String, message: String) {
        self.setting = setting
        self.message = message
    }

    /// Setting and message.
    public var description: String { "\(setting): \(message)" }
}

/// One message for one recipient by one way.
public struct Delivery: Sendable, Equatable {
    /// A person to reach.
    public struct Recipient: Sendable, Equatable {
        /// Name that people see.
        public var name: String
        /// The address that the transport understands, such as a mail address.
        public var address: String

        /// Creates a recipient.
        public init(name: String, address: String) {
            self.name = name
            self.address = address
        }
    }

    /// Identifier that is the same at every attempt, made from tenant, instance, sequence, ordinal and content: a UUID.
    public var id: String
    /// The instance it is about, as a UUID.
    public var instance: String
    /// Where it goes.
    public var destination: Destination
    /// Whom it is for; nil where the destination itself is the receiver.
    public var recipient: Recipient?
    /// One line for people.
    public var subject: String
    /// The text for people.
    public var text: String
    /// The type of the message for programs, such as `notification`.
    public var type: String
    /// The facts for programs.
    public var facts: JSONObject
    /// When the step that caused it was recorded.
    public var recordedAt: Instant

    /// Creates a delivery.
    public init(
        id: String, instance: String, destination: Destination, recipient: Recipient? = nil, subject: String,
        text: String, type: String, facts: JSONObject, recordedAt: Instant
    ) {
        self.id = id
        self.instance = instance
        self.destination = destination
        self.recipient = recipient
        self.subject = subject
        self.text = text
        self.type = type
        self.facts = facts
        self.recordedAt = recordedAt
    }
}

/// How an attempt to deliver ended.
public enum DeliveryOutcome: Sendable, Equatable {
    /// The receiver took it; the detail is its answer in few words.
    case delivered(detail: String)
    /// It may succeed later, not before `after` where the receiver said so.
    case retry(reason: String, after: Duration?)
    /// The same message can never succeed.
    case refused(reason: String)
}
