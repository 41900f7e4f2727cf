import Foundation
import PostgresClient
import TestSupport
import Testing

@Suite(.ownThread) struct PressureTests {
    /// Readers all the time, a transaction that holds back vacuum, more load than is good, and a burst of events.
    @Test func sustainedPressureOfEveryKindAtOnce() async throws {
        try await Stage.run { stage in
            try await stage.serve()
            for number in 0..<2 { try await stage.work(as: "worker-\(number)") }
            let horizon = try await stage.connect()
            _ = try await horizon.simple("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM reeve.timer")
            let isOver = Counter()
            let (readers, pages, failures) = (Counter(), Counter(), Counter())
            for _ in 0..<3 {
                readers.add(1)
                Thread {
                    let line = Line(port: stage.port, token: stage.token)
                    let paths = ["instances?limit=50", "clocks?limit=50", "tasks", "definitions", "dead-letters"]
                    while isOver.value == 0 {
                        let answer = line.ask("GET", "/api/v1/\(paths[pages.value % paths.count])")
                        if answer?.status != 200 { failures.add(1) }
                        pages.add(1)
                    }
                    readers.add(-1)
                }.start()
            }
            let load = Load(on: stage, Load.Habits(clients: 12, pause: .zero))
            let burst = try await stage.openPledges(1000, dueIn: 1000)
            try await Task.sleep(for: Stage.duration(6))
            try await load.stop()
            isOver.add(1)
            while readers.value > 0 { try await Task.sleep(for: .milliseconds(10)) }
            #expect(pages.value > 20 && failures.value == 0)
            try await stage.settle()
            _ = try await horizon.simple("COMMIT")
            await horizon.close()
            try await stage.stopAll()
            try await stage.expectSound(burst, load.ledger)
        }
    }
}
