import Deadlines
import PostgresClient
import Workflows

// Timers stepped together.
extension TimerWatch {
    func perform(_ work: TimerAgenda.Work, on connection: PostgresConnection) async throws(PostgresError) {
        switch work {
        case .survey(let marks): try await survey(marks, on: connection)
        case .recheck(let marks): try await recheck(marks, on: connection)
        case .claim(let shares): try await claim(shares, on: connection)
        case .retry(let timers): try await step(timers, on: connection)
        case .wait: break
        }
    }

    /// Claims timers with their instances and steps them in the same transaction: two round trips.
    private func claim(
        _ shares: [ClaimRota<TimerPlace>.Share], on connection: PostgresConnection
    ) async throws(PostgresError) {
        do throws(PostgresError) {
            let answers = try await connection.pipeline([
                "BEGIN", TimerQueries.claim(shares), Found.installation, TenantRow.query(shares.map(\.tenant)),
            ])
            let claimed = took(try TimerQueries.claimed(answers[1]), for: shares)
            if claimed.isEmpty {
                await connection.rollback()
            } else {
                var clock = Found(commands: 0)
                try clock.addInstallation(answers[2])
                try clock.addTenants(answers[3])
                let claim = TimerClaim(claimed, clock)
                try await step(claim.timers, claim, on: connection)
            }
        } catch {
            agenda.withLock { $0.rota.failed(shares) }
            throw error
        }
    }

    /// Steps timers in one transaction; where one of them offends the database, both halves by themselves.
    ///
    /// - Parameter claim: How the transaction that is open holds them; nil where none is.
    /// - Throws: where none of it is known to be done; the timers stand and are claimed again.
    func step(
        _ timers: [DueTimer], _ claim: TimerClaim? = nil, on connection: PostgresConnection
    ) async throws(PostgresError) {
        let failure: BatchFailure
        do throws(BatchFailure) {
            let result =
                if let claim {
                    try await engine.transaction.run(claim, on: connection)
                } else {
                    try await engine.transaction.run(timers.map { Job($0.command) }, on: connection)
                }
            await stepped(timers, result, on: connection)
            return
        } catch {
            failure = error
        }
        await connection.rollback()
        switch Recovery.decide(failure, count: timers.count, tries: 3, isExpired: true) {
        case .bisect:
            logger.warning(
                "a batch of timers failed and is halved",
                metadata: ["error": "\(failure.cause)", "timers": "\(timers.count)"])
            let middle = timers.count / 2
            try await step(Array(timers[..<middle]), on: connection)
            try await step(Array(timers[middle...]), on: connection)
        case .giveUp(.failed):
            for timer in timers {
                try await failed(timer, reason: "\(failure.cause)", isCounted: false, on: connection)
            }
        case .giveUp, .retry, .verify: throw failure.cause
        }
    }

    /// Sorts the outcomes of a committed batch.
    private func stepped(
        _ timers: [DueTimer], _ result: BatchTransaction.Result, on connection: PostgresConnection
    ) async {
        engine.configuration.onCommit(result.hints)
        count(timers, result.outcomes)
        let now = now
        var failures: [(DueTimer, String)] = []
        agenda.withLock { agenda in
            for (timer, outcome) in zip(timers, result.outcomes) {
                switch outcome {
                case .done, .gone: agenda.locked.ended(timer)
                case .busy: agenda.locked.wasLocked(timer, at: now)
                case .refused(let refusal):
                    agenda.locked.ended(timer)
                    if refusal.code == Rejection.suspended.code { failures.append((timer, refusal.message)) }
                case .failed(let reason):
                    agenda.locked.ended(timer)
                    failures.append((timer, reason))
                }
            }
        }
        for (timer, reason) in failures {
            // What cannot be counted now is counted when the timer is claimed again.
            do throws(PostgresError) {
                try await failed(timer, reason: reason, isCounted: false, on: connection)
            } catch {
                logger.warning("a failed attempt was not counted", metadata: ["error": "\(error)"])
            }
        }
    }

    /// Takes note of how late timers were, by this machine's clock, which decides nothing.
    private func count(_ timers: [DueTimer], _ outcomes: [Outcome]) {
        let measures = engine.measures
        let now = Instant.hostClock
        for (timer, outcome) in zip(timers, outcomes) {
            guard case .done = outcome else { continue }
            measures.timers.add()
            measures.lateness.record(Double(now.microseconds - timer.place.dueAt.microseconds) / 1_000_000)
        }
    }
}
