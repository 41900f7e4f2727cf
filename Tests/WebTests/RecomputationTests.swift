import Deadlines
import Engine
import Foundation
import JSON
import Testing

@testable import Web

@Suite struct RecomputationTests {
    @Test func aRecomputationIsAskedForAndFollowed() async throws {
        try await APIFixture.run { api in
            let asked = try await api.send("POST", "/api/v1/recomputations", ["reason": "New holiday", "dryRun": true])
            #expect(asked.status == 202 && asked.json["status"] == "examining")
            let id = asked.json["id"]?.stringValue ?? ""
            #expect(asked.headers["location"] == "/api/v1/recomputations/\(id)")
            let place = "/api/v1/recomputations/\(id)"
            #expect(try await api.send("GET", place).json["reason"] == "New holiday")
            #expect(try await api.send("GET", place + "/moves").json["items"] == [])
            #expect(
                try await api.send("GET", "/api/v1/recomputations").json["items"]?[0]?["requestedBy"] == "person:rita")
            // Nobody has looked yet, so nobody is asked.
            #expect(try await api.send("POST", place + "/votes", ["vote": "approve"]).status == 422)
            #expect(try await api.send("GET", place, as: "stranger").status == 404)
            #expect(try await api.send("GET", place, as: "ana").status == 403)
            #expect(try await api.send("POST", "/api/v1/recomputations", ["reason": " "]).status == 422)
            #expect(
                try await api.send("POST", "/api/v1/recomputations", ["reason": "x", "rules": ["eu.none"]]).status
                    == 422)
            #expect(
                try await api.send(
                    "POST", "/api/v1/recomputations", ["reason": "x", "calendar": ["id": "a", "source": "{}"]]
                ).status == 422)
        }
    }

    @Test func aCorrectionCanBeRehearsed() async throws {
        try await APIFixture.run { api in
            let ticket = try await api.open()
            let place = "/api/v1/instances/\(ticket)"
            let before = try await api.send("GET", place).json
            let body: JSON = ["fields": ["askedAt": "2026-11-24T09:00:00Z"], "reason": "By telephone"]
            let answer = try await api.send("POST", place + "/rehearsals", body)
            #expect(answer.status == 200)
            let move = answer.json["moves"]?[0]
            #expect(move?["name"] == "respond" && move?["dueAfter"] == "2026-11-24T13:00:00Z")
            #expect(move?["later"] == false && move?["reference"] == .string(ticket))
            #expect(try await api.send("GET", place).json == before)
            let event = try await api.send("POST", place + "/rehearsals", ["event": "withdraw"])
            #expect(event.status == 200 && event.json["moves"] == [])
            #expect(try await api.send("POST", place + "/rehearsals", ["event": "take"]).status == 403)
            #expect(try await api.send("POST", place + "/rehearsals", body, as: "stranger").status == 404)
            #expect(try await api.send("GET", place).json == before)
        }
    }

    @Test func aDeadlineIsComputedWithTheTenantsCalendarsAndItsTrace() async throws {
        let library = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "../../workflows")
        let almanac = try Almanac(workflows: library.standardizedFileURL.path, zones: ZoneDatabase())
        try await APIFixture.run(almanac: almanac) { api in
            let rules = try await api.send("GET", "/api/v1/rules").json.arrayValue ?? []
            #expect(rules.count > 50 && rules.contains { $0["id"] == "eu.gdpr.33-1" && $0["status"] == "active" })
            let body: JSON = [
                "rule": "eu.gdpr.12-3", "facts": ["received": "2026-11-28T09:00:00+01:00"], "calendar": "de",
            ]
            // A month ends with Monday, 28 December; the house is closed then, and the law knows no such holiday.
            let plain = try await api.send("POST", "/api/v1/deadlines", body)
            #expect(plain.json["due"] == "2026-12-29T00:00:00+01:00" && plain.json["zone"] == "Europe/Berlin")
            #expect(plain.json["latest"] == "2026-12-29T00:00:00+01:00")
            #expect(plain.json["trace"]?.arrayValue?.isEmpty == false)
            let closed = #"{"calendar": "de", "include": ["de"], "holidays": {"2026-12-28": "New holiday"}}"#
            #expect(
                try await api.send("POST", "/api/v1/calendars", ["id": "de", "source": .string(closed)]).status == 200)
            let later = try await api.send("POST", "/api/v1/deadlines", body)
            #expect(later.json["due"] == "2026-12-29T00:00:00+01:00")
            #expect(later.json["latest"] == "2026-12-30T00:00:00+01:00")
            for wrong: JSON in [
                ["rule": "eu.none", "facts": [:]],
                ["rule": "eu.gdpr.12-3", "facts": ["aware": "2026-11-28T09:00:00Z"]],
                ["rule": "eu.gdpr.12-3", "facts": ["received": "today"]],
                ["rule": "eu.gdpr.12-3", "facts": ["received": "2050-11-28T09:00:00Z"], "calendar": "de"],
                ["rule": "eu.gdpr.12-3", "facts": ["received": "2026-11-28T09:00:00Z"], "calendar": "xx"],
            ] {
                #expect(try await api.send("POST", "/api/v1/deadlines", wrong).status == 422, "\(wrong)")
            }
        }
    }

    @Test func calendarsArePublishedListedAndShown() async throws {
        try await APIFixture.run { api in
            let text =
                #"{"calendar": "house", "title": "House", "source": "us", "years": [2024, 2032], "holidays": {}}"#
            let body: JSON = ["id": "house", "source": .string(text)]
            #expect(try await api.send("POST", "/api/v1/calendars", body, as: "ana").status == 403)
            let published = try await api.send("POST", "/api/v1/calendars", body)
            #expect(published.json["version"] == 1 && published.json["recomputation"] == .null)
            #expect(try await api.send("GET", "/api/v1/calendars").json[0]?["id"] == "house")
            #expect(try await api.send("GET", "/api/v1/calendars/house").json["source"] == .string(text))
            #expect(try await api.send("GET", "/api/v1/calendars/house", as: "stranger").status == 404)
            #expect(try await api.send("GET", "/api/v1/calendars", as: "stranger").json == [])
            let broken = try await api.send("POST", "/api/v1/calendars", ["id": "house", "source": "{}"])
            #expect(broken.status == 422)
        }
    }
}
