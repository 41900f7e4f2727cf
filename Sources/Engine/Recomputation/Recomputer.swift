import Logging
import PostgresClient
import Synchronization
import Workflows

/// Computes running clocks anew where somebody has asked for it: looks what would move, then moves it.
///
/// One worker at a time does so, page after page; how far it is stands in the database with each page, so that another
/// goes on where one has ended. A page that is done twice moves nothing the second time.
final class Recomputer: Sendable {
    /// How often it is looked whether there is something to do.
    static let pulse = Duration.seconds(1)
    /// The most instances in one transaction.
    static let batch = 256
    /// How many transactions of each connection make a page.
    static let batchesOfPage = 8

    private let engine: Engine
    private let logger: Logger
    private let lanes: Int
    private let bell = Doorbell()
    private let isStopping = Atomic<Bool>(false)

    init(engine: Engine, lanes: Int) {
        self.engine = engine
        self.lanes = max(1, lanes)
        logger = engine.configuration.logger
    }

    /// Ends the loop when its present page is done.
    func stop() {
        isStopping.store(true, ordering: .relaxed)
        bell.ring()
    }

    /// Works until ``stop()``.
    func run() async {
        let database = engine.configuration.database.acting(as: "reeve_engine")
        var kept = KeptConnection(database)
        var hands = (0..<lanes).map { _ in KeptConnection(database) }
        var troubles = 0
        while !isStopping.load(ordering: .relaxed) {
            do {
                let isIdle = try await work(&kept, &hands)
                troubles = 0
                if isIdle {
                    await bell.wait(atMost: Self.pulse)
                } else {
                    for index in hands.indices { await hands[index].close() }
                }
            } catch {
                troubles += 1
                logger.warning("a recomputation waits", metadata: ["error": "\(error)"])
                await kept.close()
                for index in hands.indices { await hands[index].close() }
                await bell.wait(atMost: Backoff.ofDatabase.wait(after: troubles))
            }
        }
        await kept.close()
        for index in hands.indices { await hands[index].close() }
    }

    /// Goes on with the oldest recomputation to its end, or until told to stop; says whether there was none.
    private func work(_ kept: inout KeptConnection, _ hands: inout [KeptConnection]) async throws -> Bool {
        let connection = try await kept.get()
        guard try await connection.query(RecomputationQueries.next).first != nil else { return true }
        let isMine: Bool? = try await connection.query(RecomputationQueries.tryLock).first(Bool.self)
        guard isMine == true else { return true }
        while !isStopping.load(ordering: .relaxed),
            let work = try RecomputationQueries.work(try await connection.query(RecomputationQueries.next))
        {
            if work.isApplying {
                try await apply(work, connection, &hands)
            } else {
                try await examine(work, connection, &hands)
            }
        }
        _ = try await connection.query(RecomputationQueries.unlock)
        return false
    }

    // MARK: - Examining

    private func examine(
        _ work: RecomputationQueries.Work, _ connection: PostgresConnection, _ hands: inout [KeptConnection]
    ) async throws {
        var work = work
        let surroundings = try await surroundings(of: work, connection)
        if work.position == nil {
            let total: Int64? = try await connection.query(RecomputationQueries.total(work)).first(Int64.self)
            _ = try await connection.pipeline(RecomputationQueries.begin(work, total: total ?? 0))
        }
        while !isStopping.load(ordering: .relaxed) {
            guard let page = try await page(work, connection) else { return try await conclude(work, connection) }
            let (transaction, present) = (engine.transaction, work)
            let found = try await spread(page, over: &hands) { slice, hand in
                let plan = try await transaction.rehearse(Self.jobs(present, slice), in: surroundings, on: hand)
                return (plan.openClocks, plan.failures)
            }
            try await connection.execute(
                RecomputationQueries.examined(
                    work, found.flatMap(\.0), failures: found.flatMap(\.1), count: page.count,
                    last: page[page.count - 1]))
            work.position = page[page.count - 1]
        }
    }

    private func surroundings(
        of work: RecomputationQueries.Work, _ connection: PostgresConnection
    ) async throws -> Surroundings {
        let rows = try await connection.query(TenantRow.query([work.tenant]))
        guard let row = rows.first else { throw AdministrationError.invalid("the tenant is gone") }
        let surroundings = try await engine.transaction.surroundings.load(try TenantRow(row), on: connection)
        guard let calendar = work.calendar else { return surroundings }
        return surroundings.with(
            calendars: try await engine.calendar(calendar, for: work.tenant, on: connection))
    }

    /// Every clock has been looked at: a dry run ends, and anything else goes on or waits for a second person.
    private func conclude(_ work: RecomputationQueries.Work, _ connection: PostgresConnection) async throws {
        try await connection.transaction { connection in
            if work.isDryRun {
                try await connection.execute(RecomputationQueries.end(work.id, of: work.tenant, as: .examined))
            } else {
                try await engine.proceed(with: work.id, calendar: work.calendar, of: work.tenant, on: connection)
            }
        }
    }

