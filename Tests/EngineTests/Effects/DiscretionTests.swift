import Deadlines
import Testing
import Workflows

@testable import Engine

@Suite("Discretion")
struct DiscretionTests {
    private let hurry = """
        workflow: hurry
        title: Hurry
        reference: HUR
        roles: { owner: { title: Owner, initially: opener } }
        data: { type: object, properties: { secret: { type: string } } }
        open: { form: [secret] }
        initial: open
        states:
          open: { on: { close: { target: closed, allow: [owner] } } }
          closed: { final: true }
        clocks:
          answer:
            title: "{{data.secret}}"
            start: { in: open }
            goal: PT1S
            stop: { in: closed }
            escalation: loud
        escalations:
          loud: [{ after: PT0S, notify: [owner, group clerks, manager of owner] }]
        """

    @Test("of a hidden instance only those named on it are told anything")
    func hidden() async throws {
        let mail = RecordingTransport()
        try await EngineFixture.runWithWorker(EngineFixture.mailing(mail)) { fixture in
            try await fixture.publish(hurry)
            var command = fixture.opening("hurry", ["secret": "Plan X"])
            if case .open(var opening) = command.input.act {
                opening.visibility = .restricted
                command.input.act = .open(opening)
            }
            _ = try await fixture.engine.submit(command)
            try await fixture.expect(3, "SELECT count(*) FROM reeve.delivery")
        }
        let told = Dictionary(mail.deliveries.map { ($0.recipient?.name ?? "", $0) }) { first, _ in first }
        #expect(told.keys.sorted() == ["Ana", "Ben", "Rita"])
        #expect(told["Rita"]?.subject.contains("answer") == true)
        for name in ["Ana", "Ben"] {
            #expect(told[name]?.subject == "A hidden instance needs attention")
            #expect(told[name]?.text.contains("answer") == false)
            #expect(told[name]?.facts["clock"] == nil && told[name]?.facts["instance"] != nil)
        }
    }
}
