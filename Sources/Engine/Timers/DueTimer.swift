import Deadlines
import Workflows

/// Where a timer stands in the order in which its tenant's timers fall due.
struct TimerPlace: Hashable, Comparable, Sendable {
    var dueAt: Instant
    var instance: Identifier
    var generation: Int64

    static func < (left: TimerPlace, right: TimerPlace) -> Bool {
        (left.dueAt, left.instance, left.generation) < (right.dueAt, right.instance, right.generation)
    }

    /// The place before every timer that falls due at an instant or later.
    static func before(_ instant: Instant) -> TimerPlace {
        TimerPlace(dueAt: instant, instance: Identifier(high: 0, low: 0), generation: .min)
    }

    /// The place just before this one.
    var predecessor: TimerPlace {
        generation > .min ? TimerPlace(dueAt: dueAt, instance: instance, generation: generation - 1) : self
    }
}

/// A timer that has fallen due.
struct DueTimer: Hashable, Comparable, Sendable {
    var tenant: Identifier
    var place: TimerPlace
    var item: ItemKey

    static func < (left: DueTimer, right: DueTimer) -> Bool {
        (left.place, left.tenant) < (right.place, right.tenant)
    }

    /// The step that the timer asks for, which takes the timer away.
    var command: Command {
        Command(
            tenant: tenant, target: .instance(place.instance),
            input: Input(actor: .worker, act: .timer(item, generation: place.generation)),
            origin: .timer(place.instance, ArmedTimer(generation: place.generation, dueAt: place.dueAt)))
    }
}
