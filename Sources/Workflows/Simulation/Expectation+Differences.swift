import CEL
import Deadlines
import JSON

extension Scenario.Expectation {
    /// One thing that is not as expected.
    struct Difference {
        let position: SourcePosition
        let text: String
    }

    /// Whether anything is expected of an instance, and not only of the schedule.
    var isAboutInstance: Bool {
        state != nil || !data.isEmpty || !clocks.isEmpty || !children.isEmpty || notified != nil || !log.isEmpty
    }

    /// Everything that is not as expected, in the order of the file.
    func differences(from entry: Instances.Entry, _ outcome: Player.StepOutcome) -> [Difference] {
        let snapshot = entry.snapshot
        var found: [Difference] = []
        if let state, state != snapshot.state {
            found.append(Difference(position: position, text: "expected state \(state), is \(snapshot.state)"))
        }
        found += data.compactMap { difference(entry, $0.name, $0.value, $0.position) }
        found += clocks.flatMap { $0.differences(from: snapshot) }
        for (name, keys, position) in children {
            let wanted = snapshot.children.records(named: name)
                .filter { $0.record.status == .wanted || $0.record.status == .ended }.map(\.key)
            if wanted != keys.sorted() {
                let text =
                    "expected children \(name) [\(keys.joined(separator: ", "))], are [\(wanted.joined(separator: ", "))]"
                found.append(Difference(position: position, text: text))
            }
        }
        if let notified, notified.sorted() != outcome.notified.sorted() {
            let text =
                "expected notifications [\(notified.joined(separator: ", "))], were "
                + "[\(outcome.notified.joined(separator: ", "))]"
            found.append(Difference(position: position, text: text))
        }
        for text in log where !outcome.log.contains(where: { $0.contains(text) }) {
            let log = outcome.log.isEmpty ? "nothing" : outcome.log.joined(separator: "; ")
            found.append(Difference(position: position, text: "expected \"\(text)\" in the log, which says: \(log)"))
        }
        return found
    }

    private func difference(
        _ entry: Instances.Entry, _ name: String, _ json: JSON, _ position: SourcePosition
    ) -> Difference? {
        let actual = entry.snapshot.data[name]
        guard let field = entry.machine.tables.fields[name]?.field else {
            return Difference(position: position, text: "there is no field \(name)")
        }
        var admission = Admission()
        let expected: CEL.Value? =
            json.isNull ? .none : .some(admission.admit(CEL.Value(json: json), as: field.schema, at: SchemaPath(name)))
        switch (actual, expected) {
        case (nil, nil): return nil
        case (let actual?, let expected?) where actual.celEquals(expected): return nil
        default:
            let text = "expected \(name) \(json.isNull ? "unset" : json.text()), is \(actual?.plain.text() ?? "unset")"
            return Difference(position: position, text: text)
        }
    }
}

extension Scenario.ClockExpectation {
    fileprivate func differences(from snapshot: Snapshot) -> [Scenario.Expectation.Difference] {
        guard let record = snapshot.clocks[clock], let round = record.last else {
            return [.init(position: position, text: "clock \(clock) has not started")]
        }
        var found: [Scenario.Expectation.Difference] = []
        if let status, status != round.shown {
            let text = "expected clock \(clock) \(status.rawValue), is \(round.shown.rawValue)"
            found.append(.init(position: position, text: text))
        }
        if let due, due != round.due {
            let text = "expected clock \(clock) due \(due), is \(round.due?.description ?? "waiting")"
            found.append(.init(position: position, text: text))
        }
        let ended = record.rounds.filter { !$0.isOpen }.map(\.shown)
        if let rounds, rounds != ended {
            let text =
                "expected rounds [\(rounds.map(\.rawValue).joined(separator: ", "))] of clock \(clock), are "
                + "[\(ended.map(\.rawValue).joined(separator: ", "))]"
            found.append(.init(position: position, text: text))
        }
        return found
    }
}

extension ClockRecord.Round {
    /// How a scenario names where the round stands.
    fileprivate var shown: Scenario.ClockStatus {
        switch status {
        case .waiting: .waiting
        case .running: isOverdue ? .overdue : .running
        case .paused: .paused
        case .met: .met
        case .missed: .missed
        case .cancelled: .cancelled
        }
    }
}

extension Rejection {
    /// What a scenario's `rejected` is looked for in: the code in words, the particulars, and the message.
    var searchText: String {
        let particulars =
            switch self {
            case .unknownEvent(let event, let state, _): "unknown event \(event) in \(state)"
            case .missing(let names): "missing \(names.joined(separator: ", "))"
            case .required(let names, let state): "requires \(names.joined(separator: ", ")) in \(state)"
            case .unexpected(let names, _): "unexpected \(names.joined(separator: ", "))"
            case .separation(_, let role, let other): "separation of \(role) and \(other)"
            case .notEligible(_, let role, _): "role \(role)"
            default: ""
            }
        let words = code.map { $0 == "-" ? " " : $0 }
        return "\(String(words)) \(particulars) \(message)".lowercased()
    }
}
