import Workflows

extension Step {
    /// Whether clocks were computed anew and nothing came of it, so that there is nothing to record.
    func isIdle(since before: Snapshot?) -> Bool {
        guard let before, entries.count == 1, let entry = entries.first, entry.kind == .recomputation else {
            return false
        }
        return entry.notes.isEmpty && effects.isEmpty && timers.isEmpty && before.hasSameVariablePart(as: snapshot)
    }
}

extension Snapshot {
    /// Whether what ``variablePart`` holds is equal in both.
    func hasSameVariablePart(as other: Snapshot) -> Bool {
        var copy = other
        copy.sequence = sequence
        copy.state = state
        copy.status = status
        copy.lastAt = lastAt
        return self == copy
    }
}
