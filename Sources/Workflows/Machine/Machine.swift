/// A definition made ready to run: expressions compiled, names resolved.
///
/// A machine is a value without state of its own; one is made for each version of a definition and used by every
/// thread.
public struct Machine: Sendable {
    /// The definition it runs.
    public let definition: Definition
}

/// What stepping leads to.
public enum Outcome: Sendable {
    /// The step was made.
    case stepped(Step)
    /// These questions must be answered first; see ``Read``.
    case needs([Read])
}
