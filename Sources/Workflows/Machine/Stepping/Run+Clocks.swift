import CEL
import Deadlines

// Rounds of clocks: they begin, are held, go on, and end as met, missed or neither.
extension Run {
    /// Judges all clocks whose conditions or due instants something in this step may have changed.
    mutating func settleClocks() throws(Halt) {
        let told = event.flatMap { tables.listeners[$0]?.clocks } ?? []
        for (place, table) in tables.clocks.enumerated() {
            let isTold = !told.isEmpty && told.contains(place)
            let isJudged =
                isTold || isUpgrading || (move != nil && table.watchesStates)
                || !changed.isDisjoint(with: table.conditionInputs)
            let isRetimed =
                isRecomputing || !changed.isDisjoint(with: table.timingInputs)
                || isReviewing && !changed.isDisjoint(with: table.endInputs)
            guard isJudged || isRetimed else { continue }
            if let each = table.clock.each {
                try settleElements(table, each, isJudged: isJudged)
            } else {
                let key = ItemKey(table.clock.name)
                try settle(table, key, nil, isJudged: isJudged && !hasClosedBefore)
            }
        }
    }

    /// Whether clocks are computed anew although nothing that they read has changed.
    var isRecomputing: Bool {
        switch input.act {
        case .recompute, .upgrade: true
        default: false
        }
    }

    /// Whether the instance had ended before this step: its rounds are judged anew, but none begins.
    private var hasClosedBefore: Bool { hasEnded && move == nil }

    private mutating func settleElements(_ table: ClockTable, _ each: Formula, isJudged: Bool) throws(Halt) {
        let name = table.clock.name
        let elements = try elements(each, table.clock.key, .plain)
        for (key, item) in elements {
            try settle(table, ItemKey(name, key), item, isJudged: isJudged && !hasClosedBefore)
        }
        let present = Set(elements.map(\.key))
        for key in next.clocks.keys(named: name) where !present.contains(key.key) {
            next.held.remove(Self.heldName(key, "start"))
            cancelRound(key, at: now)
        }
    }

    private mutating func settle(
        _ table: ClockTable, _ key: ItemKey, _ item: CEL.Value?, isJudged: Bool
    ) throws(Halt) {
        let scope = Scope(item: item)
        if isJudged { try judge(table, key, scope) }
        guard isReviewing || isRecomputing || !changed.isDisjoint(with: table.timingInputs),
            let record = next.clocks[key]
        else { return }
        // What has only just begun is timed again for nothing, since its question is known by then.
        if record.isOpen {
            try retime(table, key, scope)
        } else if isReviewing {
            try review(table, key, scope)
        }
    }

    // MARK: Conditions

    private mutating func judge(_ table: ClockTable, _ key: ItemKey, _ scope: Scope) throws(Halt) {
        var begins = try turnsTrue(
            table.clock.start, Self.heldName(key, "start"), isElement: table.clock.each != nil, scope)
        // What a new version has brought begins where the instance stands.
        if isUpgrading, next.clocks[key] == nil { begins = try holds(table.clock.start, scope) }
        var restarts = false
        if let restart = table.clock.restart {
            restarts = try turnsTrue(restart, Self.heldName(key, "restart"), isElement: table.clock.each != nil, scope)
        }
        let isOpen = next.clocks.read(key) { $0.isOpen } ?? false
        guard isOpen || begins else { return }

        let stops = try holds(table.clock.stop, scope)
        let cancels = try stops ? false : holds(table.clock.cancel, scope)
        if !isOpen {
            if cancels { return }
            try begin(table, key, at: try instant(table.clock.start.at, scope), isRestarted: false, scope)
        }
        if stops {
            endRound(key, at: try instant(table.clock.stop?.at, scope))
        } else if cancels {
            cancelRound(key, at: try instant(table.clock.cancel?.at, scope))
        } else if restarts, isOpen {
            let at = try instant(table.clock.restart?.at, scope)
            endRound(key, at: at)
            try begin(table, key, at: at, isRestarted: true, scope)
        } else {
            try hold(table, key, scope)
        }
    }

    /// Whether a condition is true in this pass.
    mutating func holds(_ condition: Definition.Condition?, _ scope: Scope) throws(Halt) -> Bool {
        switch condition?.kind {
        case nil: false
        case .states(let names)?: names.contains(next.state)
        case .events(let names)?: event.map(names.contains) ?? false
        case .formula(let formula)?: try isTrue(formula, scope)
        }
    }

    /// Whether a condition turns true in this pass.
    ///
    /// What it was before is known from the move and the event, and remembered for formulas and for elements.
    mutating func turnsTrue(
        _ condition: Definition.Condition, _ name: @autoclosure () -> String, isElement: Bool, _ scope: Scope
    ) throws(Halt) -> Bool {
        switch condition.kind {
        case .events(let names): return event.map(names.contains) ?? false
        case .states(let names) where !isElement:
            guard let move, names.contains(move.to) else { return false }
            return move.from == move.to || !names.contains(move.from)
        case .states, .formula:
            let isTrue = try holds(condition, scope)
            let name = name()
            let isEnteredAnew = move.map { $0.from == $0.to } ?? false
            guard isTrue else {
                next.held.remove(name)
                return false
            }
            if next.held.insert(name).inserted { return true }
            if case .states = condition.kind { return isEnteredAnew }
            return false
        }
    }

    static func heldName(_ key: ItemKey, _ part: String) -> String { "clocks.\(key).\(part)" }

    // MARK: Rounds

