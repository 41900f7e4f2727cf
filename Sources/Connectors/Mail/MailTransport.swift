import Engine
import JSON

/// Sends plain text mail through an SMTP server.
///
/// Settings: `host`, `port` (587, with `tls` 465, with `none` 25), `security` (`starttls`, the default, `tls` or
/// `none`), `user`, `from`, `fromName`. Secret: the password, where there is a user.
public struct MailTransport: Transport {
    /// `mail`.
    public let name = "mail"

    private let transfers: TransferThread
    private let hostName: String

    /// Creates a transport that sends through a thread's transfers.
    ///
    /// - Parameter hostName: The name by which this host greets servers.
    public init(transfers: TransferThread, hostName: String = "reeve.invalid") {
        self.transfers = transfers
        self.hostName = hostName
    }

    /// Refuses settings without a server or sender, a user without password, and a password that would travel in clear.
    public func check(_ destination: Destination) throws(DestinationFault) {
        _ = try MailServer(destination)
    }

    /// Connects to the server, greets it and signs in; hands it nothing.
    public func fault(reaching destination: Destination) async -> String? {
        let server: MailServer
        do {
            server = try MailServer(destination)
        } catch {
            return "\(error)"
        }
        let result = await transfers.run(
            Transfer(
                url: "\(server.url)/\(hostName)", method: .connect, body: [],
                encryption: server.security == .starttls ? .upgrade : .byScheme, credentials: server.credentials,
                connectTimeout: transfers.policy.connectTimeout, timeout: transfers.policy.timeout))
        return result.fault
    }

    /// Hands the message to the server once.
    public func deliver(_ delivery: Delivery) async -> DeliveryOutcome {
        let server: MailServer
        do {
            server = try MailServer(delivery.destination)
        } catch {
            return .refused(reason: "destination \(delivery.destination.name): \(error)")
        }
        guard let recipient = delivery.recipient else { return .refused(reason: "mail needs a recipient") }
        guard let address = MailAddress(recipient.address) else {
            return .refused(reason: "`\(recipient.address)` is no mail address")
        }
        let message = MailMessage(
            from: server.from, fromName: server.fromName, to: address, toName: recipient.name,
            subject: delivery.subject, text: delivery.text, id: delivery.id, thread: delivery.instance,
            date: delivery.recordedAt)
        let policy = transfers.policy
        let result = await transfers.run(
            Transfer(
                url: "\(server.url)/\(hostName)",
                method: .mail(from: server.from.description, to: [address.description]),
                body: message.bytes, encryption: server.security == .starttls ? .upgrade : .byScheme,
                credentials: server.credentials, connectTimeout: policy.connectTimeout, timeout: policy.timeout))
        return Self.outcome(of: result)
    }

    /// What a server's answer means: 4yz may succeed later, 5yz never, save where the operator can mend the cause.
    static func outcome(of result: TransferResult) -> DeliveryOutcome {
        switch result {
        case .answered(let answer): return .delivered(detail: String(answer.status))
        case .failed(let failure):
            switch failure.cause {
            case .malformed, .addressForbidden: return .refused(reason: failure.message)
            case .broken
            where (500...599).contains(failure.status) && ![502, 503, 530, 535, 538].contains(failure.status):
                return .refused(reason: "the server answered \(failure.status): \(failure.message)")
            case .broken, .unresolved, .unreachable, .timedOut, .untrusted, .loginRefused, .cancelled:
                let answer = failure.status > 0 ? " (last answer \(failure.status))" : ""
                return .retry(reason: failure.message + answer, after: nil)
            }
        }
    }
}

/// The settings of a mail destination, checked.
struct MailServer: Sendable {
    enum Security: String { case starttls, tls, none }

    var url: String
    var security: Security
    var credentials: (user: String, password: String)?
    var from: MailAddress
    var fromName: String

    init(_ destination: Destination) throws(DestinationFault) {
        let settings = destination.settings
        security = try Self.security(settings)
        let host = try Self.host(settings)
        let port = settings["port"]?.intValue ?? (security == .tls ? 465 : security == .none ? 25 : 587)
        guard (1...65_535).contains(port) else {
            throw DestinationFault(setting: "port", message: "must be a number from 1 to 65535")
        }
        url = "\(security == .tls ? "smtps" : "smtp")://\(host.contains(":") ? "[\(host)]" : host):\(port)"
        guard let text = settings["from"]?.stringValue, let from = MailAddress(text) else {
            throw DestinationFault(setting: "from", message: "must be the mail address of the sender")
        }
        self.from = from
        fromName = settings["fromName"]?.stringValue ?? "Reeve"
        guard let user = settings["user"]?.stringValue else { return }
        guard let password = destination.secrets.first else {
            throw DestinationFault(setting: "secret", message: "is missing: the password of `\(user)`")
        }
        guard security != .none else {
            throw DestinationFault(
                setting: "security",
                message: "must be `starttls` or `tls`: with `none` the password would travel in clear")
        }
        credentials = (user, password)
    }

    private static func security(_ settings: JSONObject) throws(DestinationFault) -> Security {
        guard let setting = settings["security"] else { return .starttls }
        guard let security = setting.stringValue.flatMap(Security.init) else {
            throw DestinationFault(setting: "security", message: "must be `starttls`, `tls` or `none`")
        }
        return security
    }

    private static func host(_ settings: JSONObject) throws(DestinationFault) -> String {
        let host = settings["host"]?.stringValue ?? ""
        let isName = host.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
            case UInt8(ascii: "0")...UInt8(ascii: "9"): true
            case UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: ":"): true
            default: false
            }
        }
        guard !host.isEmpty, isName else {
            throw DestinationFault(setting: "host", message: "must be the name or address of the SMTP server")
        }
        return host
    }
}
