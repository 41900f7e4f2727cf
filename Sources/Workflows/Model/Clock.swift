import Deadlines

extension Definition {
    /// When something begins or ends: in states, on events, or while an expression is true.
    public struct Condition: Sendable {
        /// The kinds of condition.
        public enum Kind: Sendable {
            /// While the instance is in one of these states.
            case states([String])
            /// In a step that takes one of these events.
            case events([String])
            /// While the expression is true.
            case formula(Formula)
        }

        /// What makes it true.
        public var kind: Kind
        /// The instant that counts; nil means that of the step.
        public var at: Formula?
        /// Where the condition stands.
        public var position: SourcePosition

        /// Creates a condition.
        public init(kind: Kind, at: Formula?, position: SourcePosition) {
            self.kind = kind
            self.at = at
            self.position = position
        }
    }

    /// An internal length of time.
    public enum Goal: Sendable, Hashable {
        /// An ISO 8601 duration.
        case period(Period)
        /// Working days of a calendar; nil means the clock's or the tenant's.
        case workingDays(Int, calendar: String?)
        /// Working hours of a calendar, in hours; nil means the clock's or the tenant's.
        case workingHours(Double, calendar: String?)
    }

    /// How a due instant comes about, and what happens around it.
    public struct Timing: Sendable {
        /// The three ways to a due instant.
        public enum Measure: Sendable {
            /// A length of time from the start; computed ones yield a CEL duration or an ISO 8601 text.
            case goal(Choosable<Goal>)
            /// An instant.
            case until(Formula)
            /// A rule of the rule library with what it is told.
            case rule(Choosable<String>, RuleTerms)
        }

        /// What a rule is told.
        public struct RuleTerms: Sendable {
            /// The facts that it asks for.
            public var facts: [Assignment]
            /// A list of maps with `name` and `value`, the text of an input; nil means none.
            public var inputs: Formula?
            /// A list of maps with `kind from until oral`, the suspension and delay orders; nil means none.
            public var orders: Formula?

            /// All formulas.
            var formulas: [Formula] { facts.compactMap(\.value) + [inputs, orders].compactMap { $0 } }
        }

        /// The way to the due instant.
        public var measure: Measure
        /// Identifier of the calendar; nil means the tenant's, for statutory rules the entity's.
        public var calendar: Choosable<String>?
        /// IANA name of the time zone; nil means the tenant's, for statutory rules the entity's.
        public var zone: Choosable<String>?
        /// The ladder; nil means none.
        public var escalation: Choosable<String>?
        /// Where the timing stands.
        public var position: SourcePosition

        /// Creates a timing.
        public init(
            measure: Measure, calendar: Choosable<String>? = nil, zone: Choosable<String>? = nil,
            escalation: Choosable<String>? = nil, position: SourcePosition
        ) {
            self.measure = measure
            self.calendar = calendar
            self.zone = zone
            self.escalation = escalation
            self.position = position
        }
    }

    /// A deadline or service level of an instance.
    public struct Clock: Sendable {
        /// Name of the clock.
        public var name: String
        /// Title that people see; nil means one made from the name.
        public var title: Template?
        /// When a round begins.
        public var start: Condition
        /// Ends a round and begins another.
        public var restart: Condition?
        /// Holds the clock while true; never for a statutory rule.
        public var pause: Condition?
        /// Ends a round as met or missed.
        public var stop: Condition?
        /// Ends a round as neither.
        public var cancel: Condition?
        /// One clock for each element of this list; nil means one.
        public var each: Formula?
        /// Distinguishes elements.
        public var key: Formula?
        /// How its due instant comes about, and its ladder.
        public var timing: Timing
        /// Where the clock is declared.
        public var position: SourcePosition

        /// Creates a clock.
        public init(name: String, start: Condition, timing: Timing, position: SourcePosition) {
            self.name = name
            self.start = start
            self.timing = timing
            self.position = position
        }
    }

    /// A ladder: what happens around a clock's due instant.
    public struct Escalation: Sendable {
        /// Name of the ladder.
        public var name: String
        /// Its rungs in the order of the file.
        public var rungs: [Rung]
        /// Where the ladder is declared.
        public var position: SourcePosition

        /// Creates a ladder.
        public init(name: String, rungs: [Rung], position: SourcePosition) {
            self.name = name
            self.rungs = rungs
            self.position = position
        }
    }

    /// One step of a ladder.
    public struct Rung: Sendable {
        /// When a rung fires.
        public enum Moment: Sendable, Hashable {
            /// When this fraction of the time from start to due has passed, above 0 and below 1.
            case share(Double)
            /// This long before the due instant.
            case before(Period)
            /// This long after the due instant.
            case after(Period)
        }

        /// When it fires.
        public var moment: Moment
        /// Whom it tells.
        public var notify: [Recipient]
        /// Roles that it gives to others.
        public var reassign: [(role: String, to: Recipient)]
        /// The event that it sends to its own instance.
        public var send: String?
        /// How often it fires again until acknowledged.
        public var repeatEvery: Period?
        /// For rounds shorter than this, `before` and `repeatEvery` shrink in proportion; nil means that they never do.
        public var scaledBelow: Period?
        /// Where the rung stands.
        public var position: SourcePosition

        /// Creates a rung.
        public init(
            moment: Moment, notify: [Recipient] = [], reassign: [(role: String, to: Recipient)] = [],
            send: String? = nil,
            repeatEvery: Period? = nil, position: SourcePosition
        ) {
            self.moment = moment
            self.notify = notify
            self.reassign = reassign
            self.send = send
            self.repeatEvery = repeatEvery
            self.position = position
        }
    }
}
