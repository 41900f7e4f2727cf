import CEL
import Deadlines
import Foundation
import JSON
import Testing
import Workflows

@testable import Engine

/// The library's own workflows on a real database, messages between instances carried by hand.
@Suite("The library's story")
struct LibraryStoryTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../..").standardizedFileURL

    private static func text(_ path: String) -> String? {
        try? String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    private func publish(_ name: String, _ fixture: EngineFixture) async throws {
        let main = "\(name)/\(name).yaml"
        let files = Definition.decode(main) { path in Self.text("workflows/\(path)").map { Array($0.utf8) } }.files
        var source = DefinitionSource(main: main, files: [:])
        for file in files { source.files[file] = Self.text("workflows/\(file)") }
        _ = try await fixture.engine.publish(source, for: EngineFixture.tenant, by: .person("rita"))
    }

    private static func regimes() throws -> RegimeLibrary {
        let names = try FileManager.default.contentsOfDirectory(atPath: root.path + "/workflows/regimes")
        return try RegimeLibrary.decode(names.filter { $0.hasSuffix(".yaml") }.sorted()) { name in
            text("workflows/regimes/\(name)").map { Array($0.utf8) }
        }.get()
    }

    private static func almanac() throws -> Almanac {
        try Almanac(workflows: root.path + "/workflows", zones: try ZoneDatabase())
    }

    @Test("a breach opens its disclosures with their filings and clocks, and every journal folds")
    func breach() async throws {
        try await EngineFixture.run(almanac: Self.almanac(), regimes: Self.regimes()) { fixture in
            let workflows = [
                "incident", "disclosure", "filing", "determination", "legal-question", "delay-order", "post-mortem",
                "action-item", "change-freeze",
            ]
            for name in workflows {
                try await publish(name, fixture)
            }
            var directory = DirectoryDocument()
            for (team, member) in [
                ("incident-commanders", "ana"), ("service-owners", "ben"), ("privacy-counsel", "ben"),
                ("staff", "rita"), ("controllers-delegates", "ana"),
            ] {
                var entry = DirectoryDocument.Team(id: team, title: team)
                entry.members = [member]
                directory.teams.append(entry)
            }
            var privacy = DirectoryDocument.Schedule(id: "privacy", title: "Privacy")
            privacy.start = .now.advanced(by: -86_400_000_000)
            privacy.handover = 7 * 86_400
            privacy.rotation = ["ben"]
            directory.schedules = [privacy]
            var payments = DirectoryDocument.Service(id: "payments", title: "Payments")
            payments.owner = "ben"
            directory.services = [payments]
            directory.parties = try Parties(
                json: [
                    "entities": ["acme": ["title": "Acme", "country": "de", "roles": ["controller"]]],
                    "authorities": ["bfdi": ["title": "BfDI", "jurisdictions": ["de"], "regimes": ["eu.gdpr"]]],
                ])
            try await fixture.engine.enter(directory, for: EngineFixture.tenant)

            let hourAgo = Instant.now.advanced(by: -3_600_000_000).description
            let incident = try await fixture.engine.submit(
                fixture.opening(
                    "incident",
                    [
                        "summary": "Statements of others were shown", "services": ["payments"],
                        "detectedAt": .string(hourAgo),
                    ]))
            let classified = try await fixture.engine.submit(
                fixture.event(
                    "classify", to: incident.instance, by: "ana",
                    [
                        "awareAt": .string(hourAgo), "criticalService": true, "customersHit": 340,
                        "personalData": true, "owner": "ben", "commander": "ana", "risk": "likely",
                        "affected": [
                            .object([
                                "jurisdiction": "de", "low": 300, "high": 340, "kinds": ["contact"], "encrypted": false,
                            ])
                        ],
                    ]))
            #expect(classified.state == "responding")
            try await carryMessages(fixture)
            #expect(
                try await fixture.count("SELECT count(*) FROM reeve.instance WHERE definition = 'disclosure'") > 0)
            let statutory = "SELECT count(*) FROM reeve.clock WHERE rule = 'eu.gdpr.33-1' AND status = 'running'"
            #expect(try await fixture.count(statutory) == 1)
            #expect(
                try await fixture.count(
                    """
                    SELECT count(*)
                    FROM reeve.clock
                    WHERE rule = 'eu.gdpr.33-1' AND due_at >= timestamptz '\(hourAgo)' + interval '72 hours'
                    """) == 1)
            #expect(try await fixture.engine.verifyJournals().discrepancies == [])
        }
    }

    /// Takes what waits in the inbox, in order, until nothing does.
    private func carryMessages(_ fixture: EngineFixture) async throws {
        for _ in 0..<100 {
            let connection = try await fixture.database.connect()
            let rows = try await connection.query(
                "SELECT position, target_id, kind, body FROM reeve.inbox ORDER BY position LIMIT 1")
            await connection.close()
            guard let row = rows.first else { return }
            let body = try row.decode(StoredJSON.self, at: 3).json
            let input = try Input(facts: body["input"] ?? .null, written: nil)
            let target: Command.Target =
                if let workflow = body["workflow"]?.stringValue { .opening(workflow: workflow) } else {
                    .instance(try row.decode(at: 1))
                }
            let command = Command(
                tenant: EngineFixture.tenant, target: target, input: input,
                origin: .inbox(position: try row.decode(at: 0)))
            _ = try await fixture.engine.submit(command)
        }
        Issue.record("messages beget messages without end")
    }
}
