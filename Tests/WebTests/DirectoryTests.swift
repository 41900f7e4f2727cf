import JSON
import Testing

@testable import Web

@Suite struct DirectoryTests {
    @Test func shiftsAreEnteredAndShown() async throws {
        try await APIFixture.run { api in
            let shift: JSON = ["person": "ana", "start": "2026-12-24T08:00:00Z", "end": "2026-12-25T08:00:00Z"]
            let entered = try await api.enterDesk(shifts: [shift])
            #expect(entered == 204)
            #expect(try await api.shifts() == [shift])
            #expect(try await api.enterDesk(shifts: nil) == 204)
            #expect(try await api.shifts() == [shift])
            #expect(try await api.enterDesk(shifts: []) == 204)
            #expect(try await api.shifts() == [])
            let start: JSON = "2026-12-24T08:00:00Z"
            let endless: JSON = ["person": "ana", "start": start]
            let empty: JSON = ["person": "ana", "start": start, "end": start]
            let stranger: JSON = ["person": "nobody", "start": start, "end": "2026-12-25T08:00:00Z"]
            #expect(try await api.enterDesk(shifts: [endless]) == 422)
            #expect(try await api.enterDesk(shifts: [empty]) == 422)
            #expect(try await api.enterDesk(shifts: [stranger]) == 422)
        }
    }

