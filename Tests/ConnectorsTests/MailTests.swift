import Deadlines
import Engine
import JSON
import TestSupport
import Testing

@testable import Connectors

@Suite struct MailTests {
    static func delivery(
        port: Int, settings: JSONObject = [:], secrets: [String] = [], to address: String = "ana@example.org",
        subject: String = "INC-1 is overdue", text: String = "Hello"
    ) -> Delivery {
        var all: JSONObject = ["host": "localhost", "port": .int(Int64(port)), "from": "reeve@example.org"]
        for (name, value) in settings { all[name] = value }
        return Delivery(
            id: "0190d4ac-0000-7000-8000-000000000001", instance: "0190d4ac-0000-7000-8000-0000000000ff",
            destination: Destination(name: "mail", transport: "mail", settings: all, secrets: secrets),
            recipient: Delivery.Recipient(name: "Ána \"A\" Öberg", address: address), subject: subject, text: text,
            type: "notification", facts: [:], recordedAt: Instant(seconds: 1_700_000_000))
    }

    static func transport(
        _ policy: TransferPolicy = TransferPolicy(connectTimeout: .seconds(5), timeout: .seconds(10))
    ) -> MailTransport {
        MailTransport(transfers: TransferThread(policy: policy), hostName: "worker.example.org")
    }

    @Test func aServerReadsWhatWasWritten() async throws {
        let server = try await TestServer("mailbox.py", "none")
        let text =
            "Grüße,\n\n.a line with a dot\nan = sign, spaces at the end  \n" + String(repeating: "long ", count: 60)
        let subject =
            "Störung bei „Zahlungen“ – fällig in 4 Stunden, und die Meldung an die Aufsicht fehlt noch immer 🔥"
        let delivery = Self.delivery(port: server.port, settings: ["security": "none"], subject: subject, text: text)
        #expect(await Self.transport().deliver(delivery) == .delivered(detail: "250"))
        let seen = try await server.next()
        #expect(seen["subject"]?.stringValue == subject)
        #expect(seen["text"]?.stringValue == text + "\n")
        #expect(seen["to"]?.stringValue == "\"Ána \\\"A\\\" Öberg\" <ana@example.org>")
        #expect(seen["from"]?.stringValue == "Reeve <reeve@example.org>")
        #expect(seen["id"]?.stringValue == "<0190d4ac-0000-7000-8000-000000000001@example.org>")
        #expect(seen["date"]?.stringValue == "2023-11-14 22:13:20+00:00")
        #expect(seen["sender"]?.stringValue == "reeve@example.org")
        #expect(seen["recipients"] == ["ana@example.org"])
        #expect(seen["greeting"]?.stringValue == "worker.example.org")
        #expect((seen["longest"]?.intValue ?? 1000) <= 76)
        #expect(seen["defects"] == [])
    }

    @Test(arguments: ["starttls", "tls"])
    func signsInOverAnEncryptedConnection(security: String) async throws {
        let certificate = try TestCertificate()
        let server = try await TestServer("mailbox.py", security, certificate.certificate, certificate.key)
        let settings: JSONObject = ["security": .string(security), "user": "reeve"]
        let transport = Self.transport(TransferPolicy(authorities: certificate.certificate))
        let delivery = Self.delivery(port: server.port, settings: settings, secrets: ["open sesame"])
        #expect(await transport.deliver(delivery) == .delivered(detail: "250"))
        let seen = try await server.next()
        #expect(seen["encrypted"] == true)
        #expect(seen["authenticated"] == true)

        let wrong = Self.delivery(port: server.port, settings: settings, secrets: ["open says me"])
        guard case .retry = await transport.deliver(wrong) else { throw Unexpected(await transport.deliver(wrong)) }

        guard case .retry(let reason, _) = await Self.transport().deliver(delivery) else {
            throw Unexpected(await Self.transport().deliver(delivery))
        }
        #expect(reason.contains("certificate"))
    }

    @Test func neverSendsInClearWhatShouldBeEncrypted() async throws {
        let server = try await TestServer("mailbox.py", "none")
        let outcome = await Self.transport().deliver(Self.delivery(port: server.port))
        guard case .retry = outcome else { throw Unexpected(outcome) }
    }

    @Test func aMailboxThatIsUnknownIsRefusedAndOneThatIsBusyIsTriedLater() async throws {
        let server = try await TestServer("mailbox.py", "none")
        let settings: JSONObject = ["security": "none"]
        let unknown = await Self.transport().deliver(
            Self.delivery(port: server.port, settings: settings, to: "nobody@example.org"))
        guard case .refused(let reason) = unknown else { throw Unexpected(unknown) }
        #expect(reason.contains("550"))
        let busy = await Self.transport().deliver(
            Self.delivery(port: server.port, settings: settings, to: "later@example.org"))
        guard case .retry = busy else { throw Unexpected(busy) }
    }

