import CEL
import Deadlines
import JSON
import PostgresClient
import Workflows

/// The instances that commands are for, in the order of their keys, which is the order of locks.
struct Targets: Sendable {
    let keys: [InstanceKey]
    /// The commands by index, those for one instance beside one another and in their order.
    let jobs: [Int]
    /// Which of ``jobs`` are for each instance.
    let parts: [Range<Int>]

    init(_ jobs: [Job]) {
        let pairs = jobs.indices.map { (key: jobs[$0].command.key, job: $0) }.sorted { $0 < $1 }
        var keys: [InstanceKey] = []
        var starts: [Int] = []
        keys.reserveCapacity(pairs.count)
        starts.reserveCapacity(pairs.count + 1)
        for (place, pair) in pairs.enumerated() where pair.key != keys.last {
            keys.append(pair.key)
            starts.append(place)
        }
        starts.append(pairs.count)
        self.keys = keys
        self.jobs = pairs.map(\.job)
        parts = keys.indices.map { starts[$0]..<starts[$0 + 1] }
    }
}

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
    /// How each of the ``Targets`` was found.
    var holdings: [Holding] = []
    var answers: [AnswerKey: KeptAnswer] = [:]
    var newest: [WorkflowKey: Newest] = [:]
    /// Whether the row of a queue that a command takes away is still there, by its index.
    var origins: [Bool]
    /// Commands whose earlier attempt turned out to be committed.
    var committed: Set<Int> = []

    /// - Parameter commands: How many commands it is for.
    init(commands: Int) {
        (recordedAt, incarnation) = (Instant(microseconds: 0), 0)
        origins = Array(repeating: false, count: commands)
    }
}

extension Found {
    /// Asks for the database's clock and which of its lives this is.
    static let installation: PostgresQuery = "SELECT clock_timestamp(), incarnation FROM reeve.installation"

    /// Takes note of what ``installation`` has brought.
    mutating func addInstallation(_ rows: PostgresRows) throws(PostgresError) {
        if let (now, life) = try rows.first((Instant, Int32).self) { (recordedAt, incarnation) = (now, life) }
    }

    /// Takes note of what `TenantRow.query` has brought.
    mutating func addTenants(_ rows: PostgresRows) throws(PostgresError) {
        for row in rows {
            let tenant = try TenantRow(row)
            tenants[tenant.id] = tenant
        }
    }
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
    /// The row of the timer that asks for it, where the transaction has locked it.
    var timer: PostgresTupleID?

    init(_ command: Command, timer: PostgresTupleID? = nil) {
        self.command = command
        self.timer = timer
    }
}
