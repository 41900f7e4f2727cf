import Logging
import PostgresClient
import Synchronization
import Workflows

/// Steps instances whose timers fall due.
///
/// A batch is one transaction: it claims due timers that nobody holds, then their instances, steps them, and takes the
/// timers away with what the steps wrote. What to do next is ``TimerAgenda``'s to decide; the loops here do it.
final class TimerWatch: Sendable {
    let engine: Engine
    let worker: Identifier
    let agenda: Mutex<TimerAgenda>
    let logger: Logger
    private let lanes: Int
    private let bells: [Doorbell]
    private let started = ContinuousClock.now
    private let isStopping = Atomic<Bool>(false)

    init(engine: Engine, worker: Identifier, lanes: Int, agenda: TimerAgenda) {
        self.engine = engine
        self.worker = worker
        self.lanes = max(1, lanes)
        self.agenda = Mutex(agenda)
        logger = engine.configuration.logger
        bells = (0...self.lanes).map { _ in Doorbell() }
    }

    /// How long the watch has been running.
    var now: Duration { ContinuousClock.now - started }

    /// Whether timers are stepped one by one.
    var isCareful: Bool { agenda.withLock { $0.care.isCareful } }

    /// A timer may have been armed that is due before anything known.
    func hint() {
        agenda.withLock { $0.rota.hint(at: now) }
        for bell in bells { bell.ring() }
    }

    /// Ends the loops when their present transaction is over.
    func stop() {
        isStopping.store(true, ordering: .relaxed)
        for bell in bells { bell.ring() }
    }

    /// Works until ``stop()``.
    func run() async {
        await withTaskGroup { group in
            for lane in 0..<lanes { group.addTask { await self.runBatches(self.bells[lane]) } }
            group.addTask { await self.runAlone(self.bells[self.lanes]) }
        }
    }

    // MARK: - Loops

    private func runBatches(_ bell: Doorbell) async {
        var kept = KeptConnection(engine.configuration.database.acting(as: "reeve_engine"))
        var troubles = 0
        while !isStopping.load(ordering: .relaxed) {
            let now = now
            let work = agenda.withLock { $0.next(at: now) }
            if case .wait(let until) = work {
                await bell.wait(atMost: until - now)
                continue
            }
            do throws(PostgresError) {
                let connection = try await kept.get()
                try await connection.preferred { (connection) async throws(PostgresError) in
                    try await perform(work, on: connection)
                }
                troubles = 0
            } catch {
                await recover(from: error, troubles: &troubles, kept: &kept, bell)
            }
        }
        await kept.close()
    }

    private func runAlone(_ bell: Doorbell) async {
        var kept = KeptConnection(engine.configuration.database.acting(as: "reeve_engine"))
        var troubles = 0
        while !isStopping.load(ordering: .relaxed) {
            let now = now
            let work = agenda.withLock { $0.nextAlone(at: now) }
            do throws(PostgresError) {
                switch work {
                case .wait(let until): await bell.wait(atMost: until - now)
                case .locked(let timer):
                    defer { agenda.withLock { $0.locked.aloneEnded() } }
                    try await stepWaiting(timer, on: try await kept.get())
                case .failing(let timer): try await stepCarefully(timer, on: try await kept.get())
                case .careful(let work): try await performCarefully(work, on: try await kept.get())
                }
                if case .wait = work { continue }
                troubles = 0
            } catch {
                await recover(from: error, troubles: &troubles, kept: &kept, bell)
            }
        }
        await kept.close()
    }

    private func recover(
        from error: PostgresError, troubles: inout Int, kept: inout KeptConnection, _ bell: Doorbell
    ) async {
        troubles += 1
        logger.warning("timers wait for the database", metadata: ["error": "\(error)", "attempt": "\(troubles)"])
        await kept.reset()
        await bell.wait(atMost: Backoff.ofDatabase.wait(after: troubles))
    }

    // MARK: - Looking

    func survey(_ marks: [Identifier: TimerPlace], on connection: PostgresConnection) async throws(PostgresError) {
        let begun = now
        let (due, next) = try TimerQueries.surveyed(try await connection.query(TimerQueries.survey(marks: marks)))
        let now = now
        agenda.withLock { $0.rota.surveyed(due, next: next, took: now - begun, at: now) }
        if due.count > 1 || next != nil { for bell in bells.dropLast() { bell.ring() } }
    }

    func recheck(_ marks: [Identifier: TimerPlace], on connection: PostgresConnection) async throws(PostgresError) {
        let begun = now
        let low = try TimerQueries.rechecked(try await connection.query(TimerQueries.recheck(marks: marks)))
        let now = now
        agenda.withLock { $0.rota.rechecked(low, took: now - begun, at: now) }
    }

    /// Tells the agenda what a claim brought.
    func took(_ claimed: [ClaimedTimer], for shares: [ClaimRota<TimerPlace>.Share]) -> [ClaimedTimer] {
        // The timers of one share come one after another.
        var counts: [Identifier: (count: Int, last: TimerPlace)] = [:]
        var first = 0
        for index in claimed.indices {
            let timer = claimed[index].timer
            if index + 1 == claimed.count || claimed[index + 1].timer.tenant != timer.tenant {
                counts[timer.tenant] = (index + 1 - first, timer.place)
                first = index + 1
            }
        }
        return agenda.withLock { agenda in
            for share in shares {
                agenda.rota.claimed(share, count: counts[share.tenant]?.count ?? 0, last: counts[share.tenant]?.last)
            }
            return agenda.admit(claimed)
        }
    }
}
