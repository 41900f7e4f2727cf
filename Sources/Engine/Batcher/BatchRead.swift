import Deadlines
import JSON
import PostgresClient
import Workflows

/// The first round trip of a batch: locks, then reads what the commands need as it stands behind the locks.
///
/// Locking and reading are two statements. In READ COMMITTED the second sees what was committed before the locks were
/// granted; a single statement would join a locked row that has moved on with data from before.
struct BatchRead: Sendable {
    /// What to do about an instance that another transaction holds.
    enum Locking: Sendable {
        /// Lock nothing, since nothing will be written.
        case none
        /// Leave it.
        case skip
        /// Wait for it, up to a time.
        case wait(Duration)
    }

    private enum Part: Sendable {
        case setUp, locks, installation, tenants, instances, answers, openings, timers, inbox, occurrences, attempts
    }

    private let jobs: [Job]
    /// The instances that they are for, in order.
    private let keys: [InstanceKey]
    private let locking: Locking
    /// Whether the caller's transaction holds the timers that the commands take away.
    private let isOpen: Bool
    private var parts: [(part: Part, query: PostgresQuery)] = []
    /// How many openings of each workflow ask for a reference.
    private var openings: [Found.WorkflowKey: Int32] = [:]

    /// The statements, in order; the first opens the transaction unless it is open.
    var statements: [PostgresQuery] { parts.map(\.query) }

    init(jobs: [Job], locking: Locking, isOpen: Bool = false) {
        (self.jobs, self.locking, self.isOpen) = (jobs, locking, isOpen)
        keys = Set(jobs.map(\.command.key)).sorted()
        if !isOpen { parts.append((.setUp, "BEGIN")) }
        addLocks(locking)
        parts.append((.installation, "SELECT clock_timestamp(), incarnation FROM reeve.installation"))
        addInstances()
        addTenants()
        addAnswers()
        addOrigins()
        addAttempts()
        addOpenings()
    }

    // MARK: - Statements

    private mutating func addLocks(_ locking: Locking) {
        let skipping: String
        switch locking {
        case .none: return
        case .skip: skipping = "SKIP LOCKED"
        case .wait(let limit):
            skipping = ""
            let milliseconds = max(1, limit.wholeMicroseconds / 1000)
            parts.append((.setUp, "SELECT set_config('lock_timeout', \(String(milliseconds)), true)"))
        }
        parts.append(
            (
                .locks,
                """
                SELECT i.tenant_id, i.id
                FROM (SELECT \(columns: keys.map(\.tenant), keys.map(\.id))) AS wanted (tenant_id, id)
                JOIN reeve.instance i USING (tenant_id, id)
                ORDER BY i.tenant_id, i.id
                FOR NO KEY UPDATE OF i \(unescaped: skipping)
                """
            ))
    }

    private mutating func addInstances() {
        parts.append(
            (
                .instances,
                """
                SELECT \(unescaped: StoredInstance.columns)
                FROM (SELECT \(columns: keys.map(\.tenant), keys.map(\.id))) AS wanted (tenant_id, id)
                JOIN reeve.instance i USING (tenant_id, id)
                JOIN reeve.instance_data d ON (d.tenant_id, d.instance_id) = (i.tenant_id, i.id)
                """
            ))
    }

    private mutating func addTenants() {
        parts.append((.tenants, TenantRow.query(Set(jobs.map(\.command.tenant)).sorted())))
    }

    private mutating func addAnswers() {
        let keyed = jobs.map(\.command).filter { $0.idempotencyKey != nil }
        guard !keyed.isEmpty else { return }
        parts.append(
            (
                .answers,
                """
                SELECT k.tenant_id, k.principal, k.key, k.request_hash, k.answer
                FROM (SELECT \(columns:
                    keyed.map(\.tenant), keyed.map(\.input.actor.text), keyed.map { $0.idempotencyKey ?? "" }))
                    AS wanted (tenant_id, principal, key)
                JOIN reeve.idempotency k USING (tenant_id, principal, key)
                """
            ))
    }

