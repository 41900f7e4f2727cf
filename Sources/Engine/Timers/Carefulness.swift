/// How a worker goes on after one before it died in mid-work.
///
/// A step that traps takes the whole process with it, and a batch does not say which of its timers it was. So the
/// successor steps one timer at a time and commits before each that it is about to try it; if it dies too, the next
/// one knows the suspect. It goes back to batches when the suspect is found, when nothing more is due, or when as many
/// timers went well as can have been under way; should it die all the same, that number doubles.
struct Carefulness: Sendable, Equatable {
    /// Timers still to be stepped one by one.
    private(set) var left: Int

    /// Attempts after which an instance is suspended.
    static let attemptsBeforeSuspension = 5

    /// - Parameters:
    ///   - uncleanExits: Workers that ended without saying so since the last that did.
    ///   - inFlight: The most timers that one worker steps at a time.
    ///   - hasSuspect: Whether an attempt was left unfinished, so that the suspect is known already.
    init(uncleanExits: Int, inFlight: Int, hasSuspect: Bool) {
        left = uncleanExits == 0 || hasSuspect ? 0 : inFlight << min(uncleanExits - 1, 10)
    }

    /// Whether timers are stepped one by one.
    var isCareful: Bool { left > 0 }

    /// A timer was stepped and the process lives.
    mutating func survived() { left = max(0, left - 1) }

    /// Nothing is due any more.
    mutating func foundNothing() { left = 0 }
}
