import Deadlines

/// Decides which occurrences are opened that fell due while nobody looked.
enum CatchUp {
    /// The most occurrences of one schedule that are opened late; of more, the newest count.
    static let limit = 100

    /// Where a schedule goes on.
    struct Start: Equatable {
        /// The first occurrence to open.
        var occurrence: Instant
        /// Whether occurrences before it are left out.
        var leavesOut: Bool
    }

    /// The first occurrence to open, of those that are due.
    ///
    /// - Parameters:
    ///   - pending: the first occurrence that was not handled, which is due.
    ///   - now: the database's instant.
    static func start(of recurrence: Recurrence, pending: Instant, now: Instant, limit: Int = limit) -> Start {
        let end = now.advanced(by: 1)
        let first = recurrence.occurrences(from: pending, to: end, limit: limit + 1)
        guard first.count > limit else { return Start(occurrence: pending, leavesOut: false) }
        // Looking back in stretches that double costs little, however long the list from the beginning is.
        var stretch: Int64 = 1_000_000
        while true {
            let from = max(pending, now.advanced(by: -stretch))
            let found = recurrence.occurrences(from: from, to: end)
            if found.count >= limit {
                let chosen = found[found.count - limit]
                return Start(occurrence: chosen, leavesOut: chosen > pending)
            }
            if from == pending { return Start(occurrence: pending, leavesOut: false) }
            stretch *= 2
        }
    }

    /// The first occurrence of a newly published recurrence.
    ///
    /// What its predecessor still had to open is not lost: the new recurrence begins there. Without a predecessor it
    /// begins now, since nobody was promised anything before.
    ///
    /// - Parameter pending: the predecessor's first occurrence that was not handled; nil where it had none.
    static func takeover(_ recurrence: Recurrence, pending: Instant?, now: Instant) -> Instant? {
        let open = pending.map { $0.advanced(by: -1) } ?? now
        return recurrence.next(after: min(open, now))
    }
}
