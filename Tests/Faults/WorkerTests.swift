import Glibc
import TestSupport
import Testing

/// Workers that die, and many of them.
@Suite(.ownThread) struct WorkerTests {
    @Test(arguments: [Gate.Blow.holdBefore, .holdAfter])
    func aWorkerKilledInTheMiddleOfABatchLosesAndDoublesNothing(blow: Gate.Blow) async throws {
        try await Stage.run { stage in
            try await stage.serve()
            let opened = try await stage.openPledges(150, dueIn: 2500)
            let gate = try stage.gate()
            gate.deal([blow])
            let worker = try await stage.work(through: gate)
            try await gate.hasDealt(1)
            #expect(try await worker.stop(SIGKILL) == 128 + SIGKILL)
            try await stage.work()
            try await stage.settle()
            try await stage.stopAll()
            try await stage.expectSound(opened)
        }
    }

    @Test func aWorkerKilledAgainAndAgainUnderBacklogGetsThroughIt() async throws {
        try await Stage.run { stage in
            try await stage.serve()
            let opened = try await stage.openPledges(500, dueIn: 500)
            let load = Load(on: stage)
            let end = ContinuousClock.now + Stage.duration(8)
            while ContinuousClock.now < end {
                let worker = try await stage.work()
                try await Task.sleep(for: .milliseconds(.random(in: 100...1200)))
                #expect(try await worker.stop(SIGKILL) == 128 + SIGKILL)
            }
            try await stage.work()
            try await load.stop()
            try await stage.settle()
            #expect(try await stage.count("SELECT count(*) FROM reeve.instance WHERE status = 'suspended'") == 0)
            try await stage.stopAll()
            try await stage.expectSound(opened, load.ledger)
        }
    }

    @Test func tenWorkersAtOnceDoEverythingOnce() async throws {
        try await Stage.run(settings: ["max_connections": "400"]) { stage in
            try await stage.serve()
            let opened = try await stage.openPledges(800, dueIn: 500)
            let load = Load(on: stage)
            for number in 0..<10 { try await stage.work(as: "worker-\(number)") }
            try await Task.sleep(for: Stage.duration(4))
            try await load.stop()
            try await stage.settle()
            try await stage.stopAll()
            #expect(try await stage.count("SELECT count(*) FROM reeve.worker WHERE stopped_at IS NULL") == 0)
            try await stage.expectSound(opened, load.ledger)
        }
    }

    @Test func aServerKilledUnderLoadKeepsWhatItAnswered() async throws {
        try await Stage.run { stage in
            var server = try await stage.serve()
            try await stage.work()
            let load = Load(on: stage)
            let end = ContinuousClock.now + Stage.duration(6)
            while ContinuousClock.now < end {
                try await Task.sleep(for: .milliseconds(.random(in: 300...1500)))
                try await server.stop(SIGKILL)
                server = try await stage.serve()
            }
            try await load.stop()
            try await stage.settle()
            try await stage.stopAll()
            try await stage.expectSound(load.ledger)
        }
    }
}