    private mutating func begin(
        _ table: ClockTable, _ key: ItemKey, at start: Instant, isRestarted: Bool, _ scope: Scope
    ) throws(Halt) {
        try beginRound(
            key, title: try text(table.title, scope), table.clock.timing, from: start, isRestarted: isRestarted, scope)
    }

    /// Begins a round of a clock, task or approval.
    mutating func beginRound(
        _ key: ItemKey, title: String, _ timing: Definition.Timing, from start: Instant, isRestarted: Bool = false,
        _ scope: Scope
    ) throws(Halt) {
        let measured = try measure(timing, from: start, pauses: [], scope, known: nil)
        let round = ClockRecord.Round(
            status: measured.due == nil ? .waiting : .running, title: title, startedAt: start,
            isRestarted: isRestarted, due: measured.due, latest: measured.latest, basis: measured.basis,
            pausedAt: nil, pauses: [], endedAt: nil, isOverdue: false, ladder: measured.ladder, climbedTo: nil,
            acknowledgedBy: nil, timer: nil)
        let number = append(round, to: key)
        note(.clockStarted(key, round: number, startedAt: start, due: measured.due))
    }

    /// Adds a round to a clock and yields its number.
    mutating func append(_ round: ClockRecord.Round, to key: ItemKey) -> Int {
        touch(key)
        if let number = next.clocks.update(key, { $0.append(round) }) { return number }
        var record = ClockRecord()
        let number = record.append(round)
        next.clocks[key] = record
        return number
    }

    mutating func touch(_ key: ItemKey) {
        if !touched.contains(key) { touched.append(key) }
        change(.clocks)
    }

    /// Changes the present round of a clock.
    mutating func update(_ key: ItemKey, _ change: (inout ClockRecord.Round) -> Void) {
        let isThere = next.clocks.update(key) { $0.change(change) }
        if isThere == true { touch(key) }
    }

    /// Holds a clock while its pause lasts, and lets it go on afterwards.
    private mutating func hold(_ table: ClockTable, _ key: ItemKey, _ scope: Scope) throws(Halt) {
        guard let record = next.clocks[key], let round = record.open else { return }
        let pause = table.clock.pause
        guard pause != nil || round.status == .paused else { return }
        let isHeld = try holds(pause, scope)
        if isHeld, round.status != .paused {
            let at = try instant(pause?.at, scope)
            update(key) { round in
                round.status = .paused
                round.pausedAt = at
            }
            note(.clockPaused(key, round: record.number, at: at))
        } else if !isHeld, round.status == .paused {
            let now = now
            update(key) { round in
                round.pauses.append(Pause(from: round.pausedAt ?? now, until: now))
                round.pausedAt = nil
                round.status = .running
            }
            try retime(table, key, scope, isResuming: true)
            note(.clockResumed(key, round: record.number, due: next.clocks[key]?.open?.due))
        }
    }

    /// Ends the open round as met or missed.
    mutating func endRound(_ key: ItemKey, at instant: Instant) {
        close(key, at: instant) { $0.isMet(at: instant) ? .met : .missed }
    }

    /// Ends the open round as neither.
    mutating func cancelRound(_ key: ItemKey, at instant: Instant) {
        close(key, at: instant) { _ in .cancelled }
    }

    private mutating func close(
        _ key: ItemKey, at instant: Instant, _ judge: (ClockRecord.Round) -> ClockRecord.Status
    ) {
        var ended: (number: Int, status: ClockRecord.Status, timer: ArmedTimer?)?
        next.clocks.update(key) { record in
            guard record.isOpen else { return }
            let number = record.number
            record.change { round in
                let status = judge(round)
                ended = (number, status, round.timer)
                (round.status, round.endedAt, round.timer) = (status, instant, nil)
            }
        }
        guard let (number, status, timer) = ended else { return }
        if let timer, timer != fired { timers.append(.disarm(key, timer)) }
        touch(key)
        switch status {
        case .met, .missed: note(.clockStopped(key, round: number, at: instant, isMet: status == .met))
        default: note(.clockCancelled(key, round: number))
        }
    }

    /// Ends what still runs when the instance ends.
    mutating func closeClocks() {
        for (key, record) in next.clocks where record.isOpen {
            cancelRound(key, at: now)
        }
    }
}

extension ClockRecord {
    /// Adds a round and yields its number; the earliest gives way where there are too many.
    mutating func append(_ round: Round) -> Int {
        if let former = last.take() { earlier.append(former) }
        if earlier.count >= Self.keptRounds {
            earlier.removeFirst(earlier.count - Self.keptRounds + 1)
            forgotten += 1
        }
        last = round
        return number
    }

    /// Changes the last round; says whether there is one.
    @discardableResult
    mutating func change(_ change: (inout Round) -> Void) -> Bool {
        guard hasRounds else { return false }
        change(&last!)
        return true
    }

    /// The number of the last round, counted from 1.
    public var number: Int { forgotten + earlier.count + (hasRounds ? 1 : 0) }

    private var hasRounds: Bool { last?.status != nil }
}

extension ClockRecord.Round {
    /// Whether an end at an instant is in time; while the clock is held, its time does not run.
    func isMet(at instant: Instant) -> Bool {
        guard let due else { return true }
        // Before `latest` it is within the law; only what is later counts as late.
        let (end, expiry) = (min(instant, pausedAt ?? instant), max(due, latest ?? due))
        // A period of law has expired at its instant: an act has to come before it.
        if case .rule = basis?.measure { return end < expiry }
        return end <= expiry
    }
}
