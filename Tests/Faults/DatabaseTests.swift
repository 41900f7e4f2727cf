import Glibc
import PostgresClient
import PostgresCluster
import TestSupport
import Testing

/// A PostgreSQL that fails, or has no room.
@Suite(.ownThread) struct DatabaseTests {
    /// As `pg_ctl stop -m immediate` does it, and as the kernel does when memory runs out.
    @Test(arguments: [PrivateCluster.StopMode.immediate, .kill])
    func postgreSQLStoppedAtOnceAndRestartedUnderLoad(mode: PrivateCluster.StopMode) async throws {
        try await Stage.run { stage in
            try await stage.serve()
            for number in 0..<2 { try await stage.work(as: "worker-\(number)") }
            let load = Load(on: stage)
            let end = ContinuousClock.now + Stage.duration(6)
            while ContinuousClock.now < end {
                try await Task.sleep(for: .milliseconds(1500))
                try stage.cluster.stop(mode)
                try await Task.sleep(for: .milliseconds(.random(in: 0...500)))
                try await stage.startAgain()
            }
            try await load.stop()
            try await stage.settle()
            #expect(load.ledger.done > 20)
            try await stage.stopAll()
            try await stage.expectSound(load.ledger)
        }
    }

    @Test func backendsTerminatedOneByOneInASteadyStream() async throws {
        try await Stage.run { stage in
            try await stage.serve()
            for number in 0..<2 { try await stage.work(as: "worker-\(number)") }
            let load = Load(on: stage)
            let admin = try await stage.connect()
            var terminated: Int64 = 0
            let end = ContinuousClock.now + Stage.duration(6)
            while ContinuousClock.now < end {
                terminated += try await admin.query(
                    """
                    SELECT count(*) FILTER (WHERE pg_terminate_backend(pid))
                    FROM (
                        SELECT pid FROM pg_stat_activity WHERE usename = 'reeve' ORDER BY random() LIMIT 1
                    ) AS victim
                    """
                )[0].decode(Int64.self, at: 0)
                try await Task.sleep(for: .milliseconds(25))
            }
            await admin.close()
            #expect(terminated > 20)
            try await load.stop()
            try await stage.settle()
            try await stage.stopAll()
            try await stage.expectSound(load.ledger)
        }
    }

    @Test func threeHundredIdleConnectionsHoldTheServersSlots() async throws {
        try await Stage.run(settings: ["max_connections": "325"]) { stage in
            let idlers = Idlers(stage.cluster.directory)
            #expect(idlers.take(300) == 300)
            try await stage.serve()
            try await stage.work()
            let load = Load(on: stage)
            try await Task.sleep(for: Stage.duration(4))
            // Now they take every slot, also those that Reeve had.
            let admin = try await stage.connect()
            var wasShutOut = false
            let end = ContinuousClock.now + .seconds(2)
            while ContinuousClock.now < end || !wasShutOut {
                _ = try await admin.query(
                    """
                    SELECT pg_terminate_backend(pid)
                    FROM pg_stat_activity
                    WHERE usename = 'reeve' AND application_name <> 'idler'
                    """)
                idlers.take(50)
                let left = try await admin.query(
                    "SELECT count(*) FROM pg_stat_activity WHERE usename = 'reeve' AND application_name <> 'idler'"
                )[0].decode(Int64.self, at: 0)
                wasShutOut = wasShutOut || left == 0
                try #require(ContinuousClock.now < end + .seconds(30), "Reeve never lost its last connection")
                try await Task.sleep(for: .milliseconds(20))
            }
            await admin.close()
            idlers.leave()
            try await load.stop()
            try await stage.settle()
            try await stage.stopAll()
            try await stage.expectSound(load.ledger)
        }
    }
}

extension Stage {
    /// Starts PostgreSQL; one whose parent was killed has to notice that first, and let go of its memory.
    fileprivate func startAgain() async throws {
        for _ in 0..<100 {
            if (try? cluster.start()) != nil { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        try cluster.start()
    }
}

/// Connections that do nothing but be there.
private final class Idlers {
    private let socket: String
    private var held: [Int32] = []

    init(_ directory: String) { socket = directory + "/.s.PGSQL.5432" }

    deinit { leave() }

    /// Opens so many, or as many as there is room for.
    ///
    /// - Returns: how many there were.
    @discardableResult
    func take(_ count: Int) -> Int {
        for number in 0..<count {
            guard let descriptor = try? LocalSocket.connect(to: socket) else { return number }
            let words = ["user", "reeve", "database", "reeve", "application_name", "idler", ""]
            let content: [UInt8] = [0, 3, 0, 0] + words.flatMap { (word: String) -> [UInt8] in Array(word.utf8) + [0] }
            let length = UInt32(content.count + 4).bigEndian
            _ = LocalSocket.write(withUnsafeBytes(of: length) { Array($0) } + content, to: descriptor)
            // The answer begins with R where the session was admitted, with E where it was not.
            guard LocalSocket.read(descriptor)?.first == UInt8(ascii: "R") else {
                close(descriptor)
                return number
            }
            held.append(descriptor)
        }
        return count
    }

    func leave() {
        for descriptor in held { close(descriptor) }
        held = []
    }
}
