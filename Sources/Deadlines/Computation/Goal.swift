/// An internal or contractual length of time.
public enum Goal: Hashable, Sendable {
    /// A period of ISO 8601: `PT4H` is elapsed time, `P14D` keeps the time by the wall clock.
    case period(Period)
    /// That many working days; the day of the start is not counted, and the last ends when its working hours end.
    case workingDays(Int)
    /// That much working time.
    case workingTime(Duration)

    /// Whether it is counted on a calendar.
    public var needsCalendar: Bool {
        if case .period = self { false } else { true }
    }
}

extension Goal: CustomStringConvertible {
    /// The goal in words.
    public var description: String {
        switch self {
        case .period(let period): "\(period)"
        case .workingDays(let count): "\(count) working days"
        case .workingTime(let duration): "\(Period(duration)) of working time"
        }
    }
}

/// Where a goal is counted: the zone, and the calendar where it counts working time.
public struct GoalPlace: Sendable {
    /// The zone of wall clocks and of calendars that name none.
    public var zone: Zone
    /// The calendar of working days and hours; a goal that needs one throws `calendarNeeded` without it.
    public var calendar: WorkCalendar?

    /// A zone and a calendar.
    public init(zone: Zone, calendar: WorkCalendar? = nil) { (self.zone, self.calendar) = (zone, calendar) }
}

/// What was left of a clock when it was paused.
public struct Remainder: Hashable, Sendable {
    /// How the rest is counted.
    public enum Measure: Hashable, Sendable {
        /// As elapsed time.
        case elapsed
        /// As working time of a calendar.
        case working
    }
    /// How the rest is counted.
    public var measure: Measure
    /// How much is left; negative where the clock was overdue.
    public var duration: Duration

    /// A rest of that length.
    public init(measure: Measure, duration: Duration) { (self.measure, self.duration) = (measure, duration) }
}

extension Goal {
    /// The instant by which the goal asks for an end.
    ///
    /// Throws `calendarNeeded`, `notCovered`, `outOfRange`.
    public func due(from start: Instant, in place: GoalPlace) throws(DeadlineError) -> Instant {
        switch self {
        case .period(let period):
            return try place.zone.adding(period, to: start)
        case .workingDays(let count):
            let calendar = try calendar(in: place)
            let zone = calendar.zone ?? place.zone
            let last = try calendar.day(count, from: zone.date(start), as: .working)
            guard count != 0, let hours = try calendar.closing(of: last) else { return start }
            return zone.instant(CivilDateTime(last, hours))
        case .workingTime(let duration):
            return try calendar(in: place).adding(workingTime: duration, to: start, zone: place.zone)
        }
    }

    /// What is left at an instant of a clock that is due at another.
    ///
    /// Working days and hours leave working time, periods elapsed time.
    public func remainder(at instant: Instant, due: Instant, in place: GoalPlace) throws(DeadlineError) -> Remainder {
        guard needsCalendar else { return Remainder(measure: .elapsed, duration: due - instant) }
        let left = try calendar(in: place).workingTime(from: instant, to: due, zone: place.zone)
        return Remainder(measure: .working, duration: left)
    }

    /// The due instant of a clock that goes on at an instant with a rest.
    public func due(resumedAt instant: Instant, with rest: Remainder, in place: GoalPlace) throws(DeadlineError)
        -> Instant
    {
        switch rest.measure {
        case .elapsed: try instant.adding(microseconds: rest.duration.wholeMicroseconds)
        case .working: try calendar(in: place).adding(workingTime: rest.duration, to: instant, zone: place.zone)
        }
    }

    /// The due instant of a clock that was paused; pauses are ascending and do not overlap.
    ///
    /// Each pause keeps what was left at its start. A pause that begins after the due instant changes nothing; while
    /// the last one lasts, its end being the present, the answer is what it would be if the clock went on now.
    public func due(
        from start: Instant, pausing pauses: [Stretch], in place: GoalPlace
    ) throws(DeadlineError) -> Instant {
        var due = try due(from: start, in: place)
        for pause in pauses where pause.start < due && pause.end > pause.start {
            let rest = try remainder(at: max(pause.start, start), due: due, in: place)
            due = try self.due(resumedAt: max(pause.end, start), with: rest, in: place)
        }
        return due
    }

    private func calendar(in place: GoalPlace) throws(DeadlineError) -> WorkCalendar {
        guard let calendar = place.calendar else { throw .calendarNeeded(by: "The goal of \(self)") }
        return calendar
    }
}

extension WorkCalendar {
    /// When the hours of a working day end; nil on a day off.
    func closing(of date: CivilDate) throws(DeadlineError) -> TimeOfDay? {
        guard union.isEmpty else {
            var latest: TimeOfDay?
            for member in union {
                if let end = try member.closing(of: date) { latest = max(latest ?? end, end) }
            }
            return latest
        }
        return try hours(on: date).last?.end
    }
}
