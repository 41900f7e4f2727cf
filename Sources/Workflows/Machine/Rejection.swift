import CEL

/// Why an input was refused.
///
/// Nothing was written.
public enum Rejection: Error, Sendable, Equatable {
    /// The state knows no such event; those it knows follow.
    case unknownEvent(String, state: String, known: [String])
    /// Fields or roles of the form were not sent.
    case missing([String])
    /// Values do not fit the schema.
    case invalid([Problem])
    /// Fields were sent that the event does not take.
    case unexpected([String], allowed: [String])
    /// The actor is none of those allowed.
    case notAllowed(actor: String, allowed: [String])
    /// The actor has a part in a role that must be another's.
    case separation(person: String, role: String, other: String)
    /// A guard is false.
    case guardFalse(sentence: String?, expression: String, because: [String])
    /// An expression failed.
    case failed(expression: String, message: String, position: SourcePosition)
    /// Fields or roles that the new state requires are absent.
    case required([String], state: String)
    /// The instance has ended.
    case alreadyFinal(state: String)
    /// The instance is suspended.
    case suspended
    /// The instance is not where the caller thought.
    case staleVersion(expected: Int64, actual: Int64)
    /// There is no such open task, approval, clock or child.
    case unknownItem(kind: String, ItemKey, open: [ItemKey])
    /// The person is not among those asked.
    case notAsked(person: String, ItemKey)
    /// The person has voted already.
    case votedAlready(person: String, ItemKey)
    /// Nobody eligible may hold the role.
    case notEligible(person: String, role: String, groups: [String])
    /// The definition does not allow the field to be corrected, or not by this actor.
    case notCorrectable(field: String, correctable: [String])

    /// An upgrade would take something from the instance without a word.
    case stranded([Upgrade.Need])

    /// A question beyond the instance, such as one for a calendar, could not be answered.
    case unanswered(String)

    /// One value that does not fit.
    public struct Problem: Sendable, Equatable {
        /// Path of the value, such as `window.from`.
        public var path: String
        /// What is wrong and what would be right.
        public var message: String

        /// Creates a problem.
        public init(path: String, message: String) {
            self.path = path
            self.message = message
        }
    }
}
