import Deadlines
import JSON
import PostgresClient
import Workflows

/// One instance in a list.
public struct InstanceSummary: Sendable, Equatable {
    /// The instance.
    public var id: Identifier
    /// Its reference, such as `INC-2026-0042`.
    public var reference: String
    /// Its workflow.
    public var definition: String
    /// The version it is pinned to.
    public var version: Int
    /// The title of the workflow.
    public var title: String
    /// The present state.
    public var state: String
    /// Whether it still moves: `running`, `suspended`, `final`, `cancelled`.
    public var status: String
    /// `real`, `exercise` or `backfilled`.
    public var kind: String
    /// `normal`, `restricted` or `privileged`.
    public var visibility: String
    /// Number of the last journal entry, for `If-Match`.
    public var sequence: Int64
    /// When it was opened.
    public var openedAt: Instant
    /// The instant of its last step.
    public var lastAt: Instant
    /// The instance that opened it.
    public var parent: Identifier?
    /// The earliest due instant of its open clocks.
    public var nextDue: Instant?
    /// Whether one of its open clocks is overdue.
    public var isOverdue: Bool

    static let columns = """
        i.id, i.reference, i.definition, i.version, d.title, i.state, i.status, i.kind, i.visibility, i.sequence,
        i.opened_at, i.last_at, i.parent_id, c.next_due, COALESCE(c.is_overdue, false)
        """

    static let tables = """
        FROM reeve.instance i
        JOIN reeve.definition d ON (d.tenant_id, d.name, d.version) = (i.tenant_id, i.definition, i.version)
        LEFT JOIN LATERAL (
            SELECT min(c.due_at) AS next_due,
                bool_or(c.is_overdue OR c.status = 'running' AND c.due_at <= statement_timestamp()) AS is_overdue
            FROM reeve.clock c
            WHERE (c.tenant_id, c.instance_id) = (i.tenant_id, i.id) AND c.status IN ('running', 'paused')
        ) c ON true
        """

    init(_ row: PostgresRow) throws(PostgresError) {
        id = try row.decode(at: 0)
        reference = try row.decode(at: 1)
        definition = try row.decode(at: 2)
        version = Int(try row.decode(Int32.self, at: 3))
        title = try row.decode(at: 4)
        state = try row.decode(at: 5)
        status = try row.decode(at: 6)
        kind = try row.decode(at: 7)
        visibility = try row.decode(at: 8)
        sequence = try row.decode(at: 9)
        openedAt = try row.decode(at: 10)
        lastAt = try row.decode(at: 11)
        parent = try row.decode(at: 12)
        nextDue = try row.decode(at: 13)
        isOverdue = try row.decode(at: 14)
    }

    /// The summary as the API shows it.
    public var json: JSON {
        var object: JSONObject = [
            "id": .string(id.description), "reference": .string(reference), "workflow": .string(definition),
            "version": .int(Int64(version)), "title": .string(title), "state": .string(state),
            "status": .string(status), "kind": .string(kind), "visibility": .string(visibility),
            "sequence": .int(sequence), "openedAt": .string(openedAt.description),
            "lastAt": .string(lastAt.description), "overdue": .bool(isOverdue),
        ]
        if let parent { object["parent"] = .string(parent.description) }
        if let nextDue { object["nextDue"] = .string(nextDue.description) }
        return .object(object)
    }
}

/// Which instances a list shows; what is nil or empty is not asked, and one of several values is enough.
public struct InstanceFilter: Sendable {
    /// Of these workflows.
    public var definitions: [String] = []
    /// In these states.
    public var states: [String] = []
    /// With these statuses.
    public var statuses: [String] = []
    /// Of these kinds.
    public var kinds: [String] = []
    /// Opened by this instance.
    public var parent: Identifier?
    /// In which one of these people holds a role.
    public var holders: [String] = []
    /// In which somebody, or one of the holders, holds one of these roles.
    public var roles: [String] = []
    /// With an open clock that is overdue.
    public var isOverdue: Bool?

    /// Creates a filter that lets everything pass.
    public init() {}
}

extension Reader {
    /// Instances, the newest first.
    public func instances(
        _ filter: InstanceFilter = InstanceFilter(), page: PageRequest = PageRequest()
    ) async throws(ReadingError) -> Page<InstanceSummary> {
        var selection = Selection()
        selection.require("i.tenant_id", equals: viewer.tenant)
        selection.require("i.definition", in: filter.definitions)
        selection.require("i.state", in: filter.states)
        selection.require("i.status", in: filter.statuses)
        selection.require("i.kind", in: filter.kinds)
        selection.require("i.parent_id", equals: filter.parent)
        if !filter.holders.isEmpty || !filter.roles.isEmpty {
            let person = filter.holders.isEmpty ? "" : " AND h.person_id = ANY (\(selection.bind(filter.holders)))"
            let role = filter.roles.isEmpty ? "" : " AND h.role = ANY (\(selection.bind(filter.roles)))"
            selection.require(
                """
                i.id IN (
                    SELECT h.instance_id FROM reeve.role_holder h
                    WHERE h.tenant_id = i.tenant_id\(person)\(role))
                """)
        }
        if let isOverdue = filter.isOverdue {
            selection.require("COALESCE(c.is_overdue, false) = \(selection.bind(isOverdue))")
        }
        if let cursor = page.cursor {
            guard let last = cursor.place.stringValue.flatMap({ Identifier($0) }) else { throw .badCursor }
            selection.require("i.id < \(selection.bind(last))")
        }
        let rows = try await rows(
            selection.query(
                "SELECT \(InstanceSummary.columns)\n\(InstanceSummary.tables)",
                "ORDER BY i.id DESC\nLIMIT \(page.limit + 1)"))[0]
        return try self.page(rows, page, InstanceSummary.init) { .string($0.id.description) }
    }

    /// The page that rows make, one more having been asked for than it shows.
    func page<Element>(
        _ rows: PostgresRows, _ request: PageRequest, _ decode: (PostgresRow) throws(PostgresError) -> Element,
        place: (Element) -> JSON
    ) throws(ReadingError) -> Page<Element> {
        let elements = try all(rows.prefix(request.limit), decode)
        let hasMore = rows.count > request.limit
        return Page(elements: elements, next: hasMore ? elements.last.map { Cursor(place($0)) } : nil)
    }

    /// Every row decoded.
    func all<Element>(
        _ rows: some Sequence<PostgresRow>, _ decode: (PostgresRow) throws(PostgresError) -> Element
    ) throws(ReadingError) -> [Element] {
        var elements: [Element] = []
        for row in rows {
            do throws(PostgresError) { elements.append(try decode(row)) } catch { throw .database(error) }
        }
        return elements
    }
}