    @Test(arguments: ["hang", "mute"])
    func aServerThatHangsIsTriedLater(mode: String) async throws {
        let server = try await TestServer("mailbox.py", mode)
        let transport = Self.transport(TransferPolicy(connectTimeout: .milliseconds(500), timeout: .milliseconds(700)))
        let outcome = await transport.deliver(Self.delivery(port: server.port, settings: ["security": "none"]))
        guard case .retry = outcome else { throw Unexpected(outcome) }
    }

    @Test func nothingListeningIsTriedLater() async throws {
        let outcome = await Self.transport().deliver(Self.delivery(port: 1, settings: ["security": "none"]))
        guard case .retry = outcome else { throw Unexpected(outcome) }
    }

    @Test func aLargeMessageArrivesWhole() async throws {
        let server = try await TestServer("mailbox.py", "none")
        let text = String(repeating: "twelve bytes\n", count: 200_000)
        let outcome = await Self.transport().deliver(
            Self.delivery(port: server.port, settings: ["security": "none"], text: text))
        #expect(outcome == .delivered(detail: "250"))
        #expect((try await server.next()["size"]?.intValue ?? 0) > 2_600_000)
    }

    @Test func aSubjectCannotAddAHeader() async throws {
        let server = try await TestServer("mailbox.py", "none")
        let delivery = Self.delivery(
            port: server.port, settings: ["security": "none"], subject: "one\r\nBcc: all@example.org\u{85}two")
        #expect(await Self.transport().deliver(delivery) == .delivered(detail: "250"))
        let seen = try await server.next()
        #expect(seen["subject"]?.stringValue == "one Bcc: all@example.org two")
        #expect(seen["headers"]?.arrayValue?.contains("Bcc") == false)
    }

    @Test(arguments: [
        "", "ana", "@example.org", "ana@", "ana@@example.org", "a na@example.org", "ana@exa\r\nmple.org",
        "<ana@example.org>",
        "ana@example.org,bea@example.org", "ana@-example.org", "a\u{0}@example.org",
    ])
    func whatIsNoAddressIsRefused(address: String) async {
        #expect(MailAddress(address) == nil)
        let outcome = await Self.transport().deliver(Self.delivery(port: 1, to: address))
        #expect(outcome == .refused(reason: "`\(address)` is no mail address"))
    }

    static let faults: [(JSONObject, [String], String)] = [
        (["host": .null], [], "host: must be the name or address of the SMTP server"),
        (["host": "a/b"], [], "host: must be the name or address of the SMTP server"),
        (["port": 70_000], [], "port: must be a number from 1 to 65535"),
        (["security": "ssl"], [], "security: must be `starttls`, `tls` or `none`"),
        (["from": "nobody"], [], "from: must be the mail address of the sender"),
        (["user": "u"], [], "secret: is missing: the password of `u`"),
        (
            ["user": "u", "security": "none"], ["p"],
            "security: must be `starttls` or `tls`: with `none` the password would travel in clear"
        ),
    ]

    @Test(arguments: faults)
    func aDestinationIsCheckedBeforeUse(settings: JSONObject, secrets: [String], fault: String) {
        let error = #expect(throws: DestinationFault.self) {
            try Self.transport().check(Self.delivery(port: 25, settings: settings, secrets: secrets).destination)
        }
        #expect(error?.description == fault)
    }
}

@Suite struct EncodingTests {
    @Test func base64GoesThereAndBack() {
        for length in 0..<50 {
            let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ length) }
            #expect(Base64.decode(Base64.encode(bytes)) == bytes)
        }
        #expect(Base64.encode(Array("foobar".utf8)) == "Zm9vYmFy")
        #expect(Base64.encode(Array("foob".utf8)) == "Zm9vYg==")
        #expect(Base64.decode("Zm9vYg") == Array("foob".utf8))
        for wrong in ["Z", "Zm9v!", "Zm=v", "Zm9v=", "====", "Zm9vYg==="] {
            #expect(Base64.decode(wrong) == nil, "\(wrong)")
        }
    }

    @Test func quotedPrintableKeepsLinesShort() {
        let text = String(repeating: "ü", count: 100) + "\n" + String(repeating: "x", count: 200) + "\r\nend "
        let encoded = String(decoding: QuotedPrintable.encode(text), as: UTF8.self)
        #expect(encoded.split(separator: "\r\n").allSatisfy { $0.utf8.count <= 76 })
        #expect(encoded.hasSuffix("end=20\r\n"))
    }
}
