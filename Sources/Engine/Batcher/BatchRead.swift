import Deadlines
import JSON
import PostgresClient
import Workflows

/// The first round trip of a batch: takes the instances, then reads what else the commands need.
struct BatchRead: Sendable {
    private enum Part: Sendable {
        case setUp, installation, tenants, instances, answers, openings, origins, attempts
    }

    private let jobs: [Job]
    private let targets: Targets
    private var parts: [(part: Part, query: PostgresQuery)] = []
    /// How many openings of each workflow ask for a reference.
    private var openings: [Found.WorkflowKey: Int32] = [:]

    /// The statements, in order; the first opens the transaction unless it is open.
    var statements: [PostgresQuery] { parts.map(\.query) }

    init(jobs: [Job], _ targets: Targets, locking: Locking, isOpen: Bool = false) {
        (self.jobs, self.targets) = (jobs, targets)
        if !isOpen { parts.append((.setUp, "BEGIN")) }
        addInstances(locking)
        parts.append((.installation, Found.installation))
        parts.append((.tenants, TenantRow.query(Set(jobs.map(\.command.tenant)).sorted())))
        addAnswers()
        addOrigins()
        addAttempts()
        addOpenings()
    }

    // MARK: - Statements

    private mutating func addInstances(_ locking: Locking) {
        if case .wait(let limit) = locking {
            let milliseconds = max(1, limit.wholeMicroseconds / 1000)
            parts.append((.setUp, "SELECT set_config('lock_timeout', \(String(milliseconds)), true)"))
        }
        let (tenant, instance) = ("wanted.tenant_id", "wanted.id")
        parts.append(
            (
                .instances,
                """
                SELECT wanted.index, \(unescaped: Holding.columns(tenant: tenant, instance: instance))
                FROM (SELECT \(columns:
                    targets.keys.indices.map { Int32($0) }, targets.keys.map(\.tenant), targets.keys.map(\.id)))
                    AS wanted (index, tenant_id, id)
                \(unescaped: Holding.join(tenant: tenant, instance: instance, locking))
                """
            ))
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
        if !timers.isEmpty {
            parts.append(
                (
                    .origins,
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
                    .origins,
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
                    .origins,
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
        var found = Found(commands: jobs.count)
        found.holdings = Array(repeating: .absent, count: targets.keys.count)
        for (part, rows) in zip(parts.map(\.part), answers) {
            switch part {
            case .setUp: break
            case .installation: try found.addInstallation(rows)
            case .tenants: try found.addTenants(rows)
            case .instances:
                for row in rows {
                    let index = Int(try row.decode(Int32.self, at: 0))
                    found.holdings[index] = try Holding(row, targets.keys[index], from: 1)
                }
            case .answers:
                for (tenant, principal, key, hash, answer) in try rows.decode(
                    (Identifier, String, String, Bytea, StoredJSON).self)
                {
                    found.answers[.init(tenant: tenant, principal: principal, key: key)] = Found.KeptAnswer(
                        requestHash: hash.bytes, answer: (try? answer.json) ?? .null)
                }
            case .origins:
                for row in rows { found.origins[Int(try row.decode(Int32.self, at: 0))] = true }
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
