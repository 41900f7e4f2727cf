import Foundation
import JSON
import PostgresClient
import TestSupport
import Testing

/// Connections that are lost exactly at COMMIT.
@Suite(.ownThread) struct CommitTests {
    @Test(arguments: [Gate.Blow.closeBefore, .closeAfter])
    func aCommandWhoseCommitIsCutIsDoneOnceUnderItsKey(blow: Gate.Blow) async throws {
        try await Stage.run { stage in
            let gate = try stage.gate()
            try await stage.serve(through: gate)
            let opened = try await stage.openPledges(1, dueIn: 3_600_000, clients: 1)
            let pledge = try #require(opened.instances.first)
            let line = Line(port: stage.port, token: stage.token)
            for number in 0..<20 {
                gate.deal([blow])
                let path = "/api/v1/instances/\(pledge)/events"
                let body: JSON = ["event": "touch", "form": ["note": .string("note \(number)")]]
                let answer = line.ask("POST", path, body, key: "key \(number)".replacing(" ", with: "-"))
                #expect(answer?.status == 200 && answer?.body["sequence"] == .int(Int64(number + 2)))
                let again = line.ask("POST", path, body, key: "key-\(number)")
                #expect(again?.body == answer?.body)
            }
            #expect(gate.dealt == 20)
            #expect(try await stage.count("SELECT count(*) FROM reeve.journal") == 21)
            try await stage.expectSound(opened)
        }
    }

    @Test func commitsCutUnderLoadOnBothSides() async throws {
        try await Stage.run { stage in
            let gates = [try stage.gate("front"), try stage.gate("back")]
            try await stage.serve(through: gates[0])
            try await stage.work(through: gates[1])
            let blows = (0..<10_000).map { $0.isMultiple(of: 2) ? Gate.Blow.closeBefore : .closeAfter }
            for gate in gates { gate.deal(blows, every: 3) }
            let load = Load(on: stage)
            try await Task.sleep(for: Stage.duration(6))
            try await load.stop()
            for gate in gates { gate.desist() }
            try await stage.settle()
            for gate in gates { #expect(gate.dealt > 3) }
            try await stage.stopAll()
            try await stage.expectSound(load.ledger)
        }
    }

    @Test func aWaitForAStandbyThatIsCancelledIsNotTakenForDone() async throws {
        try await Stage.run { stage in
            let standby = try await stage.standby()
            try await stage.serve()
            try await stage.work()
            let load = Load(on: stage)
            try await Task.sleep(for: .seconds(1))
            let end = ContinuousClock.now + Stage.duration(6)
            var blows: Int64 = 0
            while ContinuousClock.now < end {
                try standby.stop(.immediate)
                let admin = try await stage.connect()
                for round in 0..<12 {
                    let blow = round.isMultiple(of: 4) ? "pg_terminate_backend" : "pg_cancel_backend"
                    blows += try await admin.query(
                        """
                        SELECT count(*) FILTER (WHERE \(unescaped: blow)(pid))
                        FROM pg_stat_activity
                        WHERE usename = 'reeve' AND wait_event = 'SyncRep'
                        """
                    )[0].decode(Int64.self, at: 0)
                    try await Task.sleep(for: .milliseconds(100))
                }
                await admin.close()
                try standby.start()
                try await stage.expect(1, Stage.synchronous)
                try await Task.sleep(for: .milliseconds(500))
            }
            #expect(blows > 3)
            try await load.stop()
            try await stage.settle()
            try await stage.stopAll()
            try await stage.expectSound(load.ledger)
        }
    }
}
