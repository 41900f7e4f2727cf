import CEL
import Deadlines

/// All that the machine knows of one instance between two steps.
public struct Snapshot: Sendable, Equatable {
    /// What an instance counts as.
    public enum Kind: String, Sendable {
        /// It happened.
        case real
        /// An exercise: never reaches addresses outside, never counts in figures.
        case exercise
        /// Entered after the fact.
        case backfilled
    }

    /// Whether an instance still moves.
    public enum Status: String, Sendable {
        /// It takes events.
        case running
        /// Held by a person or after repeated failures; clocks run on and are recorded late.
        case suspended
        /// It reached a final state.
        case final
        /// It was ended with a reason.
        case cancelled
    }

    /// The instance that opened this one.
    public struct Parent: Sendable, Equatable {
        /// The parent.
        public var instance: Identifier
        /// The rule of the parent's definition, and the element.
        public var child: ItemKey

        /// Creates a link to a parent.
        public init(instance: Identifier, child: ItemKey) {
            self.instance = instance
            self.child = child
        }
    }

    /// The instance.
    public var id: Identifier
    /// The reference that people see, such as `INC-2026-0042`.
    public var reference: String
    /// What it counts as.
    public var kind: Kind
    /// The instance that opened it; nil for one opened by itself.
    public var parent: Parent?
    /// Number of the last journal entry; the first entry is 1.
    public var sequence: Int64
    /// The present state.
    public var state: String
    /// Whether it still moves.
    public var status: Status
    /// When it was opened, by the database's clock.
    public var openedAt: Instant
    /// The instant of the last step, by the database's clock.
    public var lastAt: Instant
    /// Fields that are set.
    public var data: Ordered<String, CEL.Value>
    /// Fields that were given as known by the parent and are read-only here.
    public var followed: Set<String>
    /// Checklist fields that still lack contents: kept in ``data``, but absent to formulas, forms and `requires`.
    public var incomplete: Set<String>
    /// Present holders of each role, in the order in which they took it.
    public var holders: Ordered<String, [String]>
    /// Everyone who ever held each role, acted in it, or for whom another did.
    public var acted: Ordered<String, Set<String>>
    /// Open tasks, and results of those completed.
    public var tasks: Ordered<ItemKey, TaskRecord>
    /// Open and decided approvals.
    public var approvals: Ordered<ItemKey, ApprovalRecord>
    /// Rounds of each clock, the present one last.
    public var clocks: Ordered<ItemKey, ClockRecord>
    /// Children by rule and element.
    public var children: Ordered<ItemKey, ChildRecord>
    /// Names of the child rules that stand between their start and their stop.
    public var wanted: Set<String>
    /// Conditions that were true after the last step, as far as something begins when they turn true.
    public var held: Set<String>
    /// Whether the last input was kept although what should have followed from it failed; the next one retries.
    public var isUnsettled: Bool
    /// Numbers given out for timers and messages, so that each has an identifier of its own.
    public var issued: Int64
}

/// What is known of one task.
public struct TaskRecord: Sendable, Equatable {
    /// Where a task stands.
    public enum Status: String, Sendable {
        /// Waiting for a person.
        case open
        /// Done; the result stays.
        case done
        /// Its state was left before it was done.
        case cancelled
    }

    /// Where it stands.
    public var status: Status
    /// The title, interpolated when it opened.
    public var title: String
    /// The element it is for; nil where there is only one.
    public var item: CEL.Value?
    /// Persons who may do it; empty where any holder of its roles may.
    public var who: [String]
    /// The person it was assigned to; nil means any of those eligible.
    public var assignee: String?
    /// When it opened.
    public var openedAt: Instant
    /// Who did it.
    public var doneBy: String?
    /// When it was done.
    public var doneAt: Instant?
    /// The fields of its result.
    public var result: [String: CEL.Value]
}

/// What is known of one approval.
public struct ApprovalRecord: Sendable, Equatable {
    /// Where an approval stands.
    public enum Status: String, Sendable {
        /// Votes are taken.
        case open
        /// The quorum was reached.
        case granted
        /// The refusals were reached.
        case refused
        /// Its state was left before it was decided.
        case cancelled
    }

    /// One person's vote.
    public struct Vote: Sendable, Equatable {
        /// Whose vote it is.
        public var person: String
        /// Who gave it for them; nil means they did themselves.
        public var castBy: String?
        /// In favour or against.
        public var isApproval: Bool
        /// When.
        public var at: Instant
    }

