import Foundation
import JSON
import Testing

@testable import Web

@Suite struct InstanceAPITests {
    @Test func tellsAStoryFromOpeningToTheEnd() async throws {
        try await APIFixture.run { api in
            let opened = try await api.send(
                "POST", "/api/v1/instances",
                ["workflow": "ticket", "form": ["subject": "Late", "askedAt": "2020-01-01T10:00:00+01:00"]])
            #expect(opened.status == 201)
            #expect(opened.headers["etag"] == "\"1\"")
            let reference = try #require(opened.json["reference"]?.stringValue)
            #expect(opened.headers["location"] == "/api/v1/instances/\(reference)")
            let place = "/api/v1/instances/\(reference)"

            #expect(try await api.send("POST", place + "/events", ["event": "take"], as: "ana").status == 200)
            #expect(
                try await api.send(
                    "POST", place + "/tasks/lookUp/completion", ["result": ["found": true]], as: "ana"
                ).status == 200)
            #expect(try await api.send("POST", place + "/approvals/check/votes", ["vote": "approve"]).status == 200)
            #expect(try await api.send("POST", place + "/comments", ["text": "Thank you"]).status == 200)
            #expect(
                try await api.send(
                    "POST", place + "/corrections", ["fields": ["urgency": 3], "reason": "It is not so urgent"]
                ).status == 200)
            let answered = try await api.send(
                "POST", place + "/events", ["event": "answer", "form": ["answer": "In the post"]], as: "ana")
            #expect(answered.json["status"] == "final" && answered.json["state"] == "answered")

            let shown = try await api.send("GET", place)
            #expect(shown.json["data"]?["answer"] == "In the post")
            #expect(shown.json["data"]?["askedAt"] == "2020-01-01T09:00:00Z")
            #expect(shown.json["roles"] == ["asker": ["rita"], "clerk": ["ana"]])
            #expect(shown.json["clocks"]?[0]?["status"] == "missed")
            #expect(shown.json["tasks"]?[0]?["result"] == ["found": true])
            // The answer came after the vote, which covers it.
            #expect(shown.json["approvals"]?[0]?["votes"] == [])
            let journal = try await api.send("GET", place + "/journal").json["items"]?.arrayValue ?? []
            #expect(journal.compactMap { $0["sequence"]?.intValue } == Array(1...7))
            #expect(journal.first?["event"] == "open")
        }
    }

    @Test func holdsSuspendsLinksAndCancels() async throws {
        try await APIFixture.run { api in
            let (first, second) = (try await api.open("One"), try await api.open("Two"))
            let place = "/api/v1/instances/\(first)"
            #expect(
                try await api.send("POST", place + "/links", ["to": .string(second), "relation": "follows"]).status
                    == 200)
            let digest = String(repeating: "a", count: 64)
            #expect(
                try await api.send(
                    "POST", place + "/evidence",
                    ["digest": .string(digest), "title": "Photo", "uri": "https://files.example/1"]
                ).status == 200)
            #expect(try await api.send("POST", place + "/roles/clerk", ["to": ["ana"]]).status == 200)
            #expect(try await api.send("POST", place + "/suspension", ["reason": "Waiting for the post"]).status == 200)
            let refused = try await api.send("POST", place + "/events", ["event": "withdraw"])
            #expect(refused.status == 409)
            #expect(refused.json["rejection"]?["code"] == "suspended")
            #expect(try await api.send("POST", place + "/resumption", [:]).status == 200)
            let shown = try await api.send("GET", place)
            #expect(shown.json["links"]?[0]?["reference"] == .string(second))
            #expect(shown.json["evidence"]?[0]?["digest"] == .string(digest))
            #expect(
                try await api.send("POST", place + "/cancellation", ["reason": "Asked twice"]).json["status"]
                    == "cancelled")
            #expect(try await api.send("POST", place + "/events", ["event": "withdraw"]).status == 409)
        }
    }

    @Test func refusalsExplainThemselves() async throws {
        try await APIFixture.run { api in
            let reference = try await api.open()
            let events = "/api/v1/instances/\(reference)/events"
            let unknown = try await api.send("POST", events, ["event": "jump"])
            #expect(unknown.status == 409 && unknown.problem == "conflict")
            #expect(unknown.json["rejection"]?["details"]?["known"] == ["take", "withdraw"])
            let forbidden = try await api.send("POST", events, ["event": "take"])
            #expect(forbidden.status == 403 && forbidden.json["rejection"]?["code"] == "not-allowed")
            #expect(try await api.send("POST", events, ["event": "take"], as: "ana").status == 200)
            let missing = try await api.send("POST", events, ["event": "answer"], as: "ana")
            #expect(missing.status == 422 && missing.json["rejection"]?["details"]?["names"] == ["answer"])
            let guarded = try await api.send("POST", events, ["event": "answer", "form": ["answer": "No"]], as: "ana")
            #expect(guarded.status == 422)
            #expect(guarded.json["detail"] == "An answer has more than three letters.")
            #expect(guarded.json["rejection"]?["details"]?["expression"] != nil)
            let invalid = try await api.send(
                "POST", "/api/v1/instances", ["workflow": "ticket", "form": ["subject": 7, "urgency": 9]])
            #expect(invalid.status == 422)
            #expect(invalid.json["errors"]?.arrayValue?.isEmpty == false)
            #expect(
                try await api.send("POST", "/api/v1/instances", ["workflow": "nothing", "form": [:]]).status == 404)
        }
    }

    @Test func versionsGuardAgainstOvertaking() async throws {
        try await APIFixture.run { api in
            let place = "/api/v1/instances/\(try await api.open())"
            let stale = try await api.send(
                "POST", place + "/comments", ["text": "x"], headers: ["If-Match": "\"7\""])
            #expect(stale.status == 412 && stale.problem == "stale-version")
            let done = try await api.send("POST", place + "/comments", ["text": "x"], headers: ["If-Match": "\"1\""])
            #expect(done.status == 200 && done.headers["etag"] == "\"2\"")
            #expect(try await api.send("GET", place, headers: ["If-None-Match": "\"2\""]).status == 304)
            #expect(try await api.send("GET", place, headers: ["If-None-Match": "\"1\""]).status == 200)
            #expect(
                try await api.send("POST", place + "/comments", ["text": "x"], headers: ["If-Match": "2"]).status == 400
            )
        }
    }

    @Test func aRequestWithAKeyIsDoneOnce() async throws {
        try await APIFixture.run { api in
            let body: JSON = ["workflow": "ticket", "form": ["subject": "Once"]]
            let first = try await api.send("POST", "/api/v1/instances", body, headers: ["Idempotency-Key": "k1"])
            let again = try await api.send("POST", "/api/v1/instances", body, headers: ["Idempotency-Key": "k1"])
            #expect(first.json == again.json && again.status == 201)
            #expect(again.headers["idempotency-replayed"] == "true")
            let other = try await api.send(
                "POST", "/api/v1/instances", ["workflow": "ticket", "form": ["subject": "Twice"]],
                headers: ["Idempotency-Key": "k1"])
            #expect(other.status == 422 && other.problem == "idempotency-key-reused")
            let list = try await api.send("GET", "/api/v1/instances")
            #expect(list.json["items"]?.arrayValue?.count == 1)
        }
    }
}

