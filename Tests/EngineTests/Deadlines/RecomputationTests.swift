import Deadlines
import JSON
import PostgresClient
import Testing
import Workflows

@testable import Engine

@Suite("Running clocks computed anew")
struct RecomputationTests {
    private static let tenant = EngineFixture.tenant

    /// A promise in working days of the tenant's office, from an instant that can be corrected.
    private static let matter = """
        workflow: matter
        title: Matter
        reference: MAT
        roles:
          owner: { title: Owner, initially: opener }
        data:
          type: object
          required: [since]
          properties:
            since: { type: string, format: date-time }
        open: { form: [since] }
        initial: waiting
        states:
          waiting:
            on:
              answer: { target: answered, allow: [owner] }
          answered: { final: true }
        correct:
          since: { allow: [owner] }
        clocks:
          response:
            title: Answer
            start: { in: waiting, at: data.since }
            goal: { workingDays: 2, calendar: office }
            stop: { in: answered }
            escalation: strict
        children:
          copies:
            workflow: copy
            start: { in: waiting }
            stop: { in: answered }
            with: { note: '"copy"' }
            follow: { since: data.since }
            drop: end
        escalations:
          strict: [{ after: PT0S, notify: [owner] }]
        """

    /// A child whose clock hangs on what its parent tells.
    private static let copy = """
        workflow: copy
        title: Copy
        reference: COP
        roles:
          owner: { title: Owner, initially: everyone, many: true, from: [clerks] }
        data:
          type: object
          properties:
            note: { type: string }
            since: { type: string, format: date-time }
        open: { allow: [parent], form: [note], optional: [since] }
        initial: waiting
        states:
          waiting:
            on:
              end: { target: ended, allow: [parent] }
          ended: { final: true }
        clocks:
          follow:
            start: { in: waiting, at: 'has(data.since) ? data.since : self.openedAt' }
            goal: PT48H
            stop: { in: ended }
        """

    private static func office(_ holidays: [(day: Int64, name: String)], years: String = "[2020, 2099]") -> String {
        let days = holidays.map { day, name in
            let date = Instant.now.advanced(by: day * 86_400_000_000).description.prefix(10)
            return "\"\(date)\": \"\(name)\""
        }
        return """
            {"calendar": "office", "title": "Office", "source": "us", "years": \(years), "week": {"monday-sunday": ["00:00-24:00"]},
             "holidays": {\(days.joined(separator: ","))}}
            """
    }

    private static func withMatters(
        _ count: Int, since days: Int64 = 0, holidays: [Int64] = [],
        _ body: @escaping @Sendable (EngineFixture, [Identifier]) async throws -> Void
    ) async throws {
        try await EngineFixture.runWithWorker { fixture in
            try await fixture.publish(copy)
            try await fixture.publish(matter)
            let first = try await fixture.engine.publishCalendar(
                "office", source: office(holidays.map { ($0, "Feast") }), for: tenant, by: .person("rita"))
            #expect(first == CalendarPublication(version: 1))
            var ids: [Identifier] = []
            let since = Instant.now.advanced(by: -days * 86_400_000_000).description
            for _ in 0..<count {
                ids.append(
                    try await fixture.engine.submit(fixture.opening("matter", ["since": .string(since)])).instance)
            }
            try await fixture.expect(Int64(count), "SELECT count(*) FROM reeve.instance WHERE definition = 'copy'")
            try await fixture.expect(0, "SELECT count(*) FROM reeve.inbox")
            try await body(fixture, ids)
        }
    }

    private static func publish(
        _ fixture: EngineFixture, holidays: [Int64], years: String = "[2020, 2099]", by actor: Actor = .person("rita")
    ) async throws -> Identifier {
        let publication = try await fixture.engine.publishCalendar(
            "office", source: office(holidays.map { ($0, "Closed") }, years: years), for: tenant, by: actor)
        #expect(publication.version == nil)
        return try #require(publication.recomputation)
    }

    /// Waits until the worker has done what it can by itself.
    private static func settled(_ id: Identifier, _ fixture: EngineFixture) async throws -> Recomputation {
        let reader = fixture.engine.reader(for: Viewer(tenant: tenant))
        for _ in 0..<1500 {
            let found = try #require(try await reader.recomputation(id))
            if found.isSettled { return found }
            try await Task.sleep(for: .milliseconds(20))
        }
        Issue.record("the recomputation did not come to an end")
        return try #require(try await reader.recomputation(id))
    }

