/// A recurrence in a time zone: a rule, a start, dates added and dates left out (RFC 5545, section 3.8.5).
///
/// Occurrences keep the time by the wall clock. A time that the zone skips moves forward by the gap, of one that it
/// repeats the earlier counts. The start itself is an occurrence only where the rule says so.
public struct Recurrence: Hashable, Sendable {
    /// The rule.
    public let rule: RecurrenceRule
    /// The wall-clock time from which it runs and from which it takes what the rule leaves open.
    public let start: CivilDateTime
    /// The zone.
    public let zone: Zone
    /// Instants added (RDATE), ascending.
    public let added: [Instant]
    /// Instants left out (EXDATE).
    public let removed: Set<Instant>

    /// A recurrence.
    ///
    /// Throws `malformed` where the rule can never give a time of day, such as every second minute from an even one but
    /// only in odd ones.
    public init(
        _ rule: RecurrenceRule, start: CivilDateTime, zone: Zone, added: [Instant] = [], removed: Set<Instant> = []
    ) throws(DeadlineError) {
        (self.rule, self.start, self.zone) = (rule, start, zone)
        (self.added, self.removed) = (added.sorted(), removed)
        guard WallOccurrences.hasTimes(rule, start: wallStart) else {
            throw .malformed(
                kind: "a recurrence", text: "\(rule)", reason: "From \(start) on, its interval never meets its hours.")
        }
    }

    /// A recurrence from texts: a rule and a start, which is a date, a local time or an instant.
    public init(rule: String, starting: String, zone: Zone) throws(DeadlineError) {
        let start: CivilDateTime
        if let date = CivilDate(starting) {
            start = CivilDateTime(date)
        } else if let local = CivilDateTime(starting) {
            start = local
        } else {
            start = zone.local(try Instant(starting))
        }
        try self.init(try RecurrenceRule(rule), start: start, zone: zone)
    }

    fileprivate var wallStart: Int64 { start.localMicroseconds.flooredQuotient(1_000_000) }

    /// The first occurrence after an instant; nil where there is none before the year 10000.
    public func next(after instant: Instant) -> Instant? {
        var iterator = occurrences(after: instant)
        return iterator.next()
    }

    /// The occurrences after an instant, ascending, or all of them.
    ///
    /// Without COUNT, the search begins near that instant, however far from the start it lies.
    public func occurrences(after instant: Instant? = nil) -> Occurrences {
        Occurrences(self, after: instant)
    }

    /// The occurrences from one instant up to, but not including, another; at most that many.
    public func occurrences(from start: Instant, to end: Instant, limit: Int = 10_000) -> [Instant] {
        var result: [Instant] = []
        var iterator = occurrences(after: start.advanced(by: -1))
        while result.count < limit, let next = iterator.next(), next < end { result.append(next) }
        return result
    }
}

/// The occurrences of a recurrence, ascending, each once.
public struct Occurrences: Sequence, IteratorProtocol, Sendable {
    private let recurrence: Recurrence
    private var wall: WallOccurrences
    private var isWallOver = false
    private var after: Instant
    /// Instants known to be next, descending, so that the last is the first.
    private var ready: [Instant] = []
    private var addedIndex = 0

    init(_ recurrence: Recurrence, after instant: Instant?) {
        self.recurrence = recurrence
        after = instant ?? .earliest
        // A gap moves an occurrence by a day at most, and the offset shifts it by another.
        let target = instant.map { $0.seconds - 3 * 86_400 }
        wall = WallOccurrences(recurrence.rule, start: recurrence.wallStart, skippingTo: target)
    }

    /// The next occurrence.
    public mutating func next() -> Instant? {
        while true {
            if ready.isEmpty, !isWallOver { refill() }
            let added = addedIndex < recurrence.added.count ? recurrence.added[addedIndex] : nil
            let candidate: Instant
            if let added, ready.last.map({ added <= $0 }) ?? true {
                (candidate, addedIndex) = (added, addedIndex + 1)
            } else if let ruled = ready.popLast() {
                candidate = ruled
            } else {
                return nil
            }
            guard candidate > after, !recurrence.removed.contains(candidate) else { continue }
            after = candidate
            return candidate
        }
    }

    /// Takes wall-clock times until one is reached that no skipped time before it can overtake.
    private mutating func refill() {
        var batch: [Instant] = []
        while true {
            guard let seconds = wall.next() else {
                isWallOver = true
                break
            }
            let local = CivilDateTime(localMicroseconds: seconds * 1_000_000)
            let instant = recurrence.zone.instant(local)
            if isBeyondEnd(local, instant) {
                isWallOver = true
                break
            }
            batch.append(instant)
            let isShown = recurrence.zone.local(instant) == local
            if isShown, instant >= batch.max() ?? instant { break }
        }
        ready = batch.sorted(by: >)
    }

    private func isBeyondEnd(_ local: CivilDateTime, _ instant: Instant) -> Bool {
        switch recurrence.rule.until {
        case .instant(let end): instant > end
        // The end of a day is the beginning of the next, which is no longer meant.
        case .local(let end) where end.time == .endOfDay: local.localMicroseconds >= end.localMicroseconds
        case .local(let end): local.localMicroseconds > end.localMicroseconds
        case nil: false
        }
    }
}
