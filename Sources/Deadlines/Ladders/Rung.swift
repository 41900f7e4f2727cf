/// When a step of a ladder around a due instant is taken.
public enum RungMoment: Hashable, Sendable {
    /// When that part of the time from start to due has passed, above 0 and below 1.
    case share(Double)
    /// That long before the due instant.
    case before(Period)
    /// That long after the due instant; the empty period means at it.
    case after(Period)

    /// The instant of the step for a clock; periods in days keep the time by the zone's wall clock.
    ///
    /// A step before the due instant of a short clock may lie before its start; whoever arms it takes the latest of
    /// those already past. Throws `outOfRange`.
    public func instant(start: Instant, due: Instant, zone: Zone) throws(DeadlineError) -> Instant {
        switch self {
        case .share(let share):
            let span = Double(due.microseconds - start.microseconds)
            guard share.isFinite, abs(span * share) < 9e18 else { throw .outOfRange("The share \(share)") }
            return try start.adding(microseconds: Int64(span * share))
        case .before(let period): return try zone.adding(-period, to: due)
        case .after(let period): return try zone.adding(period, to: due)
        }
    }
}

extension RungMoment {
    /// Reads the share of `share: 50%`; throws `malformed` outside 0 % to 100 %.
    public static func share(_ text: String) throws(DeadlineError) -> RungMoment {
        guard text.hasSuffix("%"), let percent = Double(text.dropLast()), percent > 0, percent < 100 else {
            throw .malformed(kind: "a share", text: text, reason: "Write it as 50%, above 0% and below 100%.")
        }
        return .share(percent / 100)
    }
}
