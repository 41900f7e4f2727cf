import Deadlines

// Ladders must reach somebody, and in time.
extension DefinitionCheck {
    func checkLadders() {
        for clock in definition.clocks { checkStatutory(clock.timing, "the clock `\(clock.name)`") }
        for state in definition.states {
            for task in state.tasks { checkStatutory(task.due, "the task `\(task.name)`") }
            for approval in state.approvals { checkStatutory(approval.due, "the approval `\(approval.name)`") }
        }
        for escalation in definition.escalations where isUsed(escalation) {
            checkEnd(of: escalation)
            checkSends(of: escalation)
        }
    }

    private func checkStatutory(_ timing: Definition.Timing?, _ place: String) {
        guard let timing, case .rule = timing.measure else { return }
        guard let escalation = timing.escalation else {
            report(
                .statutoryLadder, at: timing.position, "\(place) is statutory and has no ladder",
                expected: "`escalation` with a rung that tells a person before it is due")
            return
        }
        guard case .fixed(let name) = escalation,
            let ladder = definition.escalations.first(where: { $0.name == name })
        else { return }
        let early = ladder.rungs.contains { rung in
            switch rung.moment {
            case .share, .before: !rung.notify.isEmpty
            case .after: false
            }
        }
        if !early {
            report(
                .statutoryLadder, at: timing.position,
                "\(place) is statutory, and its ladder `\(name)` tells nobody before it is due",
                expected: "a rung with `share` or `before` and `notify`")
        }
    }

    /// After the due instant a ladder climbs until a line manager knows.
    private func checkEnd(of escalation: Definition.Escalation) {
        let late = escalation.rungs.filter { if case .after = $0.moment { true } else { false } }
        let reaches = late.contains { rung in
            (rung.notify + rung.reassign.map(\.to)).contains { if case .manager = $0 { true } else { false } }
        }
        if !reaches {
            report(
                .ladderWithoutManager, at: escalation.position,
                "the ladder `\(escalation.name)` reaches no line manager", length: escalation.name.count,
                expected: "a last rung such as `{ after: P7D, notify: [manager of owner] }`")
        }
    }

    /// An event that a ladder sends must be one that ladders may send, where its clocks run.
    private func checkSends(of escalation: Definition.Escalation) {
        for rung in escalation.rungs {
            guard let name = rung.send else { continue }
            let events =
                definition.states.flatMap(\.on).filter { $0.name == name }
                + definition.events.filter { $0.name == name }
            if !events.isEmpty, !events.contains(where: { $0.allow.contains(.ladder) }) {
                report(
                    .contractSender, at: rung.position,
                    "the ladder `\(escalation.name)` sends `\(name)`, which does not allow it",
                    expected: "`ladder` in `allow` of `\(name)`")
            }
        }
    }
}
