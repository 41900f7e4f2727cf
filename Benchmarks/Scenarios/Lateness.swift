import Engine
import Foundation
import PostgresClient
import Workflows

extension Scenario {
    /// By how much timers are late, by the database's clock.
    static let lateness: [Scenario] = [
        Scenario(name: "lateness", summary: "p99 at half of what two workers can step") { bench in
            let capacity = try await promises(bench, spread).copied(bench) { try await drain($0, bench) }
            var figures: [Double] = []
            for _ in 0..<min(2, bench.options.rounds) {
                // Ten seconds of timers that begin to fall due when all are in place.
                let count = Int(capacity / 2 * 10)
                let stream = try await Workload(
                    bench, "stream",
                    [.promises(count, due: "now() + interval '30 s' + n * interval '10 s' / \(count)")])
                let late = try await stream.withReeveWorkers(2, bench) {
                    try await stream.wait(
                        until: allHaveFired, every: .seconds(1))
                    return try await stream.number(latenessQuery("percentile_disc(0.99) WITHIN GROUP (ORDER BY late)"))
                }
                say("  \(Int(capacity / 2)) timers a second: p99 \(Report.number(late * 1000)) ms")
                figures.append(late * 1000)
                try await bench.dropDatabase(stream.database)
            }
            return Measurement(
                name: "lateness", value: median(figures), unit: "ms", reference: nil, referenceName: "", limit: 200,
                atMost: true)
        },
        Scenario(name: "lateness-hot", summary: "the latest of 16 timers on instances under constant load") { bench in
            let count = 16
            let hot = try await Workload(
                bench, "hot", [.promises(count, due: "now() + interval '10 s' + n * interval '500 ms'")])
            let late = try await hot.withReeveWorkers(2, bench) {
                try await hot.withEngine(bench) { engine in
                    let load = Task { await touch(hot, count, engine) }
                    try await hot.wait(
                        until: allHaveFired, every: .milliseconds(100)
                    )
                    load.cancel()
                    say("  \(await load.value) commands meanwhile")
                    return try await hot.number(latenessQuery("max(late)"))
                }
            }
            try await bench.dropDatabase(hot.database)
            return Measurement(
                name: "lateness-hot", value: late, unit: "s", reference: nil, referenceName: "", limit: 3, atMost: true)
        },
    ]

    /// A promise that has fired has its next timer a day later.
    private static let allHaveFired =
        "SELECT NOT EXISTS (SELECT FROM reeve.timer WHERE due_at < now() + interval '1 hour')"

    private static func latenessQuery(_ aggregate: String) -> String {
        """
        SELECT \(aggregate)
        FROM (
            SELECT EXTRACT(epoch FROM j.recorded_at - c.due_at) AS late
            FROM reeve.journal j
            JOIN reeve.clock c USING (tenant_id, instance_id)
            WHERE j.actor = 'worker'
        ) AS fired
        """
    }

    /// Sends commands to the instances from 64 tasks, as fast as they are answered, until it is cancelled.
    private static func touch(_ hot: Workload, _ count: Int, _ engine: Engine) async -> Int {
        await withTaskGroup(of: Int.self) { group in
            for sender in 0..<64 {
                group.addTask {
                    var done = 0
                    let command = Command(
                        tenant: Workload.tenant, target: .instance(hot.instance(sender % count + 1)),
                        input: Input(actor: .person("rita"), act: .event("touch", form: [:])))
                    while !Task.isCancelled {
                        // Refused once the timer has moved the instance to its end.
                        guard (try? await engine.submit(command)) != nil else { break }
                        done += 1
                    }
                    return done
                }
            }
            return await group.reduce(0, +)
        }
    }
}
