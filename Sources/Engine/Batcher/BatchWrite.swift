import Deadlines
import JSON
import PostgresClient
import Workflows

/// The second round trip of a batch: one statement for each table that has something to write, then COMMIT.
struct BatchWrite: Sendable {
    private(set) var statements: [PostgresQuery] = []

    init(_ writes: Writes) {
        addAnswers(writes)
        addInstances(writes)
        addJournal(writes)
        addTimers(writes)
        addQueues(writes)
        addEvidence(writes)
        addProjections(writes.projections)
    }

    private mutating func add(_ isNeeded: Bool, _ query: @autoclosure () -> PostgresQuery) {
        if isNeeded { statements.append(query()) }
    }

    private mutating func addAnswers(_ writes: Writes) {
        let answers = writes.answers.sorted { ($0.tenant, $0.principal, $0.key) < ($1.tenant, $1.principal, $1.key) }
        add(
            !answers.isEmpty,
            """
            INSERT INTO reeve.idempotency (tenant_id, principal, key, request_hash, answer, created_at)
            SELECT \(columns:
                answers.map(\.tenant), answers.map(\.principal), answers.map(\.key),
                answers.map { Bytea($0.requestHash) }, answers.map(\.answer)), \(writes.recordedAt)::timestamptz
            """)
    }

    private mutating func addInstances(_ writes: Writes) {
        let instances = writes.instances
        add(
            !instances.isEmpty,
            """
            INSERT INTO reeve.instance (
                tenant_id, id, definition, version, kind, reference, parent_id, parent_child, parent_key, visibility)
            SELECT n.tenant_id, n.id, n.definition, n.version, n.kind, n.reference, n.parent_id, n.parent_child,
                n.parent_key, CASE n.visibility WHEN 'normal' THEN COALESCE(p.visibility, 'normal') ELSE n.visibility END
            FROM (SELECT \(columns:
                instances.map(\.key.tenant), instances.map(\.key.id), instances.map(\.definition.name),
                instances.map { Int32($0.definition.version) }, instances.map(\.kind.rawValue),
                instances.map(\.reference), instances.map { $0.parent?.instance },
                instances.map { $0.parent?.child.name }, instances.map { $0.parent?.child.key },
                instances.map(\.visibility.rawValue))) AS n (
                tenant_id, id, definition, version, kind, reference, parent_id, parent_child, parent_key, visibility)
            LEFT JOIN reeve.instance p ON (p.tenant_id, p.id) = (n.tenant_id, n.parent_id)
            """)
        let new = writes.data.filter { $0.row == nil }
        add(
            !new.isEmpty,
            """
            INSERT INTO reeve.instance_data (tenant_id, instance_id, snapshot)
            SELECT \(columns: new.map(\.key.tenant), new.map(\.key.id), new.map(\.snapshot))
            """)
        let changed = writes.data.filter { $0.row != nil }
        add(
            !changed.isEmpty,
            """
            UPDATE reeve.instance_data d
            SET snapshot = changed.snapshot
            FROM (SELECT \(columns: changed.map(\.row), changed.map(\.snapshot))) AS changed (row, snapshot)
            WHERE d.ctid = changed.row
            """)
    }

    /// The journal's trigger moves the instances on.
    private mutating func addJournal(_ writes: Writes) {
        let rows = writes.journal
        add(
            !rows.isEmpty,
            """
            INSERT INTO reeve.journal (
                recorded_at, encoding, incarnation, tenant_id, instance_id, sequence, happened_at, version, definition,
                kind, event, from_state, to_state, status, actor, facts, payload_hmac, hash)
            SELECT \(writes.recordedAt)::timestamptz, \(JournalRow.encoding)::smallint,
                \(rows.first?.incarnation ?? 0)::integer, \(columns:
                    rows.map(\.tenant), rows.map(\.instance), rows.map(\.sequence), rows.map(\.happenedAt),
                    rows.map(\.version), rows.map(\.definition), rows.map(\.kind), rows.map(\.event),
                    rows.map(\.from), rows.map(\.to), rows.map(\.status), rows.map(\.actor),
                    rows.map { Bytea($0.facts) }, rows.map { $0.payloadHMAC.map { Bytea($0) } },
                    writes.hashes.map { Bytea($0) })
            """)
        let payloads = writes.payloads
        add(
            !payloads.isEmpty,
            """
            INSERT INTO reeve.journal_payload (tenant_id, instance_id, sequence, payload, salt, data_subject)
            SELECT \(columns:
                payloads.map(\.key.tenant), payloads.map(\.key.id), payloads.map(\.sequence),
                payloads.map { Bytea($0.payload) }, payloads.map { Bytea($0.salt) }, payloads.map(\.subject))
            """)
    }

