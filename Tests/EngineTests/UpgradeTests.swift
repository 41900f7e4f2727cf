import Deadlines
import JSON
import PostgresClient
import Testing
import Workflows

@testable import Engine

@Suite("Upgrades")
struct UpgradeTests {
    private let old = """
        workflow: errand
        title: Errand
        reference: ERR
        roles:
          asker: { title: Asker, initially: opener }
          runner: { title: Runner, from: [clerks] }
        data:
          type: object
          required: [what]
          properties:
            what: { type: string }
            weight: { type: string }
            length: { type: integer, compute: size(data.what) }
        open: { form: [what], optional: [weight] }
        initial: waiting
        states:
          waiting:
            on:
              go: { target: running, allow: [clerks], takes: runner }
          running:
            tasks:
              fetch: { title: Fetch it, from: [runner] }
            on:
              arrive: { target: done, allow: [runner] }
          done: { final: true }
        clocks:
          haste:
            start: { in: [waiting, running] }
            goal: PT4H
            stop: { in: done }
            escalation: gentle
        escalations:
          gentle: [{ after: PT0S, notify: [asker, manager of asker] }]
        """

    private let new = """
        workflow: errand
        title: Errand
        reference: ERR
        roles:
          asker: { title: Asker, initially: opener }
          courier: { title: Courier, from: [clerks] }
        data:
          type: object
          required: [what, urgency]
          properties:
            what: { type: string }
            grams: { type: integer }
            urgency: { type: string, enum: [low, high] }
        open: { form: [what, urgency], optional: [grams] }
        initial: waiting
        states:
          waiting:
            on:
              go: { target: riding, allow: [clerks], takes: courier }
          riding:
            tasks:
              pack: { title: Pack it, from: [courier] }
            on:
              arrive: { target: done, allow: [courier] }
          done: { final: true }
        clocks:
          delivery:
            start: { in: [waiting, riding] }
            goal: PT2H
            stop: { in: done }
            escalation: gentle
          packing:
            start: { in: riding }
            goal: PT1H
            stop: { in: done }
            escalation: gentle
        escalations:
          gentle: [{ after: PT0S, notify: [asker, manager of asker] }]
        """

    private var plan: JSON {
        [
            "states": ["running": "riding"], "fields": ["weight": "grams"],
            "set": ["urgency": "'high'", "grams": "int(before.weight)"], "roles": ["runner": "courier"],
            "clocks": ["haste": "delivery"], "consents": ["task:fetch"],
        ]
    }

    private func upgrade(_ fixture: EngineFixture, _ id: Identifier, _ plan: JSON, to version: Int = 2) throws
        -> Command
    {
        fixture.command(.upgrade(try Upgrade(to: version, plan: plan), reason: "The law has changed"), to: id)
    }

