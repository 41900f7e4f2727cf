import Foundation
import JSON
import Testing

@testable import Engine
@testable import Web

@Suite struct FeedTests {
    /// The entries of a feed, each as its lines by name.
    private func entries(_ body: [UInt8]) -> [[String: String]] {
        let text = String(decoding: body, as: UTF8.self).replacing("\r\n ", with: "")
        return text.components(separatedBy: "BEGIN:VEVENT").dropFirst().map { part in
            var lines: [String: String] = [:]
            for line in part.components(separatedBy: "\r\n") {
                let pair = line.split(separator: ":", maxSplits: 1).map(String.init)
                if pair.count == 2, lines[pair[0]] == nil { lines[pair[0]] = pair[1] }
            }
            return lines
        }
    }

    private func issue(_ api: APIFixture, _ body: JSON, as who: String) async throws -> (id: String, path: String) {
        let issued = try await api.send("POST", "/api/v1/feeds", body, as: who)
        #expect(issued.status == 201)
        return (
            try #require(issued.json["id"]?.stringValue), try #require(issued.json["path"]?.stringValue)
        )
    }

    @Test func anAddressShowsDeadlinesWithStableIdentifiersUpdatesAndCancellations() async throws {
        try await APIFixture.run { api in
            let ticket = try await api.open("Where; is, it?")
            let feed = try await issue(api, ["name": "Outlook"], as: "rita")
            let first = try await api.send("GET", feed.path, as: nil)
            #expect(first.status == 200 && first.headers["content-type"]?.hasPrefix("text/calendar") == true)
            let before = try #require(entries(first.body).first)
            #expect(before["STATUS"] == "CONFIRMED" && before["SEQUENCE"] == "0")
            #expect(before["SUMMARY"]?.contains("Where\\; is\\, it?") == true)
            #expect(before["SUMMARY"]?.contains(ticket) == true && before["SUMMARY"]?.contains("(Berlin)") == true)
            let known = try await api.send(
                "GET", feed.path, as: nil, headers: ["If-None-Match": first.headers["etag"] ?? ""])
            #expect(known.status == 304)

            let corrected = try await api.send(
                "POST", "/api/v1/instances/\(ticket)/corrections",
                ["fields": ["askedAt": "2026-11-24T09:00:00Z"], "reason": "It came by telephone"])
            #expect(corrected.status == 200)
            let moved = try #require(entries(try await api.send("GET", feed.path, as: nil).body).first)
            #expect(moved["UID"] == before["UID"] && moved["SEQUENCE"] == "1")
            #expect(moved["DTEND"] == "20261124T130000Z" && moved["DTEND"] != before["DTEND"])

            #expect(
                try await api.send("POST", "/api/v1/instances/\(ticket)/events", ["event": "withdraw"]).status == 200)
            let gone = try #require(entries(try await api.send("GET", feed.path, as: nil).body).first)
            #expect(gone["UID"] == before["UID"] && gone["STATUS"] == "CANCELLED" && gone["SEQUENCE"] == "2")
            #expect(gone["BEGIN"] == nil)
        }
    }

    @Test func aFeedShowsWhatItsPersonSeesAndNoMore() async throws {
        try await APIFixture.run { api in
            let ticket = try await api.open("The secret merger")
            let all = try await issue(api, ["name": "Wall", "own": false], as: "ana")
            let own = try await issue(api, ["name": "Mine"], as: "ana")
            func text(_ path: String) async throws -> String {
                String(decoding: try await api.send("GET", path, as: nil).body, as: UTF8.self)
            }
            #expect(try await text(all.path).contains("The secret merger"))
            #expect(try await !text(own.path).contains("BEGIN:VEVENT"))
            let asker = try await issue(api, ["name": "Mine"], as: "rita")
            _ = try await api.send(
                "POST", "/api/v1/instances/\(ticket)/visibility", ["visibility": "restricted", "reason": "Counsel"])
            let seen = try await text(all.path)
            #expect(!seen.contains("secret") && !seen.contains(ticket) && !seen.contains("BEGIN:VEVENT"))
            // Whoever is named still sees it, but calendars lie about: the reference alone.
            let hers = try await text(asker.path)
            #expect(hers.contains(ticket) && !hers.contains("secret") && !hers.contains("DESCRIPTION:Due"))
            let token = try await api.send("GET", "/api/v1/calendar.ics?own=true", as: "rita")
            #expect(token.status == 200 && String(decoding: token.body, as: UTF8.self).contains(ticket))
            let stranger = try await api.send("GET", "/api/v1/calendar.ics", as: "stranger")
            #expect(!String(decoding: stranger.body, as: UTF8.self).contains("BEGIN:VEVENT"))
        }
    }

    @Test func anAddressIsGoodUntilItIsRevokedAndItsSecretIsKeptNowhere() async throws {
        try await APIFixture.run { api in
            let feed = try await issue(api, ["name": "Outlook"], as: "ana")
            #expect(try await api.send("GET", feed.path, as: nil).status == 200)
            for path in ["/feeds/x.ics", feed.path.replacing("feed_", with: "reeve_"), feed.path + "0"] {
                #expect(try await api.send("GET", path, as: nil).status == 404, "\(path)")
            }
            // It is no token, and a token is no feed.
            let secret = String(feed.path.dropFirst("/feeds/".count).dropLast(4))
            #expect(try await api.send("GET", "/api/v1/tasks", as: secret).status == 401)
            #expect(try await api.send("GET", "/feeds/\(api.tokens["rita"] ?? "").ics", as: nil).status == 404)
            let list = try await api.send("GET", "/api/v1/feeds", as: "ana")
            #expect(list.json.arrayValue?.count == 1)
            #expect(!String(decoding: list.body, as: UTF8.self).contains(secret.suffix(20)))
            #expect(try await api.send("GET", "/api/v1/feeds", as: "stranger").json == [])
            #expect(try await api.send("DELETE", "/api/v1/feeds/\(feed.id)", as: "stranger").status == 404)
            #expect(try await api.send("DELETE", "/api/v1/feeds/\(feed.id)", as: "reader").status == 403)
            #expect(try await api.send("DELETE", "/api/v1/feeds/\(feed.id)", as: "ana").status == 204)
            #expect(try await api.send("GET", feed.path, as: nil).status == 404)
            #expect(try await api.send("DELETE", "/api/v1/feeds/\(feed.id)", as: "ana").status == 404)
            #expect(try await api.send("POST", "/api/v1/feeds", ["name": "x"], as: "system").status == 403)
            // An administrator ends anybody's, and it sees nothing once its person has gone.
            let other = try await issue(api, ["name": "Outlook"], as: "ana")
            for (isActive, status) in [(false, 404), (true, 200)] {
                let body: JSON = ["people": ["ana": ["name": "ana", "active": .bool(isActive)]]]
                #expect(try await api.send("POST", "/api/v1/directory", body).status == 204)
                #expect(try await api.send("GET", other.path, as: nil).status == status)
            }
            #expect(try await api.send("DELETE", "/api/v1/feeds/\(other.id)", as: "rita").status == 204)
        }
    }

    @Test func thePythonPackageReadsWhatIsServed() async throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../..")
            .standardizedFileURL.path
        guard FileManager.default.isExecutableFile(atPath: root + "/.venv/bin/python") else {
            print("Skipped: feed.py needs Python; `make test` installs it into .venv.")
            return
        }
        try await APIFixture.run { api in
            for number in 1...3 { _ = try await api.open("Grüße; 你好, \\ number \(number)") }
            let feed = try await issue(api, ["name": "Fristen – alle", "own": false], as: "rita")
            let file = FileManager.default.temporaryDirectory.appending(path: "feed-\(UUID().uuidString).ics")
            defer { try? FileManager.default.removeItem(at: file) }
            try Data(try await api.send("GET", feed.path, as: nil).body).write(to: file)
            let process = Process()
            process.executableURL = URL(fileURLWithPath: root + "/.venv/bin/python")
            process.arguments = [root + "/Tests/Oracles/feed.py", file.path()]
            let output = Pipe()
            process.standardOutput = output
            try process.run()
            let lines = [UInt8](output.fileHandleForReading.readDataToEndOfFile()).split(separator: UInt8(ascii: "\n"))
            process.waitUntilExit()
            #expect(process.terminationStatus == 0)
            let rows = try lines.map { try JSON(parsing: Array($0)) }
            #expect(rows.count == 4 && rows[0]["name"] == "Fristen – alle")
            #expect(rows.allSatisfy { $0["errors"] == [] })
            #expect(Set(rows.dropFirst().compactMap { $0["uid"]?.stringValue }).count == 3)
            #expect(
                rows.dropFirst().allSatisfy { $0["summary"]?.stringValue?.contains("Grüße; 你好, \\ number") == true })
        }
    }
}
