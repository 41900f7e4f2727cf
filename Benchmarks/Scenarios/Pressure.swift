import Foundation
import PostgresClient

extension Scenario {
    /// How timers fare when much else waits, when an old snapshot is held, and when nothing is due.
    static let pressure: [Scenario] = [
        Scenario(name: "pending", summary: "20,000 due timers with a million pending, against ten thousand") { bench in
            let due = 20_000
            let few = try await Workload(bench, "few", [.promises(due, due: spread)], pending: 10_000)
            let many = try await Workload(bench, "many", [.promises(due, due: spread)], pending: 1_000_000)
            let (ours, theirs) = try await bench.alternate(
                { 1_000_000 / (try await many.copied(bench) { try await drain($0, bench, count: due) }) },
                { 1_000_000 / (try await few.copied(bench) { try await drain($0, bench, count: due) }) })
            for workload in [few, many] { try await bench.dropDatabase(workload.database) }
            return Measurement(
                name: "pending", value: ours, unit: "µs", reference: theirs, referenceName: "10,000 pending",
                limit: 1.2, atMost: true)
        },
        held("held-spread", "timers due at different instants under a held snapshot", spread),
        held("held-equal", "timers due at the same instant under a held snapshot", equal),
        Scenario(name: "idle", summary: "ten workers on a million pending timers") { bench in
            let many = try await Workload(
                bench, "many", [.promises(1, due: "now() + interval '1 day'")], pending: 1_000_000)
            let workers = (0..<10).map { _ in Program.reeve("worker", "--database", bench.conninfo(many.database)) }
            for worker in workers { try worker.start() }
            try await Task.sleep(for: .seconds(10))
            let (begun, before) = (ContinuousClock.now, workers.map(\.processorTime))
            try await Task.sleep(for: .seconds(30))
            let seconds = (ContinuousClock.now - begun) / .seconds(1)
            let shares = zip(workers, before).map { 100 * ($0.processorTime - $1) / seconds }
            for worker in workers { worker.stop() }
            try await bench.dropDatabase(many.database)
            return Measurement(
                name: "idle", value: shares.max() ?? 100, unit: "%", reference: nil, referenceName: "of a core",
                limit: 1,
                atMost: true)
        },
    ]

    private static func held(_ name: String, _ summary: String, _ due: String) -> Scenario {
        Scenario(name: name, summary: summary) { bench in
            let promises = try await promises(bench, due)
            let (ours, theirs) = try await bench.alternate(
                {
                    1_000_000
                        / (try await promises.copied(bench) { promises in
                            let holder = try await PostgresConnection.connect(promises.configuration)
                            try await holder.simple(
                                "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT txid_current_snapshot()")
                            let rate = try await drain(promises, bench)
                            await holder.close()
                            return rate
                        })
                },
                { 1_000_000 / (try await promises.copied(bench) { try await drain($0, bench) }) })
            return Measurement(
                name: name, value: ours, unit: "µs", reference: theirs, referenceName: "no snapshot held", limit: 1.5,
                atMost: true)
        }
    }
}
