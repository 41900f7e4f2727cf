extension Definition {
    /// A part that people or organisations play in an instance.
    public struct Role: Sendable {
        /// Who holds the role when an instance opens.
        public enum Initially: Sendable, Equatable {
            /// Whoever opens the instance.
            case opener
            /// Every person eligible.
            case everyone
            /// Whoever is on call on the schedule with this identifier.
            case onCall(String)
        }

        /// Name used in the definition.
        public var name: String
        /// Title that people see.
        public var title: String
        /// Groups whose members are eligible; empty means anyone.
        public var from: [String]
        /// Who holds the role at the start; nil means nobody.
        public var initially: Initially?
        /// Whether several people hold it at once.
        public var many: Bool
        /// Roles that nobody may hold or have acted in together with this one; mutual.
        public var distinctFrom: [String]
        /// Where the role is declared.
        public var position: SourcePosition

        /// Creates a role.
        public init(
            name: String, title: String, from: [String] = [], initially: Initially? = nil, many: Bool = false,
            distinctFrom: [String] = [], position: SourcePosition
        ) {
            self.name = name
            self.title = title
            self.from = from
            self.initially = initially
            self.many = many
            self.distinctFrom = distinctFrom
            self.position = position
        }
    }

    /// What one instance may be in at a time.
    public struct State: Sendable {
        /// Name of the state.
        public var name: String
        /// Title that people see; nil means one made from the name.
        public var title: String?
        /// Events declared in the state itself.
        public var on: [Event]
        /// Eventless edges in order; the first whose guard is true is taken.
        public var always: [Branch]
        /// Actions on entering.
        public var entry: [Action]
        /// Actions on leaving.
        public var exit: [Action]
        /// Units of work that live while the state lasts.
        public var tasks: [Task]
        /// Votes that live while the state lasts.
        public var approvals: [Approval]
        /// Fields and roles that are present while in the state.
        public var requires: [String]
        /// Whether instances end here.
        public var isFinal: Bool
        /// Where the state is declared.
        public var position: SourcePosition

        /// Creates an empty state.
        public init(name: String, position: SourcePosition) {
            self.name = name
            self.position = position
            on = []
            always = []
            entry = []
            exit = []
            tasks = []
            approvals = []
            requires = []
            isFinal = false
        }
    }

    /// The right to change a field after the fact.
    public struct Correction: Sendable {
        /// The field that may be corrected.
        public var field: String
        /// Who may correct it.
        public var allow: [Allowance]
        /// What must be true of the corrected data.
        public var guards: [Guard]
        /// Where the correction is declared.
        public var position: SourcePosition

        /// Creates a correction.
        public init(field: String, allow: [Allowance], guards: [Guard], position: SourcePosition) {
            self.field = field
            self.allow = allow
            self.guards = guards
            self.position = position
        }
    }

    /// What opens instances by itself: one for each occurrence and key.
    public struct Schedule: Sendable {
        /// RFC 5545 recurrence rule.
        public var every: String
        /// First day on which an occurrence may fall, as `YYYY-MM-DD`.
        public var starting: String
        /// IANA name of the time zone; nil means the tenant's.
        public var zone: String?
        /// The elements to open an instance for; nil means one instance an occurrence.
        public var each: Formula?
        /// Distinguishes elements.
        public var key: Formula?
        /// Fields and roles given at opening; `occurrence` is the instant, `item` the element.
        public var with: [Assignment]
        /// Where the schedule is declared.
        public var position: SourcePosition

        /// Creates a schedule.
        public init(
            every: String, starting: String, zone: String?, each: Formula?, key: Formula?, with: [Assignment],
            position: SourcePosition
        ) {
            self.every = every
            self.starting = starting
            self.zone = zone
            self.each = each
            self.key = key
            self.with = with
            self.position = position
        }
    }

    /// What people are told by a `notify`.
    public struct Message: Sendable {
        /// Name that `notify` refers to.
        public var name: String
        /// The line above the text.
        public var subject: Template
        /// The text.
        public var body: Template
        /// Where the message is declared.
        public var position: SourcePosition

        /// Creates a message.
        public init(name: String, subject: Template, body: Template, position: SourcePosition) {
            self.name = name
            self.subject = subject
            self.body = body
            self.position = position
        }
    }
}
