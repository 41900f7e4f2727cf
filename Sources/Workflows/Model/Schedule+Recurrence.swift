import Deadlines

extension Definition.Schedule {
    /// The recurrence as it runs in a zone.
    ///
    /// - Parameters:
    ///   - zones: where zones are looked up.
    ///   - home: IANA name of the tenant's zone, for a schedule that names none.
    /// - Throws: `DeadlineError` where rule, start or zone cannot be used.
    public func recurrence(in zones: ZoneDatabase, home: String) throws(DeadlineError) -> Recurrence {
        try Recurrence(rule: every, starting: starting, zone: try zones.zone(zone ?? home))
    }
}
