import PostgresClient
import Workflows

// Timers stepped one by one.
extension TimerWatch {
    /// How long the slow lane waits for an instance that others hold.
    private static let lockTimeout = Duration.milliseconds(500)

    /// Steps a timer whose instance is held, waiting for the instance first and only then taking the timer.
    func stepWaiting(_ timer: DueTimer, on connection: PostgresConnection) async throws(PostgresError) {
        do throws(BatchFailure) {
            let result = try await engine.transaction.run(
                [Job(timer.command)], locking: .wait(Self.lockTimeout), on: connection)
            try await alone(timer, result, isCounted: false, on: connection)
        } catch {
            await connection.rollback()
            let now = now
            if error.cause.state == .lockNotAvailable {
                agenda.withLock { $0.locked.wasLocked(timer, at: now) }
            } else if case .giveUp(.failed) = Recovery.decide(error, count: 1, tries: 3, isExpired: true) {
                agenda.withLock { $0.locked.ended(timer) }
                try await failed(timer, reason: "\(error.cause)", isCounted: false, on: connection)
            } else {
                agenda.withLock { $0.locked.wasLocked(timer, at: now) }
                throw error.cause
            }
        }
    }

    /// Looks for the next due timer and steps it by itself.
    func performCarefully(_ work: TimerAgenda.Work, on connection: PostgresConnection) async throws(PostgresError) {
        guard case .claim(let shares) = work else { return try await perform(work, on: connection) }
        do throws(PostgresError) {
            let rows = try await connection.query(TimerQueries.look(shares))
            for claimed in took(try TimerQueries.claimed(rows), for: shares) {
                try await stepCarefully(claimed.timer, on: connection)
            }
        } catch {
            agenda.withLock { $0.rota.failed(shares) }
            throw error
        }
    }

    /// Commits that a timer is about to be stepped, then steps it: should the process end in it, the next one knows.
    func stepCarefully(_ timer: DueTimer, on connection: PostgresConnection) async throws(PostgresError) {
        let known = agenda.withLock { $0.failing.record(of: timer) }
        if let known, known.demandsSuspension, try await !suspend(timer, known, on: connection) { return }
        _ = try await connection.query(TimerAttempts.count(timer, by: worker, error: nil))
        do throws(BatchFailure) {
            let result = try await engine.transaction.run(
                [Job(timer.command)], locking: .wait(Self.lockTimeout), on: connection)
            try await alone(timer, result, isCounted: true, on: connection)
        } catch {
            await connection.rollback()
            guard case .giveUp(.failed) = Recovery.decide(error, count: 1, tries: 3, isExpired: true) else {
                // The database's trouble, or a lock: it says nothing against the timer.
                try await connection.execute(TimerAttempts.forget(timer))
                let now = now
                agenda.withLock { agenda in
                    agenda.failing.ended(timer)
                    agenda.locked.wasLocked(timer, at: now)
                }
                if error.cause.state == .lockNotAvailable { return }
                throw error.cause
            }
            try await failed(timer, reason: "\(error.cause)", isCounted: true, on: connection)
        }
        agenda.withLock { $0.care.survived() }
    }

    /// Sorts the outcome of one timer.
    private func alone(
        _ timer: DueTimer, _ result: BatchTransaction.Result, isCounted: Bool, on connection: PostgresConnection
    ) async throws(BatchFailure) {
        engine.configuration.onCommit(result.hints)
        let now = now
        do throws(PostgresError) {
            switch result.outcomes.first {
            case .failed(let reason)?:
                agenda.withLock { $0.locked.ended(timer) }
                try await failed(timer, reason: reason, isCounted: isCounted, on: connection)
            case .busy?:
                agenda.withLock { $0.locked.wasLocked(timer, at: now) }
            case .refused(let refusal)? where refusal.code == Rejection.suspended.code:
                try await failed(timer, reason: refusal.message, isCounted: isCounted, on: connection)
            case .done, .gone, .refused, nil:
                let wasKnown = agenda.withLock { agenda in
                    agenda.locked.ended(timer)
                    defer { agenda.failing.ended(timer) }
                    return agenda.failing.record(of: timer) != nil
                }
                if isCounted || wasKnown { try await connection.execute(TimerAttempts.forget(timer)) }
            }
        } catch {
            throw BatchFailure(cause: error, isCommitSent: false)
        }
    }

    /// Counts an attempt that failed; what was written down before it is now known to be the step's own fault.
    func failed(
        _ timer: DueTimer, reason: String, isCounted: Bool, on connection: PostgresConnection
    ) async throws(PostgresError) {
        if isCounted { try await connection.execute(TimerAttempts.fail(timer, error: reason)) }
        let attempts: Int
        if isCounted, let known = agenda.withLock({ $0.failing.record(of: timer) }) {
            attempts = known.attempts + 1
        } else if isCounted {
            attempts = 1
        } else {
            let rows = try await connection.query(TimerAttempts.count(timer, by: nil, error: reason))
            attempts = try rows.isEmpty ? 1 : Int(rows[0].decode(Int32.self, at: 0))
        }
        let now = now
        agenda.withLock { $0.failing.failed(timer, attempts: attempts, at: now) }
        logger.error(
            "the step of a timer failed",
            metadata: [
                "tenant": "\(timer.tenant)", "instance": "\(timer.place.instance)", "timer": "\(timer.item.name)",
                "attempts": "\(attempts)", "error": "\(reason)",
            ])
    }

    /// Sees to it that the instance of a timer that failed too often is suspended.
    ///
    /// - Returns: Whether the timer may be tried now.
    private func suspend(
        _ timer: DueTimer, _ known: FailingTimers.Record, on connection: PostgresConnection
    ) async throws(PostgresError) -> Bool {
        let now = now
        let rows = try await connection.query(
            """
            SELECT i.status, COALESCE(a.error, 'the process ended in it')
            FROM reeve.instance i
            LEFT JOIN reeve.timer_attempt a
                ON (a.tenant_id, a.instance_id, a.generation) = (i.tenant_id, i.id, \(timer.place.generation))
            WHERE (i.tenant_id, i.id) = (\(timer.tenant), \(timer.place.instance))
            """)
        guard let (status, error) = try rows.first((String, String).self) else { return true }
        if status != Snapshot.Status.running.rawValue {
            // Held already. What has taken a process with it even so waits until somebody resumes the instance.
            if known.isDangerous { agenda.withLock { $0.failing.rests(timer, at: now) } }
            return !known.isDangerous
        }
        if known.isDangerous || known.attempts > Carefulness.attemptsBeforeSuspension {
            // Somebody has resumed it since: the count begins anew.
            try await connection.execute(TimerAttempts.forget(timer))
            agenda.withLock { $0.failing.ended(timer) }
            return true
        }
        let reason = "The timer of \(timer.item.name) failed \(known.attempts) times: \(error)"
        do throws(CommandError) {
            _ = try await engine.submit(
                Command(
                    tenant: timer.tenant, target: .instance(timer.place.instance),
                    input: Input(actor: .worker, act: .suspend(reason: String(reason.prefix(1000))))))
        } catch {
            logger.error(
                "an instance could not be suspended",
                metadata: [
                    "tenant": "\(timer.tenant)", "instance": "\(timer.place.instance)", "error": "\(error)",
                ])
            agenda.withLock { $0.failing.rests(timer, at: now) }
            return false
        }
        return true
    }
}
