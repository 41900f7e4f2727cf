import Deadlines

/// A schedule that is followed in virtual time.
struct FollowedSchedule {
    /// What it opens instances of.
    let machine: Machine
    private var occurrences: Occurrences
    /// The first occurrence that has not been passed; nil where there is none left.
    private(set) var next: Instant?
    /// The instance that was opened last, by its key.
    private(set) var latest: [String: Identifier] = [:]
    /// The keys of what was opened since somebody took them, in order.
    private var opened: [String] = []

    /// Follows the schedule of a definition from an instant on; nil where it has none.
    init?(_ machine: Machine, from start: Instant, zones: ZoneDatabase, home: String) throws(DeadlineError) {
        guard let schedule = machine.definition.schedule else { return nil }
        self.machine = machine
        occurrences = try schedule.recurrence(in: zones, home: home).occurrences(after: start.advanced(by: -1))
        pass()
    }

    /// Leaves the present occurrence behind.
    mutating func pass() { next = occurrences.next() }

    /// Remembers what was opened.
    mutating func note(_ id: Identifier, for key: String) {
        latest[key] = id
        opened.append(key)
    }

    /// The keys of what was opened since they were last taken.
    mutating func takeOpened() -> [String] {
        defer { opened = [] }
        return opened
    }
}

extension Identifier {
    /// The identifier of an instance that a simulated schedule opens: of version 7, and another for every number.
    static func scheduled(number: Int, at instant: Instant) -> Identifier {
        let milliseconds = UInt64(max(0, instant.microseconds / 1000)) & 0xFFFF_FFFF_FFFF
        return Identifier(high: milliseconds << 16 | 0x7000, low: 0x8000_0000_0000_0000 | UInt64(number) << 8)
    }
}
