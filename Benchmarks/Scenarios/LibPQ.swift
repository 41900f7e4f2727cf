import PostgresClient

extension Scenario {
    /// The client against pgbench, which uses the same library in C.
    static let libpq: [Scenario] = [
        Scenario(name: "libpq-1", summary: "SELECT 1, prepared, one connection") { bench in
            let (ours, theirs) = try await bench.alternate(
                { try await selectOne(bench, connections: 1) },
                { try bench.pgbench(script: "SELECT 1", clients: 1, threads: 1) })
            return Measurement(
                name: "libpq-1", value: ours, unit: "1/s", reference: theirs, referenceName: "pgbench -c 1",
                limit: 0.9)
        },
        Scenario(name: "libpq-8", summary: "SELECT 1, prepared, eight connections") { bench in
            let (ours, theirs) = try await bench.alternate(
                { try await selectOne(bench, connections: 8) },
                { try bench.pgbench(script: "SELECT 1", clients: 8, threads: 8) })
            return Measurement(
                name: "libpq-8", value: ours, unit: "1/s", reference: theirs, referenceName: "pgbench -c 8 -j 8",
                limit: 0.9)
        },
        Scenario(name: "libpq-pipeline", summary: "SELECT 1, prepared, pipelines of 200 on one connection") { bench in
            let (ours, theirs) = try await bench.alternate(
                { try await pipelines(bench, length: 200) },
                { try bench.pgbench(script: "SELECT 1", clients: 8, threads: 8) })
            return Measurement(
                name: "libpq-pipeline", value: ours, unit: "1/s", reference: theirs,
                referenceName: "pgbench -c 8 -j 8", limit: 2)
        },
    ]

    /// Queries a second over connections of a pool, each used by one task.
    private static func selectOne(_ bench: Bench, connections: Int) async throws -> Double {
        let pool = PostgresPool(bench.configuration(), limits: PoolLimits(minimum: connections, maximum: connections))
        let rate = try await rate(bench, tasks: connections) { end in
            try await pool.withConnection { connection in
                try await connection.run { connection in
                    let query: PostgresQuery = "SELECT 1"
                    var count = 0
                    while ContinuousClock.now < end {
                        let rows = try await connection.query(query)
                        guard try rows[0].decode(Int32.self, at: 0) == 1 else { throw UsageError("wrong answer") }
                        count += 1
                    }
                    return count
                }
            }
        }
        await pool.close()
        return rate
    }

    private static func pipelines(_ bench: Bench, length: Int) async throws -> Double {
        let pool = PostgresPool(bench.configuration(), limits: PoolLimits(minimum: 1, maximum: 1))
        let queries = (0..<length).map { _ in "SELECT 1" as PostgresQuery }
        let rate = try await rate(bench, tasks: 1) { end in
            try await pool.withConnection { connection in
                var count = 0
                while ContinuousClock.now < end {
                    for rows in try await connection.pipeline(queries) {
                        guard try rows[0].decode(Int32.self, at: 0) == 1 else { throw UsageError("wrong answer") }
                        count += 1
                    }
                }
                return count
            }
        }
        await pool.close()
        return rate
    }

    /// Runs tasks that count what they do until the end, and returns how much was done a second.
    private static func rate(
        _ bench: Bench, tasks: Int, _ body: @escaping @Sendable (ContinuousClock.Instant) async throws -> Int
    ) async throws -> Double {
        let start = ContinuousClock.now
        let end = start + .seconds(bench.options.seconds)
        let total = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<tasks { group.addTask { try await body(end) } }
            return try await group.reduce(0, +)
        }
        return Double(total) / ((.now - start) / .seconds(1))
    }
}
