import Workflows

/// Due timers whose step fails: each rests after an attempt, for longer every time, and is then stepped alone.
///
/// After five attempts the instance is suspended, which people see. The timer is tried on: a suspended instance's
/// timers evaluate no formula, so that its ladder climbs. One whose step even then takes the process with it is
/// left alone until somebody resumes the instance.
struct FailingTimers: Sendable {
    /// Names a timer as the list of attempts does.
    struct Key: Hashable, Sendable {
        var tenant: Identifier
        var instance: Identifier
        var generation: Int64
    }

    /// What is known of one timer's attempts.
    struct Record: Sendable, Equatable {
        var attempts: Int
        /// Whether the last attempt was never finished, since the process ended in it.
        var isUnfinished: Bool

        /// Whether its instance is to be suspended before it is tried again.
        var demandsSuspension: Bool { attempts >= Carefulness.attemptsBeforeSuspension }

        /// Whether it is not to be tried at all while its instance is suspended.
        var isDangerous: Bool { isUnfinished && attempts > Carefulness.attemptsBeforeSuspension }
    }

    private struct Entry: Sendable {
        var record: Record
        var nextAt: Duration
        /// Nil until the timer itself has been met.
        var timer: DueTimer?
    }

    /// How long one rests.
    static let backoff = Backoff(first: .seconds(1), factor: 2, longest: .seconds(60))

    private var entries: [Key: Entry]

    /// - Parameter known: What earlier workers have left.
    init(known: [Key: Record] = [:]) {
        entries = known.mapValues { Entry(record: $0, nextAt: .zero, timer: nil) }
    }

    /// Whether a timer is to be left to this list; it is remembered as met.
    mutating func keeps(_ timer: DueTimer) -> Bool {
        guard entries[timer.key] != nil else { return false }
        entries[timer.key]?.timer = timer
        return true
    }

    /// What is known of a timer.
    func record(of timer: DueTimer) -> Record? { entries[timer.key]?.record }

    /// An attempt failed.
    mutating func failed(_ timer: DueTimer, attempts: Int, at now: Duration) {
        entries[timer.key] = Entry(
            record: Record(attempts: attempts, isUnfinished: false),
            nextAt: now + Self.backoff.wait(after: attempts), timer: timer)
    }

    /// It was not tried, and is looked at again after the longest rest.
    mutating func rests(_ timer: DueTimer, at now: Duration) {
        entries[timer.key]?.nextAt = now + Self.backoff.longest
    }

    /// A timer was stepped, or is gone.
    mutating func ended(_ timer: DueTimer) { entries[timer.key] = nil }

    /// The one whose rest has been over for longest.
    func due(at now: Duration) -> DueTimer? {
        entries.values.filter { $0.timer != nil && $0.nextAt <= now }.min { $0.nextAt < $1.nextAt }?.timer
    }

    /// When the next rest is over.
    var nextAt: Duration? { entries.values.filter { $0.timer != nil }.map(\.nextAt).min() }
}

extension DueTimer {
    /// The timer's name in the list of attempts.
    var key: FailingTimers.Key { .init(tenant: tenant, instance: place.instance, generation: place.generation) }
}