    private mutating func addOrigins() {
        var timers: [(index: Int32, tenant: Identifier, instance: Identifier, timer: ArmedTimer)] = []
        var messages: [(index: Int32, tenant: Identifier, position: Int64)] = []
        var occurrences: [(index: Int32, tenant: Identifier, workflow: String, at: Instant, key: String)] = []
        for (index, job) in jobs.enumerated() {
            let tenant = job.command.tenant
            switch (job.command.origin, job.command.target) {
            case (.request, _): break
            case (.timer(let instance, let timer), _): timers.append((Int32(index), tenant, instance, timer))
            case (.inbox(let position), _): messages.append((Int32(index), tenant, position))
            case (.occurrence(let at, let key), .opening(let workflow)):
                occurrences.append((Int32(index), tenant, workflow, at, key))
            case (.occurrence, .instance): break
            }
        }
        if !timers.isEmpty, !isOpen {
            parts.append(
                (
                    .timers,
                    """
                    SELECT wanted.index
                    FROM (SELECT \(columns:
                        timers.map(\.index), timers.map(\.tenant), timers.map(\.timer.dueAt), timers.map(\.instance),
                        timers.map(\.timer.generation))) AS wanted (index, tenant_id, due_at, instance_id, generation)
                    JOIN reeve.timer t USING (tenant_id, due_at, instance_id, generation)
                    FOR UPDATE OF t SKIP LOCKED
                    """
                ))
        }
        if !messages.isEmpty {
            parts.append(
                (
                    .inbox,
                    """
                    SELECT wanted.index
                    FROM (SELECT \(columns: messages.map(\.index), messages.map(\.tenant), messages.map(\.position)))
                        AS wanted (index, tenant_id, position)
                    JOIN reeve.inbox m USING (tenant_id, position)
                    FOR UPDATE OF m SKIP LOCKED
                    """
                ))
        }
        if !occurrences.isEmpty {
            parts.append(
                (
                    .occurrences,
                    """
                    SELECT wanted.index
                    FROM (SELECT \(columns:
                        occurrences.map(\.index), occurrences.map(\.tenant), occurrences.map(\.workflow),
                        occurrences.map(\.at), occurrences.map(\.key)))
                        AS wanted (index, tenant_id, definition, occurs_at, key)
                    WHERE NOT EXISTS (
                        SELECT FROM reeve.schedule_occurrence o
                        WHERE (o.tenant_id, o.definition, o.occurs_at, o.key)
                            = (wanted.tenant_id, wanted.definition, wanted.occurs_at, wanted.key)
                    )
                    """
                ))
        }
    }

    /// Looks for what attempts have written whose COMMIT was never answered.
    private mutating func addAttempts() {
        var attempts: [(index: Int32, attempt: Job.Attempt)] = []
        for (index, job) in jobs.enumerated() {
            if let attempt = job.attempt { attempts.append((Int32(index), attempt)) }
        }
        guard !attempts.isEmpty else { return }
        parts.append(
            (
                .attempts,
                """
                SELECT wanted.index
                FROM (SELECT \(columns:
                    attempts.map(\.index), attempts.map(\.attempt.key.tenant), attempts.map(\.attempt.key.id),
                    attempts.map(\.attempt.sequence), attempts.map { Bytea($0.attempt.hash) }))
                    AS wanted (index, tenant_id, instance_id, sequence, hash)
                JOIN reeve.journal j USING (tenant_id, instance_id, sequence, hash)
                """
            ))
    }

