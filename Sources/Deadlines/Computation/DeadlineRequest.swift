/// All that a statutory computation reads: the same request always gives the same answer.
public struct DeadlineRequest: Sendable {
    /// The rule, in the version that was in force.
    public var rule: Rule
    /// The facts by name, each with its instants; facts that the rule does not ask for are ignored.
    public var facts: [String: [Instant]]
    /// The inputs by name; inputs that the rule does not ask for are ignored.
    public var inputs: [String: InputValue]
    /// The recorded suspension and delay orders.
    public var orders: [Order]
    /// The zone of the place where the act is to be performed.
    public var zone: Zone
    /// That place's calendar; a rule that needs one throws `calendarNeeded` without it.
    public var calendar: WorkCalendar?
    /// The calendar with which holidays must be shared, where the rule names one.
    public var sharedCalendar: WorkCalendar?

    /// A request with one instant a fact, or several.
    public init(
        rule: Rule, facts: [String: [Instant]], inputs: [String: InputValue] = [:], orders: [Order] = [], zone: Zone,
        calendar: WorkCalendar? = nil, sharedCalendar: WorkCalendar? = nil
    ) {
        (self.rule, self.facts, self.inputs, self.orders) = (rule, facts, inputs, orders)
        (self.zone, self.calendar, self.sharedCalendar) = (zone, calendar, sharedCalendar)
    }

    /// The instant of a fact; of several the one that the rule takes.
    ///
    /// Nil while it is not known.
    func instant(of fact: Rule.Fact) -> Instant? {
        guard let instants = facts[fact.name] else { return nil }
        return fact.several == .first ? instants.min() : instants.max()
    }

    /// Computes the deadline.
    ///
    /// Facts that are not known yet make it *waiting*, which is no error. Throws `calendarNeeded`, `notCovered`,
    /// `missingInput`, `unknownName` for an order that the rule does not know, and `outOfRange`.
    public func deadline() throws(DeadlineError) -> Deadline {
        let computation = Computation(self, trace: nil)
        return Deadline(request: self, state: try computation.state())
    }
}