    @Test("an instance is taken along, and its journal replays under the versions it ran under")
    func takesAlong() async throws {
        try await EngineFixture.run { fixture in
            try await fixture.publish(old)
            let id = try await fixture.engine.submit(
                fixture.opening("errand", ["what": "Milk", "weight": "1000"])
            ).instance
            _ = try await fixture.engine.submit(fixture.event("go", to: id, by: "ana"))
            let published = try await fixture.publish(new)
            #expect(published.version == 2)
            #expect(published.stranding.contains { $0.code == .upgradeState })
            let answer = try await fixture.engine.submit(try upgrade(fixture, id, plan))
            #expect(answer.version == 2 && answer.state == "riding" && answer.sequence == 3)
            let detail = try #require(
                try await fixture.engine.reader(for: Viewer(tenant: EngineFixture.tenant)).instance(id.description))
            #expect(detail.summary.version == 2)
            #expect(detail.snapshot["data"]?["urgency"] == "high")
            #expect(detail.snapshot["data"]?["grams"] == 1000)
            #expect(detail.snapshot["data"]?["length"] == nil)
            #expect(detail.snapshot["holders"]?["courier"] == ["ana"])
            #expect(
                try await fixture.count(
                    """
                    SELECT count(*)
                    FROM reeve.clock
                    WHERE (name, status) IN (('haste', 'cancelled'), ('delivery', 'running'), ('packing', 'running'))
                    """) == 3)
            #expect(try await fixture.count("SELECT count(*) FROM reeve.timer") == 2)
            #expect(try await fixture.count("SELECT count(*) FROM reeve.task WHERE name = 'pack'") == 1)
            #expect(try await fixture.count("SELECT count(*) FROM reeve.task") == 1)
            let verification = try await fixture.engine.verifyJournals()
            #expect(verification.discrepancies == [])
            let done = try await fixture.engine.submit(fixture.event("arrive", to: id, by: "ana"))
            #expect(done.status == .final)
            #expect(try await fixture.engine.verifyJournals().discrepancies == [])
            let again = try await fixture.refusal(of: try upgrade(fixture, id, plan, to: 3))
            #expect(again?.code == Refusal.noVersion)
        }
    }

    @Test("what would be lost without a word is named all at once, and nothing happens")
    func stranded() async throws {
        try await EngineFixture.run { fixture in
            try await fixture.publish(old)
            let id = try await fixture.engine.submit(
                fixture.opening("errand", ["what": "Milk", "weight": "heavy"])
            ).instance
            _ = try await fixture.engine.submit(fixture.event("go", to: id, by: "ana"))
            try await fixture.publish(new)
            let refusal = try #require(try await fixture.refusal(of: try upgrade(fixture, id, [:])))
            #expect(refusal.code == "stranded")
            let parts = (refusal.details["needs"]?.arrayValue ?? []).map {
                "\($0["kind"]?.stringValue ?? ""):\($0["name"]?.stringValue ?? "")"
            }
            #expect(
                parts == ["field:weight", "field:urgency", "role:runner", "state:running", "task:fetch", "clock:haste"])
            let candidates = try await fixture.engine.reader(for: Viewer(tenant: EngineFixture.tenant))
                .candidates(for: try Upgrade(to: 2, plan: [:]), of: "errand").elements
            #expect(candidates.map(\.needs.count) == [parts.count])
            let broken = try await fixture.refusal(of: try upgrade(fixture, id, plan))
            #expect(broken?.code == "expression-failed")
            var bent = plan.objectValue ?? [:]
            bent["set"] = ["urgency": "'extreme'", "grams": "1 +"]
            #expect(try await fixture.refusal(of: try upgrade(fixture, id, .object(bent)))?.code == "expression-failed")
            bent["set"] = ["urgency": "'extreme'", "grams": "1"]
            #expect(try await fixture.refusal(of: try upgrade(fixture, id, .object(bent)))?.code == "invalid")
            #expect(try await fixture.refusal(of: try upgrade(fixture, id, plan, to: 1))?.code == Refusal.noVersion)
            #expect(try await fixture.refusal(of: try upgrade(fixture, id, plan, to: 9))?.code == Refusal.noVersion)
            #expect(try await fixture.count("SELECT sequence FROM reeve.instance WHERE version = 1") == 2)
            #expect(throws: DecodingFault.self) { try Upgrade(to: 2, plan: ["consents": ["haste"]]) }
            #expect(throws: DecodingFault.self) { try Upgrade(to: 2, plan: ["colour": [:]]) }
        }
    }

    @Test("a suspended instance can be taken to a version that mends it, and goes on from there")
    func suspended() async throws {
        try await EngineFixture.run { fixture in
            try await fixture.publish(old)
            let id = try await fixture.engine.submit(
                fixture.opening("errand", ["what": "Milk", "weight": "1"])
            ).instance
            _ = try await fixture.engine.submit(fixture.command(.suspend(reason: "It is broken"), to: id))
            try await fixture.publish(new)
            let answer = try await fixture.engine.submit(try upgrade(fixture, id, plan))
            #expect(answer.status == .suspended && answer.version == 2)
            let resumed = try await fixture.engine.submit(fixture.command(.resume(reason: nil), to: id))
            #expect(resumed.status == .running)
            #expect(try await fixture.engine.submit(fixture.event("go", to: id, by: "ana")).state == "riding")
            #expect(try await fixture.engine.verifyJournals().discrepancies == [])
        }
    }

    @Test("an instance is never upgraded in any other way")
    func refusedByTheDatabase() async throws {
        try await EngineFixture.run { fixture in
            try await fixture.publish(ticket)
            let id = try await fixture.engine.submit(fixture.opening("ticket", ["summary": "Noise"])).instance
            try await fixture.publish(ticket.replacing("title: Ticket", with: "title: Request"))
            let engine = try await PostgresConnection.connect(
                fixture.database.configuration().acting(as: "reeve_engine"))
            func insert(kind: String, version: Int, to state: String, status: String = "running") -> String {
                """
                INSERT INTO reeve.journal (
                    tenant_id, instance_id, sequence, happened_at, recorded_at, incarnation, definition, version, kind,
                    event, from_state, to_state, status, actor, encoding, facts, hash)
                VALUES (
                    '\(EngineFixture.tenant)', '\(id)', 2, clock_timestamp(), clock_timestamp(), 1, 'ticket', \(version),
                    '\(kind)', '\(kind)', 'waiting', '\(state)', '\(status)', 'person:rita', 1, '', sha256(''))
                """
            }
            for statement in [
                "UPDATE reeve.instance SET version = 2",
                insert(kind: "comment", version: 2, to: "waiting"),
                insert(kind: "upgrade", version: 1, to: "waiting"),
                insert(kind: "upgrade", version: 2, to: "nowhere"),
                insert(kind: "upgrade", version: 2, to: "done"),
                insert(kind: "upgrade", version: 3, to: "waiting"),
                insert(kind: "comment", version: 1, to: "working"),
            ] {
                await #expect(throws: (any Error).self, "\(statement)") { try await engine.simple(statement) }
            }
            _ = try await engine.simple(insert(kind: "upgrade", version: 2, to: "working"))
            await engine.close()
            #expect(
                try await fixture.count("SELECT count(*) FROM reeve.instance WHERE version = 2 AND state = 'working'")
                    == 1)
        }
    }
}
