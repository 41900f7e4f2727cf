import CEL
import Deadlines
import JSON

/// What the law asks of a tenant in one case: every obligation of its regimes examined for every entity, with reasons.
///
/// A fact that is not known yet never closes a duty: the obligation is *provisional* until it is known.
public struct Examination: Sendable {
    /// How an obligation stands.
    public enum Verdict: String, Sendable {
        /// All its conditions hold.
        case applies
        /// None fails, and something is not known yet.
        case provisional
        /// A condition does not hold.
        case doesNotApply
        /// An exemption ends it.
        case exempt
        /// Its rules are drafts that the tenant has not switched on.
        case draft
        /// Its rules are not, or no longer, in force.
        case inactive

        /// Whether it opens an obligation.
        public var isOpen: Bool { self == .applies || self == .provisional }
    }

    /// One obligation as it was examined for one subject.
    public struct Finding: Sendable {
        /// The regime.
        public var regime: String
        /// The obligation of the library.
        public var obligation: Regime.Obligation
        /// Identifiers of entity, jurisdiction, counterparty, as far as it was examined for them.
        public var subject: [String]
        /// How it stands.
        public var verdict: Verdict
        /// Why, as sentences for people.
        public var reasons: [String]
        /// The obligations that it opens, one for each recipient.
        var opened: [CEL.Value] = []
    }

    /// How an affected jurisdiction ends.
    public struct Coverage: Sendable {
        /// The ends that an affected jurisdiction can come to.
        public enum End: String, Sendable {
            case applies, doesNotApply, draft, notCovered
        }

        /// Its code.
        public var jurisdiction: String
        /// How it ends.
        public var end: End
        /// Why, as a sentence for people.
        public var reason: String
        /// Whether counsel has to find out what it asks.
        public var needsCounsel: Bool
    }

    /// Every obligation examined, in the order of the library.
    public private(set) var findings: [Finding] = []
    /// Every affected jurisdiction, in the order in which they were named.
    public private(set) var coverage: [Coverage] = []

    /// Names that regimes may use: see `docs/definitions/regimes.md`.
    static let environment = Environment(
        variables: [
            "data": .dyn, "entity": .dyn, "affected": .dyn, "people": .dyn, "least": .dyn, "kinds": .dyn,
            "covers": .dyn,
            "authorities": .dyn, "counterparty": .dyn, "jurisdiction": .dyn, "union": .dyn,
        ])

    /// Examines a case.
    ///
    /// - Parameters:
    ///   - facts: what is known of it, a map: among others `affected`, a list of maps with `jurisdiction low high
    ///     kinds encrypted`, and `entities`, the identifiers of those involved; without it, all are.
    ///   - library: all regimes.
    ///   - inForce: identifiers of those that the tenant answers to.
    ///   - parties: entities, authorities and counterparties of the tenant.
    ///   - status: the status of a rule; nil where there is none of that name.
    ///   - drafts: identifiers of draft rules that the tenant has switched on.
    public init(
        of facts: CEL.Value, library: RegimeLibrary, inForce: Set<String>, parties: Parties,
        status: (String) -> RuleStatus?, drafts: Set<String> = []
    ) {
        let examiner = Examiner(facts: facts, parties: parties)
        for regime in library.regimes where inForce.contains(regime.id) {
            let authorities = parties.of(.authority).filter { $0.serves(regime.id) }
            for obligation in regime.obligations {
                let standing = Self.standing(obligation, status, drafts)
                for subject in examiner.subjects(of: obligation) {
                    findings.append(
                        examiner.finding(obligation, of: regime.id, subject, standing, authorities: authorities))
                }
            }
        }
        for code in examiner.jurisdictions { coverage.append(cover(code, library, inForce, examiner)) }
    }

    /// Draft or inactive, where every rule of the obligation is; nil where it counts.
    private static func standing(
        _ obligation: Regime.Obligation, _ status: (String) -> RuleStatus?, _ drafts: Set<String>
    ) -> Verdict? {
        let rules = obligation.stages.map(\.rule)
        if rules.contains(where: { status($0) == .inactive }) { return .inactive }
        return rules.contains { status($0) == .draft && !drafts.contains($0) } ? .draft : nil
    }
}

extension Examination {
    /// The obligations that are open, as fields with `$ref: regimes/obligation` hold them.
    var obligations: CEL.Value { .list(findings.flatMap(\.opened)) }

    /// Every finding, as fields with `$ref: regimes/finding` hold them.
    var verdicts: CEL.Value {
        .list(
            findings.map { finding in
                [
                    "id": .string(([finding.obligation.id] + finding.subject).joined(separator: ":")),
                    "regime": .string(finding.regime), "title": .string(finding.obligation.title),
                    "verdict": .string(finding.verdict.rawValue),
                    "why": .string(finding.reasons.joined(separator: " ")),
                ]
            })
    }

    /// Every affected jurisdiction, as fields with `$ref: regimes/coverage` hold them.
    var jurisdictions: CEL.Value {
        .list(
            coverage.map { coverage in
                [
                    "id": .string(coverage.jurisdiction), "end": .string(coverage.end.rawValue),
                    "why": .string(coverage.reason), "counsel": .bool(coverage.needsCounsel),
                ]
            })
    }

    /// The examination as ``Read/obligations(of:)`` answers it.
    public var value: CEL.Value {
        ["obligations": obligations, "findings": verdicts, "coverage": jurisdictions]
    }
}

extension CEL.Value {
    /// Whether an authority receives what a regime asks; one that names no regimes receives all.
    fileprivate func serves(_ regime: String) -> Bool {
        guard let regimes = member("regimes")?.listValue else { return true }
        return regimes.contains { $0.stringValue == regime }
    }
}
