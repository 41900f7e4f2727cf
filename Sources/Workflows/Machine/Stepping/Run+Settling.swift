// What every input leads to once it has been taken in: derived fields, clocks, children, and eventless edges.
extension Run {
    /// Steps 5 and 6: settles what stands beside the states, and takes eventless edges while there are any.
    mutating func settle() throws(Halt) {
        var moves = 0
        while true {
            try pass()
            (move, event) = (nil, nil)
            guard try takeAlways() else { return }
            moves += 1
            guard moves < definition.states.count else {
                throw reject(
                    .failed(
                        expression: "always", message: "eventless edges lead in a circle",
                        position: state?.state.position ?? definition.position))
            }
        }
    }

    /// Whether anything may follow from what has changed, of a timer's firing usually nothing.
    var hasConsequences: Bool {
        next.status != .running || state?.hasWork ?? true || !changed.isDisjoint(with: tables.settledInputs)
    }

    private mutating func pass() throws(Halt) {
        try derive()
        noteWrites()
        try demandPresent()
        if let state, state.hasWork, isRunning { try reconcileWork(of: state) }
        try settleClocks()
        if hasEnded { closeClocks() }
        try settleChildren()
        noteWrites()
    }
}
