import Testing

@testable import PostgresClient

@Suite("Rules of the pool")
struct PoolMachineTests {
    let start = ContinuousClock.now

    private func machine(minimum: Int = 0, maximum: Int, waiting: Int = 100) -> PoolMachine {
        var limits = PoolLimits(minimum: minimum, maximum: maximum)
        limits.maximumWaiting = waiting
        return PoolMachine(limits: limits)
    }

    @Test("opens for who asks, and reuses what comes back")
    func reuse() {
        var pool = machine(maximum: 2)
        #expect(pool.acquire(1, now: start) == [.open(1)])
        #expect(pool.opened(1, now: start) == [.grant(1, 1)])
        #expect(pool.release(1, isUsable: true, now: start) == [])
        #expect(pool.acquire(2, now: start) == [.grant(2, 1)])
    }

    @Test("never opens more than the maximum, and serves in the order of arrival")
    func fairness() {
        var pool = machine(maximum: 1)
        #expect(pool.acquire(1, now: start) == [.open(1)])
        #expect(pool.acquire(2, now: start) == [])
        #expect(pool.acquire(3, now: start) == [])
        #expect(pool.opened(1, now: start) == [.grant(1, 1)])
        #expect(pool.release(1, isUsable: true, now: start) == [.grant(2, 1)])
        #expect(pool.acquire(4, now: start) == [])
        #expect(pool.release(1, isUsable: true, now: start) == [.grant(3, 1)])
        #expect(pool.release(1, isUsable: true, now: start) == [.grant(4, 1)])
    }

    @Test("a newcomer does not overtake a waiter although a connection is idle")
    func noOvertaking() {
        var pool = machine(maximum: 2)
        _ = pool.acquire(1, now: start)
        _ = pool.opened(1, now: start)
        _ = pool.release(1, isUsable: true, now: start)
        let later = start + .seconds(60)
        #expect(pool.acquire(2, now: later) == [.check(1)])
        #expect(pool.acquire(3, now: later) == [.open(2)])
        #expect(pool.opened(2, now: later) == [.grant(2, 2)])
        #expect(pool.checked(1, isUsable: true, now: later) == [.grant(3, 1)])
    }

    @Test("refuses at once when too many wait")
    func backPressure() {
        var pool = machine(maximum: 1, waiting: 1)
        _ = pool.acquire(1, now: start)
        #expect(pool.acquire(2, now: start) == [.refuse(2, .tooManyWaiting)])
        #expect(pool.giveUp(1, .timedOut) == [.refuse(1, .timedOut)])
        #expect(pool.giveUp(1, .timedOut) == [])
        #expect(pool.statistics.counts.refused == 1)
        #expect(pool.statistics.counts.timedOut == 1)
    }

    @Test("replaces what is broken or too old for those who wait")
    func replacement() {
        var pool = machine(maximum: 1)
        _ = pool.acquire(1, now: start)
        _ = pool.opened(1, now: start)
        _ = pool.acquire(2, now: start)
        #expect(pool.release(1, isUsable: false, now: start) == [.close(1), .open(2)])
        #expect(pool.opened(2, now: start) == [.grant(2, 2)])
        #expect(pool.release(2, isUsable: true, now: start + .seconds(4000)) == [.close(2)])
    }

    @Test("waits longer after each failure to connect, and goes on while someone waits")
    func backoff() {
        var pool = machine(maximum: 4)
        #expect(pool.acquire(1, now: start) == [.open(1)])
        #expect(pool.openFailed(1) == [.retry(.milliseconds(50))])
        #expect(pool.acquire(2, now: start) == [])
        #expect(pool.retry(now: start) == [.open(2), .open(3)])
        #expect(pool.openFailed(2) == [.retry(.milliseconds(100))])
        #expect(pool.openFailed(3) == [])
        #expect(pool.retry(now: start) == [.open(4), .open(5)])
        #expect(pool.opened(4, now: start) == [.grant(1, 4)])
    }

    @Test("closes what idles beyond the minimum, and keeps the minimum")
    func maintenance() {
        var pool = machine(minimum: 1, maximum: 3)
        #expect(pool.tick(now: start) == [.open(1)])
        _ = pool.opened(1, now: start)
        _ = pool.acquire(1, now: start)
        _ = pool.acquire(2, now: start)
        _ = pool.opened(2, now: start)
        _ = pool.release(1, isUsable: true, now: start)
        _ = pool.release(2, isUsable: true, now: start)
        #expect(pool.tick(now: start + .seconds(299)) == [])
        #expect(pool.tick(now: start + .seconds(300)) == [.close(1)])
        #expect(pool.tick(now: start + .seconds(3600)) == [.close(2), .open(3)])
    }

