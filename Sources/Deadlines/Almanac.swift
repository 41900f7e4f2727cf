/// Everything that deadlines are computed with: rules, calendars and zones.
///
/// A value to be passed along; what it holds does not change once read.
public struct Almanac: Sendable {
    /// The rules.
    public var rules: RuleLibrary
    /// The calendars.
    public var calendars: CalendarLibrary
    /// The time zones.
    public var zones: ZoneDatabase

    /// An almanac of these.
    public init(rules: RuleLibrary, calendars: CalendarLibrary, zones: ZoneDatabase) {
        (self.rules, self.calendars, self.zones) = (rules, calendars, zones)
    }

    /// The almanac of a library folder, with `calendars` and `regimes` in it, and a zone database.
    public init(workflows directory: String, zones: ZoneDatabase) throws(DeadlineError) {
        self.init(
            rules: try RuleLibrary(directory: "\(directory)/regimes"),
            calendars: CalendarLibrary(directory: "\(directory)/calendars", zones: zones), zones: zones)
    }

    /// A request for a rule, in the version that applied at the first fact known, with zone and calendars looked up.
    ///
    /// A rule that names its own zone keeps it. Of calendars, `calendar` comes before the one that the rule names, and
    /// that before `entityCalendar`, the calendar of the place where an entity acts; only that of a part of the rule's
    /// own place (`br-sp` for `br`) is taken in its stead. Throws `unknownRule`, `notInForce`, `unknownZone`,
    /// `unknownCalendar` and what reading their files throws.
    public func request(
        rule id: String, facts: [String: [Instant]], inputs: [String: InputValue] = [:], orders: [Order] = [],
        zone: String, calendar: String? = nil, entityCalendar: String? = nil
    ) throws(DeadlineError) -> DeadlineRequest {
        let present = try rules.rule(id)
        let place = try zones.zone(present.zone ?? zone)
        let known = present.facts.lazy.compactMap { facts[$0.name]?.min() }.first
        let rule = try rules.rule(id, on: known.map { place.date($0) })
        var request = DeadlineRequest(
            rule: rule, facts: facts, inputs: inputs, orders: orders, zone: try zones.zone(rule.zone ?? zone))
        if let id = calendar ?? rule.calendar(ofEntity: entityCalendar) {
            request.calendar = try calendars.calendar(id)
        }
        if let shared = rule.sharedCalendar { request.sharedCalendar = try calendars.calendar(shared) }
        return request
    }

    /// The deadline of a rule; see `request` and `DeadlineRequest.deadline`.
    public func deadline(
        rule id: String, facts: [String: [Instant]], inputs: [String: InputValue] = [:], orders: [Order] = [],
        zone: String, calendar: String? = nil, entityCalendar: String? = nil
    ) throws(DeadlineError) -> Deadline {
        try request(
            rule: id, facts: facts, inputs: inputs, orders: orders, zone: zone, calendar: calendar,
            entityCalendar: entityCalendar
        ).deadline()
    }

    /// Where a goal is counted.
    ///
    /// Throws `unknownZone`, `unknownCalendar`.
    public func place(zone: String, calendar: String? = nil) throws(DeadlineError) -> GoalPlace {
        var place = GoalPlace(zone: try zones.zone(zone))
        if let calendar { place.calendar = try calendars.calendar(calendar) }
        return place
    }
}

extension Rule {
    /// The calendar that counts for an entity with one of its own: the rule's, where it names one.
    fileprivate func calendar(ofEntity calendar: String?) -> String? {
        guard case .named(let named) = self.calendar else { return calendar }
        return calendar.flatMap { $0.hasPrefix(named + "-") ? $0 : nil } ?? named
    }
}
