import JSON
import Synchronization

/// What clients were told of each of their commands.
final class Ledger: Sendable {
    /// What became of a command, as its client knows.
    enum Outcome: Sendable, Equatable {
        /// Done, with this entry of the journal as the last.
        case done(instance: String, sequence: Int64)
        /// Refused, and nothing written.
        case refused(String)
        /// No answer that says anything.
        case unknown
    }

    private let state = Mutex<[String: Outcome]>([:])
    private let errors = Mutex<[String]>([])

    /// Notes the outcome of the command that has a key.
    func note(_ key: String, _ outcome: Outcome) { state.withLock { $0[key] = outcome } }

    /// Notes an answer by which the server owns to an error of its own; no failure of the world is one.
    func noteError(_ answer: Line.Answer?) {
        guard let answer, answer.status >= 500, answer.status != 503 else { return }
        errors.withLock { $0.append("\(answer.status) \(answer.body)") }
    }

    /// Answers by which the server owned to an error of its own.
    var faults: [String] { errors.withLock { $0 } }

    /// Identifiers of instances that commands were done to.
    var instances: Set<String> {
        Set(
            outcomes.values.compactMap { outcome in
                if case .done(let instance, _) = outcome { instance } else { nil }
            })
    }

    /// All outcomes by key.
    var outcomes: [String: Outcome] { state.withLock { $0 } }

    /// How many commands were done.
    var done: Int {
        outcomes.values.count { if case .done = $0 { true } else { false } }
    }

    /// How many were refused.
    var refused: Int {
        outcomes.values.count { if case .refused = $0 { true } else { false } }
    }
}

extension Ledger.Outcome {
    /// What an answer of the server means; nil where the request has to be sent again.
    init?(_ answer: Line.Answer?) {
        guard let answer else { return nil }
        switch answer.status {
        case 200...299:
            guard let instance = answer.body["instance"]?.stringValue, let sequence = answer.body["sequence"]?.intValue
            else { return nil }
            self = .done(instance: instance, sequence: sequence)
        case 400...428, 430...499:
            self = .refused(answer.body["rejection"]?["code"]?.stringValue ?? "\(answer.status)")
        default: return nil
        }
    }
}
