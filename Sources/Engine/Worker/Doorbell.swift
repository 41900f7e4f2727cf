import Synchronization

/// Wakes a loop before its time.
///
/// One loop waits, anybody rings. A ring while nobody waits is kept for the next wait.
final class Doorbell: Sendable {
    private struct State {
        var isRung = false
        var visit: UInt64 = 0
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    /// Ends the present wait, or the next.
    func ring() {
        let waiter = state.withLock { state in
            state.isRung = state.waiter == nil
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }

    /// Waits for a ring, that long at most, or until the task is cancelled.
    func wait(atMost duration: Duration) async {
        guard duration > .zero else { return }
        let visit = state.withLock { state in
            state.visit += 1
            return state.visit
        }
        let alarm = Task {
            try await Task.sleep(for: duration)
            end(visit)
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                let isOver = state.withLock { state in
                    if state.isRung || state.visit != visit || Task.isCancelled { return true }
                    state.waiter = waiter
                    return false
                }
                if isOver { waiter.resume() }
            }
        } onCancel: {
            end(visit)
        }
        state.withLock { $0.isRung = false }
        alarm.cancel()
    }

    /// Ends a wait whose time is up, unless it is over already.
    private func end(_ visit: UInt64) {
        let waiter: CheckedContinuation<Void, Never>? = state.withLock { state in
            guard state.visit == visit else { return nil }
            state.visit += 1
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }
}
