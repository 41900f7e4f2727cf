import CEL
import JSON

/// A body of law or policy, as far as workflows use it: the obligations that it creates, and what filings must contain.
///
/// The rules that compute its deadlines stand in the same file and are read by `Deadlines`.
public struct Regime: Sendable {
    /// An obligation: to whom something is owed, when, and in which stages.
    public struct Obligation: Sendable {
        /// Identifier within an instance, by which the obligation is kept or withdrawn when facts change.
        public var id: String
        /// Title that people see.
        public var title: String
        /// To whom it is owed.
        public var recipient: String
        /// When it applies: CEL over `data`.
        public var applies: Formula
        /// What is filed, in order.
        public var stages: [Stage]
    }

    /// One filing of an obligation.
    public struct Stage: Sendable {
        /// Identifier within the obligation.
        public var id: String
        /// Title that people see.
        public var title: String
        /// The rule that computes its deadline.
        public var rule: String
        /// The stage from whose submission it runs; empty where it runs from a fact.
        public var after: String
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

    /// Identifier, such as `eu.gdpr`.
    public var id: String
    /// Title that people see.
    public var title: String
    /// Obligations in the order of the file.
    public var obligations: [Obligation]
    /// Checklists in the order of the file.
    public var checklists: [Checklist]
}

extension Regime.Obligation {
    /// The obligation as ``Read/regimes`` answers it.
    func json(regime: String) -> JSON {
        let stages = stages.map { stage in
            JSON.object([
                "id": .string(stage.id), "title": .string(stage.title), "rule": .string(stage.rule),
                "after": .string(stage.after), "checklist": .string(stage.checklist),
            ])
        }
        return [
            "id": .string(id), "regime": .string(regime), "recipient": .string(recipient),
            "applies": .string(applies.source), "stages": .array(stages),
        ]
    }
}

/// The regimes that a tenant answers to.
public struct RegimeLibrary: Sendable {
    /// The regimes in the order of their files.
    public var regimes: [Regime]

    /// Creates a library.
    public init(_ regimes: [Regime]) {
        self.regimes = regimes
    }

    /// The same library with only the regimes of these identifiers.
    public func limited(to ids: some Collection<String>) -> RegimeLibrary {
        RegimeLibrary(regimes.filter { ids.contains($0.id) })
    }

    /// All obligations, as ``Read/regimes`` answers them.
    public var obligations: JSON {
        .array(regimes.flatMap { regime in regime.obligations.map { $0.json(regime: regime.id) } })
    }

    /// The fields that each checklist demands, by its identifier.
    public var checklists: JSON {
        .object(
            JSONObject(
                regimes.flatMap(\.checklists).map { list in
                    (list.id, JSON.array(list.items.map { .string($0.field) }))
                }))
    }
}