    /// Finds the newest versions of workflows and reserves numbers for references.
    ///
    /// It comes last: the counters are the
    /// one thing that openings contend for.
    private mutating func addOpenings() {
        for job in jobs {
            guard case .opening(let workflow) = job.command.target else { continue }
            openings[.init(tenant: job.command.tenant, name: workflow), default: 0] += 1
        }
        guard !openings.isEmpty else { return }
        let wanted = openings.sorted { ($0.key.tenant, $0.key.name) < ($1.key.tenant, $1.key.name) }
        parts.append(
            (
                .openings,
                """
                WITH newest AS (
                    SELECT
                        wanted.tenant_id, wanted.name, wanted.count, d.version, d.reference AS prefix,
                        EXTRACT(year FROM clock_timestamp() AT TIME ZONE t.zone)::integer AS year
                    FROM (SELECT \(columns: wanted.map(\.key.tenant), wanted.map(\.key.name), wanted.map(\.value)))
                        AS wanted (tenant_id, name, count)
                    JOIN reeve.tenant t USING (tenant_id)
                    CROSS JOIN LATERAL (
                        SELECT d.version, d.reference
                        FROM reeve.definition d
                        WHERE (d.tenant_id, d.name) = (wanted.tenant_id, wanted.name)
                        ORDER BY d.version DESC
                        LIMIT 1
                    ) d
                ),
                counted AS (
                    INSERT INTO reeve.reference_counter AS c (tenant_id, prefix, year, last)
                    SELECT tenant_id, prefix, year, sum(count)
                    FROM newest
                    GROUP BY tenant_id, prefix, year
                    ORDER BY tenant_id, prefix, year
                    ON CONFLICT (tenant_id, prefix, year) DO UPDATE SET last = c.last + excluded.last
                    RETURNING tenant_id, prefix, year, last
                )
                SELECT
                    n.tenant_id, n.name, n.version, n.prefix, n.year,
                    c.last + 1 - sum(n.count) OVER (PARTITION BY n.tenant_id, n.prefix, n.year ORDER BY n.name DESC)
                        AS first_number
                FROM newest n
                JOIN counted c USING (tenant_id, prefix, year)
                """
            ))
    }

    // MARK: - Rows

    /// What the answers to the statements say.
    func found(in answers: some Collection<PostgresRows>) throws(PostgresError) -> Found {
        var found = Found(recordedAt: Instant(microseconds: 0), incarnation: 0)
        found.instances.reserveCapacity(keys.count)
        found.locked.reserveCapacity(keys.count)
        found.origins.reserveCapacity(jobs.count)
        if isOpen {
            for (index, job) in jobs.enumerated() {
                if case .timer = job.command.origin { found.origins.insert(index) }
            }
        }
        for (part, rows) in zip(parts.map(\.part), answers) {
            switch part {
            case .setUp: break
            case .locks:
                for (tenant, id) in try rows.decode((Identifier, Identifier).self) {
                    found.locked.insert(InstanceKey(tenant: tenant, id: id))
                }
            case .installation:
                if let (now, incarnation) = try rows.first((Instant, Int32).self) {
                    found.recordedAt = now
                    found.incarnation = incarnation
                }
            case .tenants:
                for row in rows {
                    let tenant = try TenantRow(row)
                    found.tenants[tenant.id] = tenant
                }
            case .instances:
                for row in rows {
                    let instance = try StoredInstance(row)
                    let key = InstanceKey(tenant: instance.definition.tenant, id: instance.head.id)
                    found.instances[key] = instance
                    if case .none = locking { found.locked.insert(key) }
                }
            case .answers:
                for (tenant, principal, key, hash, answer) in try rows.decode(
                    (Identifier, String, String, Bytea, StoredJSON).self)
                {
                    found.answers[.init(tenant: tenant, principal: principal, key: key)] = Found.KeptAnswer(
                        requestHash: hash.bytes, answer: (try? answer.json) ?? .null)
                }
            case .timers, .inbox, .occurrences:
                for row in rows { found.origins.insert(Int(try row.decode(Int32.self, at: 0))) }
            case .attempts:
                for row in rows { found.committed.insert(Int(try row.decode(Int32.self, at: 0))) }
            case .openings:
                for (tenant, name, version, prefix, year, first) in try rows.decode(
                    (Identifier, String, Int32, String, Int32, Int64).self)
                {
                    found.newest[.init(tenant: tenant, name: name)] = Found.Newest(
                        version: Int(version), prefix: prefix, year: Int(year), nextNumber: first)
                }
            }
        }
        return found
    }
}
