import Deadlines
import PostgresClient
import Workflows

extension Reader {
    /// How long what has ended stays in a feed as cancelled, so that copies vanish too.
    private static let memory = "interval '60 days'"

    /// The deadlines that the viewer sees, as calendars read them.
    ///
    /// Entries of restricted and privileged instances name the reference and no more, since calendars are often seen by
    /// others and kept by strangers.
    ///
    /// - Parameters:
    ///   - name: what calendars call the feed.
    ///   - isOwn: whether only what the viewer has a part in: a role of the instance, or a task there that they are asked
    ///     for by name or through a team.
    ///   - address: URL of this installation for links, without a slash at its end; nil for no links.
    public func calendarFeed(
        _ name: String, isOwn: Bool, address: String? = nil
    ) async throws(ReadingError) -> CalendarFeed {
        var selection = Selection()
        selection.require("c.tenant_id", equals: viewer.tenant)
        selection.require("c.due_at IS NOT NULL")
        selection.require(
            """
            (c.status IN ('waiting', 'running', 'paused')
                OR c.status IN ('met', 'missed', 'cancelled') AND c.ended_at > statement_timestamp() - \(Self.memory))
            """)
        if isOwn {
            let person = selection.bind(viewer.person ?? "")
            selection.require(
                """
                (EXISTS (
                    SELECT FROM reeve.role_holder h
                    WHERE (h.tenant_id, h.instance_id, h.person_id) = (c.tenant_id, c.instance_id, \(person)))
                OR EXISTS (
                    SELECT FROM reeve.task t
                    WHERE (t.tenant_id, t.instance_id) = (c.tenant_id, c.instance_id)
                        AND (t.people @> ARRAY[\(person)] OR t.groups && ARRAY(
                            SELECT m.team_id FROM reeve.membership m
                            WHERE m.tenant_id = t.tenant_id AND m.person_id = \(person)))))
                """)
        }
        let rows = try await rows(
            "SELECT zone FROM reeve.tenant WHERE tenant_id = \(viewer.tenant)",
            selection.query(
                """
                SELECT c.instance_id, c.name, c.key, c.round, c.title, c.status, c.rule, c.due_at, c.latest_at,
                    c.changes, c.changed_at, c.zone, i.reference, i.visibility, i.kind
                FROM reeve.clock c
                JOIN reeve.instance i ON (i.tenant_id, i.id) = (c.tenant_id, c.instance_id)
                """, "ORDER BY c.due_at, c.instance_id, c.name, c.key, c.round\nLIMIT 5000"))
        let standard = (try? rows[0].first?.decode(String.self, at: 0)) ?? "Etc/UTC"
        let clocks = try all(rows[1], FeedClock.init)
        return CalendarFeed(
            name: name,
            entries: clocks.map { clock in
                let zone = (try? store.zones.zone(clock.zone ?? standard)) ?? .utc
                return clock.entry(of: viewer.tenant, in: zone, address: address)
            })
    }
}

/// A clock as a feed shows it.
private struct FeedClock {
    var instance: Identifier
    var item: ItemKey
    var round: Int32
    var title: String
    var status: String
    var rule: String?
    var due: Instant
    var latest: Instant?
    var changes: Int32
    var changedAt: Instant
    var zone: String?
    var reference: String
    var isHidden: Bool
    var isExercise: Bool

    init(_ row: PostgresRow) throws(PostgresError) {
        instance = try row.decode(at: 0)
        item = ItemKey(try row.decode(at: 1), try row.decode(at: 2))
        round = try row.decode(at: 3)
        title = try row.decode(at: 4)
        status = try row.decode(at: 5)
        rule = try row.decode(at: 6)
        due = try row.decode(at: 7)
        latest = try row.decode(at: 8)
        changes = try row.decode(at: 9)
        changedAt = try row.decode(at: 10)
        zone = try row.decode(at: 11)
        reference = try row.decode(at: 12)
        isHidden = try row.decode(String.self, at: 13) != Visibility.normal.rawValue
        isExercise = try row.decode(String.self, at: 14) == Snapshot.Kind.exercise.rawValue
    }

    private var hasEnded: Bool { !["waiting", "running", "paused"].contains(status) }

    func entry(of tenant: Identifier, in zone: Zone, address: String?) -> CalendarFeed.Entry {
        let words = isHidden ? "Deadline" : title
        let mark = isExercise ? "EXERCISE: " : ""
        var entry = CalendarFeed.Entry(
            uid: CalendarFeed.uid([tenant.description, instance.description, item.name, item.key, "\(round)"]),
            sequence: Int(changes), changed: changedAt, due: due,
            summary: "\(mark)\(words) (\(reference)), \(due.wholeSeconds.words(in: zone))")
        entry.status = hasEnded ? .cancelled : .confirmed
        entry.link = address.map { "\($0)/instances/\(instance)" }
        entry.reminders = hasEnded ? [] : [.seconds(86_400), .seconds(4 * 3600)]
        if !isHidden { describe(&entry, zone) }
        return entry
    }

    private func describe(_ entry: inout CalendarFeed.Entry, _ zone: Zone) {
        var lines = ["Due \(due.wholeSeconds.words(in: zone)); an act before then is in time."]
        if let latest = latest?.wholeSeconds, latest != due.wholeSeconds {
            lines.append("The law would allow until \(latest.words(in: zone)).")
        }
        if let rule {
            lines.append("Rule \(rule).")
            entry.categories = [rule.split(separator: ".").prefix(2).joined(separator: ".")]
        }
        lines.append("Why: reeve clocks \(reference) \(item.key.isEmpty ? item.name : "\(item.name)/\(item.key)")")
        if hasEnded { lines.append("It no longer runs: \(status).") }
        if status == "paused" { lines.append("It is held at present, and moves when it goes on.") }
        entry.description = lines.joined(separator: "\n")
    }
}
