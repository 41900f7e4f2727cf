import Synchronization

/// A value that is costly to get and that many ask for: whoever asks while it is on its way gets the same one, and so does
/// who asks a moment later.
final class Shared<Value: Sendable>: Sendable {
    private struct Current {
        var value: Task<Value, Never>
        var begun: ContinuousClock.Instant
    }

    private let lifetime: Duration
    private let current = Mutex<Current?>(nil)

    /// - Parameter lifetime: how old a value may be.
    init(for lifetime: Duration) { self.lifetime = lifetime }

    /// The value, gotten if need be.
    func value(_ get: @escaping @Sendable () async -> Value) async -> Value {
        let task = current.withLock { current in
            if let current, current.begun + lifetime > .now { return current.value }
            let task = Task { await get() }
            current = Current(value: task, begun: .now)
            return task
        }
        return await task.value
    }
}
