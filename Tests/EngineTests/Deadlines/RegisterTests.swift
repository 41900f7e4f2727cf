import Deadlines
import JSON
import Testing
import Workflows

@testable import Engine

@Suite("The register of breaches and the pack of a filing")
struct RegisterTests {
    private let content: JSON = [
        "nature": "Statements of others were shown <b>", "people": "300 to 340 customers", "records": "340 statements",
        "contact": "dpo@acme.example", "consequences": "Others learn of payments", "measures": "The page was closed",
    ]

    /// Takes a filing from the assessment to its submission, half an hour ago.
    private func file(_ story: LibraryStory) async throws -> (disclosure: Identifier, filing: Identifier) {
        let disclosure = try await story.find("disclosure", "d.snapshot #>> '{data,recipient}' = 'BfDI'")
        try await story.send(
            "notify", to: disclosure, by: "ben",
            ["risk": "likely", "rationale": "Statements of 340 customers were open to others"])
        let filing = try await story.find("filing", "d.snapshot #>> '{data,rule}' = 'eu.gdpr.33-1'")
        try await story.send("submit", to: filing, by: "ben", ["content": content])
        _ = try await story.fixture.engine.submit(
            story.fixture.command(
                .vote(ItemKey("release"), isApproval: true, comment: "Complete"), to: filing, by: "ana"))
        let submitted = Instant.now.advanced(by: -1_800_000_000).description
        try await story.send("file", to: filing, by: "ben", ["submittedAt": .string(submitted)])
        return (disclosure, filing)
    }

