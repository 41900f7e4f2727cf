/// A time zone of the IANA database: when its clocks were, are and will be how far from UTC.
public final class Zone: Sendable {
    /// The IANA name, `Europe/Berlin`.
    public let id: String
    /// The version of the time zone data it was read from, `2025b`.
    public let version: String

    /// `starts[i]` is the instant, in seconds since 1970 UTC, from which `offsets[i]` applies; `starts[0]` is the past
    /// without end.
    private let starts: [Int64]
    private let offsets: [Int]
    /// From here on the last 400 years repeat, where the zone has a rule for the future.
    private let cycleStart: Int64

    /// UTC, which needs no file.
    public static let utc = Zone(id: "UTC", version: "", initialOffset: 0, transitions: [], cycles: false)

    /// A Gregorian cycle: 400 years are a whole number of weeks, so every rule of weekdays repeats.
    static let cycle: Int64 = 146_097 * 86_400

    /// A zone with those changes of offset, ascending; where it cycles, the last 400 years of them repeat for ever.
    init(id: String, version: String, initialOffset: Int, transitions: [(at: Int64, offset: Int)], cycles: Bool) {
        self.id = id
        self.version = version
        var (starts, offsets) = ([Int64.min], [initialOffset])
        for transition in transitions where transition.offset != offsets[offsets.count - 1] {
            starts.append(transition.at)
            offsets.append(transition.offset)
        }
        (self.starts, self.offsets) = (starts, offsets)
        cycleStart = cycles ? (transitions.last?.at ?? .max) : .max
    }

    /// The offset from UTC at an instant, in seconds, positive east of Greenwich.
    public func offset(at instant: Instant) -> Int {
        offsets[segment(at: folded(instant.seconds).seconds)]
    }

    /// What the wall clock shows at an instant.
    public func local(_ instant: Instant) -> CivilDateTime {
        CivilDateTime(localMicroseconds: instant.microseconds + Int64(offset(at: instant)) * 1_000_000)
    }

    /// The day at an instant.
    public func date(_ instant: Instant) -> CivilDate { local(instant).date }

    /// Which instant is meant where the wall clock shows a time twice.
    public enum Repeated: Sendable {
        /// The first of the two; the usual choice.
        case earlier
        /// The second of the two.
        case later
    }

    /// Which instant is meant where the wall clock skips a time.
    public enum Skipped: Sendable {
        /// As much later as the clock was put forward: 02:30 becomes 03:30; the usual choice.
        case forward
        /// The instant at which the clock was put forward.
        case change
    }

    /// The instant at which the wall clock shows that date and time.
    ///
    /// A time that is skipped moves forward by the length of the gap, of a time that is shown twice the earlier is
    /// taken, unless asked otherwise. Both as in RFC 5545, section 3.3.5.
    public func instant(
        _ local: CivilDateTime, repeated: Repeated = .earlier, skipped: Skipped = .forward
    ) -> Instant {
        let micros = local.localMicroseconds
        let (wall, shift) = folded(micros.flooredQuotient(1_000_000))
        switch resolution(ofWall: wall, repeated: repeated) {
        case .shown(let offset):
            return Instant(microseconds: micros - Int64(offset) * 1_000_000)
        case .skipped(let before, let change):
            return skipped == .change
                ? Instant(seconds: change + shift) : Instant(microseconds: micros - Int64(before) * 1_000_000)
        }
    }

    /// The first instant of a day.
    public func start(of date: CivilDate) -> Instant { instant(CivilDateTime(date)) }

    /// The end of a day, which is the first instant of the next.
    public func end(of date: CivilDate) -> Instant { start(of: date.adding(days: 1)) }

    private enum Resolution {
        case shown(offset: Int)
        case skipped(before: Int, change: Int64)
    }

    private func resolution(ofWall wall: Int64, repeated: Repeated) -> Resolution {
        // Offsets are less than 26 hours, so only segments near the wall time can matter.
        let first = segment(at: wall - 93_600)
        var found: Resolution?
        var index = first
        while index < starts.count, index == first || starts[index] - 93_600 <= wall {
            let (offset, start) = (offsets[index], starts[index])
            if index > first, found == nil {
                let before = offsets[index - 1]
                let gap = start + Int64(before)..<max(start + Int64(before), start + Int64(offset))
                if gap.contains(wall) { return .skipped(before: before, change: start) }
            }
            let instant = wall - Int64(offset)
            let end = index + 1 < starts.count ? starts[index + 1] : Int64.max
            if instant >= start, instant < end {
                found = .shown(offset: offset)
                if repeated == .earlier { break }
            }
            index += 1
        }
        return found ?? .shown(offset: offsets[first])
    }

    /// Brings a moment after the last known change back into the 400 years before it.
    private func folded(_ seconds: Int64) -> (seconds: Int64, shift: Int64) {
        guard seconds >= cycleStart - 200_000, cycleStart != .max else { return (seconds, 0) }
        let cycles = (seconds - (cycleStart - 200_000)) / Self.cycle + 1
        return (seconds - cycles * Self.cycle, cycles * Self.cycle)
    }

    /// The index of the last start at or before a moment, by bisection.
    private func segment(at seconds: Int64) -> Int {
        var (low, high) = (0, starts.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= seconds { low = middle } else { high = middle }
        }
        return low
    }

    /// The first change of offset after an instant; nil where there is none, or none before the year 9999.
    public func nextTransition(after instant: Instant) -> Instant? {
        let (seconds, shift) = folded(instant.seconds)
        let next = segment(at: seconds) + 1
        guard next < starts.count else { return nil }
        let found = Instant(seconds: starts[next] + shift)
        return found < .latest ? found : nil
    }
}

extension Zone: Hashable, CustomStringConvertible {
    /// Whether both are the same, by identifier and version.
    public static func == (left: Zone, right: Zone) -> Bool { left.id == right.id && left.version == right.version }
    /// Hashes in line with `==`.
    public func hash(into hasher: inout Hasher) { hasher.combine(id) }
    /// The IANA name.
    public var description: String { id }
    /// The last part of the name as people say it: "Berlin", "New York".
    public var city: String {
        let last = id.split(separator: "/").last.map(String.init) ?? id
        return String(last.map { $0 == "_" ? " " : $0 })
    }
}
