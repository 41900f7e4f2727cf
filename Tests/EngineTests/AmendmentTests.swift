import CEL
import Deadlines
import JSON
import Testing
import Workflows

@testable import Engine

@Suite("Amendments")
struct AmendmentTests {
    private let rita = Actor.person("rita")

    @Test("a remark can be erased at any time, and leaves a tombstone")
    func remark() async throws {
        try await EngineFixture.run { fixture in
            try await fixture.publish(ticket)
            let id = try await fixture.engine.submit(fixture.opening("ticket", ["summary": "Noise"])).instance
            _ = try await fixture.engine.submit(fixture.command(.comment("Ben snores"), to: id))
            let erased = try await fixture.engine.erase(
                [2], of: id, in: EngineFixture.tenant, reason: "asked for by the person", by: rita)
            #expect(erased == 1)
            let reader = fixture.engine.reader(for: Viewer(tenant: EngineFixture.tenant))
            let journal = try await reader.journal(of: id).elements
            #expect(journal.map(\.kind) == ["transition", "comment", "erasure"])
            #expect(journal[1].payload == nil)
            #expect(journal[1].erasedAt != nil)
            #expect(try await fixture.engine.submit(fixture.event("take", to: id, by: "ana")).sequence == 4)
            let verification = try await fixture.engine.verifyJournals()
            #expect(verification.discrepancies == [])
            #expect(verification.erased == 1 && verification.partial == 0)
            let again = try await fixture.engine.erase(
                [2], of: id, in: EngineFixture.tenant, reason: "again", by: rita)
            #expect(again == 0)
        }
    }

