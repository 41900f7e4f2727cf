import TestSupport
import Testing

/// Clocks that are set back, or wrong all along.
@Suite(.ownThread) struct ClockTests {
    @Test func theDatabasesClockSetBackAnHour() async throws {
        try await Stage.run { stage in
            try await stage.serve()
            try await stage.work()
            let load = Load(on: stage)
            try await Task.sleep(for: .seconds(2))
            try stage.clock.advance(.seconds(-3600))
            try await Task.sleep(for: Stage.duration(3))
            // What was armed before waits for the hour to come round again; what was armed since does not.
            #expect(
                try await stage.count(
                    "SELECT count(*) FROM reeve.timer WHERE due_at > clock_timestamp() + interval '50 min'") > 0)
            #expect(
                try await stage.count(
                    """
                    SELECT count(*) FROM reeve.journal
                    WHERE actor = 'worker' AND recorded_at < clock_timestamp() AND recorded_at > clock_timestamp() - interval '5 s'
                    """) > 0)
            try await load.stop()
            try await stage.settle()
            try await stage.stopAll()
            try await stage.expectSound(load.ledger)
        }
    }

    @Test func theDatabasesClockSetBackALittleAgainAndAgain() async throws {
        try await Stage.run { stage in
            try await stage.serve()
            for number in 0..<2 { try await stage.work(as: "worker-\(number)") }
            let load = Load(on: stage)
            let end = ContinuousClock.now + Stage.duration(6)
            while ContinuousClock.now < end {
                try await Task.sleep(for: .milliseconds(20))
                try stage.clock.advance(.milliseconds(-.random(in: 0...25)))
            }
            try await load.stop()
            try await stage.settle()
            #expect(try await stage.count("SELECT count(*) FROM reeve.instance WHERE status = 'suspended'") == 0)
            try await stage.stopAll()
            try await stage.expectSound(load.ledger)
        }
    }

    @Test func workersWhoseOwnClocksAreWrongFireNothingEarlyAndLoseNothing() async throws {
        try await Stage.run { stage in
            try await stage.serve()
            var workers: [Program] = []
            for (name, shift) in [("fast", Duration.seconds(3600)), ("slow", .seconds(-3600))] {
                let clock = try SetClock(in: stage.folder, named: name)
                try clock.set(shift)
                workers.append(try await stage.work(as: name, clock.environment))
            }
            let load = Load(on: stage)
            try await Task.sleep(for: Stage.duration(5))
            try await load.stop()
            try await stage.expect(0, "SELECT count(*) FROM reeve.timer")
            // To one that lives in the past, the receiver's certificate is not valid yet: another delivers in its stead.
            for worker in workers { #expect(try await worker.stop() == 0) }
            try await stage.work()
            try await stage.settle()
            try await stage.stopAll()
            try await stage.expectSound(load.ledger)
        }
    }
}
