import Foundation
import FoundationNetworking
import JSON
import TestSupport
import Testing

/// What a compliance officer does from the shell, on the demonstration.
@Suite(.serialized, .ownThread) struct DeadlineDeskTests {
    private func fetch(_ url: String) async throws -> (status: Int, text: String) {
        let (data, response) = try await URLSession.shared.data(from: try #require(URL(string: url)))
        return ((response as? HTTPURLResponse)?.statusCode ?? 0, String(decoding: data, as: UTF8.self))
    }

    @Test func deadlinesAreShownMovedAndAccountedForFromTheShell() async throws {
        let reeve = try Running()
        try reeve.start(["--demo"], until: "The demonstration is loaded.")
        try await calendars(reeve)
        try recomputation(reeve)
        try register(reeve)
        try clocks(reeve)
    }

    /// Secret addresses: issued, read without a token, listed without their secret, revoked.
    private func calendars(_ reeve: Running) async throws {
        let all = try reeve.reeve("calendar", as: "ana")
        #expect(all.status == 0 && all.output.hasPrefix("BEGIN:VCALENDAR") && all.output.contains("BEGIN:VEVENT"))
        let address = try reeve.reeve("calendar", "issue", "Outlook", "--everything", as: "ana").output
            .trimmingCharacters(in: .whitespacesAndNewlines)
        let feed = try await fetch(address)
        #expect(feed.status == 200 && feed.text.contains("BEGIN:VEVENT"))
        let listed = try #require(try reeve.json("calendar", "feeds")[0])
        #expect(listed["person"] == "ana" && listed["name"] == "Outlook")
        let id = listed["id"]?.stringValue ?? ""
        #expect(try reeve.reeve("calendar", "revoke", id).status == 0)
        #expect(try await fetch(address).status == 404)
    }

    /// A closing day makes deadlines later, which takes two people.
    private func recomputation(_ reeve: Running) throws {
        let closing = Date().addingTimeInterval(86_400)
        let days = (0..<10).map { day in
            "\"\(ISO8601DateFormatter().string(from: closing.addingTimeInterval(86_400 * Double(day))).prefix(10))\": \"Closed\""
        }
        let calendar = """
            {"calendar": "office", "include": ["office"], "years": [2020, 2099], "holidays": {\(days.joined(separator: ","))}}
            """
        func run(_ arguments: [String], environment: [String: String] = [:]) throws -> Binary.Run {
            try Binary.run(arguments + ["--data", reeve.directory.path], input: calendar, environment: environment)
        }
        let dry = try run(["calendars", "publish", "-", "--dry-run"])
        #expect(dry.status == 0 && dry.output.contains("would move") && dry.output.contains("later"), "\(dry.errors)")
        let asked = try run(["calendars", "publish", "-"])
        #expect(asked.status == 1 && asked.output.contains("a second person decides"), "\(asked.errors)")
        let recomputation = try #require(try reeve.json("deadlines", "list")["items"]?[0])
        #expect(recomputation["status"] == "waiting")
        let id = recomputation["id"]?.stringValue ?? ""
        let alone = try run(["deadlines", "approve", id])
        #expect(alone.status == 1 && alone.errors.contains("second person"))
        let token = try reeve.reeve(
            "tokens", "issue", "desk", "--person", "vera", "--scope", "read", "--scope", "admin"
        ).output.trimmingCharacters(in: .whitespacesAndNewlines)
        let second = ["REEVE_URL": "http://127.0.0.1:\(reeve.port)", "REEVE_TOKEN": token]
        let approved = try run(["deadlines", "approve", id, "--json"], environment: second)
        let done = try JSON(parsing: approved.output)
        #expect(
            approved.status == 0 && done["status"] == "done" && done["approvedBy"] == ["vera"], "\(approved.errors)")
        #expect((done["applied"]?.intValue ?? 0) > 0)
        #expect(try reeve.reeve("calendars").output.contains("office"))
        let again = try reeve.json("deadlines", "recompute", "--dry-run")
        #expect(again["status"] == "examined" && again["moved"] == 0 && again["moves"] == [])
        #expect(try Binary.run(["deadlines", "recompute", "--data", reeve.directory.path]).status == 2)
        #expect(try reeve.reeve("journal", "verify").status == 0)
    }

    private func register(_ reeve: Running) throws {
        let records = try reeve.json("register").arrayValue ?? []
        #expect(!records.isEmpty && records.allSatisfy { $0["facts"]?["summary"]?.stringValue != nil })
        let csv = try reeve.reeve("register", "--csv").output
        #expect(csv.hasPrefix("\"Reference\"") && csv.contains(records[0]["reference"]?.stringValue ?? "-"))
        #expect(try reeve.reeve("register", "--html").output.contains("<h1>Register of personal-data breaches</h1>"))
        #expect(try reeve.reeve("register").output.hasPrefix("INCIDENT"))
        let filings = try reeve.json("list", "--workflow", "filing", "--all")["items"]?.arrayValue ?? []
        let filing = try #require(filings.first?["reference"]?.stringValue)
        let pack = try JSON(parsing: try reeve.reeve("pack", filing).output)
        #expect(pack["reference"]?.stringValue == filing)
        #expect(pack["checklist"]?["fields"]?.arrayValue?.isEmpty == false)
        #expect(try reeve.reeve("pack", filing, "--html").output.contains("<h2>Contents</h2>"))
    }

    private func clocks(_ reeve: Running) throws {
        let statutory = try reeve.json("clocks", "--rule", "eu.gdpr.33-1")["items"]?.arrayValue ?? []
        let clock = try #require(statutory.first)
        let reference = clock["reference"]?.stringValue ?? ""
        let why = try reeve.reeve("clocks", reference, clock["name"]?.stringValue ?? "")
        #expect(why.status == 0 && why.output.contains("GDPR") && why.output.contains("History"))
        let incidents = try reeve.json(
            "list", "--workflow", "incident", "--state", "responding", "--status", "running", "--person", "ana",
            "--role", "commander")["items"]?.arrayValue
        let incident = try #require(incidents?.first?["reference"]?.stringValue)
        let data = try reeve.json("show", incident)["data"]
        let earlier = data?["detectedAt"]?.stringValue ?? ""
        let dry = try reeve.reeve(
            "correct", incident, "--dry-run", "--reason", "The log says so", "awareAt=\(earlier)", as: "ana")
        #expect(dry.status == 0 && !dry.output.isEmpty, "\(dry.errors)")
        #expect(try reeve.json("show", incident)["data"] == data)
    }
}
