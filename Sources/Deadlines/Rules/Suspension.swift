/// A suspension or delay that a rule knows: by which article, from whom, and what it does.
public struct Suspension: Hashable, Sendable {
    /// Its name, `law-enforcement`.
    public var name: String
    /// What it does.
    public var effect: Effect
    /// The article that allows it.
    public var article: String
    /// Who may order it.
    public var issuer: String
    /// How long an oral order lasts at most; nil means no limit.
    public var oralLimit: Period?
    /// How long the first, second … order lasts at most, the last of these for all further ones; empty means no limit.
    public var limits: [Period]
    /// Whether the law is disputed here.
    public var isDisputed: Bool

    /// What an order does to the figures.
    public enum Effect: String, CaseIterable, Hashable, Sendable {
        /// Its days are added to both figures.
        case toll
        /// Both figures move to its end, never earlier.
        case postpone
        /// Its days are added to the second figure alone.
        case latestOnly = "latest-only"
    }

    /// A suspension of that name.
    public init(
        name: String, effect: Effect, article: String, issuer: String, oralLimit: Period? = nil, limits: [Period] = [],
        isDisputed: Bool = false
    ) {
        (self.name, self.effect, self.article, self.issuer) = (name, effect, article, issuer)
        (self.oralLimit, self.limits, self.isDisputed) = (oralLimit, limits, isDisputed)
    }
}

/// A recorded suspension or delay order.
public struct Order: Hashable, Sendable {
    /// The suspension's name in the rule, or its effect where the rule knows one such suspension only.
    public var suspension: String
    /// When it begins.
    public var from: Instant
    /// When it ends; nil while that is not known.
    public var until: Instant?
    /// Whether it was given by word of mouth only.
    public var isOral: Bool

    /// An order from one instant until another.
    public init(_ suspension: String, from: Instant, until: Instant?, isOral: Bool = false) {
        (self.suspension, self.from, self.until, self.isOral) = (suspension, from, until, isOral)
    }

    /// Reads `KIND=FROM/UNTIL`; each end is an instant, or a date whose first, for UNTIL whose last, moment is meant.
    ///
    /// An empty UNTIL means that the end is not known yet; `KIND:oral` marks an oral order. Throws `malformed`.
    public init(_ text: String, zone: Zone) throws(DeadlineError) {
        let halves = text.split(separator: "=", maxSplits: 1).map(String.init)
        let ends = halves.last?.split(separator: "/", omittingEmptySubsequences: false).map(String.init) ?? []
        guard halves.count == 2, ends.count == 2 else {
            throw .malformed(
                kind: "an order", text: text,
                reason: "Write it as law-enforcement=2026-12-01T09:00:00Z/2026-12-15T09:00:00Z.")
        }
        let name = halves[0].split(separator: ":").map(String.init)
        (suspension, isOral) = (name.first ?? "", name.last == "oral" && name.count > 1)
        if let date = CivilDate(ends[0]) { from = zone.start(of: date) } else { from = try Instant(ends[0]) }
        if ends[1].isEmpty {
            until = nil
        } else if let date = CivilDate(ends[1]) {
            until = zone.end(of: date)
        } else {
            until = try Instant(ends[1])
        }
        guard until ?? from >= from else {
            throw .malformed(kind: "an order", text: text, reason: "It ends before it begins.")
        }
    }
}
