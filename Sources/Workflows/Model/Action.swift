extension Definition {
    /// A name and the expression whose value it takes.
    public struct Assignment: Sendable {
        /// Name of a field or role.
        public var name: String
        /// The value; nil stands for a bare `null`, which unsets.
        public var value: Formula?
        /// Where the assignment stands.
        public var position: SourcePosition

        /// Creates an assignment.
        public init(name: String, value: Formula?, position: SourcePosition) {
            self.name = name
            self.value = value
            self.position = position
        }
    }

    /// What a transition does; each action sees the writes of its predecessors.
    public struct Action: Sendable {
        /// The kinds of action.
        public enum Kind: Sendable {
            /// Writes fields; all values are computed before the first is written.
            case set([Assignment])
            /// Runs decision tables, in order.
            case decide([String])
            /// Gives roles to people.
            case assign([Assignment])
            /// Tells people.
            case notify(to: [Recipient], template: String)
            /// Sends an event to other instances.
            case send(event: String, to: Destination, with: [Assignment])
            /// Calls a connector by its identifier.
            case call(connector: String, with: [Assignment])
        }

        /// Instances that an event is sent to.
        public enum Destination: Sendable {
            /// The instance that opened this one.
            case parent
            /// All children of that name that are not final.
            case children(String)
            /// The instances that an expression yields, such as `related("incident")`.
            case instances(Formula)
        }

        /// What it does.
        public var kind: Kind
        /// Where the action stands.
        public var position: SourcePosition

        /// Creates an action.
        public init(kind: Kind, position: SourcePosition) {
            self.kind = kind
            self.position = position
        }
    }

    /// People as `notify` and `reassign` name them.
    public enum Recipient: Sendable, Hashable {
        /// The holders of a role.
        case role(String)
        /// The leads of the teams of a role's holders.
        case lead(ofRole: String)
        /// The line managers of a role's holders.
        case manager(ofRole: String)
        /// Who is on call on a schedule.
        case onCall(String)
        /// The members of a group.
        case group(String)
        /// One person by identifier.
        case person(String)
    }

    /// A decision table.
    public struct Decision: Sendable {
        /// How many rows may match, and which count.
        public enum HitPolicy: String, Sendable {
            /// The first row that matches.
            case first
            /// Exactly one row may match.
            case unique
            /// All rows that match; each field set becomes a list.
            case collect
        }

        /// Where the rows come from.
        public enum Rows: Sendable {
            /// Rows of the definition.
            case table([Row])
            /// The regimes that apply, from the regime library.
            case regimes
        }

        /// One row.
        public struct Row: Sendable {
            /// Condition; nil always matches.
            public var when: Formula?
            /// Plain values for fields.
            public var then: [(name: String, value: PlainValue)]
            /// Where the row stands.
            public var position: SourcePosition

            /// Creates a row.
            public init(when: Formula?, then: [(name: String, value: PlainValue)], position: SourcePosition) {
                self.when = when
                self.then = then
                self.position = position
            }
        }

        /// Name of the table.
        public var name: String
        /// Hit policy.
        public var hit: HitPolicy
        /// The fields that it sets.
        public var sets: [String]
        /// The rows.
        public var rows: Rows
        /// Where the table is declared.
        public var position: SourcePosition

        /// Creates a decision table.
        public init(name: String, hit: HitPolicy, sets: [String], rows: Rows, position: SourcePosition) {
            self.name = name
            self.hit = hit
            self.sets = sets
            self.rows = rows
            self.position = position
        }
    }
}
