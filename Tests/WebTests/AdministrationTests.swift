import JSON
import Testing

@testable import Web

@Suite struct AdministrationTests {
    @Test func aRestrictedInstanceIsSeenByThoseNamedAndByGrantAlone() async throws {
        try await APIFixture.run { api in
            let reference = try await api.open()
            let place = "/api/v1/instances/\(reference)"
            let id = try #require(try await api.send("GET", place).json["id"]?.stringValue)
            #expect(
                try await api.send("POST", place + "/visibility", ["visibility": "restricted", "reason": "Personal"])
                    .status == 204)
            #expect(try await api.send("GET", place).status == 200)
            for path in ["", "/journal", "/offers", "/deliveries"] {
                #expect(try await api.send("GET", place + path, as: "ana").status == 404)
                #expect(try await api.send("GET", place + path, as: "system").status == 404)
            }
            #expect(try await api.send("POST", place + "/events", ["event": "take"], as: "ana").status == 404)
            #expect(try await api.send("GET", "/api/v1/instances", as: "ana").json["items"] == [])
            #expect(try await api.send("GET", "/api/v1/clocks", as: "ana").json["items"] == [])
            let granted = try await api.send(
                "POST", "/api/v1/instances/\(id)/grants",
                ["person": "ana", "until": "2999-01-01T00:00:00Z", "reason": "She audits it"])
            #expect(granted.status == 204)
            let past: JSON = ["person": "ana", "until": "2020-01-01T00:00:00Z", "reason": "Late"]
            #expect(try await api.send("POST", place + "/grants", past).status == 422)
            let stranger: JSON = ["person": "nobody", "until": "2999-01-01T00:00:00Z", "reason": "Who?"]
            #expect(try await api.send("POST", place + "/grants", stranger).status == 422)
            #expect(try await api.send("GET", place, as: "ana").status == 200)
            #expect(
                try await api.send("POST", place + "/visibility", ["visibility": "normal", "reason": "x"], as: "ana")
                    .status == 403)
        }
    }

    @Test func anInstanceCanBeOpenedOutOfSight() async throws {
        try await APIFixture.run { api in
            let body: JSON = ["workflow": "ticket", "form": ["subject": "Whistle"], "visibility": "privileged"]
            let opened = try await api.send("POST", "/api/v1/instances", body)
            let place = "/api/v1/instances/\(opened.json["reference"]?.stringValue ?? "")"
            #expect(try await api.send("GET", place).json["visibility"] == "privileged")
            #expect(try await api.send("GET", place, as: "ana").status == 404)
            let wrong: JSON = ["workflow": "ticket", "form": ["subject": "x"], "visibility": "invisible"]
            #expect(try await api.send("POST", "/api/v1/instances", wrong).status == 422)
        }
    }

    @Test func journalsAreVerifiedOnDemand() async throws {
        try await APIFixture.run { api in
            let place = "/api/v1/instances/\(try await api.open())"
            _ = try await api.send("POST", place + "/comments", ["text": "Call 555-1234"])
            _ = try await api.send("POST", place + "/erasures", ["entries": [2], "reason": "A telephone number"])
            let one = try await api.send("GET", place + "/journal-verification", as: "ana").json
            #expect(one["entries"] == 3 && one["erased"] == 1 && one["partial"] == 0 && one["differences"] == [])
            let all = try await api.send("GET", "/api/v1/journal-verification", as: "auditor").json
            #expect(all["instances"] == 1 && all["differences"] == [])
            let next = all["next"]?.stringValue ?? ""
            let rest = try await api.send("GET", "/api/v1/journal-verification?after=\(next)", as: "auditor").json
            #expect(rest["instances"] == 0 && rest["next"] == .null)
            #expect(try await api.send("GET", "/api/v1/journal-verification?after=zz", as: "auditor").status == 422)
            #expect(try await api.send("GET", "/api/v1/journal-verification", as: "ana").status == 403)
            #expect(try await api.send("GET", place + "/journal-verification", as: "stranger").status == 404)
        }
    }

    @Test func offersSayWhatTheCallerCanDo() async throws {
        try await APIFixture.run { api in
            let place = "/api/v1/instances/\(try await api.open())/offers"
            func events(_ who: String) async throws -> [String: Bool] {
                let list = try await api.send("GET", place, as: who).json["events"]?.arrayValue ?? []
                return Dictionary(list.map { ($0["name"]?.stringValue ?? "", $0["refusal"]?.isNull == true) }) { $1 }
            }
            #expect(try await events("rita") == ["take": false, "withdraw": true])
            #expect(try await events("ana") == ["take": true, "withdraw": false])
        }
    }

    @Test func whatPeopleWroteCanBeErased() async throws {
        try await APIFixture.run { api in
            let place = "/api/v1/instances/\(try await api.open())"
            #expect(try await api.send("POST", place + "/comments", ["text": "Call 555-1234"]).status == 200)
            let erased = try await api.send(
                "POST", place + "/erasures", ["entries": [2], "reason": "A telephone number"])
            #expect(erased.json["erased"] == 1)
            #expect(try await api.send("POST", place + "/erasures", ["entries": [9], "reason": "x"]).status == 422)
            let journal = try await api.send("GET", place + "/journal").json["items"]
            #expect(journal?[1]?["payload"] == nil && journal?[1]?["erasedAt"] != nil)
            #expect(try await api.send("POST", place + "/erasures", ["entries": [1], "reason": "Too"]).status == 422)
        }
    }

    @Test func pausesAreSetListedAndEnded() async throws {
        try await APIFixture.run { api in
            let held: JSON = ["scope": "definition", "name": "ticket", "reason": "The post is on strike"]
            let set = try await api.send("POST", "/api/v1/pauses", held)
            #expect(set.status == 204)
            #expect(try await api.send("GET", "/api/v1/pauses").json[0]?["reason"] == "The post is on strike")
            #expect(
                try await api.send("POST", "/api/v1/pauses/end", ["scope": "definition", "name": "ticket"]).status
                    == 204)
            #expect(
                try await api.send("POST", "/api/v1/pauses/end", ["scope": "definition", "name": "ticket"]).status
                    == 404)
            #expect(
                try await api.send("POST", "/api/v1/pauses", ["scope": "destination", "reason": "No name"]).status
                    == 422)
            #expect(try await api.send("POST", "/api/v1/pauses", held, as: "ana").status == 403)
            let unknown: JSON = ["scope": "definition", "name": "tickets", "reason": "A slip"]
            #expect(try await api.send("POST", "/api/v1/pauses", unknown).status == 422)
        }
    }

    @Test func deliveriesAndDestinationsAreLookedAfter() async throws {
        try await APIFixture.run { api in
            let place = "/api/v1/instances/\(try await api.open())"
            #expect(try await api.send("GET", place + "/deliveries").json == [])
            #expect(try await api.send("GET", "/api/v1/dead-letters").json["items"] == [])
            #expect(try await api.send("POST", "/api/v1/dead-letters/replay", [:]).json["replayed"] == 0)
            let none = "00000000-0000-7000-8000-000000000000"
            #expect(
                try await api.send(
                    "POST", "/api/v1/dead-letters/discard", ["ids": [.string(none)], "reason": "Old"]
                ).json["discarded"] == 0)
            #expect(try await api.send("GET", "/api/v1/destinations").json == [])
            let unknown = try await api.send(
                "PUT", "/api/v1/destinations/pigeon", ["transport": "pigeon", "settings": [:]])
            #expect(unknown.status == 422)
            #expect(try await api.send("DELETE", "/api/v1/destinations/pigeon").status == 404)
            for path in ["/api/v1/dead-letters", "/api/v1/destinations"] {
                #expect(try await api.send("GET", path, as: "ana").status == 403)
            }
        }
    }

    @Test func definitionsAreListedWithTheirFiles() async throws {
        try await APIFixture.run { api in
            let list = try await api.send("GET", "/api/v1/definitions").json
            #expect(list[0]?["name"] == "ticket" && list[0]?["version"] == 1)
            #expect(try await api.send("GET", "/api/v1/definitions/ticket").json.arrayValue?.count == 1)
            let files = try await api.send("GET", "/api/v1/definitions/ticket/1").json
            let same = try await api.send("POST", "/api/v1/definitions", files)
            #expect(same.json == ["name": "ticket", "version": 1, "isNew": false, "stranding": []])
            for path in ["ticket/2", "ticket/x", "none"] {
                #expect(try await api.send("GET", "/api/v1/definitions/\(path)").status == 404)
            }
            #expect(try await api.send("POST", "/api/v1/definitions", files, as: "ana").status == 403)
        }
    }
}
