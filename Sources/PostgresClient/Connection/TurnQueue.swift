/// Lets callers use a connection one after the other, in the order in which they came.
struct TurnQueue {
    private var isTaken = false
    private var tickets: UInt64 = 0
    private var waiting: [(ticket: UInt64, waiter: CheckedContinuation<Bool, Never>)] = []

    /// Whether it is someone's turn.
    var isBusy: Bool { isTaken }

    /// Whether it was free, and is taken now.
    mutating func takeAtOnce() -> Bool {
        defer { isTaken = true }
        return !isTaken
    }

    fileprivate mutating func newTicket() -> UInt64 {
        tickets += 1
        return tickets
    }

    fileprivate mutating func wait(_ ticket: UInt64, _ waiter: CheckedContinuation<Bool, Never>) {
        waiting.append((ticket, waiter))
    }

    fileprivate mutating func giveUp(_ ticket: UInt64) {
        guard let index = waiting.firstIndex(where: { $0.ticket == ticket }) else { return }
        waiting.remove(at: index).waiter.resume(returning: false)
    }

    /// Ends one's turn; the next in line has it.
    mutating func pass() {
        if waiting.isEmpty { isTaken = false } else { waiting.removeFirst().waiter.resume(returning: true) }
    }
}

extension PostgresConnection {
    /// Waits until no one else uses the connection, which someone does.
    ///
    /// - Throws: `PostgresError.cancelled` when the task was cancelled before its turn came.
    func waitForTurn(cancellable: Bool) async throws(PostgresError) {
        let ticket = turns.newTicket()
        let granted = await withTaskCancellationHandler {
            await withCheckedContinuation { turns.wait(ticket, $0) }
        } onCancel: {
            if cancellable { Task { await self.giveUpTurn(ticket) } }
        }
        if !granted { throw .cancelled }
    }

    private func giveUpTurn(_ ticket: UInt64) { turns.giveUp(ticket) }
}
