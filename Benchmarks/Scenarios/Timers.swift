extension Scenario {
    /// How fast what falls due is stepped.
    static let timers: [Scenario] = [
        due("due-spread", "100,000 timers due at different instants, two workers", spread),
        due("due-equal", "100,000 timers due at the same instant, two workers", equal),
    ]

    static let batched = "pgbench -c 2, 200 transitions a transaction"
    static let spread = "now() - interval '1 hour' + n * interval '1 millisecond'"
    static let equal = "date_trunc('hour', now()) - interval '1 hour'"

    private static func due(_ name: String, _ summary: String, _ due: String) -> Scenario {
        Scenario(name: name, summary: summary) { bench in
            let (reference, _) = try await prepare(bench)
            let promises = try await promises(bench, due)
            let (ours, theirs) = try await bench.alternate(
                { try await promises.copied(bench) { try await drain($0, bench) } },
                { try reference.rate(bench, size: 200, clients: 2) })
            return Measurement(
                name: name, value: ours, unit: "1/s", reference: theirs, referenceName: batched, limit: 0.6)
        }
    }

    /// A hundred thousand promises that fall due at these instants.
    static func promises(_ bench: Bench, _ due: String) async throws -> Workload {
        let name = due == equal ? "promises_equal" : "promises_spread"
        return try await bench.workload(name) { try await Workload(bench, name, [.promises(100_000, due: due)]) }
    }

    /// Lets two workers step all due timers; returns how many a second.
    static func drain(_ promises: Workload, _ bench: Bench, count: Int = 100_000) async throws -> Double {
        let seconds = try await promises.withReeveWorkers(2, bench) {
            let started = ContinuousClock.now
            // The last of them first: looking for any would read past all that are gone, and so would EXISTS, which
            // passes over what it is told of an order.
            let due = "SELECT FROM reeve.timer WHERE tenant_id = '\(Workload.tenant)' AND due_at <= now()"
            let last = "SELECT count(*) = 0 FROM (\(due) ORDER BY due_at DESC LIMIT 1) AS last"
            try await promises.wait(until: last, every: .milliseconds(20))
            let ended = try await promises.wait(until: "SELECT NOT EXISTS (\(due))", every: .milliseconds(5))
            return (ended - started) / .seconds(1)
        }
        let fired = try await promises.number("SELECT count(*) FROM reeve.journal WHERE actor = 'worker'")
        guard fired == Double(count) else { throw UsageError("\(fired) timers fired instead of \(count)") }
        return Double(count) / seconds
    }
}
