import JSON
import Testing

@testable import Web

@Suite struct UpgradeAPITests {
    @Test func runningInstancesAreTakenToANewVersion() async throws {
        try await APIFixture.run { api in
            let reference = try await api.open()
            let place = "/api/v1/instances/\(reference)/upgrade"
            let text = APIFixture.ticket.replacing("  waiting:\n", with: "  open:\n")
                .replacing("initial: waiting", with: "initial: open").replacing("in: waiting", with: "in: open")
            let published = try await api.send(
                "POST", "/api/v1/definitions",
                ["main": "ticket/ticket.yaml", "files": ["ticket/ticket.yaml": .string(text)]])
            #expect(published.json["version"] == 2 && published.json["stranding"]?.arrayValue?.count == 1)
            let check = "/api/v1/definitions/ticket/upgrade-check"
            let lacking = try await api.send("POST", check, [:]).json["items"]
            #expect(lacking?[0]?["reference"] == .string(reference))
            #expect(lacking?[0]?["needs"]?[0]?["kind"] == "state")
            let refused = try await api.send("POST", place, ["reason": "Clearer words"])
            #expect(refused.status == 422 && refused.json["rejection"]?["code"] == "stranded")
            let plan: JSON = ["states": ["waiting": "open"]]
            #expect(try await api.send("POST", check, ["plan": plan]).json["items"]?[0]?["needs"] == [])
            let done = try await api.send("POST", place, ["plan": plan, "reason": "Clearer words"])
            #expect(done.json["version"] == 2 && done.json["state"] == "open")
            #expect(try await api.send("POST", check, ["plan": plan]).json["items"] == [])
            let journal = try await api.send("GET", "/api/v1/instances/\(reference)/journal").json["items"]
            #expect(journal?[1]?["kind"] == "upgrade" && journal?[1]?["version"] == 2)
            #expect(try await api.send("POST", place, ["plan": plan, "reason": "Again"]).status == 409)
        }
    }

    @Test func badUpgradesAreRefused() async throws {
        try await APIFixture.run { api in
            let place = "/api/v1/instances/\(try await api.open())/upgrade"
            #expect(try await api.send("POST", place, ["reason": "x"]).status == 409)
            #expect(try await api.send("POST", place, ["version": 7, "reason": "x"]).status == 404)
            #expect(try await api.send("POST", place, ["plan": ["colours": [:]], "reason": "x"]).status == 422)
            #expect(try await api.send("POST", place, ["plan": ["consents": ["x"]], "reason": "x"]).status == 422)
            #expect(try await api.send("POST", place, [:]).status == 422)
            #expect(try await api.send("POST", place, ["reason": "x"], as: "ana").status == 403)
            #expect(try await api.send("POST", "/api/v1/definitions/none/upgrade-check", [:]).status == 404)
        }
    }
}
