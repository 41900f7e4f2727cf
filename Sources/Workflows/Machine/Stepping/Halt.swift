/// Why a step cannot go on.
enum Halt: Error {
    /// The input is refused.
    case rejected(Rejection)
    /// Something outside must be known first.
    case needs
}
