/// Due work whose instance was held by another transaction: timers, or instances with messages.
///
/// Each is tried again after 10 ms, then twice as long, up to a second. One that has waited for two seconds goes into
/// the slow lane: stepped alone, waiting for the lock, one at a time. So lateness has a bound even on an
/// instance that is never at rest. The list holds the items themselves, so marks may pass them.
struct HeldItems<Item: Hashable & Comparable & Sendable>: Sendable {
    private struct Entry: Sendable {
        var since: Duration
        var attempts: Int
        var nextAt: Duration
    }

    /// When an item is tried again.
    static var backoff: Backoff { Backoff(first: .milliseconds(10), factor: 2, longest: .seconds(1)) }
    /// After this long it is stepped alone.
    static var patience: Duration { .seconds(2) }

    private var entries: [Item: Entry] = [:]
    private var isAloneUnderWay = false

    /// How many wait.
    var count: Int { entries.count }

    /// The instance was held.
    mutating func wasLocked(_ item: Item, at now: Duration) {
        var entry = entries[item] ?? Entry(since: now, attempts: 0, nextAt: now)
        entry.attempts += 1
        entry.nextAt = now + Self.backoff.wait(after: entry.attempts)
        entries[item] = entry
    }

    /// It was stepped, or is gone.
    mutating func ended(_ item: Item) {
        if !entries.isEmpty { entries[item] = nil }
    }

    /// Takes those that can be tried again together; each must be reported as locked or ended.
    mutating func takeDue(at now: Duration, limit: Int) -> [Item] {
        let ready = entries.filter { $0.value.nextAt <= now && now - $0.value.since < Self.patience }
        let chosen = ready.sorted { ($0.value.nextAt, $0.key) < ($1.value.nextAt, $1.key) }.prefix(limit)
        for (item, entry) in chosen { entries[item]?.nextAt = now + Self.backoff.wait(after: entry.attempts + 1) }
        return chosen.map(\.key)
    }

    /// Takes the one that has waited longest for the slow lane, unless that is occupied.
    mutating func takeAlone(at now: Duration) -> Item? {
        guard !isAloneUnderWay else { return nil }
        let ready = entries.filter { $0.value.nextAt <= now && now - $0.value.since >= Self.patience }
        guard let oldest = ready.min(by: { ($0.value.since, $0.key) < ($1.value.since, $1.key) }) else {
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