    @Test("an idle connection that breaks is forgotten at once")
    func loss() {
        var pool = machine(maximum: 1)
        _ = pool.acquire(1, now: start)
        _ = pool.opened(1, now: start)
        #expect(pool.lost(1, now: start) == [])
        _ = pool.release(1, isUsable: true, now: start)
        #expect(pool.lost(1, now: start) == [.close(1)])
        #expect(pool.acquire(2, now: start) == [.open(2)])
    }

    @Test("closing refuses who waits and drains when all have come back")
    func closing() {
        var pool = machine(maximum: 1)
        _ = pool.acquire(1, now: start)
        _ = pool.opened(1, now: start)
        _ = pool.acquire(2, now: start)
        #expect(pool.close() == [.refuse(2, .closed)])
        #expect(!pool.isDrained)
        #expect(pool.acquire(3, now: start) == [.refuse(3, .closed)])
        #expect(pool.release(1, isUsable: true, now: start) == [.close(1)])
        #expect(pool.isDrained)
    }

    @Test("any course of events keeps the limits and serves everyone once, in order", arguments: 0..<50)
    func randomCourse(seed: Int) {
        var generator = Seeded(seed: UInt64(seed))
        var pool = machine(minimum: 1, maximum: 3, waiting: 5)
        var world = PoolWorld()
        for step in 0..<400 {
            let now = start + .seconds(step * Int.random(in: 0...3, using: &generator))
            world.advance(&pool, now: now, using: &generator)
            #expect(pool.total <= 3)
            #expect(pool.statistics.waiting <= 5)
            #expect(world.faults.isEmpty)
        }
    }
}

/// Plays callers and server against the machine and notes what it does wrong.
private struct PoolWorld {
    var opening: [UInt64] = []
    var checking: [UInt64] = []
    var leased: [UInt64] = []
    var waiting: [UInt64] = []
    var isRetrying = false
    var next: UInt64 = 0
    var faults: [String] = []

    mutating func advance(
        _ pool: inout PoolMachine, now: ContinuousClock.Instant, using generator: inout some RandomNumberGenerator
    ) {
        switch Int.random(in: 0..<8, using: &generator) {
        case 0, 1:
            next += 1
            waiting.append(next)
            note(pool.acquire(next, now: now))
        case 2:
            guard let connection = opening.popLast() else { return }
            note(Bool.random(using: &generator) ? pool.opened(connection, now: now) : pool.openFailed(connection))
        case 3:
            guard let connection = checking.popLast() else { return }
            note(pool.checked(connection, isUsable: .random(using: &generator), now: now))
        case 4, 5:
            guard let connection = leased.popLast() else { return }
            note(pool.release(connection, isUsable: Int.random(in: 0..<5, using: &generator) > 0, now: now))
        case 6:
            if isRetrying {
                isRetrying = false
                note(pool.retry(now: now))
            }
            note(pool.tick(now: now))
        default:
            if let waiter = waiting.randomElement(using: &generator) { note(pool.giveUp(waiter, .cancelled)) }
        }
    }

    private mutating func note(_ actions: [PoolMachine.Action]) {
        for action in actions {
            switch action {
            case .open(let connection): opening.append(connection)
            case .check(let connection): checking.append(connection)
            case .grant(let waiter, let connection):
                if waiting.first != waiter { faults.append("\(waiter) overtook \(waiting.first ?? 0)") }
                if leased.contains(connection) { faults.append("\(connection) was lent twice") }
                waiting.removeAll { $0 == waiter }
                leased.append(connection)
            case .refuse(let waiter, _):
                if !waiting.contains(waiter) { faults.append("\(waiter) was refused without waiting") }
                waiting.removeAll { $0 == waiter }
            case .close(let connection):
                if leased.contains(connection) { faults.append("\(connection) was closed in use") }
            case .retry: isRetrying = true
            }
        }
    }
}

/// A generator that gives the same numbers for the same seed (SplitMix64).
struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return value ^ (value >> 31)
    }
}
