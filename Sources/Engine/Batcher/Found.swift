import CEL
import Deadlines
import JSON
import Workflows

/// What a transaction found after it took its locks.
struct Found: Sendable {
    struct KeptAnswer: Sendable {
        var requestHash: [UInt8]
        var answer: JSON
    }

    struct AnswerKey: Hashable, Sendable {
        var tenant: Identifier
        var principal: String
        var key: String
    }

    struct WorkflowKey: Hashable, Sendable {
        var tenant: Identifier
        var name: String
    }

    /// The newest version of a workflow, and the numbers reserved for its openings.
    struct Newest: Sendable {
        var version: Int
        var prefix: String
        var year: Int
        var nextNumber: Int64

        /// Takes one number: `INC-2026-0042`.
        mutating func reference() -> String {
            defer { nextNumber += 1 }
            let digits = String(nextNumber)
            let padding = String(repeating: "0", count: max(0, 4 - digits.count))
            return "\(prefix)-\(year)-\(padding)\(digits)"
        }
    }

    /// The database's clock after the locks.
    var recordedAt: Instant
    var incarnation: Int32
    var tenants: [Identifier: TenantRow] = [:]
    var locked: Set<InstanceKey> = []
    var instances: [InstanceKey: StoredInstance] = [:]
    var answers: [AnswerKey: KeptAnswer] = [:]
    var newest: [WorkflowKey: Newest] = [:]
    /// Rows of queues that are still there, by the index of the command that takes them away.
    var origins: Set<Int> = []
    /// Commands whose earlier attempt turned out to be committed.
    var committed: Set<Int> = []
}

/// What became of one command of a batch.
enum Outcome: Sendable {
    /// Done.
    case done(Answer)
    /// Refused; the rest of the batch is not concerned.
    case refused(Refusal)
    /// Another transaction holds the instance.
    case busy
    /// The row that it was to take away is gone: somebody else has done it.
    case gone
    /// It cannot be done at all, for a reason that is nobody's input.
    case failed(String)
}

/// A command with what is known of an earlier attempt whose outcome was lost.
struct Job: Sendable {
    /// What an earlier attempt would have written, to be looked for.
    struct Attempt: Sendable {
        var key: InstanceKey
        var sequence: Int64
        var hash: [UInt8]
        var answer: Answer
    }

    var command: Command
    var attempt: Attempt?

    init(_ command: Command) { self.command = command }
}
