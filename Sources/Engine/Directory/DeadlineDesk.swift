import CEL
import Deadlines
import Workflows

/// Computes due instants with a tenant's zone and calendars.
struct DeadlineDesk: Sendable {
    /// The library's rules, calendars and zones, with the tenant's own calendars before the library's.
    let almanac: Almanac

    func knows(rule id: String) -> Bool { (try? almanac.rules.rule(id)) != nil }

    /// The answer as a map for the machine: `due`, `latest` and `versions`, or `error` with the reason.
    func answer(_ question: DeadlineQuestion, tenant: TenantRow) -> CEL.Value {
        do throws(DeadlineError) {
            return try compute(question, tenant: tenant).value
        } catch {
            return Read.failure("\(error)")
        }
    }

    private func compute(_ question: DeadlineQuestion, tenant: TenantRow) throws(DeadlineError) -> DeadlineAnswer {
        let zone = question.zone ?? tenant.zone
        switch question.measure {
        case .goal(let goal):
            let (measure, own) = Self.measure(goal)
            var place = try almanac.place(zone: zone)
            var versions = ["zone": place.zone.id, "tzdata": place.zone.version]
            if measure.needsCalendar, let id = own ?? question.calendar ?? tenant.calendar {
                let calendar = try almanac.calendars.calendar(id)
                place.calendar = calendar
                versions["calendar"] = "\(calendar.id)@\(calendar.version)"
            }
            let pauses = question.pauses.map { Stretch($0.from, $0.until) }
            let due = try measure.due(from: question.start, pausing: pauses, in: place)
            return DeadlineAnswer(due: due, latest: nil, versions: versions)
        case .rule(let id, let facts):
            let deadline = try almanac.deadline(
                rule: id, facts: facts, zone: zone, calendar: question.calendar, entityCalendar: tenant.calendar)
            return DeadlineAnswer(due: deadline.due, latest: deadline.latest, versions: deadline.versions)
        }
    }

    private static func measure(_ goal: Definition.Goal) -> (Goal, calendar: String?) {
        switch goal {
        case .period(let period): (.period(period), nil)
        case .workingDays(let days, let calendar): (.workingDays(days), calendar)
        case .workingHours(let hours, let calendar): (.workingTime(.seconds(hours * 3600)), calendar)
        }
    }
}
