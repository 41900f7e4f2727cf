import Engine
import NIOCore
import Synchronization

/// The connections of a server, so that there are never more than allowed.
///
/// A connection is *parked* while it waits for a request or has sent a part of its head only. Where all places are taken,
/// the one that has been parked for longest has to go: whoever holds connections open without asking anything takes
/// no place from those who ask.
final class ConnectionLedger: Sendable {
    /// Names a connection while it is parked.
    typealias Ticket = UInt64

    fileprivate struct State {
        var open = 0
        var lingering = 0
        var lastTicket: Ticket = 0
        var parked: [Ticket: any Channel] = [:]
        /// Tickets in the order of parking; some are no longer valid.
        var order: [Ticket] = []
        var orderStart = 0
    }

    private let limit: Int
    private let measures: Measures
    private let state = Mutex(State())

    /// - Parameter limit: connections at once.
    init(limit: Int, _ measures: Measures) {
        self.limit = limit
        self.measures = measures
    }

    /// How many connections there are.
    var count: Int { state.withLock { $0.open } }

    /// Counts a new connection in, if need be in the place of a parked one; false where there is none to be had.
    func enter() -> Bool {
        let (isAdmitted, evicted) = state.withLock { state -> (Bool, (any Channel)?) in
            state.open += 1
            guard state.open > limit else { return (true, nil) }
            let oldest = state.takeOldest()
            if oldest == nil { state.open -= 1 }
            return (oldest != nil, oldest)
        }
        evicted?.close(mode: .all, promise: nil)
        if isAdmitted { measures.connections.add(1) } else { measures.refusedConnections.add() }
        return isAdmitted
    }

    /// A connection that was counted in is closed.
    func leave() {
        state.withLock { $0.open -= 1 }
        measures.connections.add(-1)
    }

    /// A connection waits for a request.
    func park(_ channel: any Channel) -> Ticket {
        state.withLock { state in
            state.lastTicket += 1
            state.parked[state.lastTicket] = channel
            state.order.append(state.lastTicket)
            state.compact()
            return state.lastTicket
        }
    }

    /// A connection has sent the head of a request, or is closed.
    func unpark(_ ticket: Ticket) { state.withLock { $0.parked[ticket] = nil } }

    /// Whether one more connection may linger that was refused.
    func beginLingering() -> Bool {
        state.withLock { state in
            guard state.lingering < ConnectionLimits.lingeringAtOnce else { return false }
            state.lingering += 1
            return true
        }
    }

    /// A refused connection lingers no more.
    func endLingering() { state.withLock { $0.lingering -= 1 } }
}

extension ConnectionLedger.State {
    fileprivate mutating func takeOldest() -> (any Channel)? {
        while orderStart < order.count {
            let ticket = order[orderStart]
            orderStart += 1
            if let channel = parked.removeValue(forKey: ticket) { return channel }
        }
        return nil
    }

    fileprivate mutating func compact() {
        guard order.count > 2 * parked.count + 1024 else { return }
        order = order[orderStart...].filter { parked[$0] != nil }
        orderStart = 0
    }
}
