import Deadlines
import JSON
import PostgresClient
import Workflows

/// What is to be computed anew, and why.
public struct RecomputationRequest: Sendable {
    /// Why; it is kept, and journalled with every clock that moves.
    public var reason: String
    /// Whether it is only to be seen what would move.
    public var isDryRun = false
    /// Only instances with a clock by one of these rules; all where empty.
    public var rules: [String] = []
    /// Only instances of these workflows; all where empty.
    public var workflows: [String] = []
    /// A calendar that is to come into force with it.
    public var calendar: CalendarText?

    /// A calendar as it is written.
    public struct CalendarText: Sendable {
        /// Identifier by which definitions name it.
        public var id: String
        /// The text, written as the library's calendars are.
        public var source: String

        /// Creates a text.
        public init(id: String, source: String) { (self.id, self.source) = (id, source) }
    }

    /// Creates a request for everything.
    public init(reason: String) { self.reason = reason }
}

/// A recomputation of running clocks: who asked for it, how far it has come, what moves.
public struct Recomputation: Sendable {
    /// Where it stands.
    public enum Status: String, Sendable, CaseIterable {
        /// The worker looks which clocks would move; nothing has moved yet.
        case examining
        /// It was a dry run, and is over.
        case examined
        /// Something would fall due later, or cannot be computed: a second person is to decide.
        case waiting
        /// The worker moves clocks.
        case applying
        /// Everything has been moved.
        case done
        /// A second person has refused it; nothing was moved.
        case refused
    }

    /// The recomputation.
    public var id: Identifier
    /// Why it was asked for.
    public var reason: String
    /// Who asked, such as `person:ana`.
    public var requestedBy: String
    /// When.
    public var requestedAt: Instant
    /// Whether nothing is to be moved.
    public var isDryRun: Bool
    /// Where it stands.
    public var status: Status
    /// The calendar that comes into force with it.
    public var calendar: String?
    /// The version under which that calendar came into force.
    public var calendarVersion: Int?
    /// How many instances there are to look at.
    public var total: Int64
    /// How many have been looked at in the present pass.
    public var examined: Int64
    /// How many clocks were found to move.
    public var moved: Int64
    /// How many of them to a later instant.
    public var later: Int64
    /// How many instances have a clock that cannot be computed.
    public var failed: Int64
    /// How many clocks have been moved.
    public var applied: Int64
    /// Who has approved it beside who asked.
    public var approvedBy: [String]
    /// Who has refused it.
    public var refusedBy: [String]
    /// When it ended.
    public var endedAt: Instant?

    /// Whether nothing more will come of it by itself.
    public var isSettled: Bool { status != .examining && status != .applying }

    static let columns = """
        r.id, r.reason, r.requested_by, r.requested_at, r.is_dry_run, r.status, r.calendar_id, r.calendar_version,
        r.total, r.examined, r.moved, r.later, r.failed, r.applied, r.ended_at,
        ARRAY(
            SELECT v.person_id FROM reeve.recomputation_vote v
            WHERE (v.tenant_id, v.recomputation_id) = (r.tenant_id, r.id) AND v.approves ORDER BY v.voted_at),
        ARRAY(
            SELECT v.person_id FROM reeve.recomputation_vote v
            WHERE (v.tenant_id, v.recomputation_id) = (r.tenant_id, r.id) AND NOT v.approves ORDER BY v.voted_at)
        """

    init(_ row: PostgresRow) throws(PostgresError) {
        id = try row.decode(at: 0)
        reason = try row.decode(at: 1)
        requestedBy = try row.decode(at: 2)
        requestedAt = try row.decode(at: 3)
        isDryRun = try row.decode(at: 4)
        status = Status(rawValue: try row.decode(at: 5)) ?? .examining
        calendar = try row.decode(at: 6)
        calendarVersion = try row.decode(Int32?.self, at: 7).map { Int($0) }
        total = try row.decode(at: 8)
        examined = try row.decode(at: 9)
        moved = try row.decode(at: 10)
        later = try row.decode(at: 11)
        failed = try row.decode(at: 12)
        applied = try row.decode(at: 13)
        endedAt = try row.decode(at: 14)
        approvedBy = try row.decode(at: 15)
        refusedBy = try row.decode(at: 16)
    }

    /// The recomputation as the API shows it.
    public var json: JSON {
        [
            "id": .string(id.description), "reason": .string(reason), "requestedBy": .string(requestedBy),
            "requestedAt": .string(requestedAt.description), "dryRun": .bool(isDryRun),
            "status": .string(status.rawValue), "calendar": calendar.map(JSON.string) ?? .null,
            "calendarVersion": calendarVersion.map { .int(Int64($0)) } ?? .null, "total": .int(total),
            "examined": .int(examined), "moved": .int(moved), "later": .int(later), "failed": .int(failed),
            "applied": .int(applied), "approvedBy": .array(approvedBy.map(JSON.string)),
            "refusedBy": .array(refusedBy.map(JSON.string)),
            "endedAt": endedAt.map { .string($0.description) } ?? .null,
        ]
    }
}

/// A clock that a change moves, with both instants.
public struct ClockMove: Sendable, Equatable {
    /// The instance.
    public var instance: Identifier
    /// Its reference.
    public var reference: String
    /// Its workflow.
    public var definition: String
    /// The clock.
    public var item: ItemKey
    /// What is promised.
    public var title: String
    /// The statutory rule; nil for goals.
    public var rule: String?
    /// When it was due.
    public var dueBefore: Instant?
    /// When it would be due.
    public var dueAfter: Instant?
    /// What the law allowed.
    public var latestBefore: Instant?
    /// What the law would allow.
    public var latestAfter: Instant?
    /// Why it cannot be computed; it then keeps what it has.
    public var failure: String?

    /// Whether one of the two instants would be later, or no longer known.
    public var isLater: Bool {
        failure == nil
            && (Self.isLater(dueAfter, than: dueBefore) || Self.isLater(latestAfter, than: latestBefore))
    }

    private static func isLater(_ after: Instant?, than before: Instant?) -> Bool {
        guard let before else { return false }
        return after.map { $0 > before } ?? true
    }

    /// The move as the API shows it.
    public var json: JSON {
        func text(_ instant: Instant?) -> JSON { instant.map { .string($0.description) } ?? .null }
        return [
            "instance": .string(instance.description), "reference": .string(reference),
            "workflow": .string(definition), "name": .string(item.name), "key": .string(item.key),
            "title": .string(title), "rule": rule.map(JSON.string) ?? .null, "dueBefore": text(dueBefore),
            "dueAfter": text(dueAfter), "latestBefore": text(latestBefore), "latestAfter": text(latestAfter),
            "later": .bool(isLater), "failure": failure.map(JSON.string) ?? .null,
        ]
    }
}
