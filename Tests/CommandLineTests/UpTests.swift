import Foundation
import JSON
import TestSupport
import Testing

@Suite(.serialized, .ownThread) struct UpTests {
    /// Asks again until the answer is as wanted; the worker needs a moment for what it does.
    private func eventually(_ what: String, _ holds: () throws -> Bool) throws {
        for _ in 0..<300 {
            if try holds() { return }
            usleep(100_000)
        }
        Issue.record("\(what) did not come about within 30 seconds")
    }

    @Test func aBreachIsFollowedThroughWithTheWorkerKilledInBetween() throws {
        let reeve = try Running()
        try reeve.start(["--demo"], until: "The demonstration is loaded.")
        #expect(((try reeve.json("list", "--all"))["items"]?.arrayValue?.count ?? 0) >= 40)
        #expect(try reeve.json("list", "--overdue")["items"]?.arrayValue?.isEmpty == false)

        let detected = ISO8601DateFormatter().string(from: Date().addingTimeInterval(-1200))
        let opened = try reeve.json(
            "open", "incident", "--as", "rita", "summary=Export was public", "services:=[\"portal\"]",
            "detectedAt=\(detected)")
        let incident = try #require(opened["reference"]?.stringValue)
        let early = try reeve.reeve("send", incident, "resolve", "restoredAt=\(detected)", as: "rita")
        #expect(early.status == 1 && early.errors.contains("possible: classify, dismiss"))
        let classified = try reeve.reeve(
            "send", incident, "classify", "awareAt=\(detected)", "criticalService:=false", "customersHit:=800",
            "personalData:=true", "owner=lena", "commander=ana", as: "rita")
        #expect(classified.status == 0, "\(classified.errors)")

        // At once, as people do, while the server that it leaves behind is still being stopped.
        reeve.stop(SIGKILL)
        try reeve.start(["--demo"])

        func children(of instance: String, in workflow: String) throws -> [JSON] {
            try reeve.json("list", "--workflow", workflow, "--parent", instance)["items"]?.arrayValue ?? []
        }
        func notification() throws -> JSON? {
            try children(of: incident, in: "disclosure").first {
                try reeve.json("show", $0["reference"]?.stringValue ?? "")["data"]?["recipient"]
                    == "Berlin Commissioner for Data Protection"
            }
        }
        try eventually("the disclosure") { try notification() != nil }
        let disclosure = try notification()?["reference"]?.stringValue ?? ""
        try eventually("the filing") { try children(of: disclosure, in: "filing").count == 1 }
        let filing = try children(of: disclosure, in: "filing")[0]["reference"]?.stringValue ?? ""
        let clock = try #require(try reeve.json("show", filing)["clocks"]?[0])
        #expect(clock["name"] == "submission" && clock["status"] == "running")

        let now = ISO8601DateFormatter().string(from: Date())
        #expect(try reeve.reeve("send", incident, "resolve", "restoredAt=\(now)", as: "ana").status == 0)
        try eventually("the post-mortem") { try children(of: incident, in: "post-mortem").count == 1 }
        let shown = try reeve.reeve("show", incident, "--journal")
        #expect(shown.output.contains("childOpened disclosures/gdpr-authority:northwind:de-berlin"))

        let verified = try reeve.reeve("journal", "verify")
        #expect(verified.status == 0 && verified.output.contains("as the journals say"))
        let exported = try reeve.reeve("journal", "export", incident).output.split(separator: "\n")
        #expect(exported.count == (try reeve.json("show", incident)["sequence"]?.intValue).map(Int.init))
        let doctor = try reeve.reeve("doctor")
        #expect(doctor.output.contains("log-level") && doctor.output.contains("well  worker"), "\(doctor.output)")

        #expect(reeve.stop(SIGINT) == 0)
        #expect(!reeve.hasServer)
    }

    @Test func whoStopsItWhileItLoadsTheDemonstrationFindsTheRestOfItLater() throws {
        let reeve = try Running()
        try reeve.start(["--demo"])
        #expect(reeve.stop() == 0)
        #expect(!reeve.hasServer)
        try reeve.start(["--demo"], until: "The demonstration is loaded.")
        #expect(try reeve.json("list", "--overdue")["items"]?.arrayValue?.isEmpty == false)
        #expect(reeve.stop() == 0)
    }

    @Test func theNextStartFindsEverythingAgain() throws {
        let reeve = try Running()
        try reeve.start()
        let person = try #require(try reeve.json("tokens")[0]?["person"]?.stringValue)
        let opened = try reeve.json(
            "open", "action-item", "title=Water the plants", "due=2099-01-01T00:00:00Z", "owner=\(person)")
        let reference = try #require(opened["reference"]?.stringValue, "\(opened)")
        #expect(reeve.stop() == 0)
        #expect(!reeve.hasServer)
        try reeve.start()
        #expect(try reeve.json("show", reference)["state"] == "todo")
        #expect(try reeve.json("workflows", "list").arrayValue?.contains { $0["version"] != 1 } == false)
        let published = try reeve.reeve("workflows", "publish")
        #expect(published.status == 0 && !published.output.contains(": published"))
    }

    @Test func aTakenPortIsNamed() throws {
        let reeve = try Running()
        try reeve.start()
        let other = try Running()
        let run = try Binary.run(["up", "--data", other.directory.path, "--listen", "127.0.0.1:\(reeve.port)"])
        #expect(run.status == 1)
        #expect(run.errors.contains("Port \(reeve.port)") && run.errors.contains("--listen"))
        let same = try Binary.run(["up", "--data", reeve.directory.path, "--listen", "127.0.0.1:0"])
        #expect(same.status == 1 && same.errors.contains("already"))
    }
}
