import Workflows

/// Decides what a worker reads next from a queue that many tenants share, and from which place on.
///
/// A queue is read in the order of its index. Rows that were taken leave dead entries behind, which cost time as long
/// as some old transaction keeps them alive; so each tenant has a *mark*, the place where the next claim begins.
/// What lies below a mark all the same (armed late, or given back by a worker that died) is found by a re-check, at
/// most once a second and for at most a twentieth of the time.
///
/// Tenants with due rows are claimed in turn, each with an equal share of a batch, so that a tenant with a
/// million due rows delays no other. Time is an argument: how long the worker has been running.
struct ClaimRota<Place: Comparable & Sendable>: Sendable {
    /// What to read for one tenant.
    struct Share: Sendable {
        var tenant: Identifier
        /// Rows behind this place only; nil means from the beginning.
        var after: Place?
        var limit: Int
    }

    /// What to do next.
    enum Step: Sendable {
        /// Ask which tenants have due rows behind their marks, and when the next falls due.
        case survey
        /// Ask for the first row at or before each mark.
        case recheck
        /// Take rows.
        case claim([Share])
        /// Nothing until then, or until a hint.
        case wait(until: Duration)
    }

    /// How often and how much.
    struct Limits: Sendable {
        /// Rows in one claim, all tenants together.
        var batch = 200
        /// A worker looks at least this often, whatever it was told.
        var look = Duration.seconds(1)
        /// Surveys are at least this far apart, and at most a tenth of the time goes into them.
        var survey = (least: Duration.milliseconds(5), most: Duration.milliseconds(250), share: 10)
        /// Re-checks are at least this far apart, and at most a twentieth of the time goes into them.
        var recheck = (least: Duration.seconds(1), share: 20)
    }

    let limits: Limits
    private(set) var marks: [Identifier: Place] = [:]
    /// Tenants known to have due rows, the next to be claimed first.
    private var due: [Identifier] = []
    private var earliestSurvey = Duration.zero
    private var nextLook = Duration.zero
    private var nextRecheck: Duration

    init(limits: Limits = Limits()) {
        self.limits = limits
        nextRecheck = limits.recheck.least
    }

    /// Says what to do now; several may ask, and no two are told to look for the same.
    ///
    /// - Parameter batch: Rows in one claim, where fewer than usual are wanted.
    mutating func next(at now: Duration, batch: Int? = nil) -> Step {
        if now >= nextRecheck, !marks.isEmpty {
            nextRecheck = now + limits.recheck.least
            return .recheck
        }
        if now >= max(earliestSurvey, due.isEmpty ? nextLook : .zero) {
            earliestSurvey = now + limits.survey.most
            nextLook = now + limits.look
            return .survey
        }
        if !due.isEmpty { return .claim(shares(batch ?? limits.batch)) }
        let wake = max(earliestSurvey, nextLook)
        return .wait(until: marks.isEmpty ? wake : min(wake, nextRecheck))
    }

    /// Each tenant in turn gets an equal share; who comes first changes with every claim.
    private mutating func shares(_ batch: Int) -> [Share] {
        let count = min(due.count, batch)
        let chosen = due.prefix(count)
        due = Array(due.dropFirst(count)) + chosen
        let (share, rest) = batch.quotientAndRemainder(dividingBy: count)
        return chosen.enumerated().map { index, tenant in
            Share(tenant: tenant, after: marks[tenant], limit: share + (index < rest ? 1 : 0))
        }
    }
}

// MARK: - What was found

extension ClaimRota {
    /// A survey named the tenants with due rows; the next row of any tenant falls due in `next`.
    mutating func surveyed(_ tenants: [Identifier], next: Duration?, took: Duration, at now: Duration) {
        let known = Set(due)
        let found = Set(tenants)
        // Who had nothing due comes first: it waits for one claim, however many have a backlog.
        due = tenants.filter { !known.contains($0) } + due.filter(found.contains)
        earliestSurvey = now + min(max(took * limits.survey.share, limits.survey.least), limits.survey.most)
        nextLook = now + min(next ?? limits.look, limits.look)
    }

    /// A re-check found the first rows below some marks: claims begin there again.
    ///
    /// - Parameter places: For each tenant a place before which nothing waits.
    mutating func rechecked(_ places: [(tenant: Identifier, before: Place)], took: Duration, at now: Duration) {
        for (tenant, place) in places { lower(tenant, to: place, at: now) }
        nextRecheck = now + max(took * limits.recheck.share, limits.recheck.least)
    }

    /// A claim took rows up to a place; one that got less than its share has nothing more for now.
    mutating func claimed(_ share: Share, count: Int, last: Place?) {
        if let last { marks[share.tenant] = max(last, marks[share.tenant] ?? last) }
        if count < share.limit { due.removeAll { $0 == share.tenant } }
    }

    /// A claim came to nothing: its rows wait behind the place where it began.
    mutating func failed(_ shares: [Share]) {
        for share in shares {
            if let after = share.after, let mark = marks[share.tenant], after < mark {
                marks[share.tenant] = after
            } else if share.after == nil {
                marks[share.tenant] = nil
            }
        }
    }

    /// A row was put at a place that may lie below the mark.
    mutating func lower(_ tenant: Identifier, to place: Place, at now: Duration) {
        if let mark = marks[tenant], place < mark { marks[tenant] = place }
        hint(at: now)
    }

    /// Something was put into the queue: look as soon as a survey may be made.
    mutating func hint(at now: Duration) { nextLook = min(nextLook, now) }
}
