import JSON
import Testing

@testable import Web

@Suite struct ClockTests {
    @Test func aClockSaysWhyItIsDueWhenItIs() async throws {
        try await APIFixture.run { api in
            let opened = try await api.send(
                "POST", "/api/v1/instances",
                ["workflow": "ticket", "form": ["subject": "Where?", "askedAt": "2026-11-24T09:00:00Z", "urgency": 2]])
            let place = "/api/v1/instances/\(opened.json["reference"]?.stringValue ?? "")"
            let clock = try await api.send("GET", place + "/clocks/respond").json
            #expect(clock["dueAt"] == "2026-11-24T13:00:00Z")
            #expect(
                clock["trace"]?.arrayValue?.map { $0["result"] } == [
                    "2026-11-24T10:00:00+01:00", "2026-11-24T14:00:00+01:00",
                ])
            #expect(clock["trace"]?[1]?["step"] == "Goal PT4H")
            #expect(clock["trace"]?[1]?["source"]?.stringValue?.hasPrefix("ticket/ticket.yaml:") == true)
            #expect(clock["versions"]?["zone"] == "Europe/Berlin" && clock["failure"] == .null)
            #expect(clock["history"]?[0]?["change"] == "clockStarted" && clock["history"]?[0]?["event"] == "open")
            for path in ["none", "respond%2Fx"] {
                #expect(try await api.send("GET", place + "/clocks/\(path)").status == 404)
            }
            #expect(try await api.send("GET", place + "/clocks/respond", as: "stranger").status == 404)
        }
    }
}