    @Test("what an instance is made of can be erased once it has ended, from its data too")
    func data() async throws {
        try await EngineFixture.run { fixture in
            try await fixture.publish(ticket)
            let id = try await fixture.engine.submit(fixture.opening("ticket", ["summary": "Ben snores"])).instance
            await #expect(throws: AdministrationError.self) {
                try await fixture.engine.erase([1], of: id, in: EngineFixture.tenant, reason: "asked", by: rita)
            }
            _ = try await fixture.engine.submit(fixture.command(.cancel(reason: "mistake"), to: id))
            let erased = try await fixture.engine.erase(
                [1, 2], of: id, in: EngineFixture.tenant, reason: "asked", by: rita)
            #expect(erased == 2)
            #expect(
                try await fixture.count(
                    """
                    SELECT count(*)
                    FROM reeve.instance_data d, reeve.journal_payload p
                    WHERE d.snapshot::text LIKE '%snores%' OR p.payload IS NOT NULL
                    """) == 0)
            let verification = try await fixture.engine.verifyJournals()
            #expect(verification.discrepancies == [])
            #expect(verification.erased == 1 && verification.partial == 1)
        }
    }

    @Test("who sees an instance is set on record, and a grant opens it for a time")
    func visibility() async throws {
        try await EngineFixture.run { fixture in
            try await fixture.publish(ticket)
            let id = try await fixture.engine.submit(fixture.opening("ticket", ["summary": "Secret"])).instance
            let tenant = EngineFixture.tenant
            #expect(
                try await fixture.engine.setVisibility(.restricted, of: id, in: tenant, reason: "HR", by: rita))
            #expect(
                try await !fixture.engine.setVisibility(.restricted, of: id, in: tenant, reason: "HR", by: rita))
            let reader = fixture.engine.reader(for: Viewer(tenant: tenant, person: "ana"))
            #expect(try await reader.instances().elements.isEmpty)
            #expect(try await reader.offers(to: .person("ana"), on: id) == nil)
            try await fixture.engine.grant(
                "ana", sightOf: id, in: tenant, until: .now.advanced(by: 3_600_000_000), reason: "audit", by: rita)
            #expect(try await reader.instances().elements.map(\.visibility) == ["restricted"])
            #expect(try await reader.journal(of: id).elements.last?.kind == "visibility")
            #expect(try await fixture.engine.verifyJournals().discrepancies == [])
        }
    }

    @Test("the words of many kinds of entries can be erased, and the journal is followed to its end all the same")
    func remarks() async throws {
        try await EngineFixture.run { fixture in
            try await fixture.publish(ticket)
            let id = try await fixture.engine.submit(fixture.opening("ticket", ["summary": "Noise"])).instance
            let acts: [Act] = [
                .comment("Ben snores"), .suspend(reason: "Ben sleeps"), .resume(reason: "Ben wakes"),
                .attach(Evidence(uri: "https://tapes.example/ben", title: "Ben snoring")),
                .assign(role: "clerk", to: ["ben"], reason: "Ben is awake"), .cancel(reason: "Ben left"),
            ]
            for act in acts { _ = try await fixture.engine.submit(fixture.command(act, to: id)) }
            let erased = try await fixture.engine.erase(
                Array(2...7), of: id, in: EngineFixture.tenant, reason: "asked for", by: rita)
            #expect(erased == acts.count)
            let verification = try await fixture.engine.verifyJournals()
            #expect(verification.discrepancies == [])
            #expect(verification.erased == 1 && verification.partial == 0)
        }
    }

    @Test("what a restricted instance opens is restricted too, and so is what it has opened before")
    func inheritance() async throws {
        try await EngineFixture.run { fixture in
            try await fixture.publish(
                ticket.replacing("open: { form: [summary] }", with: "open: { form: [summary], allow: [parent] }"))
            try await fixture.publish(
                """
                workflow: case
                title: Case
                reference: CAS
                roles: { owner: { title: Owner, initially: opener } }
                data:
                  type: object
                  properties: { parts: { type: array, items: { type: string } } }
                open: { form: [parts] }
                initial: open
                states:
                  open: { on: { grow: { allow: [owner], form: [parts] }, close: { target: closed, allow: [owner] } } }
                  closed: { final: true }
                children:
                  part:
                    workflow: ticket
                    start: { in: open }
                    each: data.parts
                    key: item
                    with: { summary: item }
                """)
            let engine = fixture.engine
            let worker = Worker(engine: engine, wakeUps: WakeUps(database: fixture.database.configuration()))
            let working = Task { await worker.run() }
            func hidden(_ count: Int64) async throws {
                let query = "SELECT count(*) FROM reeve.instance WHERE visibility = 'restricted'"
                for _ in 0..<200 where try await fixture.count(query) != count {
                    try await Task.sleep(for: .milliseconds(50))
                }
                #expect(try await fixture.count(query) == count)
            }
            var secret = fixture.opening("case", ["parts": ["one"]])
            if case .open(var opening) = secret.input.act {
                opening.visibility = .restricted
                secret.input.act = .open(opening)
            }
            _ = try await engine.submit(secret)
            try await hidden(2)
            let open = try await engine.submit(fixture.opening("case", ["parts": ["two"]])).instance
            let all = "SELECT count(*) FROM reeve.instance"
            for _ in 0..<200 where try await fixture.count(all) != 4 { try await Task.sleep(for: .milliseconds(50)) }
            #expect(
                try await engine.setVisibility(
                    .restricted, of: open, in: EngineFixture.tenant, reason: "HR", by: rita))
            try await hidden(4)
            working.cancel()
            await working.value
            #expect(try await engine.verifyJournals().discrepancies == [])
        }
    }

    @Test("no instance that all can see learns anything of a hidden one")
    func related() async throws {
        try await EngineFixture.run { fixture in
            try await fixture.publish(
                ticket.replacing("initial: waiting", with: "exports: [summary]\ninitial: waiting"))
            try await fixture.publish(
                """
                workflow: probe
                title: Probe
                reference: PRB
                roles: { owner: { title: Owner, initially: opener } }
                data:
                  type: object
                  properties: { found: { type: integer }, other: { type: string, format: instance } }
                open: { form: [] }
                initial: open
                states:
                  open:
                    on:
                      look:
                        allow: [owner]
                        optional: [other]
                        actions: [{ set: { found: 'size(covering("ticket", "summary", ["Plan X"]))' } }]
                      close: { target: closed, allow: [owner] }
                  closed: { final: true }
                """)
            let engine = fixture.engine
            let tenant = EngineFixture.tenant
            let secret = try await engine.submit(fixture.opening("ticket", ["summary": "Plan X"]))
            let probe = try await engine.submit(fixture.opening("probe")).instance
            func found() async throws -> Int64 {
                _ = try await engine.submit(fixture.event("look", to: probe))
                return try await fixture.count(
                    "SELECT (snapshot #>> '{data,found}')::bigint FROM reeve.instance_data WHERE instance_id = '\(probe)'"
                )
            }
            #expect(try await found() == 1)
            _ = try await engine.setVisibility(.restricted, of: secret.instance, in: tenant, reason: "HR", by: rita)
            #expect(try await found() == 0)
            let named = fixture.event("look", to: probe, ["other": .string(secret.reference)])
            #expect(try await fixture.refusal(of: named)?.code == "invalid")
            _ = try await engine.setVisibility(.restricted, of: probe, in: tenant, reason: "HR", by: rita)
            #expect(try await found() == 1)
            #expect(try await engine.verifyJournals().discrepancies == [])
        }
    }

    @Test("what a tenant keeps no longer is erased by itself, but never what is on legal hold")
    func retention() async throws {
        try await EngineFixture.run { fixture in
            try await fixture.publish(ticket)
            var ids: [Identifier] = []
            for summary in ["Old", "Held", "Running"] {
                ids.append(
                    try await fixture.engine.submit(fixture.opening("ticket", ["summary": .string(summary)])).instance)
            }
            let tenant = EngineFixture.tenant
            for id in ids.prefix(2) {
                _ = try await fixture.engine.submit(fixture.command(.cancel(reason: "Over"), to: id))
            }
            try await fixture.engine.hold(ids[1], in: tenant, reason: "Case 7", by: rita)
            await #expect(throws: AdministrationError.self) {
                try await fixture.engine.erase([1], of: ids[1], in: tenant, reason: "asked", by: rita)
            }
            #expect(try await fixture.engine.forgetExpired() == 0)
            let kept = "SELECT count(*) FROM reeve.journal_payload WHERE payload IS NOT NULL"
            let owner = try await fixture.database.connect()
            _ = try await owner.simple(
                """
                UPDATE reeve.tenant SET settings = '{"retention": {"standard": "P0D"}}';
                """)
            #expect(try await fixture.engine.forgetExpired() == 1)
            #expect(try await fixture.count(kept) == 3)
            await #expect(throws: (any Error).self) {
                try await owner.simple(
                    "UPDATE reeve.journal_payload SET payload = NULL, salt = NULL, erased_at = now() WHERE instance_id = '\(ids[1])'"
                )
            }
            await owner.close()
            #expect(try await fixture.engine.liftHolds(of: ids[1], in: tenant, by: rita))
            #expect(try await !fixture.engine.liftHolds(of: ids[1], in: tenant, by: rita))
            #expect(try await fixture.engine.forgetExpired() == 1)
            #expect(try await fixture.count(kept) == 1)
            #expect(try await fixture.engine.verifyJournals().discrepancies == [])
        }
    }

    @Test("an actor is told what they can do, and why not the rest")
    func offers() async throws {
        try await EngineFixture.run { fixture in
            try await fixture.publish(ticket)
            let id = try await fixture.engine.submit(fixture.opening("ticket", ["summary": "Open"])).instance
            let reader = fixture.engine.reader(for: Viewer(tenant: EngineFixture.tenant))
            let clerk = try await reader.offers(to: .person("ana"), on: id)
            #expect(clerk?.events.filter { $0.refusal == nil }.map(\.name) == ["take"])
            let reporter = try await reader.offers(to: .person("rita"), on: id)
            #expect(reporter?.events.filter { $0.refusal == nil }.map(\.name) == ["remark"])
        }
    }

    @Test("a file is kept once and seen by those who see an instance that it is attached to")
    func files() async throws {
        try await EngineFixture.run { fixture in
            try await fixture.publish(ticket)
            let id = try await fixture.engine.submit(fixture.opening("ticket", ["summary": "Photo"])).instance
            let file = EvidenceFile(mediaType: "text/plain", content: Array("proof".utf8))
            let attaching = fixture.command(.attach(Evidence(file, title: "Proof")), to: id)
            _ = try await fixture.engine.attach(file, by: attaching)
            let reader = fixture.engine.reader(for: Viewer(tenant: EngineFixture.tenant))
            let found = try await reader.evidenceFile(file.digest, of: id)
            #expect(found?.file == file && found?.title == "Proof")
            #expect(try await reader.instance(id.description)?.evidence.count == 1)
            let other = try await fixture.engine.submit(fixture.opening("ticket", ["summary": "Copy"])).instance
            _ = try await fixture.engine.submit(
                fixture.command(.attach(Evidence(digest: file.digest, title: "Known by its digest")), to: other))
            #expect(try await reader.evidenceFile(file.digest, of: other) == nil)
            #expect(try await fixture.engine.verifyJournals().discrepancies == [])
        }
    }

    @Test("a file goes with the last entry that attached it, and what was never attached is forgotten")
    func filesEnd() async throws {
        try await EngineFixture.run { fixture in
            try await fixture.publish(ticket)
            let file = EvidenceFile(mediaType: "text/plain", content: Array("proof".utf8))
            var ids: [Identifier] = []
            for _ in 0..<2 {
                let id = try await fixture.engine.submit(fixture.opening("ticket", ["summary": "Photo"])).instance
                _ = try await fixture.engine.attach(
                    file, by: fixture.command(.attach(Evidence(file, title: "Ben's face")), to: id))
                ids.append(id)
            }
            let files = "SELECT count(*) FROM reeve.evidence_file"
            for (id, left) in zip(ids, [Int64(1), 0]) {
                let erased = try await fixture.engine.erase(
                    [2], of: id, in: EngineFixture.tenant, reason: "asked for by the person", by: rita)
                #expect(erased == 1)
                #expect(try await fixture.count(files) == left)
            }
            #expect(try await fixture.count("SELECT count(*) FROM reeve.evidence WHERE title LIKE '%face%'") == 0)
            #expect(try await fixture.engine.verifyJournals().discrepancies == [])
            try await fixture.engine.keep(file, for: EngineFixture.tenant)
            #expect(try await fixture.engine.forgetStrayFiles() == 0)
            let owner = try await fixture.database.connect()
            _ = try await owner.simple("UPDATE reeve.evidence_file SET added_at = added_at - interval '2 days'")
            await owner.close()
            #expect(try await fixture.engine.forgetStrayFiles() == 1)
        }
    }

    @Test("answers are forgotten when their time is over, and no earlier")
    func oldAnswers() async throws {
        try await EngineFixture.run { fixture in
            try await fixture.publish(ticket)
            for key in ["old", "new"] {
                _ = try await fixture.engine.submit(fixture.opening("ticket", ["summary": "Noise"], key: key))
            }
            let owner = try await fixture.database.connect()
            _ = try await owner.simple(
                "UPDATE reeve.idempotency SET created_at = created_at - interval '8 days' WHERE key = 'old'")
            await owner.close()
            try await fixture.engine.keepUp()
            #expect(try await fixture.count("SELECT count(*) FROM reeve.idempotency WHERE key = 'old'") == 0)
            #expect(try await fixture.count("SELECT count(*) FROM reeve.idempotency WHERE key = 'new'") == 1)
        }
    }

    @Test("tokens are found by their text until they are revoked")
    func tokens() async throws {
        try await EngineFixture.run { fixture in
            let tenant = EngineFixture.tenant
            let token = try await fixture.engine.issueToken(
                for: tenant, name: "laptop", person: "ana", scopes: ["read", "write"], by: rita)
            let principal = try await fixture.engine.principal(ofToken: token.text)
            #expect(principal?.person == "ana")
            #expect(principal?.tenant == tenant)
            #expect(try await fixture.engine.principal(ofToken: token.text + "0") == nil)
            #expect(try await fixture.engine.principal(ofToken: "nonsense") == nil)
            #expect(try await fixture.engine.revokeToken(token.id, of: tenant))
            #expect(try await fixture.engine.principal(ofToken: token.text) == nil)
            await #expect(throws: AdministrationError.self) {
                try await fixture.engine.issueToken(for: tenant, name: "x", scopes: ["omnipotence"], by: rita)
            }
        }
    }
}
