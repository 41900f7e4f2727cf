import PostgresClient
import Workflows

/// All that a worker knows of due timers, and what each of its loops does next.
struct TimerAgenda: Sendable {
    /// What the loops that step batches do.
    enum Work: Sendable {
        case survey([Identifier: TimerPlace])
        case recheck([Identifier: TimerPlace])
        case claim([ClaimRota<TimerPlace>.Share])
        /// Step timers together whose instance was held before.
        case retry([DueTimer])
        case wait(until: Duration)
    }

    /// What the loop does that steps timers one by one.
    enum LoneWork: Sendable {
        /// One whose instance is held for long.
        case locked(DueTimer)
        /// One whose step has failed.
        case failing(DueTimer)
        /// Look for the next due timer, since any may take the process with it.
        case careful(Work)
        case wait(until: Duration)
    }

    var rota: ClaimRota<TimerPlace>
    var locked = HeldItems<DueTimer>()
    var failing: FailingTimers
    var care: Carefulness

    init(limits: ClaimRota<TimerPlace>.Limits, failing: FailingTimers, care: Carefulness) {
        rota = ClaimRota(limits: limits)
        self.failing = failing
        self.care = care
    }

    /// Says what a loop that steps batches does now.
    mutating func next(at now: Duration) -> Work {
        // While care is taken, the other loop does everything.
        if care.isCareful { return .wait(until: now + .seconds(1)) }
        let retried = locked.takeDue(at: now, limit: rota.limits.batch)
        if !retried.isEmpty { return .retry(retried) }
        return work(rota.next(at: now), now)
    }

    /// Says what the loop that steps timers one by one does now.
    mutating func nextAlone(at now: Duration) -> LoneWork {
        if let timer = locked.takeAlone(at: now) { return .locked(timer) }
        if let timer = failing.due(at: now) { return .failing(timer) }
        if care.isCareful {
            if let timer = locked.takeDue(at: now, limit: 1).first { return .failing(timer) }
            let work = work(rota.next(at: now, batch: 1), now)
            guard case .wait = work else { return .careful(work) }
            care.foundNothing()
        }
        let next = [locked.nextAt, failing.nextAt].compactMap { $0 }.min()
        return .wait(until: min(next ?? .seconds(Int64.max / 2), now + .seconds(1)))
    }

    private func work(_ step: ClaimRota<TimerPlace>.Step, _ now: Duration) -> Work {
        switch step {
        case .survey: .survey(rota.marks)
        case .recheck: .recheck(rota.marks)
        case .claim(let shares): .claim(shares)
        case .wait(let until): .wait(until: min(until, locked.nextAt ?? until))
        }
    }

    /// Sorts what a claim brought: which are stepped now; those whose steps have failed wait for their time.
    mutating func admit(_ claimed: [ClaimedTimer]) -> [ClaimedTimer] {
        claimed.filter { !$0.isPaused && !failing.keeps($0.timer) }
    }
}

/// A timer that a claim brought.
struct ClaimedTimer: Sendable {
    var timer: DueTimer
    /// Whether its definition is paused: it waits, and the mark passes it.
    var isPaused: Bool
    /// The row that was locked; nil where none was.
    var row: PostgresTupleID?
    /// How its instance was found; one that was not claimed with it counts as held by others.
    var holding: Holding
}

/// Timers that a transaction holds together with their instances.
struct TimerClaim: Sendable {
    let timers: [DueTimer]
    let jobs: [Job]
    private let holdings: [Holding]
    private let clock: Found

    /// - Parameter clock: What else the transaction found behind its locks.
    init(_ claimed: [ClaimedTimer], _ clock: Found) {
        timers = claimed.map(\.timer)
        jobs = claimed.map { Job($0.timer.command, timer: $0.row) }
        holdings = claimed.map(\.holding)
        self.clock = clock
    }

    /// What a plan has to know.
    func found(for targets: Targets) -> Found {
        var found = clock
        found.origins = Array(repeating: true, count: jobs.count)
        found.holdings = targets.parts.map { holdings[targets.jobs[$0.lowerBound]] }
        return found
    }
}
