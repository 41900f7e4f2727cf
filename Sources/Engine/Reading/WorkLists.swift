import Deadlines
import JSON
import PostgresClient
import Workflows

/// An open task or approval in a list.
public struct TaskSummary: Sendable, Equatable {
    /// `task` or `approval`.
    public var kind: String
    /// Its name in the definition, and the element it is for.
    public var item: ItemKey
    /// What is to be done.
    public var title: String
    /// The instance.
    public var instance: Identifier
    /// The instance's reference.
    public var reference: String
    /// The instance's workflow.
    public var definition: String
    /// People who are asked.
    public var people: [String]
    /// Groups whose members are asked.
    public var groups: [String]
    /// When it opened.
    public var openedAt: Instant
    /// When it is due; nil where no clock runs.
    public var dueAt: Instant?

    init(_ row: PostgresRow) throws(PostgresError) {
        kind = try row.decode(at: 0)
        item = ItemKey(try row.decode(at: 1), try row.decode(at: 2))
        title = try row.decode(at: 3)
        instance = try row.decode(at: 4)
        reference = try row.decode(at: 5)
        definition = try row.decode(at: 6)
        people = try row.decode(at: 7)
        groups = try row.decode(at: 8)
        openedAt = try row.decode(at: 9)
        dueAt = try row.decode(at: 10)
    }

    /// The task as the API shows it.
    public var json: JSON {
        [
            "kind": .string(kind), "name": .string(item.name), "key": .string(item.key), "title": .string(title),
            "instance": .string(instance.description), "reference": .string(reference),
            "workflow": .string(definition), "people": .array(people.map(JSON.string)),
            "groups": .array(groups.map(JSON.string)), "openedAt": .string(openedAt.description),
            "dueAt": dueAt.map { .string($0.description) } ?? .null,
        ]
    }
}

/// A clock in a list: what is due when.
public struct ClockSummary: Sendable, Equatable {
    /// Its name in the definition, and the element it is for.
    public var item: ItemKey
    /// Which round, from 1.
    public var round: Int
    /// What is promised.
    public var title: String
    /// `waiting`, `running`, `paused`, `met`, `missed` or `cancelled`.
    public var status: String
    /// The statutory rule; nil for goals.
    public var rule: String?
    /// The instant that counts as its start.
    public var startedAt: Instant
    /// When it is due.
    public var dueAt: Instant?
    /// What the statute would allow.
    public var latestAt: Instant?
    /// Whether it is past due.
    public var isOverdue: Bool
    /// The instance.
    public var instance: Identifier
    /// The instance's reference.
    public var reference: String
    /// The instance's workflow.
    public var definition: String

    init(_ row: PostgresRow) throws(PostgresError) {
        item = ItemKey(try row.decode(at: 0), try row.decode(at: 1))
        round = Int(try row.decode(Int32.self, at: 2))
        title = try row.decode(at: 3)
        status = try row.decode(at: 4)
        rule = try row.decode(at: 5)
        startedAt = try row.decode(at: 6)
        dueAt = try row.decode(at: 7)
        latestAt = try row.decode(at: 8)
        isOverdue = try row.decode(at: 9)
        instance = try row.decode(at: 10)
        reference = try row.decode(at: 11)
        definition = try row.decode(at: 12)
    }

    /// The clock as the API shows it.
    public var json: JSON {
        [
            "name": .string(item.name), "key": .string(item.key), "round": .int(Int64(round)),
            "title": .string(title), "status": .string(status), "rule": rule.map(JSON.string) ?? .null,
            "startedAt": .string(startedAt.description), "dueAt": dueAt.map { .string($0.description) } ?? .null,
            "latestAt": latestAt.map { .string($0.description) } ?? .null, "overdue": .bool(isOverdue),
            "instance": .string(instance.description), "reference": .string(reference),
            "workflow": .string(definition),
        ]
    }
}