    private static let due = "SELECT sum(extract(epoch FROM due_at))::bigint FROM reeve.clock WHERE name = 'response'"
    private static let entries = "SELECT count(*) FROM reeve.journal WHERE kind = 'recomputation'"

    @Test("A dry run says from when to when clocks would move, and moves none")
    func dryRun() async throws {
        try await Self.withMatters(3) { fixture, ids in
            let before = try await fixture.count(Self.due)
            var request = RecomputationRequest(reason: "A closing day is considered")
            request.isDryRun = true
            request.calendar = .init(id: "office", source: Self.office([(1, "Closed")]))
            let asked = try await fixture.engine.recompute(request, for: Self.tenant, by: .person("rita"))
            let done = try await Self.settled(asked.id, fixture)
            #expect(done.status == .examined && done.total == 3 && done.examined == 3)
            #expect(done.moved == 3 && done.later == 3 && done.failed == 0 && done.applied == 0)
            let moves = try await fixture.engine.reader(for: Viewer(tenant: Self.tenant)).moves(of: asked.id).elements
            #expect(Set(moves.map(\.instance)) == Set(ids))
            for move in moves {
                let (from, to) = (try #require(move.dueBefore), try #require(move.dueAfter))
                #expect(to.microseconds - from.microseconds == 86_400_000_000 && move.isLater)
                #expect(move.item == ItemKey("response") && move.title == "Answer")
            }
            #expect(try await fixture.count(Self.due) == before)
            #expect(try await fixture.count(Self.entries) == 0)
            #expect(try await fixture.count("SELECT count(*) FROM reeve.calendar") == 1)
        }
    }

    @Test("What falls due later waits for a second person; both instants stay in the journal, and timers follow")
    func secondPerson() async throws {
        try await Self.withMatters(3) { fixture, ids in
            let before = try await fixture.count(Self.due)
            let id = try await Self.publish(fixture, holidays: [1])
            let waiting = try await Self.settled(id, fixture)
            #expect(waiting.status == .waiting && waiting.later == 3)
            #expect(try await fixture.count(Self.due) == before)
            #expect(try await fixture.count("SELECT max(version)::bigint FROM reeve.calendar") == 1)
            await #expect(throws: AdministrationError.self) {
                try await fixture.engine.decide(id, approves: true, reason: nil, for: Self.tenant, by: "rita")
            }
            let approved = try await fixture.engine.decide(
                id, approves: true, reason: "It is in the house rules", for: Self.tenant, by: "ana")
            #expect(approved.status == .applying && approved.calendarVersion == 2 && approved.approvedBy == ["ana"])
            let done = try await Self.settled(id, fixture)
            #expect(done.status == .done && done.applied == 3 && done.endedAt != nil)
            #expect(try await fixture.count(Self.due) == before + 3 * 86_400)
            #expect(
                try await fixture.count(
                    """
                    SELECT count(*) FROM reeve.journal
                    WHERE kind = 'recomputation' AND convert_from(facts, 'UTF8')::jsonb -> 'notes' -> 0 ->> 'note' = 'clockMoved'
                        AND (convert_from(facts, 'UTF8')::jsonb #>> '{notes,0,to}')::timestamptz
                            - (convert_from(facts, 'UTF8')::jsonb #>> '{notes,0,from}')::timestamptz = interval '1 day'
                        AND convert_from(facts, 'UTF8')::jsonb #>> '{input,reason}' = 'calendar office'
                    """) == 3)
            let timers = """
                SELECT count(*) FROM reeve.timer t JOIN reeve.clock c
                ON (c.instance_id, c.name, c.due_at) = (t.instance_id, t.name, t.due_at) WHERE c.name = 'response'
                """
            #expect(try await fixture.count(timers) == 3)
            #expect(try await fixture.engine.verifyJournals().discrepancies == [])
            let reader = fixture.engine.reader(for: Viewer(tenant: Self.tenant))
            let clock = try #require(try await reader.clock(ItemKey("response"), of: ids[0]))
            #expect(clock.history.last?["change"] == "clockMoved" && clock.failure == nil)
            // The same once more moves nothing, and journals nothing.
            let again = try await fixture.engine.recompute(
                RecomputationRequest(reason: "Once more"), for: Self.tenant, by: .person("rita"))
            #expect(try await Self.settled(again.id, fixture).status == .done)
            #expect(try await fixture.count(Self.entries) == 3)
        }
    }

    @Test("A clock that has become overdue escalates at once, without anybody's leave")
    func overdue() async throws {
        try await Self.withMatters(2, since: 4, holidays: [-3, -2, -1, 0, 1, 2]) { fixture, _ in
            #expect(
                try await fixture.count("SELECT count(*) FROM reeve.clock WHERE name = 'response' AND due_at > now()")
                    == 2)
            let id = try await Self.publish(fixture, holidays: [])
            let done = try await Self.settled(id, fixture)
            #expect(done.status == .done && done.moved == 2 && done.later == 0)
            try await fixture.expect(2, "SELECT count(*) FROM reeve.clock WHERE name = 'response' AND due_at <= now()")
            try await fixture.expect(
                2, "SELECT count(*) FROM reeve.delivery WHERE kind = 'notification' AND destination = 'rita'")
            #expect(try await fixture.engine.verifyJournals().discrepancies == [])
        }
    }

    @Test("One who refuses ends it, and a system needs two people behind it")
    func refusal() async throws {
        try await Self.withMatters(1) { fixture, _ in
            let before = try await fixture.count(Self.due)
            let refused = try await Self.publish(fixture, holidays: [1])
            _ = try await Self.settled(refused, fixture)
            let end = try await fixture.engine.decide(
                refused, approves: false, reason: "We are open", for: Self.tenant, by: "ana")
            #expect(end.status == .refused && end.refusedBy == ["ana"])
            await #expect(throws: AdministrationError.self) {
                try await fixture.engine.decide(refused, approves: true, reason: nil, for: Self.tenant, by: "ben")
            }
            let id = try await Self.publish(fixture, holidays: [2], by: .connector("sync"))
            _ = try await Self.settled(id, fixture)
            #expect(
                try await fixture.engine.decide(id, approves: true, reason: nil, for: Self.tenant, by: "ana").status
                    == .waiting)
            await #expect(throws: AdministrationError.self) {
                try await fixture.engine.decide(id, approves: true, reason: nil, for: Self.tenant, by: "ana")
            }
            #expect(try await fixture.count(Self.due) == before)
            #expect(
                try await fixture.engine.decide(id, approves: true, reason: nil, for: Self.tenant, by: "ben").status
                    == .applying)
            #expect(try await Self.settled(id, fixture).status == .done)
        }
    }

    @Test("A calendar that does not cover the time is told, and moves nothing by itself")
    func uncovered() async throws {
        try await Self.withMatters(2) { fixture, _ in
            let before = try await fixture.count(Self.due)
            let id = try await Self.publish(fixture, holidays: [], years: "[2020, 2021]")
            let waiting = try await Self.settled(id, fixture)
            #expect(waiting.status == .waiting && waiting.failed == 2 && waiting.moved == 0)
            let moves = try await fixture.engine.reader(for: Viewer(tenant: Self.tenant)).moves(of: id).elements
            #expect(moves.count == 2 && moves.allSatisfy { $0.failure?.contains("office") == true })
            #expect(try await fixture.count(Self.due) == before)
            #expect(try await fixture.count(Self.entries) == 0)
        }
    }

    @Test("A recomputation shows moves of hidden instances to nobody who does not see them")
    func hidden() async throws {
        try await Self.withMatters(2) { fixture, ids in
            _ = try await fixture.engine.setVisibility(
                .restricted, of: ids[0], in: Self.tenant, reason: "Counsel asked for it", by: .person("rita"))
            var request = RecomputationRequest(reason: "To see")
            request.isDryRun = true
            request.calendar = .init(id: "office", source: Self.office([(1, "Closed")]))
            let asked = try await fixture.engine.recompute(request, for: Self.tenant, by: .person("ana"))
            #expect(try await Self.settled(asked.id, fixture).moved == 2)
            func seen(by person: String?) async throws -> Int {
                let viewer = Viewer(tenant: Self.tenant, person: person)
                return try await fixture.engine.reader(for: viewer).moves(of: asked.id).elements.count
            }
            #expect(try await seen(by: "ana") == 1)
            #expect(try await seen(by: "rita") == 2)
        }
    }

    @Test("A rehearsal of a correction says what moves here and in what is told of it, and keeps nothing")
    func rehearsal() async throws {
        try await Self.withMatters(1) { fixture, ids in
            let since = Instant.now.advanced(by: -86_400_000_000)
            let correction = fixture.command(
                .correct(["since": .string(since.description)], reason: "The pager said so"), to: ids[0])
            let count = "SELECT count(*) FROM reeve.journal"
            let before = try await fixture.count(count)
            let rehearsal = try await fixture.engine.rehearse(correction, as: Viewer(tenant: Self.tenant))
            let moves = rehearsal.moves
            #expect(rehearsal.instances.map(\.kind) == [.told])
            #expect(moves.map(\.item.name) == ["response", "follow"])
            #expect(moves.allSatisfy { !$0.isLater })
            #expect(try await fixture.count(count) == before)
            #expect(try await fixture.count("SELECT count(*) FROM reeve.inbox") == 0)
            _ = try await fixture.engine.submit(correction)
            let follow = try #require(moves[1].dueAfter)
            try await fixture.expect(
                1, "SELECT count(*) FROM reeve.clock WHERE name = 'follow' AND due_at = '\(follow)'")
            let refused = fixture.command(
                .correct(["since": .string(since.description)], reason: "x"), to: ids[0], by: "ana")
            await #expect(throws: CommandError.self) {
                try await fixture.engine.rehearse(refused, as: Viewer(tenant: Self.tenant))
            }
        }
    }

    /// A rule of the house, so many hours long.
    private static func almanac(hours: Int) throws -> Almanac {
        let rule = Rule(
            id: "house.answer", title: "Answer", facts: [Rule.Fact("received")], length: .period(.hours(hours)),
            kind: .hours, recipient: "whoever asks", source: Rule.Source(article: "House rules, 4"),
            verified: CivilDate(dayNumber: 0), status: .active)
        return Almanac(rules: try RuleLibrary([rule]), calendars: CalendarLibrary([]), zones: try ZoneDatabase())
    }

    @Test("A new version of a rule moves nothing until it is asked for, and then every clock that follows it")
    func newRule() async throws {
        try await EngineFixture.run(almanac: Self.almanac(hours: 72)) { fixture in
            try await fixture.publish(
                Self.copy.replacing(
                    "goal: PT48H",
                    with: "rule: house.answer\n    facts: { received: data.since }\n    escalation: ladder"
                )
                .replacing(
                    "open: { allow: [parent], form: [note], optional: [since] }", with: "open: { form: [since] }"
                )
                .replacing(
                    "end: { target: ended, allow: [parent] }", with: "end: { target: ended, allow: [owner] }")
                    + "\nescalations:\n  ladder: [{ before: PT4H, notify: [owner] }, { after: PT0S, notify: [owner] }]\n"
            )
            let since = Instant.now.advanced(by: -50 * 3_600_000_000)
            let id = try await fixture.engine.submit(
                fixture.opening("copy", ["since": .string(since.description)])
            ).instance
            var configuration = Engine.Configuration(
                database: fixture.database.configuration(), almanac: try Self.almanac(hours: 48))
            configuration.logger.logLevel = .critical
            let newer = EngineFixture(database: fixture.database, engine: Engine(configuration))
            let serving = Task { await newer.engine.run() }
            try await newer.withWorkers(EngineFixture.mailing(RecordingTransport())) {
                let due = "SELECT count(*) FROM reeve.clock WHERE due_at ="
                let old = "\(due) '\(since.advanced(by: 72 * 3_600_000_000))'"
                #expect(try await newer.count(old) == 1)
                var request = RecomputationRequest(reason: "House rules of December")
                request.rules = ["house.answer"]
                request.isDryRun = true
                let dry = try await newer.engine.recompute(request, for: Self.tenant, by: .person("rita"))
                #expect(try await Self.settled(dry.id, newer).moved == 1)
                #expect(try await newer.count(old) == 1)
                request.isDryRun = false
                let real = try await newer.engine.recompute(request, for: Self.tenant, by: .person("rita"))
                #expect(try await Self.settled(real.id, newer).status == .done)
                #expect(try await newer.count("\(due) '\(since.advanced(by: 48 * 3_600_000_000))'") == 1)
                // It has thereby become overdue, two hours ago.
                let overdue = "status = 'running' AND due_at <= now()"
                try await newer.expect(1, "SELECT count(*) FROM reeve.clock WHERE \(overdue)")
                let reader = newer.engine.reader(for: Viewer(tenant: Self.tenant))
                let history = try #require(try await reader.clock(ItemKey("follow"), of: id)).history
                #expect(history.contains { $0["change"] == "clockMoved" && $0["event"] == "recompute" })
            }
            serving.cancel()
            await serving.value
        }
    }
}
