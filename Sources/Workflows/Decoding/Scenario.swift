import Deadlines
import JSON

/// A course of events written down, with what is expected on the way: a definition's test.
public struct Scenario: Sendable {
    /// Groups of a person of the scenario.
    public struct Person: Sendable {
        /// Identifier of the person.
        public var id: String
        /// The groups that the person belongs to.
        public var groups: [String]
    }

    /// An answer that stands in for the world outside, by its name such as `regimes`, `related` or `managers`.
    public struct Stub: Sendable {
        /// What is answered.
        public var name: String
        /// The answer.
        public var value: JSON
        /// Where it stands.
        public var position: SourcePosition
    }

    /// When a step happens.
    public enum Moment: Sendable, Hashable {
        /// At an instant.
        case instant(Instant)
        /// This long after the step before.
        case after(Period)
    }

    /// What stands for the schedule where a step says which instance it is about.
    static let scheduled = "schedule"

    /// One of the instance's children in a step, as `NAME/KEY`.
    public typealias ChildKey = ItemKey

    /// What is done in a step.
    public enum Act: Sendable {
        /// The instance is opened with this form.
        case open([String: JSON])
        /// An event is sent with this form.
        case send(String, form: [String: JSON])
        /// A vote in favour.
        case approve(ItemKey)
        /// A vote against.
        case refuse(ItemKey)
        /// A task is completed with this result.
        case complete(ItemKey, result: [String: JSON])
        /// Fields are corrected, for the reason given or a general one.
        case correct([String: JSON], reason: String?)
        /// A child reports: its exported fields, its state if told, and whether it has ended.
        case child(ChildKey, data: [String: JSON], state: String?, isFinal: Bool)
        /// The parent tells what it lets this instance follow.
        case told([String: JSON])
        /// Nothing is done; time passes.
        case wait
    }

    /// Where a clock is expected to stand.
    public enum ClockStatus: String, Sendable, CaseIterable {
        /// Its rule lacks a fact.
        case waiting
        /// It runs and is not overdue.
        case running
        /// It is held.
        case paused
        /// It runs, and its due instant has passed.
        case overdue
        /// Its last round stopped in time.
        case met
        /// Its last round stopped too late.
        case missed
        /// Its last round ended as neither.
        case cancelled
    }

    /// What is expected of a clock.
    public struct ClockExpectation: Sendable {
        /// Name of the clock, or `NAME/KEY`.
        public var clock: ItemKey
        /// Where it stands.
        public var status: ClockStatus?
        /// When it is due.
        public var due: Instant?
        /// How its rounds that have ended did, in order.
        public var rounds: [ClockStatus]?
        /// Where the expectation stands.
        public var position: SourcePosition
    }

    /// What is expected after a step.
    public struct Expectation: Sendable {
        /// The state.
        public var state: String?
        /// Fields with their values; null for one that is unset.
        public var data: [(name: String, value: JSON, position: SourcePosition)] = []
        /// Clocks.
        public var clocks: [ClockExpectation] = []
        /// Keys of the children that are wanted, by the child's name.
        public var children: [(name: String, keys: [String], position: SourcePosition)] = []
        /// Keys of the instances that the schedule has opened since the step before; nil where nothing is said of it.
        public var opened: [String]?
        /// Templates of the notifications that the step sends.
        public var notified: [String]?
        /// A part of the reason for which the step is rejected.
        public var rejected: String?
        /// Texts that occur in the step's log.
        public var log: [String] = []
        /// Where the expectation stands.
        public var position: SourcePosition
    }

    /// One step.
    public struct Step: Sendable {
        /// When it happens; nil means at the instant of the step before.
        public var at: Moment?
        /// The real child that the step is about, by the way there from the scenario's instance; empty for that itself.
        ///
        /// `schedule/KEY` at its beginning is the instance that the schedule opened last for that key.
        public var to: [ItemKey]
        /// Who does it: a person, `parent`, `schedule`, `connector` or `ladder`; nil where that is plain.
        public var by: String?
        /// Answers that hold from this step on.
        public var given: [Stub]
        /// What is done.
        public var act: Act
        /// What is expected then.
        public var expect: Expectation?
        /// Where the step stands.
        public var position: SourcePosition
    }

    /// The workflow it is for.
    public var workflow: String
    /// What it shows, as a title.
    public var title: String
    /// People by identifier, in the order of the file.
    public var people: [Person]
    /// Answers that stand in for the world outside.
    public var given: [Stub]
    /// Whether children are opened in earnest where their workflow is known, or stand there as stubs.
    public var hasRealChildren: Bool
    /// Whether the schedule opens instances by itself as time passes, from the first step on.
    public var hasRealSchedule: Bool
    /// The steps in order.
    public var steps: [Step]
    /// Where the scenario begins.
    public var position: SourcePosition
}
