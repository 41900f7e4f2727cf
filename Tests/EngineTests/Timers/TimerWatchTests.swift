import Deadlines
import JSON
import PostgresClient
import Testing
import Workflows

@testable import Engine

@Suite struct TimerWatchTests {
    /// What must hold whatever happened: each timer fired once and not early, and replay agrees.
    static func expectSound(_ fixture: EngineFixture, fired: Int64) async throws {
        let entries = "SELECT count(*) FROM reeve.journal WHERE actor = 'worker' AND kind <> 'suspension'"
        #expect(try await fixture.count(entries) == fired)
        #expect(
            try await fixture.count(
                """
                SELECT count(*)
                FROM reeve.journal j
                JOIN reeve.clock c USING (tenant_id, instance_id)
                WHERE j.actor = 'worker' AND j.recorded_at < c.due_at
                """) == 0)
        let verification = try await fixture.engine.verifyJournals()
        #expect(verification.isClean, "\(verification.discrepancies)")
    }

    @Test func aClockThatFallsDueFiresItsLadder() async throws {
        let mail = RecordingTransport()
        try await EngineFixture.runWithWorker(EngineFixture.mailing(mail)) { fixture in
            try await fixture.publish(promise)
            try await fixture.openPromises(1, dueIn: 300)
            try await fixture.expect(1, "SELECT count(*) FROM reeve.instance WHERE state = 'late'")
            #expect(try await fixture.count("SELECT count(*) FROM reeve.timer") == 0)
            try await fixture.expect(1, "SELECT count(*) FROM reeve.delivery")
            try await Self.expectSound(fixture, fired: 1)
        }
        #expect(mail.deliveries.map(\.recipient) == [.init(name: "Rita", address: "rita@acme.example")])
        #expect(mail.deliveries.first?.subject.contains("promise is overdue") == true)
    }

    @Test(.timeLimit(.minutes(2)), arguments: [1, 3])
    func aBacklogIsWorkedOffOnceHoweverManyWorkers(workers: Int) async throws {
        try await EngineFixture.run { fixture in
            try await fixture.publish(promise)
            try await fixture.openPromises(600, dueIn: -5000, spread: 4000)
            #expect(try await fixture.count("SELECT count(*) FROM reeve.timer") == 600)
            try await fixture.withWorkers(EngineFixture.mailing(RecordingTransport()), count: workers) {
                let late = try await fixture.wait(
                    for: 600, "SELECT count(*) FROM reeve.instance WHERE state = 'late'", atMost: .seconds(60))
                #expect(late == 600)
            }
            try await Self.expectSound(fixture, fired: 600)
        }
    }

    @Test func aTimerWhoseInstanceIsHeldFiresWhenItIsFree() async throws {
        try await EngineFixture.run { fixture in
            try await fixture.publish(promise)
            let instances = try await fixture.openPromises(3, dueIn: -1000)
            let holder = try await fixture.database.connect()
            try await holder.execute("BEGIN")
            try await holder.execute("SELECT FROM reeve.instance WHERE id = \(instances[0]) FOR UPDATE")
            try await fixture.withWorkers(EngineFixture.mailing(RecordingTransport())) {
                try await fixture.expect(2, "SELECT count(*) FROM reeve.instance WHERE state = 'late'")
                // Long enough for the slow lane.
                try await Task.sleep(for: .seconds(3))
                #expect(try await fixture.count("SELECT count(*) FROM reeve.timer") == 1)
                try await holder.execute("ROLLBACK")
                try await fixture.expect(3, "SELECT count(*) FROM reeve.instance WHERE state = 'late'")
            }
            await holder.close()
            try await Self.expectSound(fixture, fired: 3)
        }
    }

    @Test func pausedDefinitionsAndTenantsWait() async throws {
        try await EngineFixture.runWithWorker { fixture in
            try await fixture.publish(promise)
            for scope in [PauseScope.tenant, .definition("promise")] {
                try await fixture.engine.pause(
                    scope, of: EngineFixture.tenant, reason: "maintenance", by: .person("rita"))
                try await fixture.openPromises(2, dueIn: 10)
                try await Task.sleep(for: .seconds(2))
                #expect(try await fixture.count("SELECT count(*) FROM reeve.timer") == 2)
                #expect(try await fixture.engine.unpause(scope, of: EngineFixture.tenant))
                try await fixture.expect(0, "SELECT count(*) FROM reeve.timer")
            }
            try await Self.expectSound(fixture, fired: 4)
        }
    }

    @Test func aStepThatThrowsIsCountedAndItsInstanceSuspended() async throws {
        try await EngineFixture.run { fixture in
            try await fixture.publish(promise)
            let good = try await fixture.openPromises(5, dueIn: -1000)
            let bad = try await fixture.openPromises(1, dueIn: -2000)[0]
            let admin = try await fixture.database.connect()
            // A fault that nobody foresaw: what this instance's timer writes offends the database while it runs.
            try await admin.simple(
                """
                CREATE FUNCTION reeve.offend() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    IF NEW.instance_id = '\(bad)' AND NEW.actor = 'worker' AND NEW.status <> 'suspended' THEN
                        RAISE 'offended';
                    END IF;
                    RETURN NEW;
                END $$;
                CREATE TRIGGER offend BEFORE INSERT ON reeve.journal FOR EACH ROW EXECUTE FUNCTION reeve.offend();
                """)
            try await fixture.withWorkers(EngineFixture.mailing(RecordingTransport())) {
                try await fixture.expect(5, "SELECT count(*) FROM reeve.instance WHERE state = 'late'")
                try await fixture.expect(1, "SELECT count(*) FROM reeve.timer_attempt")
            }
            // As if five attempts lay behind it, so that the test need not wait for their rests.
            try await admin.simple("UPDATE reeve.timer_attempt SET attempts = 5")
            try await fixture.withWorkers(EngineFixture.mailing(RecordingTransport())) {
                let suspended = "SELECT count(*) FROM reeve.instance WHERE status = 'suspended' AND id = '\(bad)'"
                try await fixture.expect(1, suspended)
                // Its ladder still climbs, although it is suspended.
                try await fixture.expect(0, "SELECT count(*) FROM reeve.timer")
                try await fixture.expect(0, "SELECT count(*) FROM reeve.timer_attempt")
            }
            await admin.close()
            try await Self.expectSound(fixture, fired: Int64(good.count + 1))
        }
    }

    @Test func aStaleTimerIsDroppedAndJournalled() async throws {
        try await EngineFixture.run { fixture in
            try await fixture.publish(promise)
            let instance = try await fixture.openPromises(1, dueIn: 3_600_000)[0]
            let admin = try await fixture.database.connect()
            try await admin.simple(
                """
                INSERT INTO reeve.timer (tenant_id, due_at, instance_id, generation, name, key)
                VALUES ('\(EngineFixture.tenant)', now() - interval '1 hour', '\(instance)', 999, 'promise', '')
                """)
            await admin.close()
            try await fixture.withWorkers(EngineFixture.mailing(RecordingTransport())) {
                try await fixture.expect(1, "SELECT count(*) FROM reeve.timer")
            }
            #expect(try await fixture.count("SELECT count(*) FROM reeve.journal WHERE actor = 'worker'") == 1)
            #expect(try await fixture.count("SELECT count(*) FROM reeve.instance WHERE state = 'open'") == 1)
            #expect(try await fixture.engine.verifyJournals().isClean)
        }
    }

    @Test func workersSignOffAndTheNextIsNotCareful() async throws {
        try await EngineFixture.run { fixture in
            try await fixture.withWorkers(EngineFixture.mailing(RecordingTransport()), count: 2) {
                try await fixture.expect(2, "SELECT count(*) FROM reeve.worker")
            }
            #expect(try await fixture.count("SELECT count(*) FROM reeve.worker WHERE stopped_at IS NULL") == 0)
        }
    }

    @Test func afterAnUncleanExitTimersAreSteppedOneByOne() async throws {
        try await EngineFixture.run { fixture in
            try await fixture.publish(promise)
            try await fixture.openPromises(30, dueIn: -5000, spread: 4000)
            let admin = try await fixture.database.connect()
            try await admin.simple(
                """
                INSERT INTO reeve.worker (id, host, process_id, seen_at)
                VALUES (gen_random_uuid(), 'elsewhere', 1, now() - interval '1 hour')
                """)
            await admin.close()
            var configuration = EngineFixture.mailing(RecordingTransport())
            configuration.batch = 5
            configuration.lanes = 2
            try await fixture.withWorkers(configuration) {
                try await fixture.expect(30, "SELECT count(*) FROM reeve.instance WHERE state = 'late'")
                // Care is over, and what was found is dealt with.
                let left = "SELECT count(*) FROM reeve.worker WHERE stopped_at IS NULL"
                try await fixture.expect(1, left)
            }
            let transactions = try await fixture.count(
                "SELECT count(DISTINCT xid::text) FROM reeve.journal WHERE actor = 'worker'")
            #expect(transactions >= 10 + 4)
            #expect(try await fixture.count("SELECT count(*) FROM reeve.timer_attempt") == 0)
            try await Self.expectSound(fixture, fired: 30)
        }
    }
}
