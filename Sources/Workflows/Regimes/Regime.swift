import CEL
import JSON

/// A body of law or policy, as far as workflows use it: the obligations that it creates, and what filings must contain.
///
/// The rules that compute its deadlines stand in the same file and are read by `Deadlines`.
public struct Regime: Sendable {
    /// Identifier, such as `eu.gdpr`.
    public var id: String
    /// Title that people see.
    public var title: String
    /// Whose residents it protects: jurisdictions such as `de` or `us-ca`; empty where residence does not matter.
    public var covers: Jurisdictions = Jurisdictions([])
    /// How long its records are kept, as an ISO 8601 duration.
    public var retention: String?
    /// Obligations in the order of the file.
    public var obligations: [Obligation] = []
    /// Checklists in the order of the file.
    public var checklists: [Checklist] = []
    /// Numbers of people at which something changes, in the order of the file.
    public var thresholds: [Threshold] = []

    /// A regime without contents.
    public init(id: String, title: String) { (self.id, self.title) = (id, title) }

    /// An obligation: who owes what to whom, when, and in which stages.
    public struct Obligation: Sendable {
        /// Whom it is examined for, one by one.
        public enum Subject: String, CaseIterable, Sendable {
            /// Each legal entity that is involved.
            case entity
            /// Each legal entity that is involved, for each jurisdiction whose residents are affected.
            case jurisdiction
            /// Each counterparty of the legal entities that are involved.
            case counterparty
        }

        /// Identifier within the library, by which the obligation is kept or withdrawn when facts change.
        public var id: String
        /// Title that people see.
        public var title: String
        /// Whom it is examined for.
        public var subject: Subject
        /// Whose residents it is about.
        public var covers: Jurisdictions
        /// Generic name of the recipient, used where `recipients` finds none.
        public var recipient: Sentence
        /// CEL that yields the recipients of the directory, as a list of maps with `id` and `title`.
        public var recipients: Predicate?
        /// When it applies: all of these hold.
        public var applies: [Condition]
        /// What ends it: one of these holds.
        public var exempt: [Condition]
        /// Whether counsel has to find out what exactly it asks.
        public var needsCounsel: Bool
        /// Where the act is to be performed, where the directory does not say it of the recipient; nil means where the
        /// entity sits.
        public var place: Place?
        /// What is filed, in order.
        public var stages: [Stage]
    }

    /// A place by its clock and its holidays.
    public struct Place: Sendable, Hashable {
        /// IANA name of the zone.
        public var zone: String
        /// Identifier of the calendar.
        public var calendar: String?
    }

    /// One filing of an obligation.
    public struct Stage: Sendable {
        /// Identifier within the obligation.
        public var id: String
        /// Title that people see.
        public var title: String
        /// To whom it goes, where that is another than the obligation's recipient.
        public var recipient: Sentence?
        /// Whether it is asked for; nil means always, and while it is not known, it is.
        public var when: Predicate?
        /// The rule that computes its deadline.
        public var rule: String
        /// Inputs of the rule: CEL that yields a bool or the text of an ISO 8601 duration.
        public var inputs: [(name: String, value: Predicate)]
        /// The stage from whose submission it runs; empty where it runs from a fact.
        public var after: String
        /// Whether it is only asked for once somebody says so, such as a report of what the first could not tell.
        public var isOnRequest: Bool
        /// The checklist of what it must contain.
        public var checklist: String
    }

    /// What a filing must contain.
    public struct Checklist: Sendable {
        /// One thing that it must contain.
        public struct Item: Sendable {
            /// Name of the field.
            public var field: String
            /// Title that people see.
            public var title: String
            /// The article that asks for it.
            public var source: String
        }

        /// Identifier, such as `eu.gdpr.33-3`.
        public var id: String
        /// Its items in the authority's order.
        public var items: [Item]
    }

    /// A number of people at which an obligation begins or changes.
    public struct Threshold: Sendable {
        /// What begins.
        public var title: String
        /// Whose residents are counted.
        public var covers: Jurisdictions
        /// The number from which on it begins.
        public var from: Int64
    }
}

extension Regime {
    /// A CEL expression over the names of ``Examination``.
    public struct Predicate: Sendable {
        /// The text and its place.
        public let formula: Formula
        let program: Program

        /// Compiles a formula for the names that regimes may use.
        public init(_ formula: Formula) {
            self.formula = formula
            program = Program(formula.expression, in: Examination.environment)
        }
    }

    /// A condition with the sentences that say what follows from it.
    public struct Condition: Sendable {
        /// What is asked.
        public var when: Predicate
        /// Why it holds, for people.
        public var because: Sentence?
        /// Why it does not hold, for people.
        public var otherwise: Sentence?
    }

    /// A text with `{{CEL}}` over the names of ``Examination``.
    public struct Sentence: Sendable {
        enum Segment: Sendable {
            case text(String)
            case value(Predicate)
        }

        let segments: [Segment]

        /// The sentence that a template writes.
        public init(_ template: Template) {
            segments = template.segments.map { segment in
                switch segment {
                case .text(let text): .text(text)
                case .formula(let formula): .value(Predicate(formula))
                }
            }
        }

        /// All expressions in it.
        var predicates: [Predicate] {
            segments.compactMap { if case .value(let predicate) = $0 { predicate } else { nil } }
        }
    }
}

/// The regimes of a library.
public struct RegimeLibrary: Sendable {
    /// The regimes in the order of their files.
    public var regimes: [Regime]

    /// Creates a library.
    public init(_ regimes: [Regime]) { self.regimes = regimes }

    /// The fields that each checklist demands, by its identifier.
    public var checklists: JSON {
        .object(
            JSONObject(
                regimes.flatMap(\.checklists).map { list in
                    (list.id, JSON.array(list.items.map { .string($0.field) }))
                }))
    }

    /// The checklist of that identifier.
    public func checklist(_ id: String) -> Regime.Checklist? {
        regimes.lazy.flatMap(\.checklists).first { $0.id == id }
    }
}
