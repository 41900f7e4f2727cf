import Workflows

/// Due timers whose instance was held by another transaction.
///
/// Each is tried again after 10 ms, then twice as long, up to a second. One that has waited for two seconds goes into
/// the slow lane: stepped alone, waiting for the lock, one at a time. So lateness has a bound even on an
/// instance that is never at rest. The list holds the timers themselves, so marks may pass them.
struct LockedTimers: Sendable {
    private struct Entry: Sendable {
        var since: Duration
        var attempts: Int
        var nextAt: Duration
    }

    /// When a timer is tried again.
    static let backoff = Backoff(first: .milliseconds(10), factor: 2, longest: .seconds(1))
    /// After this long it is stepped alone.
    static let patience = Duration.seconds(2)

    private var entries: [DueTimer: Entry] = [:]
    private var isAloneUnderWay = false

    /// How many wait.
    var count: Int { entries.count }

    /// The instance of a timer was held.
    mutating func wasLocked(_ timer: DueTimer, at now: Duration) {
        var entry = entries[timer] ?? Entry(since: now, attempts: 0, nextAt: now)
        entry.attempts += 1
        entry.nextAt = now + Self.backoff.wait(after: entry.attempts)
        entries[timer] = entry
    }

    /// A timer was stepped, or is gone.
    mutating func ended(_ timer: DueTimer) { entries[timer] = nil }

    /// Takes those that can be tried again together; each must be reported as locked or ended.
    mutating func takeDue(at now: Duration, limit: Int) -> [DueTimer] {
        let ready = entries.filter { $0.value.nextAt <= now && now - $0.value.since < Self.patience }
        let chosen = ready.sorted { ($0.value.nextAt, $0.key.place) < ($1.value.nextAt, $1.key.place) }.prefix(limit)
        for (timer, entry) in chosen { entries[timer]?.nextAt = now + Self.backoff.wait(after: entry.attempts + 1) }
        return chosen.map(\.key)
    }

    /// Takes the one that has waited longest for the slow lane, unless that is occupied.
    mutating func takeAlone(at now: Duration) -> DueTimer? {
        guard !isAloneUnderWay else { return nil }
        let ready = entries.filter { $0.value.nextAt <= now && now - $0.value.since >= Self.patience }
        guard let oldest = ready.min(by: { ($0.value.since, $0.key.place) < ($1.value.since, $1.key.place) }) else {
            return nil
        }
        isAloneUnderWay = true
        return oldest.key
    }

    /// The slow lane is free again.
    mutating func aloneEnded() { isAloneUnderWay = false }

    /// When the next can be tried; nil when none waits, or all wait for the slow lane to be free.
    var nextAt: Duration? {
        entries.values.filter { !isAloneUnderWay || $0.nextAt - $0.since < Self.patience }.map(\.nextAt).min()
    }
}