    @Test func nobodyIsRemovedOnWhomSomethingRests() async throws {
        try await APIFixture.run { api in
            let reference = try await api.open("Lost", as: "ana")
            let held = try await api.remove(["people": ["ana"]])
            #expect(held.status == 422)
            #expect(held.json["detail"]?.stringValue?.contains("role `asker` of \(reference)") == true)
            #expect(try await api.remove(["people": ["nobody"]]).status == 422)
            #expect(
                try await api.send(
                    "POST", "/api/v1/instances/\(reference)/events", ["event": "withdraw"], as: "ana"
                ).status == 200)
            let both = try await api.remove(["people": ["ana"], "teams": ["clerks", "nothing"]])
            #expect(both.status == 422)
            #expect(try await api.send("GET", "/api/v1/directory").json["people"]?["ana"] != nil)
            #expect(try await api.remove(["people": ["ana"], "teams": ["clerks"]]).status == 204)
            let left = try await api.send("GET", "/api/v1/directory").json
            #expect(left["people"]?["ana"] == nil && left["teams"] == [:])
            #expect(try await api.send("GET", "/api/v1/directory", as: "ana").status == 401)
            let journal = try await api.send("GET", "/api/v1/instances/\(reference)/journal").json["items"]
            #expect(journal?[0]?["actor"] == "person:ana")
            #expect(try await api.remove(["people": ["rita"]]).status == 204)
        }
    }

    @Test func partiesAreEnteredShownAndHeldToWhatTheyReferTo() async throws {
        try await APIFixture.run { api in
            let group: JSON = [
                "entities": [
                    "holding": ["title": "Holding", "country": "ie", "roles": ["controller"]],
                    "labs": [
                        "title": "Labs Inc", "country": "us-ca", "parent": "holding", "leadAuthority": "dpc",
                        "established": ["us-ca", "ie"], "roles": ["processor", "sec-registrant"],
                        "attributes": ["employees": 40], "representative": "Holding", "dpo": "Ann Other",
                        "zone": "America/Los_Angeles",
                    ],
                ],
                "authorities": [
                    "dpc": [
                        "title": "DPC", "jurisdictions": ["ie"], "portal": "https://forms.example", "languages": ["en"],
                        "fallback": "By telephone",
                    ]
                ],
                "counterparties": [
                    "globex": [
                        "title": "Globex", "kind": "customer", "entity": "labs", "notice": "PT24H",
                        "trigger": "awareness", "contact": "security@globex.example",
                    ]
                ],
            ]
            #expect(try await api.send("POST", "/api/v1/directory", group).status == 204)
            let shown = try await api.send("GET", "/api/v1/directory").json
            for part in ["entities", "authorities", "counterparties"] { #expect(shown[part] == group[part]) }
            let wrong: [JSON] = [
                ["entities": ["x": ["title": "X", "country": "de", "parent": "nobody"]]],
                ["entities": ["x": ["title": "X", "country": "de", "parent": "x"]]],
                ["entities": ["x": ["title": "X", "country": "de", "leadAuthority": "labs"]]],
                ["entities": ["x": ["title": "X", "country": "de", "zone": "Mars/Olympus"]]],
                ["entities": ["x": ["title": "X", "country": "Germany"]]],
                ["authorities": ["x": ["title": "X", "jurisdictions": ["de"], "calendar": "none"]]],
                ["counterparties": ["x": ["title": "X", "kind": "vendor", "entity": "gone", "notice": "PT1H"]]],
                ["counterparties": ["x": ["title": "X", "kind": "vendor", "entity": "labs", "notice": "soon"]]],
            ]
            for body in wrong {
                #expect(try await api.send("POST", "/api/v1/directory", body).status == 422, "\(body)")
            }
            #expect(try await api.send("GET", "/api/v1/directory").json == shown)
            for body: JSON in [["authorities": ["dpc"]], ["entities": ["holding"]], ["entities": ["labs"]]] {
                let kept = try await api.remove(body)
                #expect(kept.status == 422 && kept.json["detail"]?.stringValue?.contains("cannot be removed") == true)
            }
            let all: JSON = [
                "entities": ["holding", "labs"], "authorities": ["dpc"], "counterparties": ["globex"],
            ]
            #expect(try await api.remove(all).status == 204)
            #expect(try await api.send("GET", "/api/v1/directory").json["entities"] == [:])
        }
    }

    @Test func listsTakeSeveralValues() async throws {
        try await APIFixture.run { api in
            let first = try await api.open("One")
            let second = try await api.open("Two", as: "ana")
            let third = try await api.open("Three")
            for (reference, event, who) in [(second, "take", "ana"), (third, "withdraw", "rita")] {
                _ = try await api.send(
                    "POST", "/api/v1/instances/\(reference)/events", ["event": .string(event)], as: who)
            }
            #expect(try await api.list("state=waiting,answering") == [second, first])
            #expect(try await api.list("state=waiting&state=withdrawn") == [third, first])
            #expect(try await api.list("status=final,cancelled") == [third])
            #expect(try await api.list("person=ana,rita&role=asker") == [third, second, first])
            #expect(try await api.list("role=clerk") == [second])
            #expect(try await api.list("workflow=ticket,other&kind=real,exercise") == [third, second, first])
            #expect(try await api.send("GET", "/api/v1/instances?status=asleep,final").status == 400)
            let clocks = try await api.send("GET", "/api/v1/clocks?workflow=ticket").json["items"]?.arrayValue
            #expect(clocks?.count == 2)
            #expect(try await api.send("GET", "/api/v1/clocks?rule=eu.gdpr.33-1").json["items"] == [])
            #expect(try await api.send("GET", "/api/v1/tasks?workflow=other").json["items"] == [])
        }
    }
}

extension APIFixture {
    fileprivate func enterDesk(shifts: [JSON]?) async throws -> Int {
        var desk: JSONObject = [
            "title": "Desk", "start": "2026-01-05T08:00:00Z", "handover": "P7D", "rotation": ["rita"],
        ]
        if let shifts { desk["shifts"] = .array(shifts) }
        return try await send("POST", "/api/v1/directory", ["oncall": ["desk": .object(desk)]]).status
    }

    fileprivate func shifts() async throws -> JSON? {
        try await send("GET", "/api/v1/directory").json["oncall"]?["desk"]?["shifts"]
    }

    fileprivate func remove(_ body: JSON) async throws -> Answer {
        try await send("POST", "/api/v1/directory/removals", body)
    }

    fileprivate func list(_ query: String) async throws -> [String] {
        let answer = try await send("GET", "/api/v1/instances?" + query)
        return (answer.json["items"]?.arrayValue ?? []).compactMap { $0["reference"]?.stringValue }
    }
}
