import Deadlines
import PostgresClient
import Workflows

/// Compares what lists are read from with the snapshots to which journals fold.
struct ListVerifier {
    private struct Subject {
        var reference: String
        var snapshot: Snapshot
    }

    /// What a list says of an instance, as a line.
    private struct Line: Hashable {
        var key: InstanceKey
        var text: String
    }

    private var expected = Projections()
    private var subjects: [InstanceKey: Subject] = [:]

    /// Takes an instance whose journal folds to a snapshot.
    mutating func add(_ key: InstanceKey, _ snapshot: Snapshot, _ machine: Machine) {
        expected.add(key, from: nil, under: machine, to: snapshot, machine)
        subjects[key] = Subject(reference: snapshot.reference, snapshot: snapshot)
    }

    /// Every line of a list that should be another.
    func discrepancies(on connection: PostgresConnection) async throws(PostgresError) -> [Discrepancy] {
        guard !subjects.isEmpty else { return [] }
        let keys = subjects.keys.sorted()
        let (tenants, ids) = (keys.map(\.tenant), keys.map(\.id))
        let stored = try await connection.pipeline([
            """
            SELECT c.tenant_id, c.instance_id, c.name, c.key, c.round, c.title, c.status, c.rule, c.started_at, c.due_at,
                c.latest_at, c.ended_at, c.is_overdue, c.uses_calendar
            FROM unnest(\(tenants), \(ids)) AS wanted (tenant_id, instance_id)
            JOIN reeve.clock c USING (tenant_id, instance_id)
            """,
            """
            SELECT t.tenant_id, t.instance_id, t.kind, t.name, t.key, t.title, t.people, t.groups, t.opened_at, t.due_at
            FROM unnest(\(tenants), \(ids)) AS wanted (tenant_id, instance_id)
            JOIN reeve.task t USING (tenant_id, instance_id)
            """,
            """
            SELECT h.tenant_id, h.instance_id, h.role, h.person_id
            FROM unnest(\(tenants), \(ids)) AS wanted (tenant_id, instance_id)
            JOIN reeve.role_holder h USING (tenant_id, instance_id)
            """,
            """
            SELECT e.tenant_id, e.instance_id, e.field, e.key
            FROM unnest(\(tenants), \(ids)) AS wanted (tenant_id, instance_id)
            JOIN reeve.exported_key e USING (tenant_id, instance_id)
            """,
        ])
        var found: [Discrepancy] = []
        compare("clocks", Set(expected.clocks.map(Self.line)), try clocks(stored[0]), &found)
        compare("open work", Set(expected.openedTasks.map(Self.line)), try Self.tasks(stored[1]), &found)
        compare("role holders", Set(expected.newHolders.map(Self.line)), try Self.holders(stored[2]), &found)
        compare("exported keys", Set(expected.newExports.map(Self.line)), try Self.exports(stored[3]), &found)
        return found
    }

    private func compare(_ list: String, _ wanted: Set<Line>, _ stored: Set<Line>, _ found: inout [Discrepancy]) {
        func note(_ lines: Set<Line>, _ what: String) {
            for line in lines.sorted(by: { ($0.key, $0.text) < ($1.key, $1.text) }) {
                found.append(
                    Discrepancy(
                        tenant: line.key.tenant, instance: line.key.id, reference: subjects[line.key]?.reference ?? "",
                        sequence: nil, message: "the list of \(list) \(what): \(line.text)"))
            }
        }
        note(wanted.subtracting(stored), "lacks")
        note(stored.subtracting(wanted), "has what the journal does not say")
    }

    // MARK: - Lines

    private static func line(_ row: Projections.ClockRow) -> Line {
        let ends = [row.due, row.latest, row.endedAt].map { $0?.description ?? "-" }.joined(separator: " ")
        let marks = "\(row.rule ?? "-") \(row.isOverdue) \(row.usesCalendar)"
        return Line(
            key: row.key,
            text: "\(row.item) round \(row.round) \(row.status) \(row.startedAt) \(ends) \(marks) \(row.title)")
    }

    private static func line(_ row: Projections.TaskRow) -> Line {
        let asked = (row.people + row.groups.map { "group \($0)" }).joined(separator: ", ")
        let due = row.due?.description ?? "-"
        return Line(
            key: row.key, text: "\(row.kind) \(row.item) \(row.openedAt) \(due) for \(asked): \(row.title)")
    }

    private static func line(_ row: Projections.HolderRow) -> Line {
        Line(key: row.key, text: "\(row.role) \(row.person)")
    }

    private static func line(_ row: Projections.ExportRow) -> Line {
        Line(key: row.key, text: "\(row.field) \(row.value)")
    }

    /// The rounds that snapshots still keep; what lies further back is in the journal alone.
    private func clocks(_ rows: PostgresRows) throws(PostgresError) -> Set<Line> {
        var lines: Set<Line> = []
        for row in rows {
            let key = InstanceKey(tenant: try row.decode(at: 0), id: try row.decode(at: 1))
            let item = ItemKey(try row.decode(at: 2), try row.decode(at: 3))
            let round = try row.decode(Int32.self, at: 4)
            guard let record = subjects[key]?.snapshot.clocks[item], round > record.forgotten else { continue }
            lines.insert(
                Self.line(
                    Projections.ClockRow(
                        key: key, item: item, round: round, title: try row.decode(at: 5), status: try row.decode(at: 6),
                        rule: try row.decode(at: 7), startedAt: try row.decode(at: 8), due: try row.decode(at: 9),
                        latest: try row.decode(at: 10), endedAt: try row.decode(at: 11),
                        isOverdue: try row.decode(at: 12), usesCalendar: try row.decode(at: 13))))
        }
        return lines
    }

    private static func tasks(_ rows: PostgresRows) throws(PostgresError) -> Set<Line> {
        var lines: Set<Line> = []
        for row in rows {
            lines.insert(
                line(
                    Projections.TaskRow(
                        key: InstanceKey(tenant: try row.decode(at: 0), id: try row.decode(at: 1)),
                        kind: try row.decode(at: 2), item: ItemKey(try row.decode(at: 3), try row.decode(at: 4)),
                        title: try row.decode(at: 5), people: try row.decode(at: 6), groups: try row.decode(at: 7),
                        openedAt: try row.decode(at: 8), due: try row.decode(at: 9))))
        }
        return lines
    }

    private static func holders(_ rows: PostgresRows) throws(PostgresError) -> Set<Line> {
        var lines: Set<Line> = []
        for row in rows {
            let key = InstanceKey(tenant: try row.decode(at: 0), id: try row.decode(at: 1))
            lines.insert(
                line(Projections.HolderRow(key: key, role: try row.decode(at: 2), person: try row.decode(at: 3))))
        }
        return lines
    }

    private static func exports(_ rows: PostgresRows) throws(PostgresError) -> Set<Line> {
        var lines: Set<Line> = []
        for row in rows {
            let key = InstanceKey(tenant: try row.decode(at: 0), id: try row.decode(at: 1))
            lines.insert(
                line(
                    Projections.ExportRow(
                        key: key, definition: "", field: try row.decode(at: 2), value: try row.decode(at: 3))))
        }
        return lines
    }
}
