import JSON
import Testing

@testable import Web

@Suite struct AccessTests {
    @Test func nothingIsAnsweredWithoutAToken() async throws {
        try await APIFixture.run { api in
            for route in Route.all where route.access != .everyone {
                let path = route.path.text.replacing("{", with: "").replacing("}", with: "")
                for (who, header) in [(nil, nil), ("nonsense", nil), (nil, "Basic cml0YQ==")] as [(String?, String?)] {
                    let answer = try await api.send(
                        route.method.rawValue, path, as: who, headers: header.map { ["Authorization": $0] } ?? [:])
                    #expect(answer.status == 401, "\(route.name)")
                    #expect(answer.headers["www-authenticate"] == "Bearer")
                }
            }
        }
    }

    @Test func scopesLimitWhatATokenDoes() async throws {
        try await APIFixture.run { api in
            #expect(try await api.send("GET", "/api/v1/instances", as: "reader").status == 200)
            let refused = try await api.send(
                "POST", "/api/v1/instances", ["workflow": "ticket", "form": ["subject": "x"]], as: "reader")
            #expect(refused.status == 403 && refused.problem == "forbidden")
            #expect(try await api.send("GET", "/api/v1/tokens", as: "ana").status == 403)
        }
    }

    @Test func actingForOthersNeedsAScopeOfItsOwn() async throws {
        try await APIFixture.run { api in
            let reference = try await api.open()
            let take: JSON = ["event": "take", "onBehalfOf": "ana"]
            let place = "/api/v1/instances/\(reference)"
            // Rita is no clerk, and becomes none by naming one.
            let refused = try await api.send("POST", place + "/events", take, as: "rita")
            #expect(refused.status == 403 && refused.problem == "forbidden")
            let system = try await api.send("POST", place + "/events", take, as: "system")
            #expect(system.status == 403)
            let token = try await api.engine.issueToken(
                for: APIFixture.tenant, name: "secretary", person: "rita", scopes: ["read", "write", "represent"],
                by: .person("rita")
            ).text
            let nobody = try await api.send(
                "POST", place + "/events", ["event": "take", "onBehalfOf": "nobody"], as: token)
            #expect(nobody.status == 422)
            #expect(try await api.send("POST", place + "/events", ["event": "take"], as: "ana").status == 200)
            let answer: JSON = ["event": "answer", "form": ["answer": "In the attic"], "onBehalfOf": "ana"]
            #expect(try await api.send("POST", place + "/events", answer, as: token).status == 200)
            let journal = try await api.send("GET", place + "/journal").json["items"]?.arrayValue ?? []
            #expect(journal.last?.text().contains("ana") == true && journal.last?.text().contains("rita") == true)
            // To act for oneself is nothing special.
            #expect(
                try await api.send(
                    "POST", place + "/comments", ["text": "Hm", "onBehalfOf": "ana"], as: "ana"
                ).status == 200)
        }
    }

    @Test func whoHasNoPartInAnInstanceNeitherEndsNorHoldsIt() async throws {
        try await APIFixture.run { api in
            _ = try await api.send(
                "POST", "/api/v1/directory",
                [
                    "people": [
                        "tom": ["name": "Tom"], "gero": ["name": "Gero"], "rita": ["name": "Rita", "manager": "gero"],
                    ]
                ])
            func token(_ person: String) async throws -> String {
                try await api.engine.issueToken(
                    for: APIFixture.tenant, name: person, person: person, scopes: ["read", "write"],
                    by: .person("rita")
                ).text
            }
            let (tom, gero, asker) = (try await token("tom"), try await token("gero"), try await token("rita"))
            let place = "/api/v1/instances/\(try await api.open())"
            for (path, body) in [
                ("/cancellation", ["reason": "Mischief"]), ("/suspension", ["reason": "Mischief"]),
                ("/resumption", [:]), ("/roles/asker", ["to": ["tom"]]),
            ] as [(String, JSON)] {
                for who in [tom, "system"] {
                    let answer = try await api.send("POST", place + path, body, as: who)
                    #expect(answer.status == 403, "\(path): \(answer.json)")
                    #expect(answer.json["rejection"]?["code"] == "not-allowed")
                }
            }
            // Saying something and acknowledging are for all who see it.
            #expect(try await api.send("POST", place + "/comments", ["text": "I saw it"], as: tom).status == 200)
            #expect(
                try await api.send("POST", place + "/clocks/respond/acknowledgement", [:], as: tom).status == 200)
            // A holder, the manager of one, one who may hold a role, and an administrator can.
            #expect(try await api.send("POST", place + "/suspension", ["reason": "Wait"], as: asker).status == 200)
            #expect(try await api.send("POST", place + "/resumption", [:], as: gero).status == 200)
            #expect(try await api.send("POST", place + "/suspension", ["reason": "Wait"], as: "ana").status == 200)
            #expect(try await api.send("POST", place + "/cancellation", ["reason": "Over"]).status == 200)
        }
    }

    @Test func anotherTenantsInstanceLooksLikeNone() async throws {
        try await APIFixture.run { api in
            let reference = try await api.open()
            let id = try #require(
                try await api.send("GET", "/api/v1/instances/\(reference)").json["id"]?.stringValue)
            for name in [reference, id] {
                for (method, path, body) in [
                    ("GET", "", nil), ("GET", "/journal", nil), ("POST", "/events", ["event": "withdraw"]),
                    ("POST", "/cancellation", ["reason": "Mischief"]),
                ] as [(String, String, JSON?)] {
                    let answer = try await api.send(
                        method, "/api/v1/instances/\(name)\(path)", body, as: "stranger")
                    #expect(answer.status == 404 && answer.problem == "not-found")
                }
            }
            #expect(try await api.send("GET", "/api/v1/instances", as: "stranger").json["items"] == [])
            let own = try await api.open(as: "stranger")
            let link = try await api.send(
                "POST", "/api/v1/instances/\(own)/links", ["to": .string(id), "relation": "spies"], as: "stranger")
            #expect(link.status == 404)
        }
    }

    @Test func aRevokedTokenIsGoodForNothing() async throws {
        try await APIFixture.run { api in
            let issued = try await api.send(
                "POST", "/api/v1/tokens", ["name": "robot", "person": "ana", "scopes": ["read"]])
            #expect(issued.status == 201)
            let (id, text) = (issued.json["id"]?.stringValue ?? "", issued.json["token"]?.stringValue ?? "")
            #expect(try await api.send("GET", "/api/v1/instances", as: text).status == 200)
            #expect(try await api.send("DELETE", "/api/v1/tokens/\(id)").status == 204)
            #expect(try await api.send("GET", "/api/v1/instances", as: text).status == 401)
            #expect(try await api.send("DELETE", "/api/v1/tokens/\(id)").status == 404)
            let list = try await api.send("GET", "/api/v1/tokens")
            #expect(list.json.arrayValue?.contains { $0["token"] != nil || $0["hash"] != nil } == false)
        }
    }

    @Test func administrationIsChecked() async throws {
        try await APIFixture.run { api in
            #expect(
                try await api.send(
                    "POST", "/api/v1/directory", ["people": ["eli": ["name": "Eli", "manager": "rita"]]]
                ).status == 204)
            let directory = try await api.send("GET", "/api/v1/directory", as: "ana").json
            #expect(directory["people"]?["eli"] == ["name": "Eli", "manager": "rita", "active": true])
            #expect(directory["teams"]?["clerks"]?["members"] == ["ana"])
            #expect(try await api.send("POST", "/api/v1/directory", directory).status == 204)
            let unknown = try await api.send("POST", "/api/v1/directory", ["people": ["tom": ["manager": "nobody"]]])
            #expect(unknown.status == 422)
            #expect(
                try await api.send("POST", "/api/v1/tokens", ["name": "x", "person": "nobody", "scopes": ["read"]])
                    .status == 422)
            #expect(
                try await api.send("POST", "/api/v1/calendars", ["id": "ours", "source": "{"]).status == 422)
        }
    }
}
