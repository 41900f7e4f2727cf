import CEL
import Deadlines
import Workflows

/// Computes due instants with a tenant's zone and calendars.
struct DeadlineDesk: Sendable {
    /// The library's rules, calendars and zones, with the tenant's own calendars before the library's.
    let almanac: Almanac

    func knows(rule id: String) -> Bool { status(of: id) != nil }

    /// The status of a rule; nil where there is none of that name.
    func status(of id: String) -> RuleStatus? { (try? almanac.rules.rule(id))?.status }

    /// The answer as a map for the machine: `due`, `latest` and `versions`, or `error` with the reason.
    func answer(_ question: DeadlineQuestion, tenant: TenantRow) -> CEL.Value {
        almanac.answer(question, defaults: defaults(of: tenant))
    }

    /// Why a round of a clock is due when it is.
    func explanation(
        of round: ClockRecord.Round, _ timing: Definition.Timing, tenant: TenantRow
    ) throws(DeadlineError) -> RoundExplanation {
        try almanac.explanation(of: round, timing, defaults: defaults(of: tenant))
    }

    /// The number of days asked for, or a map with `error`.
    func answer(_ count: DayCount, tenant: TenantRow) -> CEL.Value {
        almanac.answer(count, defaults: defaults(of: tenant))
    }

    private func defaults(of tenant: TenantRow) -> DeadlineDefaults {
        DeadlineDefaults(zone: tenant.zone, calendar: tenant.calendar, statutoryCalendar: tenant.calendar)
    }
}
