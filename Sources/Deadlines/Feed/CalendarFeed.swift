/// Deadlines as programs for calendars read them: iCalendar (RFC 5545), to be published under an address.
///
/// Every entry ends at its due instant, so that a period which ends with 30 June is shown on 30 June and not on 1 July.
/// Instants are written in UTC; readers show them in their own zone, and the description names the place's.
public struct CalendarFeed: Sendable {
    /// The name under which calendars show the feed.
    public var name: String
    /// How often readers should look again.
    public var refresh: Duration
    /// The entries; those of withdrawn deadlines stay for a while as cancelled, so that copies vanish too.
    public var entries: [Entry]

    /// A feed of these entries.
    public init(name: String, refresh: Duration = .seconds(3600), entries: [Entry]) {
        (self.name, self.refresh, self.entries) = (name, refresh, entries)
    }

    /// One deadline.
    public struct Entry: Hashable, Sendable {
        /// What stays the same however the deadline changes; see ``CalendarFeed/uid(_:)``.
        public var uid: String
        /// How often the deadline has changed since it was first published; readers take the highest.
        public var sequence: Int
        /// When it last changed.
        public var changed: Instant
        /// The instant at which the period has expired.
        public var due: Instant
        /// Whether it still holds.
        public var status: Status
        /// What people see in the calendar.
        public var summary: String
        /// What people read when they open it.
        public var description = ""
        /// Where to read more: the address of the instance.
        public var link: String?
        /// Words to sort by, such as the regime.
        public var categories: [String] = []
        /// How long before the due instant a reminder comes up.
        public var reminders: [Duration] = []

        /// An entry that holds.
        public init(uid: String, sequence: Int, changed: Instant, due: Instant, summary: String) {
            (self.uid, self.sequence, self.changed, self.due) = (uid, sequence, changed, due)
            (self.status, self.summary) = (.confirmed, summary)
        }

        /// Whether a deadline holds.
        public enum Status: String, Hashable, Sendable {
            /// It holds.
            case confirmed = "CONFIRMED"
            /// It was withdrawn.
            case cancelled = "CANCELLED"
        }
    }

    /// An identifier made of what never changes, such as tenant, instance, clock and round.
    public static func uid(_ parts: [String]) -> String {
        // Lengths keep ["a", "bc"] and ["ab", "c"] apart.
        let text = parts.map { "\($0.utf8.count):\($0)" }.joined()
        return SHA256.hexDigest(of: Array(text.utf8)).prefix(32) + "@reeve"
    }

    /// What tells one text of a feed from another: 32 digits of its SHA-256.
    public static func mark(of text: String) -> String { String(SHA256.hexDigest(of: Array(text.utf8)).prefix(32)) }

    /// How long an entry is shown to be, before its due instant.
    static let length = Duration.seconds(1800)
}

extension CalendarFeed {
    /// The feed as it is sent, `text/calendar; charset=utf-8`.
    public var text: String {
        var lines = ContentLines()
        lines.add("BEGIN", "VCALENDAR")
        lines.add("VERSION", "2.0")
        lines.add("PRODID", "-//Reeve//Deadlines//EN")
        lines.add("CALSCALE", "GREGORIAN")
        lines.add("METHOD", "PUBLISH")
        // NAME and REFRESH-INTERVAL are RFC 7986; the others are what older readers know.
        lines.add(text: "NAME", name)
        lines.add(text: "X-WR-CALNAME", name)
        lines.add("REFRESH-INTERVAL;VALUE=DURATION", refresh.icalendar)
        lines.add("X-PUBLISHED-TTL", refresh.icalendar)
        for entry in entries { entry.write(to: &lines) }
        lines.add("END", "VCALENDAR")
        return lines.text
    }
}

extension CalendarFeed.Entry {
    fileprivate func write(to lines: inout ContentLines) {
        lines.add("BEGIN", "VEVENT")
        lines.add(text: "UID", uid)
        lines.add("SEQUENCE", "\(max(0, sequence))")
        lines.add("DTSTAMP", changed.basic)
        lines.add("LAST-MODIFIED", changed.basic)
        lines.add("DTSTART", due.advanced(by: -CalendarFeed.length.wholeMicroseconds).basic)
        lines.add("DTEND", due.basic)
        lines.add("STATUS", status.rawValue)
        lines.add("TRANSP", "TRANSPARENT")
        lines.add(text: "SUMMARY", summary)
        if !description.isEmpty { lines.add(text: "DESCRIPTION", description) }
        if let link { lines.add("URL", link) }
        if !categories.isEmpty {
            lines.add("CATEGORIES", categories.map(ContentLines.escaped).joined(separator: ","))
        }
        if status == .confirmed {
            for reminder in reminders where reminder >= .zero {
                lines.add("BEGIN", "VALARM")
                lines.add("ACTION", "DISPLAY")
                lines.add("TRIGGER;RELATED=END", "-" + reminder.icalendar)
                lines.add(text: "DESCRIPTION", summary)
                lines.add("END", "VALARM")
            }
        }
        lines.add("END", "VEVENT")
    }
}

extension Instant {
    /// The instant as `20260630T220000Z`, to the second.
    fileprivate var basic: String {
        let local = Zone.utc.local(self)
        let (year, month, day) = local.date.components
        let date = padded(year, 4) + padded(month) + padded(day)
        return date + "T" + padded(local.time.hour) + padded(local.time.minute) + padded(local.time.second) + "Z"
    }
}

extension Duration {
    /// The duration in one unit, `PT24H`, since RFC 5545 allows no gap between units.
    fileprivate var icalendar: String {
        let seconds = components.seconds
        if seconds % 3600 == 0 { return "PT\(seconds / 3600)H" }
        return seconds % 60 == 0 ? "PT\(seconds / 60)M" : "PT\(seconds)S"
    }
}
