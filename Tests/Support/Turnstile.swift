import Synchronization

/// Lets a few tasks through at once, the others in the order in which they came.
public final class Turnstile: Sendable {
    private struct State {
        var free: Int
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state: Mutex<State>

    /// What tests with a database of their own pass through: each such test has many connections and tasks.
    public static let databases = Turnstile(places: 6)

    /// - Parameter places: how many may be inside at once; at least 1.
    public init(places: Int) { state = Mutex(State(free: places)) }

    /// Runs the body inside.
    ///
    /// A body must not pass the same turnstile again: it could wait for itself.
    ///
    /// - Throws: what the body throws.
    public func passing<Value>(
        isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Value
    ) async rethrows -> Value {
        await enter()
        defer { leave() }
        return try await body()
    }

    private func enter() async {
        await withCheckedContinuation { continuation in
            let entered = state.withLock { state in
                guard state.free > 0 else {
                    state.waiting.append(continuation)
                    return false
                }
                state.free -= 1
                return true
            }
            if entered { continuation.resume() }
        }
    }

    private func leave() {
        let next: CheckedContinuation<Void, Never>? = state.withLock { state in
            guard state.waiting.isEmpty else { return state.waiting.removeFirst() }
            state.free += 1
            return nil
        }
        next?.resume()
    }
}
