import Foundation
import JSON
import TestSupport
import Testing

/// The case of `docs/compliance-officer.md` at instants that do not move: a group with an Irish and a Californian
/// company, residents of six jurisdictions, a processor, and two customers with contracts.
@Suite(.serialized, .ownThread) struct GroupCaseTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../..").standardizedFileURL.path

    /// The facts that are shipped beside the guide, with some more, in a file.
    private func facts(_ name: String, _ more: JSON = [:]) throws -> String {
        let shipped = try String(contentsOfFile: "\(Self.root)/demo/\(name).json", encoding: .utf8)
        var facts = try #require(try JSON(parsing: shipped).objectValue)
        for (name, value) in more.objectValue ?? [:] { facts[name] = value }
        let file = reeve.directory.appendingPathComponent("\(name).json")
        try JSON.object(facts).text().write(to: file, atomically: true, encoding: .utf8)
        return file.path
    }

    private let reeve: Running

    init() throws {
        reeve = try Running()
        try reeve.start(["--demo", "--set", "regimes=all"], until: "The demonstration is loaded.")
    }

    private func eventually(_ what: String, _ holds: () throws -> Bool) throws {
        for _ in 0..<300 {
            if try holds() { return }
            usleep(100_000)
        }
        Issue.record("\(what) did not come about within 30 seconds")
    }

    private func act(_ arguments: String..., as person: String) throws {
        let run = try Binary.run(arguments + ["--data", reeve.directory.path, "--as", person])
        #expect(run.status == 0, "\(arguments): \(run.errors)")
    }

    /// The children of an instance under one rule that are still wanted, by key.
    private func children(_ instance: String, _ name: String) throws -> [String: String] {
        let shown = try reeve.json("show", instance)["children"]?.arrayValue ?? []
        let wanted = shown.filter {
            $0["name"]?.stringValue == name && $0["status"] != "dropped" && $0["status"] != "withdrawn"
        }
        return Dictionary(
            wanted.compactMap { child in
                child["key"]?.stringValue.flatMap { key in child["reference"]?.stringValue.map { (key, $0) } }
            }, uniquingKeysWith: { $1 })
    }

    private func submission(_ filing: String) throws -> (due: String?, latest: String?, status: String?) {
        let clocks = try reeve.json("show", filing)["clocks"]?.arrayValue ?? []
        let clock = clocks.first { $0["name"] == "submission" }
        return (clock?["dueAt"]?.stringValue, clock?["latestAt"]?.stringValue, clock?["status"]?.stringValue)
    }

    /// What each obligation's stage is due at, `obligation/stage` to the figure in UTC.
    private static let first = [
        "br-lgpd:northwind-ie/communication": "2026-10-29T03:00:00Z",
        "br-lgpd:northwind-ie/people": "2026-10-29T03:00:00Z",
        "br-lgpd:northwind-ie/complement": nil,
        "contract:northwind-us:hooli/notice": "2026-10-25T14:00:00Z",
        "contract:northwind-us:initech/notice": "2026-10-24T14:00:00Z",
        "gdpr-authority:northwind-ie:ie-dpc/notification": "2026-10-26T14:00:00Z",
        "gdpr-controller:northwind-us:hooli/notice": "2026-10-24T14:00:00Z",
        "gdpr-controller:northwind-us:initech/notice": "2026-10-24T14:00:00Z",
        "uk-gdpr-authority:northwind-ie/notification": "2026-10-26T14:00:00Z",
        "us-ca-breach:northwind-ie/residents": "2026-11-23T08:00:00Z",
        "us-ca-owner:northwind-us:hooli/notice": "2026-10-24T14:00:00Z",
        "us-ca-owner:northwind-us:initech/notice": "2026-10-24T14:00:00Z",
    ]

    /// Every filing of an incident with its reference.
    private func filings(_ incident: String) throws -> [String: String] {
        var filings: [String: String] = [:]
        for (obligation, disclosure) in try children(incident, "disclosures") {
            for (stage, filing) in try children(disclosure, "filings") { filings["\(obligation)/\(stage)"] = filing }
        }
        return filings
    }

    @Test func aGroupsBreachOpensWhatLawAndContractsAskAndIsFollowedThrough() throws {
        #expect(try reeve.reeve("directory", Self.root + "/demo/group.yaml").status == 0)
        let opened = try Binary.run([
            "open", "incident", "summary=Records of others were handed out", "services:=[\"portal\"]",
            "detectedAt=2026-10-23T08:40:00+01:00", "--json", "--as", "rita", "--data", reeve.directory.path,
        ])
        let incident = try #require(try JSON(parsing: opened.output)["reference"]?.stringValue)
        let facts = try facts(
            "group-facts", ["awareAt": "2026-10-23T15:00:00+01:00", "owner": "lena", "commander": "ana"])
        try act("send", incident, "classify", "--form", facts, as: "ana")

        try eventually("the filings") { try filings(incident).count == Self.first.count }
        let found = try filings(incident)
        #expect(Set(found.keys) == Set(Self.first.keys))
        for (name, filing) in found { #expect(try submission(filing).due == Self.first[name] ?? nil, "\(name)") }
        try judgesEverythingElse(incident)
        try explainsItself(found["gdpr-authority:northwind-ie:ie-dpc/notification"] ?? "")
        try reclassifies(incident)
        try files(incident)
        let verified = try reeve.reeve("journal", "verify")
        #expect(verified.status == 0 && verified.output.contains("as the journals say"), "\(verified.output)")
    }

    private func judgesEverythingElse(_ incident: String) throws {
        let data = try reeve.json("show", incident)["data"]
        let findings = data?["findings"]?.arrayValue ?? []
        #expect(findings.count > 60)
        #expect(findings.allSatisfy { $0["why"]?.stringValue?.isEmpty == false })
        func why(_ id: String) -> String? {
            findings.first { $0["id"]?.stringValue == id }?["why"]?.stringValue
        }
        #expect(why("gdpr-authority:northwind-us") == "Northwind Pay Inc. is not a controller.")
        #expect(why("contract:northwind-ie:stratus") == "None of the kinds of data of Stratus Hosting plc is affected.")
        #expect(why("nis2-csirt:northwind-ie") == "The incident is not significant (Art. 23(3)).")
        let coverage = data?["coverage"]?.arrayValue ?? []
        #expect(coverage.compactMap { $0["id"]?.stringValue } == ["ie", "de", "gb", "us-ca", "br", "ke"])
        #expect(coverage.last?["end"] == "notCovered" && coverage.last?["counsel"] == true)
        try eventually("counsel's question") { try children(incident, "questions").keys.sorted() == ["ke"] }
    }

    private func explainsItself(_ filing: String) throws {
        let clock = try reeve.json("clocks", filing, "submission").text()
        for article in ["GDPR Art. 33(1)", "Art. 3(1)", "Art. 3(3)", "Art. 3(5)", "The clocks went back"] {
            #expect(clock.contains(article), "\(article) in \(clock)")
        }
        #expect(try submission(filing).latest == "2026-10-26T15:00:00Z")
    }

    private func reclassifies(_ incident: String) throws {
        let brazil = try #require(try children(incident, "disclosures")["br-lgpd:northwind-ie"])
        let facts = try facts("group-facts-later")
        let rehearsal = try Binary.run([
            "send", incident, "reclassify", "--form", facts, "--as", "ana", "--dry-run", "--json", "--data",
            reeve.directory.path,
        ])
        #expect(rehearsal.status == 0, "\(rehearsal.errors)")
        let foreseen = try JSON(parsing: rehearsal.output)["instances"]?.arrayValue ?? []
        func isForeseen(_ change: JSON, _ key: JSON) -> Bool {
            foreseen.contains { $0["change"] == change && $0["key"] == key }
        }
        #expect(isForeseen("opened", "nis2-csirt:northwind-ie:ie-ncsc") && isForeseen("opened", "attorney-general"))
        #expect(isForeseen("moved", "br-lgpd:northwind-ie") && isForeseen("told", "us-ca-breach:northwind-ie"))
        #expect(try children(incident, "disclosures").count == 10, "a rehearsal opens nothing")
        try act("send", incident, "reclassify", "--form", facts, as: "ana")
        try eventually("the withdrawal") { try reeve.json("show", brazil)["state"] == "withdrawn" }
        let journal = try reeve.json("show", brazil, "--journal")["journal"]?.text() ?? ""
        #expect(journal.contains("The export of the second night was found in the logs"))
        try eventually("the amendment and what is new") {
            let names = Set(try filings(incident).keys)
            return names.isSuperset(of: [
                "us-ca-breach:northwind-ie/attorney-general", "nis2-csirt:northwind-ie:ie-ncsc/warning",
                "nis2-csirt:northwind-ie:ie-ncsc/notification", "nis2-csirt:northwind-ie:ie-ncsc/final",
            ]) && !names.contains { $0.hasPrefix("br-lgpd") }
        }
        let found = try filings(incident)
        let warning = try submission(found["nis2-csirt:northwind-ie:ie-ncsc/warning"] ?? "")
        #expect(warning.due == "2026-10-24T14:00:00Z")
        #expect(try submission(found["us-ca-breach:northwind-ie/attorney-general"] ?? "").status == "waiting")
    }

    private func files(_ incident: String) throws {
        let found = try filings(incident)
        let residents = try #require(found["us-ca-breach:northwind-ie/residents"])
        let owner = try #require(try reeve.json("show", residents)["roles"]?["owner"]?[0]?.stringValue)
        let content = #"content:={"happened":"a","information":"b","doing":"c","youCanDo":"d","more":"e","date":"f"#
        let short = try reeve.reeve("send", residents, "submit", content + "\"}", as: owner)
        #expect(short.status == 1 && short.errors.contains("content.creditAgencies"), "\(short.errors)")
        try act("send", residents, "submit", content + #"","creditAgencies":"g"}"#, as: owner)
        #expect(try reeve.reeve("approve", residents, "release", as: owner).status == 1)
        try act("approve", residents, "release", as: "vera")
        let early = try reeve.reeve("send", residents, "file", "submittedAt=2026-10-23T14:59:59+01:00", as: owner)
        #expect(early.status == 1 && early.errors.contains("before awareness"))
        try act("send", residents, "file", "submittedAt=2026-11-20T18:00:00-08:00", as: owner)
        #expect(try submission(residents).status == "met")
        // The Attorney General's 15 days run from the notice to the residents.
        let general = try #require(found["us-ca-breach:northwind-ie/attorney-general"])
        try eventually("the next stage") { try submission(general).due == "2026-12-06T08:00:00Z" }
        #expect(try submission(general).latest == "2026-12-08T08:00:00Z")

        // What was sent without release is never refused; what was late gets its reasons afterwards.
        let commissioner = try #require(found["uk-gdpr-authority:northwind-ie/notification"])
        try act("send", commissioner, "recordSent", "submittedAt=2026-10-27T09:00:00Z", as: owner)
        #expect(try submission(commissioner).status == "missed")
        let shown = try reeve.json("show", commissioner)
        #expect(shown["state"] == "unapproved" && shown["data"]?["late"] == true)

        // One submission to Hooli discharges what is owed to it under another heading.
        let notice = try #require(found["contract:northwind-us:hooli/notice"])
        let twin = try #require(found["gdpr-controller:northwind-us:hooli/notice"])
        try act("link", notice, twin, as: owner)
        try act(
            "send", notice, "recordSent", "submittedAt=2026-10-24T10:00:00Z", "together:=true", as: owner)
        try eventually("the other obligation's discharge") {
            let other = try reeve.json("show", twin)
            return other["state"] == "unapproved" && other["data"]?["discharged"]?.stringValue == notice
        }
        #expect(try submission(twin).status == "met")
    }
}
