import Synchronization

/// A command that waits for its answer.
struct Pending: Sendable {
    var job: Job
    let since: ContinuousClock.Instant
    var tries = 0
    let answer: CheckedContinuation<Result<Answer, CommandError>, Never>
}

/// Commands that wait while a transaction is in flight.
///
/// A lane takes all that has come, up to a limit; it never waits
/// for company.
final class LaneQueue: Sendable {
    private struct State {
        var waiting: [Pending] = []
        var first = 0
        var taker: CheckedContinuation<Void, Never>?
        var isClosed = false

        var count: Int { waiting.count - first }
    }

    private let state = Mutex(State())
    private let capacity: Int

    init(capacity: Int) { self.capacity = capacity }

    /// Puts a command in the queue; false where there is no room, or the queue is closed.
    func add(_ pending: Pending, isReturning: Bool = false) -> Bool {
        let (added, taker) = state.withLock { state -> (Bool, CheckedContinuation<Void, Never>?) in
            guard isReturning || (!state.isClosed && state.count < capacity) else { return (false, nil) }
            state.waiting.append(pending)
            defer { state.taker = nil }
            return (true, state.taker)
        }
        taker?.resume()
        return added
    }

    /// Takes what has come; nil once the queue is closed and empty.
    func next(limit: Int) async -> [Pending]? {
        while true {
            let (batch, isOver) = state.withLock { state -> ([Pending], Bool) in
                let end = min(state.waiting.count, state.first + limit)
                let batch = Array(state.waiting[state.first..<end])
                state.first = end
                if state.first == state.waiting.count {
                    state.waiting.removeAll(keepingCapacity: true)
                    state.first = 0
                }
                return (batch, batch.isEmpty && state.isClosed)
            }
            if !batch.isEmpty { return batch }
            if isOver { return nil }
            await withCheckedContinuation { taker in
                let isReady = state.withLock { state in
                    if state.count > 0 || state.isClosed { return true }
                    state.taker = taker
                    return false
                }
                if isReady { taker.resume() }
            }
        }
    }

    /// Takes no more commands; those that wait are still served.
    func close() {
        let taker = state.withLock { state in
            state.isClosed = true
            defer { state.taker = nil }
            return state.taker
        }
        taker?.resume()
    }

    /// How many commands wait.
    var count: Int { state.withLock { $0.count } }
}