    @Test("A breach stands in the register whether it was notified or not, with why and by whom")
    func register() async throws {
        try await LibraryStory.run { story in
            let reader = story.fixture.engine.reader(for: Viewer(tenant: EngineFixture.tenant, person: "ana"))
            let open = try #require(try await reader.breaches().elements.first).json
            #expect(open["notified"] == "open" && open["facts"]?["summary"] == "Statements of others were shown")
            #expect(open["facts"]?["affected"]?[0]?["high"] == 340 && open["effects"]?["risk"] == "likely")
            _ = try await file(story)
            let filed = try #require(try await reader.breaches().elements.first).json
            #expect(filed["notified"] == "yes")
            #expect(filed["remedialAction"]?["measures"] == ["The page was closed"])
            let decision = try #require(
                filed["decisions"]?.arrayValue?.first { $0["recipient"] == "BfDI" })
            #expect(decision["outcome"] == "notify" && decision["filings"]?[0]?["punctuality"] == "on time")
            #expect(decision["decidedBy"]?.arrayValue?.contains("ben") == true)
            // What was never personal data is none, and neither is an exercise.
            let since = Instant.now.advanced(by: 60_000_000)
            var filter = BreachFilter()
            filter.since = since
            #expect(try await reader.breaches(filter).elements.isEmpty)
            filter = BreachFilter()
            filter.entity = "other"
            #expect(try await reader.breaches(filter).elements.isEmpty)
            let other = Viewer(tenant: Identifier(high: 9, low: 9), person: "ana")
            #expect(try await story.fixture.engine.reader(for: other).breaches().elements.isEmpty)
        }
    }

    @Test("A hidden breach stands in the register of those alone who see it")
    func hidden() async throws {
        try await LibraryStory.run { story in
            _ = try await story.fixture.engine.setVisibility(
                .privileged, of: story.incident, in: EngineFixture.tenant, reason: "Counsel", by: .person("ana"))
            func breaches(_ person: String?) async throws -> Int {
                let viewer = Viewer(tenant: EngineFixture.tenant, person: person)
                return try await story.fixture.engine.reader(for: viewer).breaches().elements.count
            }
            #expect(try await breaches("ana") == 1)
            #expect(try await breaches(nil) == 0)
            let filing = try await story.find("filing", "d.snapshot #>> '{data,rule}' = 'eu.gdpr.33-1'")
            let stranger = Viewer(tenant: EngineFixture.tenant, person: "rita")
            // Rita reported the incident; the filing names her nowhere.
            #expect(try await story.fixture.engine.reader(for: stranger).filingPack(of: filing) == nil)
        }
    }

    @Test("A pack has the draft in the authority's order, the deadline with its reasons, decisions and evidence")
    func pack() async throws {
        try await LibraryStory.run { story in
            let reader = story.fixture.engine.reader(for: Viewer(tenant: EngineFixture.tenant, person: "ben"))
            let early = try await story.find("filing", "d.snapshot #>> '{data,rule}' = 'eu.gdpr.33-1'")
            let draft = try #require(try await reader.filingPack(of: early)).json
            #expect(draft["checklist"]?["complete"] == false && draft["submission"]?["punctuality"] == "open")
            let (_, filing) = try await file(story)
            _ = try await story.fixture.engine.submit(
                story.fixture.command(
                    .attach(Evidence(uri: "https://portal.example/1", title: "Receipt")), to: filing, by: "ben"))
            let pack = try #require(try await reader.filingPack(of: filing)).json
            let fields = pack["checklist"]?["fields"]?.arrayValue ?? []
            #expect(
                fields.map { $0["field"] } == ["nature", "people", "records", "contact", "consequences", "measures"])
            #expect(fields.allSatisfy { $0["source"]?.stringValue?.hasPrefix("GDPR Art. 33(3)") == true })
            #expect(pack["checklist"]?["complete"] == true && fields[0]["value"] == content["nature"])
            #expect(pack["deadline"]?["rule"] == "eu.gdpr.33-1")
            #expect(pack["deadline"]?["trace"]?.arrayValue?.isEmpty == false)
            #expect(pack["submission"]?["punctuality"] == "on time")
            let decisions = pack["decisions"]?.arrayValue ?? []
            #expect(decisions.contains { $0["kind"] == "vote" && $0["by"] == "ana" && $0["outcome"] == "approved" })
            #expect(decisions.contains { $0["kind"] == "assessment" && $0["outcome"] == "to be notified" })
            #expect(decisions.contains { $0["kind"] == "determination" })
            #expect(pack["evidence"]?[0]?["title"] == "Receipt" && pack["authority"]?["id"] == "bfdi")
            #expect(pack["entity"]?["title"] == "Acme")
            #expect(try await reader.filingPack(of: story.incident) == nil)
        }
    }

    @Test("Nobody alone makes a statutory deadline later: not by correcting awareness, nor by determining it")
    func laterFacts() async throws {
        try await LibraryStory.run { story in
            let due = "SELECT extract(epoch FROM due_at)::bigint FROM reeve.clock WHERE rule = 'eu.gdpr.33-1'"
            let before = try await story.fixture.count(due)
            let later = story.aware.advanced(by: 600_000_000)
            for person in ["ana", "ben"] {
                let correction = story.fixture.command(
                    .correct(["awareAt": .string(later.description)], reason: "It was later"), to: story.incident,
                    by: person)
                #expect(try await story.fixture.refusal(of: correction)?.code == "guard-false")
            }
            let determination = try await story.find("determination")
            try await story.send(
                "add", to: determination, by: "ana",
                ["candidate": ["at": .string(later.description), "source": "alert", "note": "The second alert"]])
            try await story.send(
                "decide", to: determination, by: "ana",
                ["proposed": .string(later.description), "reason": "The first alert named another system"])
            #expect(try await story.fixture.count(due) == before)
            let alone = story.fixture.command(
                .vote(ItemKey("later"), isApproval: true, comment: nil), to: determination, by: "ana")
            #expect(try await story.fixture.refusal(of: alone) != nil)
            var delegates = DirectoryDocument.Team(id: "controllers-delegates", title: "Delegates")
            delegates.members = ["rita"]
            var directory = DirectoryDocument()
            directory.teams = [delegates]
            try await story.fixture.engine.enter(directory, for: EngineFixture.tenant)
            _ = try await story.fixture.engine.submit(
                story.fixture.command(
                    .vote(ItemKey("later"), isApproval: true, comment: nil), to: determination, by: "rita"))
            try await story.carryMessages()
            #expect(try await story.fixture.count(due) == before + 600)
            let filing = try await story.find("filing", "d.snapshot #>> '{data,rule}' = 'eu.gdpr.33-1'")
            let reader = story.fixture.engine.reader(for: Viewer(tenant: EngineFixture.tenant, person: "ben"))
            let history = try #require(try await reader.clock(ItemKey("submission"), of: filing)).history
            let move = try #require(history.last { $0["change"] == "clockMoved" })
            #expect(move["from"] != nil && move["to"] != nil && move["from"] != move["to"])
        }
    }

    @Test("An order moves a deadline once a second person has approved it, and its end no further than that")
    func orders() async throws {
        try await LibraryStory.run { story in
            let aware = Instant.now.advanced(by: -86_400_000_000)
            let opening = Opening(
                id: .version7(at: .now), reference: "",
                form: [
                    "title": .string("Notice to residents"), "rule": .string("us.ca.civ.1798-82.residents"),
                    "checklist": .string("us.ca.civ.1798-82-d"), "recipient": .string("Residents"),
                    "owner": .string("ben"), "awareAt": .string(aware.description),
                ])
            let filing = try await story.fixture.engine.submit(
                Command(
                    tenant: EngineFixture.tenant, target: .opening(workflow: "filing"),
                    input: Input(actor: .parent(story.incident), act: .open(opening)))
            ).instance
            let due = "SELECT extract(epoch FROM due_at)::bigint FROM reeve.clock WHERE instance_id = '\(filing)'"
            let before = try await story.fixture.count(due)
            let until = Instant.now.advanced(by: 60 * 86_400_000_000)
            try await story.send(
                "orderDelay", to: filing, by: "ben",
                [
                    "orders": [
                        [
                            "id": "1", "kind": "law-enforcement", "article": "Civ. Code 1798.82(c)", "issuer": "FBI",
                            "from": .string(aware.description), "until": .string(until.description),
                        ]
                    ]
                ])
            let order = try await story.find("delay-order")
            #expect(try await story.fixture.count(due) == before)
            let vote = Act.vote(ItemKey("order"), isApproval: true, comment: nil)
            #expect(try await story.fixture.refusal(of: story.fixture.command(vote, to: order, by: "ben")) != nil)
            _ = try await story.fixture.engine.submit(story.fixture.command(vote, to: order, by: "ana"))
            try await story.carryMessages()
            let postponed = try await story.fixture.count(due)
            #expect(postponed >= until.seconds && postponed > before)
            let later = story.fixture.event(
                "end", to: order, by: "ben", ["until": .string(until.advanced(by: 86_400_000_000).description)])
            #expect(try await story.fixture.refusal(of: later)?.code == "guard-false")
            try await story.send("end", to: order, by: "ben", ["until": .string(Instant.now.description)])
            #expect(try await story.fixture.count(due) < postponed)
            #expect(try await story.fixture.engine.verifyJournals().discrepancies == [])
        }
    }
}
