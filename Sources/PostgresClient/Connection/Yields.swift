/// Whether it pays to give the processor away before an answer is waited for.
///
/// It does where client and server share busy processors, and is lost time where one is free.
struct Yields {
    /// How many in a row may be of no use before most are left out.
    private static let patience = 32
    /// Of those left out, one in so many is tried all the same.
    private static let probe = 64

    private var useless = 0
    private var leftOut = 0

    /// Whether to try it now.
    mutating func shouldTry() -> Bool {
        guard useless >= Self.patience else { return true }
        leftOut = (leftOut + 1) % Self.probe
        return leftOut == 0
    }

    /// Takes note of what came of one.
    mutating func note(helped: Bool) { useless = helped ? 0 : min(useless + 1, Self.patience) }
}
