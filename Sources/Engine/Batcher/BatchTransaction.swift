import Deadlines
import PostgresClient
import Workflows

/// What a committed batch has left for others to do; hints, since each of them looks for itself too.
public struct CommitHints: Sendable, Equatable {
    /// The earliest due instant of a timer that was armed.
    public var earliestDue: Instant?
    /// Whether messages wait in the inbox.
    public var hasMessages = false
    /// Whether something waits to be delivered.
    public var hasDeliveries = false
}

/// Why a batch was not committed, as far as is known.
struct BatchFailure: Error {
    var cause: PostgresError
    /// What each command would have written; set once COMMIT was on its way.
    var attempts: [Job.Attempt?] = []
    /// Whether COMMIT was on its way, so that the outcome may be unknown.
    var isCommitSent: Bool
}

/// Runs one batch of commands in one transaction: two round trips where nothing has to be fetched between them.
struct BatchTransaction: Sendable {
    struct Result: Sendable {
        var outcomes: [Outcome]
        var hints: CommitHints
        /// How many rounds of clocks were stored.
        var clocks: Int
    }

    let definitions: DefinitionStore
    let surroundings: SurroundingsStore
    let measures: Measures

    /// Steps the commands and commits.
    ///
    /// - Parameters:
    ///   - jobs: the commands; those for one instance in their order.
    ///   - locking: what to do about instances that others hold.
    ///   - isOpen: whether the caller has begun the transaction, with claims of its own.
    /// - Throws: ``BatchFailure``; the transaction is then to be rolled back, or the connection is gone.
    func run(
        _ jobs: [Job], locking: Locking = .skip, on connection: PostgresConnection, isOpen: Bool = false
    ) async throws(BatchFailure) -> Result {
        try await run(on: connection) { () async throws(PostgresError) in
            try await decide(jobs, locking, connection, isOpen)
        }
    }

    /// Steps the commands of timers that the caller has claimed with their instances, and commits.
    ///
    /// - Throws: ``BatchFailure``; the transaction is then to be rolled back, or the connection is gone.
    func run(_ claim: TimerClaim, on connection: PostgresConnection) async throws(BatchFailure) -> Result {
        try await run(on: connection) { () async throws(PostgresError) in
            let targets = Targets(claim.jobs)
            let found = claim.found(for: targets)
            return try await complete(Plan(claim.jobs, targets, found), World(), connection)
        }
    }

    private func run(
        on connection: PostgresConnection, _ decide: () async throws(PostgresError) -> Plan
    ) async throws(BatchFailure) -> Result {
        let started = ContinuousClock.now
        let plan: Plan
        do throws(PostgresError) {
            plan = try await decide()
        } catch {
            throw BatchFailure(cause: error, isCommitSent: false)
        }
        do throws(PostgresError) {
            try await commit(BatchWrite(plan.writes).statements, on: connection)
        } catch {
            throw BatchFailure(cause: error, attempts: plan.attempts, isCommitSent: true)
        }
        measures.batchSizes.record(Double(plan.jobs.count))
        measures.batchSeconds.record(since: started)
        return Result(
            outcomes: plan.outcomes.map { $0 ?? .failed("the plan left a command without an outcome") },
            hints: CommitHints(plan.writes), clocks: plan.writes.projections.clocks.count)
    }

    /// What commands would do as things stand; nothing is locked, and nothing written.
    ///
    /// - Parameter surroundings: what their tenant keeps, in place of what is stored; their tenant is one.
    func rehearse(
        _ jobs: [Job], in surroundings: Surroundings, on connection: PostgresConnection
    ) async throws(PostgresError) -> Plan {
        var world = World()
        world.surroundings[surroundings.tenant.id] = surroundings
        return try await decide(jobs, .none, connection, true, world)
    }

    /// Steps commands and writes what comes of it, without COMMIT: the caller looks at it and rolls back.
    func perform(
        _ jobs: [Job], on connection: PostgresConnection, isOpen: Bool
    ) async throws(PostgresError) -> Plan {
        let plan = try await decide(jobs, .skip, connection, isOpen)
        let statements = BatchWrite(plan.writes).statements
        if !statements.isEmpty { _ = try await connection.pipeline(statements) }
        return plan
    }

    private func decide(
        _ jobs: [Job], _ locking: Locking, _ connection: PostgresConnection, _ isOpen: Bool,
        _ known: World = World()
    ) async throws(PostgresError) -> Plan {
        let targets = Targets(jobs)
        let read = BatchRead(jobs: jobs, targets, locking: locking, isOpen: isOpen)
        let found = try read.found(in: try await connection.pipeline(read.statements))
        return try await complete(Plan(jobs, targets, found), known, connection)
    }

    /// Steps all commands of a plan, and fetches what they need beside.
    private func complete(
        _ plan: consuming Plan, _ known: World, _ connection: PostgresConnection
    ) async throws(PostgresError) -> Plan {
        var plan = plan
        var world = known
        var needs = plan.foreseen(in: world)
        fillFromMemory(&needs, &world, plan.found)
        while true {
            needs = plan.proceed(in: world)
            fillFromMemory(&needs, &world, plan.found)
            if needs.isEmpty, plan.isFinished { return plan }
            try await fetch(needs, into: &world, plan.found, connection)
        }
    }

    /// Takes what this process has in memory already.
    private func fillFromMemory(_ needs: inout Needs, _ world: inout World, _ found: Found) {
        for key in needs.machines {
            guard let machine = definitions.machine(key) else { continue }
            world.machines[key] = machine
            needs.machines.remove(key)
        }
        for id in needs.surroundings {
            guard let tenant = found.tenants[id], let copy = surroundings.surroundings(of: tenant) else { continue }
            world.surroundings[id] = copy
            needs.surroundings.remove(id)
        }
    }

    private func fetch(
        _ needs: Needs, into world: inout World, _ found: Found, _ connection: PostgresConnection
    ) async throws(PostgresError) {
        if !needs.machines.isEmpty {
            world.machines.merge(try await definitions.load(needs.machines, on: connection)) { $1 }
        }
        for id in needs.surroundings {
            if let tenant = found.tenants[id] {
                world.surroundings[id] = try await surroundings.load(tenant, on: connection)
            }
        }
        if !needs.reads.isEmpty {
            let answers = try await InstanceReads.answer(needs.reads, definitions: definitions, on: connection)
            for (key, more) in answers { world.answers[key, default: [:]].merge(more) { $1 } }
        }
    }

    /// Writes and commits in one round trip, which nothing interrupts.
    private func commit(_ statements: [PostgresQuery], on connection: PostgresConnection) async throws(PostgresError) {
        let results = try await connection.pipeline(statements + ["COMMIT"], patience: .unlimited)
        guard let commit = results.last else { return }
        if let notice = commit.notices.first(where: \.isUnconfirmedCommit) { throw .commitUnconfirmed(notice) }
        if commit.commandTag == "ROLLBACK" {
            throw .misuse("a statement of the transaction had failed, so COMMIT rolled it back")
        }
    }
}

extension CommitHints {
    init(_ writes: Writes) {
        earliestDue = writes.armed.map(\.dueAt).min()
        hasMessages = !writes.inbox.isEmpty
        hasDeliveries = !writes.outbox.isEmpty
    }

    /// Adds the hints of another batch.
    mutating func merge(_ other: CommitHints) {
        earliestDue = [earliestDue, other.earliestDue].compactMap { $0 }.min()
        hasMessages = hasMessages || other.hasMessages
        hasDeliveries = hasDeliveries || other.hasDeliveries
    }
}