extension Reader {
    /// Open tasks and approvals, those due first at the top, those without a due instant last.
    ///
    /// - Parameters:
    ///   - person: for whom: those who are asked by name or through one of their teams; nil for everyone's.
    ///   - workflows: of which workflows; empty for all.
    ///   - page: which page.
    public func tasks(
        for person: String? = nil, of workflows: [String] = [], page: PageRequest = PageRequest()
    ) async throws(ReadingError) -> Page<TaskSummary> {
        var selection = Selection()
        selection.require("t.tenant_id", equals: viewer.tenant)
        selection.require("i.definition", in: workflows)
        if let person {
            let name = selection.bind(person)
            selection.require(
                """
                (t.people @> ARRAY[\(name)] OR t.groups && ARRAY(
                    SELECT m.team_id FROM reeve.membership m
                    WHERE m.tenant_id = t.tenant_id AND m.person_id = \(name)))
                """)
        }
        if let cursor = page.cursor {
            guard let due = cursor.place[0]?.stringValue.flatMap({ try? Instant($0) }),
                let id = cursor.place[1]?.stringValue.flatMap({ Identifier($0) }),
                let kind = cursor.place[2]?.stringValue, let name = cursor.place[3]?.stringValue,
                let key = cursor.place[4]?.stringValue
            else { throw .badCursor }
            selection.require(
                """
                (COALESCE(t.due_at, '9999-12-31Z'), t.instance_id, t.kind, t.name, t.key)
                    > (\(selection.bind(due)), \(selection.bind(id)), \(selection.bind(kind)), \(selection.bind(name)),
                        \(selection.bind(key)))
                """)
        }
        let rows = try await rows(
            selection.query(
                """
                SELECT t.kind, t.name, t.key, t.title, t.instance_id, i.reference, i.definition, t.people, t.groups,
                    t.opened_at, t.due_at
                FROM reeve.task t
                JOIN reeve.instance i ON (i.tenant_id, i.id) = (t.tenant_id, t.instance_id)
                """,
                """
                ORDER BY COALESCE(t.due_at, '9999-12-31Z'), t.instance_id, t.kind, t.name, t.key
                LIMIT \(page.limit + 1)
                """))[0]
        return try self.page(rows, page, TaskSummary.init) { task in
            [
                .string(task.dueAt?.description ?? "9999-12-31T00:00:00Z"), .string(task.instance.description),
                .string(task.kind), .string(task.item.name), .string(task.item.key),
            ]
        }
    }

    /// Running and paused clocks, those due first at the top.
    ///
    /// - Parameters:
    ///   - before: only what is due before this instant.
    ///   - workflows: of which workflows; empty for all.
    ///   - rules: by which rules of law; empty for all, and for goals.
    ///   - page: which page.
    public func clocks(
        dueBefore before: Instant? = nil, of workflows: [String] = [], rules: [String] = [],
        page: PageRequest = PageRequest()
    ) async throws(ReadingError) -> Page<ClockSummary> {
        var selection = Selection()
        selection.require("c.tenant_id", equals: viewer.tenant)
        selection.require("c.status IN ('running', 'paused')")
        selection.require("c.due_at IS NOT NULL")
        selection.require("i.definition", in: workflows)
        selection.require("c.rule", in: rules)
        if let before { selection.require("c.due_at < \(selection.bind(before))") }
        if let cursor = page.cursor {
            guard let due = cursor.place[0]?.stringValue.flatMap({ try? Instant($0) }),
                let id = cursor.place[1]?.stringValue.flatMap({ Identifier($0) }),
                let name = cursor.place[2]?.stringValue, let key = cursor.place[3]?.stringValue
            else { throw .badCursor }
            selection.require(
                """
                (c.due_at, c.instance_id, c.name, c.key)
                    > (\(selection.bind(due)), \(selection.bind(id)), \(selection.bind(name)), \(selection.bind(key)))
                """)
        }
        let rows = try await rows(
            selection.query(
                """
                SELECT c.name, c.key, c.round, c.title, c.status, c.rule, c.started_at, c.due_at, c.latest_at,
                    c.is_overdue OR c.status = 'running' AND c.due_at <= statement_timestamp(), c.instance_id, i.reference, i.definition
                FROM reeve.clock c
                JOIN reeve.instance i ON (i.tenant_id, i.id) = (c.tenant_id, c.instance_id)
                """,
                "ORDER BY c.due_at, c.instance_id, c.name, c.key\nLIMIT \(page.limit + 1)"))[0]
        return try self.page(rows, page, ClockSummary.init) { clock in
            [
                .string(clock.dueAt?.description ?? ""), .string(clock.instance.description),
                .string(clock.item.name), .string(clock.item.key),
            ]
        }
    }
}
