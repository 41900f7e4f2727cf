extension Definition {
    /// What can be sent to an instance, by whom, with what, and where it leads.
    public struct Event: Sendable {
        /// Name of the event; `open` for the transition into the initial state.
        public var name: String
        /// Title that people see; nil means one made from the name.
        public var title: String?
        /// The states of an event declared at the root; empty for one declared in a state.
        public var states: [String]
        /// Who may send it; empty for `open` means everyone who is signed in.
        public var allow: [Allowance]
        /// Fields and roles that must be sent with it, even if known.
        public var form: [FormItem]
        /// Fields and roles that may be sent with it.
        public var optional: [String]
        /// What must be true of the candidate, in order.
        public var guards: [Guard]
        /// The role whose holder the sender becomes.
        public var takes: String?
        /// Transition actions.
        public var actions: [Action]
        /// Where it leads.
        public var outcome: Outcome
        /// Where the event is declared.
        public var position: SourcePosition

        /// Where an event leads.
        public enum Outcome: Sendable {
            /// The instance stays in its state.
            case stay
            /// To a state; `reenter` must be true when it is the present one.
            case target(String, reenter: Bool)
            /// To the first branch whose guard is true; the last may have none.
            case choose([Branch])
        }

        /// Creates an event.
        public init(name: String, position: SourcePosition) {
            self.name = name
            self.position = position
            states = []
            allow = []
            form = []
            optional = []
            guards = []
            actions = []
            outcome = .stay
        }
    }

    /// One of several ways on.
    public struct Branch: Sendable {
        /// What must be true; nil is always true.
        public var when: Formula?
        /// The state it leads to; nil means to stay.
        public var target: String?
        /// Actions of this branch, after those of the event.
        public var actions: [Action]
        /// Where the branch is declared.
        public var position: SourcePosition

        /// Creates a branch.
        public init(when: Formula?, target: String?, actions: [Action] = [], position: SourcePosition) {
            self.when = when
            self.target = target
            self.actions = actions
            self.position = position
        }
    }

    /// A condition with the sentence to show where it is false.
    public struct Guard: Sendable {
        /// What must be true.
        public var when: Formula
        /// The sentence of `else`; nil means that the expression explains itself.
        public var otherwise: String?

        /// Creates a guard.
        public init(when: Formula, otherwise: String?) {
            self.when = when
            self.otherwise = otherwise
        }
    }

    /// A field or role that an event asks for.
    public struct FormItem: Sendable {
        /// Name of the field or role.
        public var name: String
        /// The item is asked for exactly when this is true; nil means always.
        public var when: Formula?
        /// Where the item stands.
        public var position: SourcePosition

        /// Creates a form item.
        public init(name: String, when: Formula?, position: SourcePosition) {
            self.name = name
            self.when = when
            self.position = position
        }
    }

    /// Who may do something.
    public enum Allowance: Sendable, Hashable {
        /// A holder of a role of the instance.
        case role(String)
        /// A member of a group of the directory.
        case group(String)
        /// The instance that opened this one.
        case parent
        /// An instance that this one opened.
        case child
        /// A system outside, with a token of its own.
        case connector
        /// The schedule of the definition.
        case schedule
        /// A rung of a ladder.
        case ladder
    }
}
