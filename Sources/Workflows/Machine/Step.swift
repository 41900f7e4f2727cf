import CEL
import Deadlines
import JSON

/// What one input does to an instance.
///
/// All of it is kept, or nothing.
public struct Step: Sendable {
    /// The instance afterwards.
    public var snapshot: Snapshot
    /// Journal entries in order, the first for the input, one more for each `always` edge taken.
    public var entries: [Entry]
    /// Timers to arm and disarm.
    public var timers: [TimerChange]
    /// Outward acts, in order; the ordinal of each is its index.
    public var effects: [Effect]
    /// The answers that the step used, in the order of asking.
    public var reads: [(question: Read, answer: CEL.Value)]
}

/// One entry of the journal.
public struct Entry: Sendable, Equatable {
    /// What an entry records.
    public enum Kind: String, Sendable, CaseIterable {
        /// An edge of the machine was taken: opening, an event (also one that stays), `always`.
        case transition
        /// A task was completed.
        case task
        /// A vote was given.
        case vote
        /// Fields were corrected.
        case correction
        /// A role or task was given to somebody.
        case assignment
        /// Somebody said something.
        case comment
        /// Evidence was attached.
        case evidence
        /// The instance was linked to another.
        case link
        /// An escalation was acknowledged.
        case acknowledgement
        /// The instance was cancelled.
        case cancellation
        /// The instance was suspended or resumed.
        case suspension
        /// A timer fell due, or a stale one was dropped.
        case timer
        /// The parent told values.
        case told
        /// A child reported.
        case report
        /// Clocks were computed anew.
        case recomputation
        /// The instance was taken to a newer version of its definition.
        case upgrade
        /// An input that no person sent failed; it was kept and no move was made.
        case fault
    }

    /// What it records.
    public var kind: Kind
    /// The event; `open` for opening, `always` for eventless edges, the act's name otherwise.
    public var event: String
    /// The state before; empty for opening.
    public var from: String
    /// The state after.
    public var to: String
    /// What followed from it, in order.
    public var notes: [Note]

    /// Creates an entry.
    public init(kind: Kind, event: String, from: String, to: String, notes: [Note] = []) {
        self.kind = kind
        self.event = event
        self.from = from
        self.to = to
        self.notes = notes
    }
}

/// A fact of the machine that followed from an entry.
///
/// Notes name fields and never hold their values.
public enum Note: Sendable, Equatable {
    /// Fields were written.
    case wrote(fields: [String])
    /// A decision table matched rows, counted from 1.
    case decided(String, rows: [Int])
    /// A role passed to people.
    case assigned(role: String, to: [String])
    /// A task opened for people, or for holders of its roles where the list is empty.
    case taskOpened(ItemKey, who: [String])
    /// A task was given to a person.
    case taskAssigned(ItemKey, to: String?)
    /// A task was done.
    case taskDone(ItemKey, by: String)
    /// A task ended with its state.
    case taskCancelled(ItemKey)
    /// An approval opened.
    case approvalOpened(ItemKey, who: [String])
    /// A vote was given.
    case voted(ItemKey, by: String, isApproval: Bool)
    /// An approval was granted.
    case granted(ItemKey)
    /// An approval was refused.
    case refused(ItemKey)
    /// Votes were voided since a covered field changed.
    case voided(ItemKey, field: String)
    /// An approval ended with its state.
    case approvalCancelled(ItemKey)
    /// A round began; due is nil while it waits.
    case clockStarted(ItemKey, round: Int, startedAt: Instant, due: Instant?)
    /// A due instant changed.
    case clockMoved(ItemKey, round: Int, from: Instant?, to: Instant?)
    /// What the law would allow changed.
    case clockLatestMoved(ItemKey, round: Int, from: Instant?, to: Instant?)
    /// A round was paused.
    case clockPaused(ItemKey, round: Int, at: Instant)
    /// A round went on.
    case clockResumed(ItemKey, round: Int, due: Instant?)
    /// The due instant passed.
    case clockOverdue(ItemKey, round: Int, due: Instant)
    /// A round ended as met or missed.
    case clockStopped(ItemKey, round: Int, at: Instant, isMet: Bool)
    /// A round ended as neither.
    case clockCancelled(ItemKey, round: Int)
    /// A rung of a ladder fired; those skipped had passed already.
    case rung(ItemKey, ladder: String, rung: Int, skipped: Int, repetition: Int)
    /// An escalation was acknowledged.
    case acknowledged(ItemKey, by: String)
    /// A stale timer was dropped.
    case staleTimer(ItemKey, generation: Int64)
    /// People were told.
    case notified(template: String, to: [String])
    /// A child was opened.
    case childOpened(ItemKey, instance: Identifier)
    /// A child was told values.
    case childTold(ItemKey, fields: [String])
    /// A child's key is no longer wanted.
    case childDropped(ItemKey, event: String?)
    /// A child's key is wanted again.
    case childKept(ItemKey, event: String?)
    /// A child ended.
    case childEnded(ItemKey, state: String)
    /// An event was sent to an instance.
    case sent(event: String, to: Identifier)
    /// A connector was called.
    case called(connector: String)
    /// An error was met where no person could be told at once.
    case fault(String)
}

/// A change of what stands in the timer table.
///
/// The timer that fires is used up by firing: whoever steps it removes it, and no `disarm` names it.
public enum TimerChange: Sendable, Equatable {
    /// Arm the timer of a clock; those of tasks and approvals are named `task:NAME` and `approval:NAME`.
    case arm(ItemKey, ArmedTimer)
    /// Remove the timer of a clock.
    case disarm(ItemKey, ArmedTimer)
}

/// An outward act, written with the step and delivered after it.
public enum Effect: Sendable, Equatable {
    /// Tell people.
    case notify(Notification)
    /// Open an instance of another workflow; its reference is empty and given by whoever carries this out.
    ///
    /// Where opening is refused, this instance is sent ``Act/openingFailed(_:reason:)``.
    case open(workflow: String, Opening)
    /// Do something to another instance.
    case message(to: Identifier, Input)
    /// Call a connector.
    case call(connector: String, with: [String: CEL.Value])
}

/// What people are told.
public struct Notification: Sendable, Equatable {
    /// Name of the template.
    public var template: String
    /// Persons to tell, without repetition.
    public var recipients: [String]
    /// The line above the text, rendered; nil means that the sender makes one from the instance.
    public var subject: String?
    /// The text, rendered; nil means that the sender makes one from the instance.
    public var body: String?
    /// The clock it is about; nil where it is about the instance.
    public var clock: ItemKey?
    /// The due instant of that clock.
    public var due: Instant?
    /// Whether that due instant has passed.
    public var isOverdue: Bool

    /// Creates a notification.
    public init(
        template: String, recipients: [String], subject: String? = nil, body: String? = nil, clock: ItemKey? = nil,
        due: Instant? = nil, isOverdue: Bool = false
    ) {
        self.template = template
        self.recipients = recipients
        self.subject = subject
        self.body = body
        self.clock = clock
        self.due = due
        self.isOverdue = isOverdue
    }
}
