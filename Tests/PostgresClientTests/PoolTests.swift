import PostgresClient
import Synchronization
import TestSupport
import Testing

@Suite("Pool")
struct PoolTests {
    @Test("many tasks share few connections")
    func sharing() async throws {
        try await withDatabase { database in
            let pool = PostgresPool(database.configuration(), limits: PoolLimits(maximum: 3))
            let sum = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 1...200 {
                    group.addTask { try await pool.query("SELECT \(number)")[0].decode(Int.self, at: 0) }
                }
                return try await group.reduce(0, +)
            }
            #expect(sum == 20100)
            #expect(pool.statistics.counts.opened <= 3)
            #expect(pool.statistics.counts.granted == 200)
            await pool.close()
            await #expect(throws: PostgresError.closed) { try await pool.query("SELECT 1") }
        }
    }

    @Test("who waits too long is told so, and who comes first is served first")
    func exhaustion() async throws {
        try await withDatabase { database in
            var limits = PoolLimits(maximum: 1)
            limits.acquireTimeout = .seconds(1)
            limits.maximumWaiting = 2
            let pool = PostgresPool(database.configuration(), limits: limits)
            let order = Record<Int>()
            try await pool.withConnection { _ in
                let error = await #expect(throws: PostgresError.self) { try await pool.query("SELECT 1") }
                guard case .poolExhausted(let exhaustion) = error else { throw try #require(error) }
                #expect(exhaustion.leased == 1)
                #expect(!exhaustion.refused)
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                try await pool.withConnection { _ in
                    for number in 0..<2 {
                        group.addTask { try await pool.withConnection { _ in order.note(number) } }
                        while pool.statistics.waiting <= number { await Task.yield() }
                    }
                    let error = await #expect(throws: PostgresError.self) { try await pool.query("SELECT 1") }
                    guard case .poolExhausted(let exhaustion) = error else { throw try #require(error) }
                    #expect(exhaustion.refused)
                }
                try await group.waitForAll()
            }
            #expect(order.values == [0, 1])
            await pool.close()
        }
    }

    @Test("a cancelled waiter leaves the queue")
    func cancelledWaiter() async throws {
        try await withDatabase { database in
            let pool = PostgresPool(database.configuration(), limits: PoolLimits(maximum: 1))
            try await pool.withConnection { _ in
                let task = Task { try await pool.query("SELECT 1") }
                while pool.statistics.waiting == 0 { await Task.yield() }
                task.cancel()
                await #expect(throws: PostgresError.cancelled) { try await task.value }
                #expect(pool.statistics.waiting == 0)
            }
            await pool.close()
        }
    }

    @Test("a transaction left open is rolled back before the next caller")
    func tidying() async throws {
        try await withDatabase { database in
            let pool = PostgresPool(database.configuration(), limits: PoolLimits(maximum: 1))
            try await pool.withConnection { connection in
                try await connection.execute("BEGIN")
                try await connection.execute("CREATE TABLE left_over ()")
            }
            let exists = try await pool.query("SELECT to_regclass('left_over') IS NOT NULL")
            #expect(try exists[0].decode(Bool.self, at: 0) == false)
            await pool.close()
        }
    }

    @Test("a pool outlives the server's restart")
    func restart() async throws {
        let cluster = try TestCluster()
        defer { try? cluster.server.stop() }
        let pool = PostgresPool(PostgresConfiguration(cluster.server.conninfo()), limits: PoolLimits(maximum: 2))
        #expect(try await pool.query("SELECT 1").count == 1)
        try cluster.server.stop(.immediate)
        let waiting = Task { try await pool.query("SELECT 2") }
        try cluster.server.start()
        _ = await waiting.result
        #expect(try await pool.query("SELECT 3")[0].decode(Int.self, at: 0) == 3)
        await pool.close()
    }
}

/// What happened, in order, from any task.
final class Record<Value: Sendable>: Sendable {
    private let noted = Mutex<[Value]>([])

    var values: [Value] { noted.withLock { $0 } }

    func note(_ value: Value) { noted.withLock { $0.append(value) } }
}
