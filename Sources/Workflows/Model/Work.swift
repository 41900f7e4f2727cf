extension Definition {
    /// A unit of human work that lives while its state lasts.
    public struct Task: Sendable {
        /// Name of the task.
        public var name: String
        /// Title that people see.
        public var title: Template
        /// Roles whose holders may do it; empty where ``who`` says it.
        public var from: [String]
        /// Yields the identifier of the person, or of several, who may do it.
        public var who: Formula?
        /// One task for each element of this list; nil means one.
        public var each: Formula?
        /// Distinguishes elements.
        public var key: Formula?
        /// Fields of the result.
        public var result: [Field]
        /// When it is due.
        public var due: Timing?
        /// Where the task is declared.
        public var position: SourcePosition

        /// Creates a task.
        public init(
            name: String, title: Template, from: [String] = [], who: Formula? = nil, each: Formula? = nil,
            key: Formula? = nil, result: [Field] = [], due: Timing? = nil, position: SourcePosition
        ) {
            self.name = name
            self.title = title
            self.from = from
            self.who = who
            self.each = each
            self.key = key
            self.result = result
            self.due = due
            self.position = position
        }
    }

    /// A vote that lives while its state lasts.
    public struct Approval: Sendable {
        /// Name of the approval.
        public var name: String
        /// Title that people see.
        public var title: Template
        /// Roles whose holders may vote; empty where ``who`` says it.
        public var from: [String]
        /// Yields the identifier of the person, or of several, who may vote.
        public var who: Formula?
        /// One vote for each element of this list; nil means one.
        public var each: Formula?
        /// Distinguishes elements.
        public var key: Formula?
        /// Votes in favour that grant it; at least 1.
        public var quorum: Int
        /// Votes against that refuse it; at least 1.
        public var refusals: Int
        /// Fields whose change voids the votes.
        public var covers: [String]
        /// When it is due.
        public var due: Timing?
        /// Where the approval is declared.
        public var position: SourcePosition

        /// Creates an approval.
        public init(
            name: String, title: Template, from: [String] = [], who: Formula? = nil, each: Formula? = nil,
            key: Formula? = nil, quorum: Int = 1, refusals: Int = 1, covers: [String] = [], due: Timing? = nil,
            position: SourcePosition
        ) {
            self.name = name
            self.title = title
            self.from = from
            self.who = who
            self.each = each
            self.key = key
            self.quorum = quorum
            self.refusals = refusals
            self.covers = covers
            self.due = due
            self.position = position
        }
    }

    /// An instance of another workflow that this one opens, one for each key wanted.
    public struct Child: Sendable {
        /// Name by which this definition refers to it.
        public var name: String
        /// The workflow to open.
        public var workflow: String
        /// From when its keys are wanted.
        public var start: Condition
        /// From when they are not.
        public var stop: Condition?
        /// One child for each element of this list; nil means one.
        public var each: Formula?
        /// Distinguishes elements.
        public var key: Formula?
        /// Fields and roles copied at opening.
        public var with: [Assignment]
        /// Fields sent again whenever they change; read-only in the child.
        public var follow: [Assignment]
        /// Event sent to a child whose key is no longer wanted.
        public var drop: String?
        /// Event sent to a child whose key is wanted again before it ended.
        public var keep: String?
        /// Where the child is declared.
        public var position: SourcePosition

        /// Creates a child rule.
        public init(name: String, workflow: String, start: Condition, position: SourcePosition) {
            self.name = name
            self.workflow = workflow
            self.start = start
            self.position = position
            with = []
            follow = []
        }
    }
}