    private mutating func addTimers(_ writes: Writes) {
        let taken = writes.takenTimers
        add(!taken.isEmpty, "DELETE FROM reeve.timer WHERE ctid = ANY (\(taken))")
        let gone = writes.disarmed
        add(
            !gone.isEmpty,
            """
            DELETE FROM reeve.timer t
            USING (SELECT \(columns:
                gone.map(\.key.tenant), gone.map(\.dueAt), gone.map(\.key.id), gone.map(\.generation)))
                AS gone (tenant_id, due_at, instance_id, generation)
            WHERE (t.tenant_id, t.due_at, t.instance_id, t.generation)
                = (gone.tenant_id, gone.due_at, gone.instance_id, gone.generation)
            """)
        let armed = writes.armed
        add(
            !armed.isEmpty,
            """
            INSERT INTO reeve.timer (tenant_id, due_at, instance_id, generation, name, key)
            SELECT \(columns:
                armed.map(\.key.tenant), armed.map(\.dueAt), armed.map(\.key.id), armed.map(\.generation),
                armed.map(\.item.name), armed.map(\.item.key))
            """)
    }

    private mutating func addQueues(_ writes: Writes) {
        let outbox = writes.outbox
        add(
            !outbox.isEmpty,
            """
            INSERT INTO reeve.outbox (
                next_at, created_at, tenant_id, id, instance_id, sequence, ordinal, kind, destination, body)
            SELECT \(writes.recordedAt)::timestamptz, \(writes.recordedAt)::timestamptz, \(columns:
                outbox.map(\.key.tenant), outbox.map(\.id), outbox.map(\.key.id), outbox.map(\.sequence),
                outbox.map(\.ordinal), outbox.map(\.kind), outbox.map(\.destination), outbox.map(\.body))
            """)
        let inbox = writes.inbox
        add(
            !inbox.isEmpty,
            """
            INSERT INTO reeve.inbox (
                created_at, tenant_id, target_id, source_id, source_sequence, ordinal, kind, body)
            SELECT \(writes.recordedAt)::timestamptz, tenant_id, target_id, source_id, sequence, ordinal, kind, body
            FROM unnest(
                \(inbox.map(\.tenant)), \(inbox.map(\.target)), \(inbox.map(\.source)), \(inbox.map(\.sequence)),
                \(inbox.map(\.ordinal)), \(inbox.map(\.kind)), \(inbox.map(\.body))
            ) WITH ORDINALITY
                AS sent (tenant_id, target_id, source_id, sequence, ordinal, kind, body, place)
            ORDER BY place
            """)
        let taken = writes.takenInbox
        add(
            !taken.isEmpty,
            """
            DELETE FROM reeve.inbox m
            USING (SELECT \(columns: taken.map(\.tenant), taken.map(\.position))) AS taken (tenant_id, position)
            WHERE (m.tenant_id, m.position) = (taken.tenant_id, taken.position)
            """)
        let occurrences = writes.occurrences
        add(
            !occurrences.isEmpty,
            """
            INSERT INTO reeve.schedule_occurrence (tenant_id, definition, occurs_at, key, instance_id)
            SELECT \(columns:
                occurrences.map(\.tenant), occurrences.map(\.definition), occurrences.map(\.at),
                occurrences.map(\.key), occurrences.map(\.instance))
            """)
    }

    private mutating func addEvidence(_ writes: Writes) {
        let evidence = writes.evidence
        add(
            !evidence.isEmpty,
            """
            INSERT INTO reeve.evidence (
                added_at, tenant_id, instance_id, sequence, digest, title, uri, media_type, size, added_by)
            SELECT \(writes.recordedAt)::timestamptz, \(columns:
                evidence.map(\.key.tenant), evidence.map(\.key.id), evidence.map(\.sequence),
                evidence.map(\.evidence.digest), evidence.map(\.evidence.title), evidence.map(\.evidence.uri),
                evidence.map(\.evidence.file?.mediaType), evidence.map(\.evidence.file?.size), evidence.map(\.actor))
            """)
        let links = Array(writes.links)
        add(
            !links.isEmpty,
            """
            INSERT INTO reeve.link (linked_at, tenant_id, instance_id, target_id, relation)
            SELECT \(writes.recordedAt)::timestamptz, \(columns:
                links.map(\.key.tenant), links.map(\.key.id), links.map(\.target), links.map(\.relation))
            ON CONFLICT DO NOTHING
            """)
    }

