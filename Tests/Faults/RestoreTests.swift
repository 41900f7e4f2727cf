import JSON
import TestSupport
import Testing

/// Databases that are not what they were.
@Suite(.ownThread) struct RestoreTests {
    @Test func aRestoreFromABaseBackupHoldsDeliveriesUntilSomebodyResumesThem() async throws {
        try await Stage.run { stage in
            try await stage.serve()
            try await stage.work()
            let line = Line(port: stage.port, token: stage.token)
            let before = try await stage.openPledges(20, dueIn: 6000)
            // Calls that the backup knows of as waiting, and that leave after it.
            try stage.pause(line)
            let touched = Load(on: stage, Load.Habits(due: 300_000...302_000))
            try await Task.sleep(for: .seconds(1))
            try await touched.stop()
            let backup = try await stage.backup(named: "backup")
            let known = Set(try await stage.texts("SELECT id::text FROM reeve.outbox WHERE kind = 'call'"))
            #expect(!known.isEmpty)
            try stage.unpause(line)
            // What happens from here on, the backup knows nothing of.
            let lost = Load(on: stage)
            try await Task.sleep(for: Stage.duration(2))
            try await lost.stop()
            try stage.clock.advance(.seconds(20))
            try await stage.expect(
                0, "SELECT count(*) FROM reeve.timer WHERE due_at < clock_timestamp() + interval '1 min'")
            try await stage.expect(0, "SELECT count(*) FROM reeve.outbox")
            try await stage.stopAll()
            let delivered = stage.received()
            let unseen = known.subtracting(delivered.compactMap { $0["id"]?.stringValue })
            let dead = try await stage.texts("SELECT concat_ws(' ', id, attempts, error, body) FROM reeve.dead_letter")
            #expect(unseen.isEmpty, "unseen: \(unseen); dead: \(dead)")

            try stage.cluster.stop()
            stage.watch(stage.cluster)
            stage.move(to: backup)
            try backup.start()
            try await stage.serve()
            try stage.unpause(line)
            try await stage.work()
            // Clocks are enforced, and nobody is told.
            try await stage.expect(20, "SELECT count(*) FROM reeve.instance WHERE state = 'late'")
            try await Task.sleep(for: .seconds(2))
            #expect(try await stage.count("SELECT count(*) FROM reeve.outbox") >= known.count + 20)
            let listed = try await stage.reeve("resume", "--after-restore")
            #expect(listed.status == 1 && listed.words.contains("Give --yes to let all of this go"))
            let doctor = try await stage.reeve("doctor")
            #expect(doctor.words.contains("--after-restore"), "\(doctor.words)")
            #expect(stage.received().count == delivered.count)

            let resumed = try await stage.reeve("resume", "--after-restore", "--yes")
            #expect(resumed.status == 0 && resumed.words.contains("incarnation 2"), "\(resumed.words)")
            try await stage.settle()
            // What had left before leaves again, under its identifier.
            let again = stage.received().dropFirst(delivered.count).compactMap { $0["id"]?.stringValue }
            #expect(known.isSubset(of: again))
            try await stage.stopAll()
            try await stage.expectSound(before, touched.ledger)
        }
    }

    @Test func aFailoverToASynchronousStandbyLosesNothingThatWasAnswered() async throws {
        try await Stage.run { stage in
            let standby = try await stage.standby()
            try await stage.serve()
            try await stage.work()
            let load = Load(on: stage, Load.Habits(stamina: .seconds(120)))
            try await Task.sleep(for: Stage.duration(3))
            let former = stage.cluster
            stage.watch(former)
            try former.stop(.immediate)
            try await stage.stopAll(with: 9)
            stage.move(to: standby)
            try await stage.sql("ALTER SYSTEM RESET synchronous_standby_names", on: "postgres")
            try await stage.sql("SELECT pg_promote()", on: "postgres")
            try await stage.sql("SELECT pg_reload_conf()", on: "postgres")
            try await stage.serve()
            try await stage.work()
            try await load.stop()
            let resumed = try await stage.reeve("resume", "--after-restore", "--yes")
            #expect(resumed.status == 0 && resumed.words.contains("incarnation 2"), "\(resumed.words)")
            try await stage.settle()
            try await stage.stopAll()
            try await stage.expectSound(load.ledger)
        }
    }
}

extension Stage {
    /// Holds the calls of pledges.
    fileprivate func pause(_ line: Line) throws {
        let body: JSON = ["scope": "destination", "name": "hook", "reason": "maintenance"]
        let answer = line.ask("POST", "/api/v1/pauses", body)
        try #require(answer?.status == 204, "\(String(describing: answer))")
    }

    /// Lets them go on; on a connection of its own, since the server may be another by now.
    fileprivate func unpause(_ line: Line) throws {
        line.hangUp()
        let answer = line.ask("POST", "/api/v1/pauses/end", ["scope": "destination", "name": "hook"])
        try #require(answer?.status == 204, "\(String(describing: answer))")
    }
}