@Suite struct ListAPITests {
    @Test func pagesShowEverythingOnce() async throws {
        try await APIFixture.run { api in
            var opened: [String] = []
            for number in 1...7 { opened.append(try await api.open("Ticket \(number)")) }
            var seen: [String] = []
            var after = ""
            repeat {
                let page = try await api.send("GET", "/api/v1/instances?limit=3\(after)")
                seen += (page.json["items"]?.arrayValue ?? []).compactMap { $0["reference"]?.stringValue }
                after = page.json["next"]?.stringValue.map { "&after=\($0)" } ?? ""
            } while !after.isEmpty
            #expect(seen == opened.reversed())
        }
    }

    @Test func filtersNarrow() async throws {
        try await APIFixture.run { api in
            let mine = try await api.open("Mine")
            let theirs = try await api.open("Theirs", as: "ana")
            _ = try await api.send("POST", "/api/v1/instances/\(theirs)/events", ["event": "take"], as: "ana")
            func list(_ query: String, as who: String = "rita") async throws -> [String] {
                let page = try await api.send("GET", "/api/v1/instances?\(query)", as: who)
                return (page.json["items"]?.arrayValue ?? []).compactMap { $0["reference"]?.stringValue }
            }
            #expect(try await list("mine=true") == [mine])
            #expect(try await list("person=ana") == [theirs])
            #expect(try await list("role=clerk") == [theirs])
            #expect(try await list("role=asker&person=rita") == [mine])
            #expect(try await list("state=waiting") == [mine])
            #expect(try await list("workflow=incident") == [])
            #expect(try await list("overdue=true") == [])
            #expect(try await list("status=running&kind=real") == [theirs, mine])
            let tasks = try await api.send("GET", "/api/v1/tasks?mine=true", as: "ana")
            #expect((tasks.json["items"]?.arrayValue ?? []).contains { $0["name"] == "lookUp" })
            let clocks = try await api.send("GET", "/api/v1/clocks?before=2999-01-01T00:00:00Z")
            #expect(clocks.json["items"]?.arrayValue?.count == 2)
        }
    }

    @Test(arguments: [
        "/api/v1/instances?limit=0", "/api/v1/instances?limit=many", "/api/v1/instances?colour=red",
        "/api/v1/instances?status=asleep",
        "/api/v1/instances?overdue=perhaps", "/api/v1/clocks?before=yesterday", "/api/v1/instances?limit=1&limit=2",
        "/api/v1/instances?%",
    ])
    func badParametersAreNamed(_ path: String) async throws {
        try await APIFixture.run { api in
            let answer = try await api.send("GET", path)
            #expect(answer.status == 400)
        }
    }

    @Test(arguments: ["zz", "22"]) func cursorsOfNoListAreRefused(_ cursor: String) async throws {
        try await APIFixture.run { api in
            let answer = try await api.send("GET", "/api/v1/instances?after=\(cursor)")
            #expect(answer.status == 422 && answer.problem == "unusable-cursor")
        }
    }
}
