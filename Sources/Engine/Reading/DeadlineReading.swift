import Deadlines
import JSON
import PostgresClient
import Workflows

/// A deadline that is asked for by itself, without a clock.
public struct DeadlineInquiry: Sendable {
    /// Identifier of the rule.
    public var rule: String
    /// The facts by name, each with its instants.
    public var facts: [String: [Instant]]
    /// The inputs by name: `true`, `false` or a period.
    public var inputs: [String: String] = [:]
    /// Orders as `KIND=FROM/UNTIL`, as the command line writes them.
    public var orders: [String] = []
    /// IANA name of the zone; nil for the rule's own, else the tenant's.
    public var zone: String?
    /// Identifier of the calendar, the tenant's own before the library's; nil for the rule's own, else the tenant's.
    public var calendar: String?

    /// Creates an inquiry.
    public init(rule: String, facts: [String: [Instant]]) { (self.rule, self.facts) = (rule, facts) }
}

extension Reader {
    /// The rules of the library in their present versions, each with all that its file says.
    public var rules: JSON { store.rules.json }

    /// Computes a deadline with the tenant's zone and calendars: both figures and the steps that lead to them.
    ///
    /// - Throws: `DeadlineError` for what cannot be computed, ``ReadingError``.
    public func deadline(_ inquiry: DeadlineInquiry) async throws -> JSON {
        let (surroundings, _) = try await pool.withTransaction(readOnly: true) { connection in
            _ = try await connection.query(viewer.settings)
            return try await self.surroundings(on: connection)
        }
        let almanac = surroundings.deadlines.almanac
        let rule = try almanac.rules.rule(inquiry.rule)
        try rule.demandKnown(facts: inquiry.facts.keys.sorted(), inputs: inquiry.inputs.keys.sorted())
        let zone = try almanac.zones.zone(rule.zone ?? inquiry.zone ?? surroundings.tenant.zone)
        var inputs: [String: InputValue] = [:]
        for (name, text) in inquiry.inputs { inputs[name] = try InputValue(text) }
        var orders: [Order] = []
        for text in inquiry.orders { orders.append(try Order(text, zone: zone)) }
        let deadline = try almanac.deadline(
            rule: rule.id, facts: inquiry.facts, inputs: inputs, orders: orders, zone: zone.id,
            calendar: inquiry.calendar, entityCalendar: surroundings.tenant.calendar)
        return DeadlineReport(deadline).json
    }
}
