import Foundation
import JSON
import TestSupport
import Testing

/// Steps that fail, and steps that take the process with them.
@Suite(.ownThread) struct StepTests {
    @Test func aStepThatThrowsHarmsNoOtherAndItsInstanceIsSuspendedWithItsLadder() async throws {
        try await Stage.run { stage in
            try await stage.serve()
            let bad = try await stage.openPledges(1, of: "snare", dueIn: 2000, clients: 1)
            let good = try await stage.openPledges(100, dueIn: 2000)
            let id = try #require(bad.instances.first)
            // A fault that nobody foresaw: what this instance's timer writes offends the database while it runs.
            try await stage.sql(
                """
                CREATE FUNCTION reeve.offend() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    IF NEW.instance_id = '\(id)' AND NEW.to_state = 'sprung' THEN RAISE 'offended'; END IF;
                    RETURN NEW;
                END $$;
                CREATE TRIGGER offend BEFORE INSERT ON reeve.journal FOR EACH ROW EXECUTE FUNCTION reeve.offend();
                """)
            try await stage.work()
            try await stage.expect(100, "SELECT count(*) FROM reeve.instance WHERE state = 'late'")
            try await stage.expectSuspended(id)
            try await stage.stopAll()
            try await stage.expectSound(bad, good)
        }
    }

    @Test func aStepThatTrapsIsFoundAndItsInstanceSuspendedWithItsLadder() async throws {
        try await Stage.run { stage in
            try await stage.serve()
            let bad = try await stage.openPledges(1, of: "snare", dueIn: 3000, clients: 1)
            let good = try await stage.openPledges(100, dueIn: 3000)
            let id = try #require(bad.instances.first)
            let environment = ["LD_PRELOAD": try Preload.trap.build(in: stage.folder), "FAULTS_TRAP": "sprung"]
            let suspended = "SELECT count(*) FROM reeve.instance WHERE status = 'suspended'"
            var traps = 0
            var worker = try await stage.work(environment)
            // A supervisor starts it again whenever it has died.
            while try await stage.count(suspended) == 0, traps < 12 {
                if !worker.isRunning {
                    #expect([128 + SIGILL, 128 + SIGTRAP].contains(try await worker.end()))
                    traps += 1
                    worker = try await stage.work(environment)
                }
                try await Task.sleep(for: .milliseconds(50))
            }
            // Once in a batch, once in search of the suspect, then until its attempts are used up.
            #expect((3...7).contains(traps))
            try await stage.expect(100, "SELECT count(*) FROM reeve.instance WHERE state = 'late'")
            try await stage.expectSuspended(id)
            #expect(worker.isRunning)
            try await stage.stopAll()
            try await stage.expectSound(bad, good)
        }
    }
}

extension Stage {
    /// Expects that an instance is held, and that its people were told all the same.
    fileprivate func expectSuspended(_ id: String) async throws {
        try await expect(1, "SELECT count(*) FROM reeve.instance WHERE status = 'suspended' AND id = '\(id)'")
        try await settle()
        let told = "SELECT count(*) FROM reeve.delivery WHERE channel = 'people' AND instance_id = '\(id)'"
        #expect(try await count(told) == 2)
    }
}