    /// Where it stands.
    public var status: Status
    /// The title, interpolated when it opened.
    public var title: String
    /// The element it is for; nil where there is only one.
    public var item: CEL.Value?
    /// Persons who may vote; empty where holders of its roles may.
    public var who: [String]
    /// When it opened.
    public var openedAt: Instant
    /// Valid votes in the order given.
    public var votes: [Vote]
}

/// What is known of one clock.
public struct ClockRecord: Sendable, Equatable {
    /// How a round ended, or that it has not.
    public enum Status: String, Sendable {
        /// Its rule lacks a fact.
        case waiting
        /// It runs.
        case running
        /// It is held.
        case paused
        /// It stopped at or before its due instant.
        case met
        /// It stopped after its due instant.
        case missed
        /// It ended as neither.
        case cancelled
    }

    /// One run of the clock, from start to stop.
    public struct Round: Sendable, Equatable {
        /// Where the round stands.
        public var status: Status
        /// The title, interpolated when it began.
        public var title: String
        /// The instant that counts as its start.
        public var startedAt: Instant
        /// Whether it began by `restart`, whose `at` then says from when it counts.
        public var isRestarted: Bool
        /// The instant by which it has to stop; nil while it waits.
        public var due: Instant?
        /// What the statute would allow; nil where the rule knows no second figure.
        public var latest: Instant?
        /// What ``due`` was computed from, so that an unchanged question is not asked again.
        public var basis: DeadlineQuestion?
        /// When it was paused last; nil unless paused.
        public var pausedAt: Instant?
        /// Earlier pauses in ascending order, as far as they move an internal goal.
        public var pauses: [Pause]
        /// The instant that counts as its end.
        public var endedAt: Instant?
        /// Whether the due instant has passed while it ran.
        public var isOverdue: Bool
        /// The ladder it climbs; nil means none.
        public var ladder: String?
        /// Up to which instant the ladder has been climbed: what lies behind it has fired or was passed over; nil
        /// before the first firing.
        public var climbedTo: Instant?
        /// Who acknowledged the escalation, which ends repetition.
        public var acknowledgedBy: String?
        /// The armed timer; nil means none.
        public var timer: ArmedTimer?
    }

    /// The latest rounds but the last, which stands by itself since it alone changes.
    public internal(set) var earlier: [Round]
    /// The last round, the only one that may be open; nil where there is none.
    public internal(set) var last: Round?
    /// How many earlier rounds are no longer kept.
    public var forgotten: Int

    /// How many rounds a record keeps.
    public static let keptRounds = 8

    /// Creates a record.
    public init(rounds: [Round] = [], forgotten: Int = 0) {
        earlier = rounds
        last = earlier.popLast()
        self.forgotten = forgotten
    }

    /// The latest rounds, at most ``keptRounds``, the open one last; the journal knows all of them.
    public var rounds: [Round] { last.map { earlier + [$0] } ?? [] }

    /// A round that is kept, by its number from 1.
    public func round(_ number: Int) -> Round? {
        let place = number - forgotten - 1
        return place == earlier.count ? last : earlier.indices.contains(place) ? earlier[place] : nil
    }

    /// Whether a round is open.
    public var isOpen: Bool { last?.isOpen ?? false }

    /// The round that is open, if one is.
    public var open: Round? { isOpen ? last : nil }
}

/// What is known of one child.
public struct ChildRecord: Sendable, Equatable {
    /// Where a child stands.
    public enum Status: String, Sendable {
        /// It runs, and its key is wanted.
        case wanted
        /// It runs, and its key is no longer wanted.
        case dropped
        /// It has ended.
        case ended
        /// It ended after its key was no longer wanted; should the key be wanted again, a new one is opened.
        case withdrawn
    }

    /// Where it stands.
    public var status: Status
    /// The instance.
    public var instance: Identifier
    /// The element it was opened for; nil where there is only one.
    public var item: CEL.Value?
    /// Its state as last reported; nil before the first report.
    public var state: String?
    /// Its exported fields as last reported.
    public var exports: [String: CEL.Value]
    /// The values of `follow` as last sent.
    public var followed: [String: CEL.Value]
}

/// A stretch of time in which a clock was held.
public struct Pause: Sendable, Hashable {
    /// When it began.
    public var from: Instant
    /// When it ended.
    public var until: Instant

    /// Creates a pause.
    public init(from: Instant, until: Instant) {
        self.from = from
        self.until = until
    }
}

/// A timer that stands in the database.
public struct ArmedTimer: Sendable, Equatable {
    /// Number within the instance; a timer with another number than the armed one is stale.
    public var generation: Int64
    /// When it falls due.
    public var dueAt: Instant

    /// Creates a record of an armed timer.
    public init(generation: Int64, dueAt: Instant) {
        self.generation = generation
        self.dueAt = dueAt
    }
}