    private mutating func addProjections(_ projections: Projections) {
        addClocks(new: projections.newClocks, changed: projections.changedClocks)
        let closed = projections.closedTasks
        add(
            !closed.isEmpty,
            """
            DELETE FROM reeve.task t
            USING (SELECT \(columns:
                closed.map(\.key.tenant), closed.map(\.key.id), closed.map(\.kind), closed.map(\.item.name),
                closed.map(\.item.key))) AS closed (tenant_id, instance_id, kind, name, key)
            WHERE (t.tenant_id, t.instance_id, t.kind, t.name, t.key)
                = (closed.tenant_id, closed.instance_id, closed.kind, closed.name, closed.key)
            """)
        for task in projections.openedTasks {
            statements.append(
                """
                INSERT INTO reeve.task (
                    tenant_id, instance_id, kind, name, key, title, people, groups, opened_at, due_at)
                VALUES (
                    \(task.key.tenant), \(task.key.id), \(task.kind), \(task.item.name), \(task.item.key),
                    \(task.title), \(task.people), \(task.groups), \(task.openedAt), \(task.due as Instant?))
                ON CONFLICT (tenant_id, instance_id, kind, name, key) DO UPDATE
                SET title = excluded.title, people = excluded.people, groups = excluded.groups,
                    opened_at = excluded.opened_at, due_at = excluded.due_at
                """)
        }
        addHolders(projections)
        addExports(projections)
    }

    private mutating func addClocks(new: [Projections.ClockRow], changed: [Projections.ClockRow]) {
        add(
            !new.isEmpty,
            """
            INSERT INTO reeve.clock (\(unescaped: Self.clockColumns))
            SELECT \(columns:
                new.map(\.key.tenant), new.map(\.key.id), new.map(\.item.name), new.map(\.item.key), new.map(\.round),
                new.map(\.title), new.map(\.status), new.map(\.rule), new.map(\.startedAt), new.map(\.due),
                new.map(\.latest), new.map(\.endedAt), new.map(\.isOverdue), new.map(\.usesCalendar), new.map(\.zone))
            """)
        add(
            !changed.isEmpty,
            """
            UPDATE reeve.clock c
            SET title = n.title, status = n.status, rule = n.rule, started_at = n.started_at, due_at = n.due_at,
                latest_at = n.latest_at, ended_at = n.ended_at, is_overdue = n.is_overdue,
                uses_calendar = n.uses_calendar, zone = n.zone,
                changes = c.changes + (\(unescaped: Self.shownDiffers))::integer,
                changed_at = CASE WHEN \(unescaped: Self.shownDiffers) THEN now() ELSE c.changed_at END
            FROM (SELECT \(columns:
                changed.map(\.key.tenant), changed.map(\.key.id), changed.map(\.item.name), changed.map(\.item.key),
                changed.map(\.round), changed.map(\.title), changed.map(\.status), changed.map(\.rule),
                changed.map(\.startedAt), changed.map(\.due), changed.map(\.latest), changed.map(\.endedAt),
                changed.map(\.isOverdue), changed.map(\.usesCalendar), changed.map(\.zone)))
                AS n (\(unescaped: Self.clockColumns))
            WHERE (c.tenant_id, c.instance_id, c.name, c.key, c.round)
                = (n.tenant_id, n.instance_id, n.name, n.key, n.round)
            """)
    }

    private static let clockColumns = """
        tenant_id, instance_id, name, key, round, title, status, rule, started_at, due_at, latest_at, ended_at,
        is_overdue, uses_calendar, zone
        """

    /// Whether what a feed shows of a clock differs.
    private static let shownDiffers = """
        (c.title, c.status, c.due_at, c.latest_at, c.zone)
            IS DISTINCT FROM (n.title, n.status, n.due_at, n.latest_at, n.zone)
        """

    private mutating func addHolders(_ projections: Projections) {
        let former = projections.formerHolders
        add(
            !former.isEmpty,
            """
            DELETE FROM reeve.role_holder h
            USING (SELECT \(columns:
                former.map(\.key.tenant), former.map(\.key.id), former.map(\.role), former.map(\.person)))
                AS former (tenant_id, instance_id, role, person_id)
            WHERE (h.tenant_id, h.instance_id, h.role, h.person_id)
                = (former.tenant_id, former.instance_id, former.role, former.person_id)
            """)
        let new = projections.newHolders
        add(
            !new.isEmpty,
            """
            INSERT INTO reeve.role_holder (tenant_id, instance_id, role, person_id)
            SELECT \(columns: new.map(\.key.tenant), new.map(\.key.id), new.map(\.role), new.map(\.person))
            """)
    }

    private mutating func addExports(_ projections: Projections) {
        let former = projections.formerExports
        add(
            !former.isEmpty,
            """
            DELETE FROM reeve.exported_key e
            USING (SELECT \(columns:
                former.map(\.key.tenant), former.map(\.definition), former.map(\.field), former.map(\.value),
                former.map(\.key.id))) AS former (tenant_id, definition, field, key, instance_id)
            WHERE (e.tenant_id, e.definition, e.field, e.key, e.instance_id)
                = (former.tenant_id, former.definition, former.field, former.key, former.instance_id)
            """)
        let new = projections.newExports
        add(
            !new.isEmpty,
            """
            INSERT INTO reeve.exported_key (tenant_id, definition, field, key, instance_id)
            SELECT \(columns:
                new.map(\.key.tenant), new.map(\.definition), new.map(\.field), new.map(\.value), new.map(\.key.id))
            """)
    }
}
