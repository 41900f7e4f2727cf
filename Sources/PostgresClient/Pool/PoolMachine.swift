/// The rules of a pool, without sockets or clocks: told what happened, it says what to do.
///
/// Waiting is fair: nobody gets a connection while someone who came earlier waits. Idle connections are used last
/// in, first out, so that those beyond the need age and go.
struct PoolMachine {
    typealias ConnectionID = UInt64
    typealias WaiterID = UInt64
    typealias Instant = ContinuousClock.Instant

    enum Refusal: Equatable {
        case tooManyWaiting
        case timedOut
        case cancelled
        case closed
    }

    enum Action: Equatable {
        case open(ConnectionID)
        case check(ConnectionID)
        case grant(WaiterID, ConnectionID)
        case refuse(WaiterID, Refusal)
        case close(ConnectionID)
        /// Call `retry` after this time.
        case retry(Duration)
    }

    private enum Phase: Equatable {
        case opening
        case idle(since: Instant)
        case checking
        case leased
    }

    private struct Slot {
        var phase: Phase
        var opened: Instant
    }

    let limits: PoolLimits
    private var slots: [ConnectionID: Slot] = [:]
    /// The idle ones, the longest idle first.
    private var idle: [ConnectionID] = []
    private var waiting: [WaiterID] = []
    private var identifiers: UInt64 = 0
    /// How often in a row connecting failed.
    private(set) var failures = 0
    private var isBackingOff = false
    private(set) var isClosed = false
    private(set) var counts = PoolCounts()

    init(limits: PoolLimits) { self.limits = limits }

    var total: Int { slots.count }
    var isDrained: Bool { isClosed && slots.isEmpty }

    var statistics: PoolStatistics {
        var statistics = PoolStatistics(waiting: waiting.count, counts: counts)
        for slot in slots.values {
            switch slot.phase {
            case .opening: statistics.opening += 1
            case .idle, .checking: statistics.idle += 1
            case .leased: statistics.leased += 1
            }
        }
        return statistics
    }
}

// MARK: - Callers

extension PoolMachine {
    /// Someone wants a connection.
    mutating func acquire(_ waiter: WaiterID, now: Instant) -> [Action] {
        if isClosed { return [.refuse(waiter, .closed)] }
        if waiting.isEmpty, let connection = idle.last, !needsCheck(connection, now: now) {
            idle.removeLast()
            return [lease(connection, to: waiter)]
        }
        if waiting.count >= limits.maximumWaiting {
            counts.refused += 1
            return [.refuse(waiter, .tooManyWaiting)]
        }
        waiting.append(waiter)
        return serve(now: now)
    }

    /// Someone has waited too long, or does not want a connection any more.
    mutating func giveUp(_ waiter: WaiterID, _ refusal: Refusal) -> [Action] {
        guard let index = waiting.firstIndex(of: waiter) else { return [] }
        waiting.remove(at: index)
        if refusal == .timedOut { counts.timedOut += 1 }
        return [.refuse(waiter, refusal)]
    }

    /// A connection is handed back.
    mutating func release(_ connection: ConnectionID, isUsable: Bool, now: Instant) -> [Action] {
        guard let slot = slots[connection], slot.phase == .leased else { return [] }
        guard isUsable, !isClosed, now - slot.opened < limits.maximumLifetime else {
            return remove(connection) + serve(now: now)
        }
        return rest(connection, now: now)
    }
}

// MARK: - Connections

extension PoolMachine {
    /// A connection has been made.
    mutating func opened(_ connection: ConnectionID, now: Instant) -> [Action] {
        guard slots[connection]?.phase == .opening else { return [.close(connection)] }
        failures = 0
        counts.opened += 1
        slots[connection]?.opened = now
        return rest(connection, now: now)
    }

    /// A connection could not be made.
    mutating func openFailed(_ connection: ConnectionID) -> [Action] {
        guard slots.removeValue(forKey: connection) != nil else { return [] }
        failures += 1
        counts.failed += 1
        if isBackingOff || isClosed { return [] }
        isBackingOff = true
        return [.retry(min(.milliseconds(50) * (1 << min(failures - 1, 6)), .seconds(2)))]
    }

    /// The time given by `Action.retry` is over.
    mutating func retry(now: Instant) -> [Action] {
        isBackingOff = false
        return serve(now: now)
    }

    /// A check has ended.
    mutating func checked(_ connection: ConnectionID, isUsable: Bool, now: Instant) -> [Action] {
        guard slots[connection]?.phase == .checking else { return [] }
        if isUsable { return rest(connection, now: now) }
        return remove(connection) + serve(now: now)
    }

    /// A connection broke by itself.
    mutating func lost(_ connection: ConnectionID, now: Instant) -> [Action] {
        guard case .idle? = slots[connection]?.phase else { return [] }
        idle.removeAll { $0 == connection }
        return remove(connection) + serve(now: now)
    }

    /// Time has passed: closes what is too old or idle for too long, and keeps the minimum.
    mutating func tick(now: Instant) -> [Action] {
        var actions: [Action] = []
        for connection in idle {
            guard let slot = slots[connection], case .idle(let since) = slot.phase else { continue }
            let isTooOld = now - slot.opened >= limits.maximumLifetime
            let isSuperfluous = now - since >= limits.idleTimeout && slots.count > limits.minimum
            guard isTooOld || isSuperfluous else { continue }
            idle.removeAll { $0 == connection }
            actions += remove(connection)
        }
        return actions + serve(now: now)
    }

    /// Nobody gets a connection any more; those that are out are closed when they come back.
    mutating func close() -> [Action] {
        isClosed = true
        let refusals = waiting.map { Action.refuse($0, .closed) }
        waiting = []
        let closing = slots.filter { $0.value.phase != .leased }.keys.sorted()
        idle = []
        return refusals + closing.flatMap { remove($0) }
    }
}

// MARK: - Rules

extension PoolMachine {
    /// Checks idle connections, and opens as many as waiters and the minimum need.
    private mutating func serve(now: Instant) -> [Action] {
        if isClosed { return [] }
        var actions: [Action] = []
        var coming = slots.values.count { $0.phase == .opening || $0.phase == .checking }
        while coming < waiting.count, let connection = idle.popLast() {
            slots[connection]?.phase = .checking
            actions.append(.check(connection))
            coming += 1
        }
        while !isBackingOff, slots.count < limits.maximum, coming < waiting.count || slots.count < limits.minimum {
            identifiers += 1
            slots[identifiers] = Slot(phase: .opening, opened: now)
            actions.append(.open(identifiers))
            coming += 1
        }
        return actions
    }

    /// Gives a free connection to who waits longest, or lets it be idle.
    private mutating func rest(_ connection: ConnectionID, now: Instant) -> [Action] {
        guard waiting.isEmpty else { return [lease(connection, to: waiting.removeFirst())] }
        slots[connection]?.phase = .idle(since: now)
        idle.append(connection)
        return []
    }

    private mutating func lease(_ connection: ConnectionID, to waiter: WaiterID) -> Action {
        slots[connection]?.phase = .leased
        counts.granted += 1
        return .grant(waiter, connection)
    }

    private mutating func remove(_ connection: ConnectionID) -> [Action] {
        slots[connection] = nil
        counts.closed += 1
        return [.close(connection)]
    }

    private func needsCheck(_ connection: ConnectionID, now: Instant) -> Bool {
        guard case .idle(let since)? = slots[connection]?.phase else { return true }
        return now - since >= limits.checkAfter
    }
}
