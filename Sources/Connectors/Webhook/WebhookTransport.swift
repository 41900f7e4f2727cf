import CLibCurl
import Engine
import Glibc
import JSON

/// Posts signed messages to a URL, as the Standard Webhooks specification says.
///
/// Settings: `url`. Secrets: one or more `whsec_…`, each of which signs, so that a receiver can change over.
public struct WebhookTransport: Transport {
    /// `webhook`.
    public let name = "webhook"

    private let transfers: TransferThread
    private let now: @Sendable () -> Int64

    /// Creates a transport that sends through a thread's transfers.
    ///
    /// - Parameter now: Seconds since 1970, for the time stamp of an attempt; receivers refuse one that is minutes off.
    public init(transfers: TransferThread, now: @escaping @Sendable () -> Int64 = { Int64(time(nil)) }) {
        self.transfers = transfers
        self.now = now
    }

    /// Refuses a URL that is no absolute HTTPS URL, or carries a password, and secrets of another form.
    public func check(_ destination: Destination) throws(DestinationFault) {
        _ = try endpoint(of: destination)
    }

    /// Connects to the receiver, TLS included; asks it nothing.
    public func fault(reaching destination: Destination) async -> String? {
        let url: String
        do {
            (url, _) = try endpoint(of: destination)
        } catch {
            return "\(error)"
        }
        let result = await transfers.run(
            Transfer(
                url: url, method: .connect, body: [], connectTimeout: transfers.policy.connectTimeout,
                timeout: transfers.policy.timeout))
        return result.fault
    }

    /// Posts the message once; redirects are not followed.
    public func deliver(_ delivery: Delivery) async -> DeliveryOutcome {
        let url: String
        let secrets: [WebhookSecret]
        do {
            (url, secrets) = try endpoint(of: delivery.destination)
        } catch {
            return .refused(reason: "destination \(delivery.destination.name): \(error)")
        }
        let body = Self.body(of: delivery)
        let timestamp = now()
        let signatures = secrets.map { $0.signature(id: delivery.id, timestamp: timestamp, body: body) }
        let result = await transfers.run(
            Transfer(
                url: url, method: .post,
                headers: [
                    ("content-type", "application/json"), ("user-agent", "Reeve"), ("webhook-id", delivery.id),
                    ("webhook-timestamp", String(timestamp)), ("webhook-signature", signatures.joined(separator: " ")),
                ],
                body: body, connectTimeout: transfers.policy.connectTimeout, timeout: transfers.policy.timeout))
        return Self.outcome(of: result)
    }

    /// The message, the same bytes at every attempt.
    static func body(of delivery: Delivery) -> [UInt8] {
        var data = delivery.facts
        data["subject"] = .string(delivery.subject)
        data["text"] = .string(delivery.text)
        if let recipient = delivery.recipient {
            data["recipient"] = ["name": .string(recipient.name), "address": .string(recipient.address)]
        }
        let message: JSON = [
            "type": .string(delivery.type), "timestamp": .string(delivery.recordedAt.description),
            "data": .object(data),
        ]
        return message.bytes()
    }

    /// What a receiver's answer means.
    ///
    /// Refusals of the message itself are final; those that someone can mend while the message waits are not.
    static func outcome(of result: TransferResult) -> DeliveryOutcome {
        switch result {
        case .answered(let answer):
            let reason = "the receiver answered \(answer.status)\(Self.quoted(answer.body))"
            switch answer.status {
            case 200...299: return .delivered(detail: String(answer.status))
            case 300...399: return .refused(reason: "\(reason); redirects are not followed, give the final URL")
            case 400, 405, 406, 410, 411, 413, 414, 415, 422, 431: return .refused(reason: reason)
            default: return .retry(reason: reason, after: answer.retryAfter)
            }
        case .failed(let failure):
            switch failure.cause {
            case .malformed, .addressForbidden: return .refused(reason: failure.message)
            case .unresolved, .unreachable, .timedOut, .untrusted, .loginRefused, .broken, .cancelled:
                return .retry(reason: failure.message, after: nil)
            }
        }
    }

    /// The first line of what a receiver said, for people who look for the cause.
    private static func quoted(_ body: [UInt8]) -> String {
        let line = String(decoding: body.prefix(200), as: UTF8.self).split(whereSeparator: \.isNewline).first ?? ""
        return line.isEmpty ? "" : ": \(line)"
    }

    private func endpoint(of destination: Destination) throws(DestinationFault) -> (String, [WebhookSecret]) {
        guard let url = destination.settings["url"]?.stringValue else {
            throw DestinationFault(setting: "url", message: "is missing: the URL that receives the messages")
        }
        guard let parts = URLParts(url), !parts.host.isEmpty else {
            throw DestinationFault(
                setting: "url", message: "`\(url)` is no absolute URL such as https://example.org/hook")
        }
        guard parts.scheme == "https" || (parts.scheme == "http" && transfers.policy.allowsPlainHTTP) else {
            throw DestinationFault(setting: "url", message: "must begin with https://, not \(parts.scheme)://")
        }
        guard !parts.hasCredentials else {
            throw DestinationFault(
                setting: "url", message: "must not carry a user name or password; receivers check the signature")
        }
        guard !destination.secrets.isEmpty else {
            throw DestinationFault(setting: "secret", message: "is missing: messages are always signed")
        }
        var secrets: [WebhookSecret] = []
        for secret in destination.secrets { secrets.append(try WebhookSecret(secret)) }
        return (url, secrets)
    }
}

/// The parts of a URL as libcurl reads it, so that what was checked is what is used.
private struct URLParts {
    var scheme: String
    var host: String
    var hasCredentials: Bool

    init?(_ text: String) {
        guard !text.utf8.contains(0), let url = curl_url() else { return nil }
        defer { curl_url_cleanup(url) }
        guard curl_url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK,
            let scheme = Self.part(CURLUPART_SCHEME, of: url), let host = Self.part(CURLUPART_HOST, of: url)
        else { return nil }
        self.scheme = scheme
        self.host = host
        hasCredentials = Self.part(CURLUPART_USER, of: url) != nil || Self.part(CURLUPART_PASSWORD, of: url) != nil
    }

    private static func part(_ part: CURLUPart, of url: OpaquePointer) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard curl_url_get(url, part, &text, 0) == CURLUE_OK, let text else { return nil }
        defer { curl_free(text) }
        return String(cString: text)
    }
}
