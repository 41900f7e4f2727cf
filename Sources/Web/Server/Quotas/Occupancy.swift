import Synchronization

/// Amounts of something that is limited, in all and for each key: requests under way, or bytes of their bodies.
final class Occupancy<Key: Hashable & Sendable>: Sendable {
    private struct State {
        var total = 0
        var held: [Key: Int] = [:]
    }

    private let limit: Int
    private let limitEach: Int
    private let state = Mutex(State())

    /// - Parameters:
    ///   - limit: how much there is.
    ///   - each: how much of it one key may have.
    init(limit: Int, each: Int) {
        self.limit = limit
        limitEach = each
    }

    /// How much is taken.
    var total: Int { state.withLock { $0.total } }

    /// Takes an amount; false where there is not so much left.
    func take(_ amount: Int, for key: Key) -> Bool {
        state.withLock { state in
            let held = state.held[key, default: 0] + amount
            guard held <= limitEach, state.total + amount <= limit else { return false }
            state.held[key] = held
            state.total += amount
            return true
        }
    }

    /// Gives an amount back.
    func giveBack(_ amount: Int, of key: Key) {
        state.withLock { state in
            let held = state.held[key, default: 0] - amount
            state.held[key] = held > 0 ? held : nil
            state.total -= amount
        }
    }
}