    // MARK: - Moving

    private func apply(
        _ work: RecomputationQueries.Work, _ connection: PostgresConnection, _ hands: inout [KeptConnection]
    ) async throws {
        var work = work
        while !isStopping.load(ordering: .relaxed) {
            guard let page = try await page(work, connection) else {
                try await connection.execute(RecomputationQueries.end(work.id, of: work.tenant, as: .done))
                return
            }
            let present = work
            let moved = try await spread(page, over: &hands) { slice, hand in
                try await self.move(Self.jobs(present, slice), .skip, on: hand)
            }
            try await connection.execute(
                RecomputationQueries.applied(
                    work, clocks: moved.reduce(0, +), count: page.count, last: page[page.count - 1]))
            work.position = page[page.count - 1]
        }
    }

    /// Steps instances in one transaction, and those that others hold after them; returns how many clocks were stored.
    private func move(_ jobs: [Job], _ locking: Locking, on connection: PostgresConnection) async throws
        -> Int
    {
        let result: BatchTransaction.Result
        do throws(BatchFailure) {
            result = try await engine.transaction.run(jobs, locking: locking, on: connection)
        } catch {
            await connection.rollback()
            guard case .bisect = Recovery.decide(error, count: jobs.count, tries: 3, isExpired: true) else {
                guard jobs.count == 1, !error.cause.isRetryable else { throw error.cause }
                log(jobs[0], "\(error.cause)")
                return 0
            }
            let middle = jobs.count / 2
            let first = try await move(Array(jobs[..<middle]), locking, on: connection)
            return first + (try await move(Array(jobs[middle...]), locking, on: connection))
        }
        engine.configuration.onCommit(result.hints)
        var held: [Job] = []
        for (job, outcome) in zip(jobs, result.outcomes) {
            switch outcome {
            case .done, .gone: break
            case .busy: held.append(job)
            case .refused(let refusal): log(job, refusal.message)
            case .failed(let reason): log(job, reason)
            }
        }
        var count = result.clocks
        for job in held { count += try await move([job], .wait(.seconds(5)), on: connection) }
        return count
    }

    private func log(_ job: Job, _ reason: String) {
        logger.error(
            "clocks could not be computed anew",
            metadata: [
                "tenant": "\(job.command.tenant)", "instance": "\(job.command.instance)", "error": "\(reason)",
            ])
    }

    // MARK: - Pages

    private func page(
        _ work: RecomputationQueries.Work, _ connection: PostgresConnection
    ) async throws -> [Identifier]? {
        let limit = Self.batch * Self.batchesOfPage * lanes
        let page = try await connection.query(RecomputationQueries.page(work, limit: limit)).decode(Identifier.self)
        return page.isEmpty ? nil : page
    }

    private static func jobs(_ work: RecomputationQueries.Work, _ instances: ArraySlice<Identifier>) -> [Job] {
        instances.map { id in
            Job(
                Command(
                    tenant: work.tenant, target: .instance(id),
                    input: Input(actor: .worker, act: .recompute(reason: work.reason))))
        }
    }

    /// Does something with all batches of a page, several connections side by side.
    private func spread<Value: Sendable>(
        _ page: [Identifier], over hands: inout [KeptConnection],
        _ body: @escaping @Sendable (ArraySlice<Identifier>, PostgresConnection) async throws -> Value
    ) async throws -> [Value] {
        var connections: [PostgresConnection] = []
        for index in hands.indices { connections.append(try await hands[index].get()) }
        let batches = stride(from: 0, to: page.count, by: Self.batch).map {
            page[$0..<min($0 + Self.batch, page.count)]
        }
        let count = connections.count
        return try await withThrowingTaskGroup(of: [Value].self) { group in
            for (hand, connection) in connections.enumerated() {
                group.addTask {
                    var values: [Value] = []
                    for index in stride(from: hand, to: batches.count, by: count) {
                        values.append(
                            try await connection.preferred { connection in try await body(batches[index], connection) })
                    }
                    return values
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
    }
}

extension Plan {
    /// The open clocks that differ from what is stored.
    var openClocks: [Projections.ClockRow] {
        writes.projections.clocks.filter { ["waiting", "running", "paused"].contains($0.status) }
    }

    /// Instances whose clocks cannot be computed, each with the reason.
    var failures: [(Identifier, String)] {
        var failures: [(Identifier, String)] = []
        for row in writes.journal where row.kind == Entry.Kind.fault.rawValue {
            failures.append((row.instance, row.faultMessage ?? "the step failed"))
        }
        for (job, outcome) in zip(jobs, outcomes) {
            switch outcome {
            case .refused(let refusal)?: failures.append((job.command.instance, refusal.message))
            case .failed(let reason)?: failures.append((job.command.instance, reason))
            default: break
            }
        }
        return failures
    }
}
