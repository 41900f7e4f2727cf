import Deadlines

// Timers: one stands for each open round, at the next instant at which something has to happen.
extension Run {
    /// A timer fell due: the clock is overdue, or rungs of its ladder fire.
    ///
    /// No formula is evaluated here, so that a ladder climbs on even where the definition fails.
    /// - Returns: the events that rungs send to the instance itself.
    mutating func fire(_ key: ItemKey, generation: Int64) -> [String] {
        guard let (number, open) = next.clocks.read(key, { ($0.number, $0.open) }), let round = open,
            let timer = round.timer, timer.generation == generation
        else {
            note(.staleTimer(key, generation: generation))
            return []
        }
        fired = timer
        let climbed = round.climbedTo
        let now = now
        update(key) { round in
            round.timer = nil
            round.climbedTo = now
        }
        guard let due = round.due, round.status == .running else { return [] }
        if now >= due, !round.isOverdue {
            update(key) { $0.isOverdue = true }
            note(.clockOverdue(key, round: number, due: due))
        }
        guard let name = round.ladder, let table = tables.ladders[name] else { return [] }
        let ladder = Ladder(
            beats: table.beats, start: round.startedAt, due: due, isAcknowledged: round.acknowledgedBy != nil)
        var sends: [String] = []
        for firing in ladder.firings(after: climbed, upTo: now) {
            let rung = table.rungs[firing.rung]
            note(
                .rung(
                    key, ladder: name, rung: firing.rung, skipped: firing.skipped, repetition: firing.repetition))
            climb(rung, key)
            if let event = rung.send, firing.repetition == 0 { sends.append(event) }
        }
        return sends
    }

    private mutating func climb(_ rung: Definition.Rung, _ key: ItemKey) {
        if !rung.notify.isEmpty { notify(resolve(rung.notify), Notification.escalation, about: key) }
        for (name, recipient) in rung.reassign {
            guard let role = tables.roles[name] else { continue }
            let candidates = resolve([recipient]).filter { conflict(of: $0, with: role) == nil }
            let eligible = candidates.filter { role.role.from.isEmpty || isMember($0, ofOne: role.role.from) }
            guard !eligible.isEmpty else {
                note(.fault("Nobody eligible for the role \(name) was found among \(recipient.words)."))
                continue
            }
            let holders = role.role.many ? eligible : [eligible[0]]
            if next.holders[name] != holders { hand(role, to: holders) }
        }
    }

    /// Arms and disarms what the step has changed.
    mutating func armTimers() {
        for key in touched.count > 1 ? touched.sorted() : touched {
            guard let round = next.clocks[key]?.open else { continue }
            let wanted = nextInstant(of: round)
            if let timer = round.timer {
                if let wanted, timer.dueAt == wanted || (timer.dueAt <= now && wanted <= now) { continue }
                timers.append(.disarm(key, timer))
            }
            let timer = wanted.map { ArmedTimer(generation: issue(), dueAt: max($0, now)) }
            next.clocks.update(key) { $0.last?.timer = timer }
            if let timer { timers.append(.arm(key, timer)) }
        }
    }

    /// The next instant at which something happens to a round; nil where nothing will.
    private func nextInstant(of round: ClockRecord.Round) -> Instant? {
        guard round.status == .running, let due = round.due else { return nil }
        var wanted = round.isOverdue ? nil : due
        if let name = round.ladder, let table = tables.ladders[name] {
            let ladder = Ladder(
                beats: table.beats, start: round.startedAt, due: due, isAcknowledged: round.acknowledgedBy != nil)
            if let rung = ladder.next(after: round.climbedTo) { wanted = min(wanted ?? rung, rung) }
        }
        return wanted
    }
}

extension Notification {
    /// The template of what a ladder tells people.
    public static let escalation = "escalation"
    /// The template of what tells people that something failed.
    public static let fault = "fault"
}

extension Definition.Recipient {
    /// Whom it means, in words.
    var words: String {
        switch self {
        case .role(let role): role
        case .lead(let role): "lead of \(role)"
        case .manager(let role): "manager of \(role)"
        case .onCall(let schedule): "oncall \(schedule)"
        case .group(let group): "group \(group)"
        case .person(let person): "person \(person)"
        }
    }
}
