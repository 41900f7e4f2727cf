import CEL
import Deadlines
import Foundation
import JSON
import PostgresClient
import Testing
import Workflows

@testable import Engine

/// A breach under the library's own workflows on a real database, messages between instances carried by hand.
struct LibraryStory: Sendable {
    let fixture: EngineFixture
    /// The incident, classified.
    let incident: Identifier
    /// Since when the tenant is aware of it.
    let aware: Instant

    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../..").standardizedFileURL

    private static func text(_ path: String) -> String? {
        try? String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    static func publish(_ name: String, _ fixture: EngineFixture) async throws {
        let main = "\(name)/\(name).yaml"
        let files = Definition.decode(main) { path in Self.text("workflows/\(path)").map { Array($0.utf8) } }.files
        var source = DefinitionSource(main: main, files: [:])
        for file in files { source.files[file] = Self.text("workflows/\(file)") }
        _ = try await fixture.engine.publish(source, for: EngineFixture.tenant, by: .person("rita"))
    }

    static func regimes() throws -> RegimeLibrary {
        let names = try FileManager.default.contentsOfDirectory(atPath: root.path + "/workflows/regimes")
        return try RegimeLibrary.decode(names.filter { $0.hasSuffix(".yaml") }.sorted()) { name in
            text("workflows/regimes/\(name)").map { Array($0.utf8) }
        }.get()
    }

    static func almanac() throws -> Almanac {
        try Almanac(workflows: root.path + "/workflows", zones: try ZoneDatabase())
    }

    /// Runs a body once an incident with personal data has been classified and everything has followed from it.
    static func run<Value: Sendable>(_ body: (LibraryStory) async throws -> Value) async throws -> Value {
        try await EngineFixture.run(almanac: almanac(), regimes: regimes()) { fixture in
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

            let aware = Instant.now.advanced(by: -3_600_000_000)
            let hourAgo = aware.description
            let incident = try await fixture.engine.submit(
                fixture.opening(
                    "incident",
                    [
                        "summary": "Statements of others were shown", "services": ["payments"],
                        "detectedAt": .string(hourAgo),
                    ]))
            _ = try await fixture.engine.submit(
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
            let story = LibraryStory(fixture: fixture, incident: incident.instance, aware: aware)
            try await story.carryMessages()
            return try await body(story)
        }
    }

    /// The one instance of a workflow that matches a condition.
    func find(_ workflow: String, _ condition: String = "true") async throws -> Identifier {
        let connection = try await fixture.database.connect()
        let rows = try await connection.query(
            PostgresQuery(
                sql: """
                    SELECT i.id FROM reeve.instance i JOIN reeve.instance_data d ON d.instance_id = i.id
                    WHERE i.definition = '\(workflow)' AND \(condition) ORDER BY i.id
                    """))
        await connection.close()
        return try #require(rows.first).decode(Identifier.self, at: 0)
    }

    /// Sends an event and carries what follows from it.
    @discardableResult
    func send(_ event: String, to id: Identifier, by person: String, _ form: [String: JSON] = [:]) async throws
        -> Answer
    {
        let answer = try await fixture.engine.submit(fixture.event(event, to: id, by: person, form))
        try await carryMessages()
        return answer
    }

    /// Takes what waits in the inbox, in order, until nothing does.
    func carryMessages() async throws {
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
