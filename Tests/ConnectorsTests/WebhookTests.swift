import Deadlines
import Engine
import JSON
import TestSupport
import Testing

@testable import Connectors

@Suite struct WebhookTests {
    static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    static let older = "whsec_" + Base64.encode([UInt8](repeating: 7, count: 32))

    static func delivery(to url: String, secrets: [String] = [secret], text: String = "Grüße") -> Delivery {
        Delivery(
            id: "0190d4ac-0000-7000-8000-000000000001", instance: "0190d4ac-0000-7000-8000-0000000000ff",
            destination: Destination(
                name: "hook", transport: "webhook", settings: ["url": .string(url)], secrets: secrets),
            recipient: Delivery.Recipient(name: "Ana", address: "ana@example.org"), subject: "INC-1 is overdue",
            text: text,
            type: "notification", facts: ["reference": "INC-1"], recordedAt: Instant(seconds: 1_700_000_000))
    }

    static func transport(
        _ policy: TransferPolicy = TransferPolicy(
            allowsPlainHTTP: true, connectTimeout: .seconds(5), timeout: .seconds(5))
    ) -> WebhookTransport {
        WebhookTransport(transfers: TransferThread(policy: policy))
    }

    /// The example of the specification's reference implementations.
    @Test func signsAsTheSpecificationDoes() throws {
        let body = Array(#"{"test": 2432232314}"#.utf8)
        let signature = try WebhookSecret(Self.secret)
            .signature(id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: 1_614_265_330, body: body)
        #expect(signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    }

    @Test func aReceiverVerifiesWhatIsSent() async throws {
        let receiver = try await TestServer("receiver.py", Self.secret)
        let delivery = Self.delivery(to: "http://127.0.0.1:\(receiver.port)/ok", secrets: [Self.older, Self.secret])
        #expect(await Self.transport().deliver(delivery) == .delivered(detail: "200"))
        let seen = try await receiver.next()
        #expect(seen["verified"] == true)
        #expect(seen["signatures"] == 2)
        #expect(seen["id"]?.stringValue == delivery.id)
        #expect(seen["type"] == "application/json")
        #expect(seen["message"]?["timestamp"] == "2023-11-14T22:13:20Z")
        #expect(seen["message"]?["data"]?["text"] == "Grüße")
        #expect(seen["message"]?["data"]?["reference"] == "INC-1")
    }

    @Test func aReceiverThatLacksTheSecretRefusesTheSignature() async throws {
        let receiver = try await TestServer("receiver.py", Self.secret)
        let delivery = Self.delivery(to: "http://127.0.0.1:\(receiver.port)/ok", secrets: [Self.older])
        _ = await Self.transport().deliver(delivery)
        #expect(try await receiver.next()["verified"] == false)
    }

    @Test func everyAttemptHasTheSameIdentifierAndBody() {
        let delivery = Self.delivery(to: "https://example.org/")
        #expect(WebhookTransport.body(of: delivery) == WebhookTransport.body(of: delivery))
    }

    @Test(arguments: [
        (
            "status/503?after=7",
            DeliveryOutcome.retry(reason: "the receiver answered 503: thank you", after: .seconds(7))
        ),
        ("status/429", .retry(reason: "the receiver answered 429: thank you", after: nil)),
        ("status/404", .retry(reason: "the receiver answered 404: thank you", after: nil)),
        ("status/410", .refused(reason: "the receiver answered 410: thank you")),
        ("status/400", .refused(reason: "the receiver answered 400: thank you")),
        ("status/204", .delivered(detail: "204")),
        (
            "redirect",
            .refused(
                reason: "the receiver answered 307: thank you; redirects are not followed, give the final URL")
        ),
    ])
    func answersDecideWhatFollows(path: String, outcome: DeliveryOutcome) async throws {
        let receiver = try await TestServer("receiver.py", Self.secret)
        let delivery = Self.delivery(to: "http://127.0.0.1:\(receiver.port)/\(path)")
        #expect(await Self.transport().deliver(delivery) == outcome)
    }

    @Test func aLargeMessageArrivesWhole() async throws {
        let receiver = try await TestServer("receiver.py", Self.secret)
        let delivery = Self.delivery(
            to: "http://127.0.0.1:\(receiver.port)/ok", text: String(repeating: "é", count: 4_000_000))
        #expect(await Self.transport().deliver(delivery) == .delivered(detail: "200"))
        let seen = try await receiver.next()
        #expect(seen["verified"] == true)
        #expect((seen["length"]?.intValue ?? 0) > 8_000_000)
    }

    @Test func aLongAnswerIsLetGoBy() async throws {
        let receiver = try await TestServer("receiver.py", Self.secret)
        let delivery = Self.delivery(to: "http://127.0.0.1:\(receiver.port)/flood")
        #expect(await Self.transport().deliver(delivery) == .delivered(detail: "200"))
    }

    @Test func aSlowReceiverIsTriedLater() async throws {
        let receiver = try await TestServer("receiver.py", Self.secret)
        let policy = TransferPolicy(allowsPlainHTTP: true, timeout: .milliseconds(300))
        let outcome = await Self.transport(policy).deliver(
            Self.delivery(to: "http://127.0.0.1:\(receiver.port)/slow/60"))
        guard case .retry(let reason, nil) = outcome else { throw Unexpected(outcome) }
        #expect(reason.contains("timed out"))
    }

    @Test(arguments: ["drop"])
    func aConnectionThatBreaksIsTriedLater(path: String) async throws {
        let receiver = try await TestServer("receiver.py", Self.secret)
        let outcome = await Self.transport().deliver(Self.delivery(to: "http://127.0.0.1:\(receiver.port)/\(path)"))
        guard case .retry = outcome else { throw Unexpected(outcome) }
    }

    @Test func aClosedPortIsTriedLater() async throws {
        let receiver = try await TestServer("mailbox.py", "hang")
        let port = receiver.port
        withExtendedLifetime(receiver) {}
        let outcome = await Self.transport().deliver(Self.delivery(to: "http://127.0.0.1:1/\(port)"))
        guard case .retry = outcome else { throw Unexpected(outcome) }
    }

    @Test func aNameWithoutAddressIsTriedLater() async throws {
        let outcome = await Self.transport().deliver(Self.delivery(to: "https://nowhere.invalid/"))
        guard case .retry = outcome else { throw Unexpected(outcome) }
    }

    @Test func aCertificateThatNobodyKnowsIsNotTrusted() async throws {
        let certificate = try TestCertificate()
        let receiver = try await TestServer("receiver.py", Self.secret, certificate.certificate, certificate.key)
        let delivery = Self.delivery(to: "https://localhost:\(receiver.port)/ok")
        let outcome = await Self.transport().deliver(delivery)
        guard case .retry(let reason, _) = outcome else { throw Unexpected(outcome) }
        #expect(reason.contains("certificate"))
        let trusting = TransferPolicy(authorities: certificate.certificate)
        #expect(await Self.transport(trusting).deliver(delivery) == .delivered(detail: "200"))
    }

    @Test func addressesThatAreNotPublicCanBeForbidden() async {
        let policy = TransferPolicy(publicAddressesOnly: true, allowsPlainHTTP: true)
        for host in [
            "127.0.0.1", "10.1.2.3", "169.254.169.254", "[::1]", "[::ffff:192.168.0.1]", "[fd00::1]", "localhost",
        ] {
            let outcome = await Self.transport(policy).deliver(Self.delivery(to: "http://\(host):9/"))
            #expect(
                outcome
                    == .refused(reason: "the address is not public, and this installation allows no other"), "\(host)")
        }
    }

    @Test func aCancelledAttemptEndsAtOnce() async throws {
        let receiver = try await TestServer("receiver.py", Self.secret)
        let transport = Self.transport(TransferPolicy(allowsPlainHTTP: true, timeout: .seconds(600)))
        let attempt = Task { await transport.deliver(Self.delivery(to: "http://127.0.0.1:\(receiver.port)/slow/600")) }
        _ = try await receiver.next()
        attempt.cancel()
        #expect(await attempt.value == .retry(reason: "the attempt was abandoned", after: nil))
    }

    @Test func stoppingTheThreadEndsItsTransfers() async throws {
        let receiver = try await TestServer("receiver.py", Self.secret)
        let transfers = TransferThread(policy: TransferPolicy(allowsPlainHTTP: true, timeout: .seconds(600)))
        let transport = WebhookTransport(transfers: transfers)
        let delivery = Self.delivery(to: "http://127.0.0.1:\(receiver.port)/slow/600")
        async let attempt = transport.deliver(delivery)
        _ = try await receiver.next()
        transfers.stop()
        #expect(await attempt == .retry(reason: "the attempt was abandoned", after: nil))
        #expect(await transport.deliver(delivery) == .retry(reason: "transfers have been stopped", after: nil))
    }

    @Test(.timeLimit(.minutes(1))) func manyTransfersRunAtOnce() async throws {
        let receiver = try await TestServer("receiver.py", Self.secret)
        let transport = Self.transport(TransferPolicy(allowsPlainHTTP: true, timeout: .seconds(60)))
        let outcomes = await withTaskGroup(of: DeliveryOutcome.self) { group in
            for number in 0..<200 {
                group.addTask {
                    await transport.deliver(Self.delivery(to: "http://127.0.0.1:\(receiver.port)/ok/\(number)"))
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes == Array(repeating: .delivered(detail: "200"), count: 200))
    }

    @Test(arguments: [
        ("ftp://example.org/", [secret], "url: must begin with https://, not ftp://"),
        ("http://example.org/", [secret], "url: must begin with https://, not http://"),
        ("example", [secret], "url: `example` is no absolute URL such as https://example.org/hook"),
        (
            "https://user:word@example.org/", [secret],
            "url: must not carry a user name or password; receivers check the signature"
        ),
        ("https://example.org/", [], "secret: is missing: messages are always signed"),
        (
            "https://example.org/", ["whsec_YQ=="],
            "secret: must be `whsec_` followed by 24 to 64 random bytes in Base64, as `openssl rand -base64 32` makes"
        ),
    ])
    func aDestinationIsCheckedBeforeUse(url: String, secrets: [String], fault: String) {
        let error = #expect(throws: DestinationFault.self) {
            try Self.transport(TransferPolicy()).check(Self.delivery(to: url, secrets: secrets).destination)
        }
        #expect(error?.description == fault)
    }
}

/// An outcome that a test did not expect.
struct Unexpected: Error, CustomStringConvertible {
    let description: String

    init(_ outcome: DeliveryOutcome) { description = "unexpected outcome: \(outcome)" }
}
