import Deadlines
import JSON
import Testing
import Workflows

@testable import Engine

@Suite("What is written about a clock")
struct WordingTests {
    private func wording(due: String, overdue: Bool = false, zone: String) throws -> Wording {
        var body: JSONObject = [
            "template": "step", "clock": ["name": "submission"], "due": .string(due), "reference": "FIL-2026-0001",
            "state": "drafting",
        ]
        if overdue { body["overdue"] = true }
        let id = Identifier(high: 1, low: 1)
        let row = OutboxRow(
            tenant: id, nextAt: .now, id: id, instance: id, sequence: 1, ordinal: 0, attempts: 1, kind: "notification",
            destination: "ana", channel: nil, body: StoredJSON(.object(body)), createdAt: .now, zone: zone)
        return Wording(row, address: nil, zones: try ZoneDatabase())
    }

    @Test("An end of a day is told as 24:00 of that day, in the zone of the clock")
    func endOfDay() throws {
        let mail = try wording(due: "2026-06-30T22:00:00Z", zone: "Europe/Berlin")
        #expect(mail.subject == "FIL-2026-0001: submission is due Tuesday, 30 June 2026, 24:00 (Berlin)")
        #expect(mail.text.contains("submission is due Tuesday, 30 June 2026, 24:00 (Berlin)."))
    }

    @Test("Fractions of a second are left out, and a zone that is unknown is UTC")
    func fractions() throws {
        let mail = try wording(due: "2026-06-30T10:00:00.123456Z", overdue: true, zone: "Mars/Olympus")
        #expect(mail.subject == "FIL-2026-0001: submission is overdue")
        #expect(mail.text.contains("was due Tuesday, 30 June 2026, 10:00 (UTC)."))
    }
}
