import CEL
import Deadlines

/// How many days lie between two instants, as the functions `workingDays` and `daysUntil` ask.
///
/// The day of the start is not counted, that of the end is; where the end comes first, the number is negative.
public struct DayCount: Sendable, Hashable {
    /// Which days count.
    public enum Measure: Sendable, Hashable {
        /// Every day, in the tenant's time zone.
        case calendar
        /// The days on which a calendar has working hours; nil means the tenant's.
        case working(String?)
    }

    /// Which days count.
    public var measure: Measure
    /// Where counting starts.
    public var start: Instant
    /// Where it ends.
    public var end: Instant

    /// Creates a question.
    public init(_ measure: Measure, from start: Instant, to end: Instant) {
        (self.measure, self.start, self.end) = (measure, start, end)
    }

    /// How many working days are counted at most, in calendar days: as far as the years that calendars cover reach.
    static let limit = 36_600
}

extension Almanac {
    /// The number of days asked for; a sentence where there is none.
    public func answer(_ count: DayCount, defaults: DeadlineDefaults) -> CEL.Value {
        do throws(DeadlineError) {
            return .int(Int64(try days(count, defaults)))
        } catch {
            return Read.failure(error.description)
        }
    }

    private func days(_ count: DayCount, _ defaults: DeadlineDefaults) throws(DeadlineError) -> Int {
        switch count.measure {
        case .calendar:
            let zone = try zones.zone(defaults.zone)
            return zone.date(count.end) - zone.date(count.start)
        case .working(let named):
            guard let id = named ?? defaults.calendar else { throw .calendarNeeded(by: "workingDays()") }
            let calendar = try calendars.calendar(id)
            let zone = if let own = calendar.zone { own } else { try zones.zone(defaults.zone) }
            let (start, end) = (zone.date(count.start), zone.date(count.end))
            guard abs(end - start) <= DayCount.limit else { throw .outOfRange("The end of the count") }
            return try calendar.days(from: start, to: end, as: .working)
        }
    }
}
