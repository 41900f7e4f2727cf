import Deadlines
import JSON
import PostgresClient
import Workflows

/// All that one transaction writes, table by table.
struct Writes: Sendable {
    struct InstanceRow: Sendable {
        var key: InstanceKey
        var definition: DefinitionKey
        var kind: Snapshot.Kind
        var visibility: Visibility
        var reference: String
        var parent: Snapshot.Parent?
    }

    struct DataRow: Sendable {
        var key: InstanceKey
        var snapshot: VerbatimJSON
        /// The row that holds it, which the transaction has locked; nil where there is none yet.
        var row: PostgresTupleID?
    }

    struct TimerRow: Sendable, Hashable {
        var key: InstanceKey
        var item: ItemKey
        var generation: Int64
        var dueAt: Instant
    }

    struct OutboxRow: Sendable {
        var id: Identifier
        var key: InstanceKey
        var sequence: Int64
        var ordinal: Int32
        var kind: String
        var destination: String
        var body: VerbatimJSON
    }

    struct InboxRow: Sendable {
        var tenant: Identifier
        var target: Identifier
        var source: Identifier
        var sequence: Int64
        var ordinal: Int32
        var kind: String
        var body: VerbatimJSON
    }

    struct AnswerRow: Sendable {
        var tenant: Identifier
        var principal: String
        var key: String
        var requestHash: [UInt8]
        var answer: StoredJSON
    }

    struct EvidenceRow: Sendable {
        var key: InstanceKey
        var sequence: Int64
        var evidence: Evidence
        var actor: String
    }

    struct LinkRow: Sendable, Hashable {
        var key: InstanceKey
        var target: Identifier
        var relation: String
    }

    struct OccurrenceRow: Sendable {
        var tenant: Identifier
        var definition: String
        var at: Instant
        var key: String
        var instance: Identifier
    }

    /// The instant of the transaction, by the database's clock.
    var recordedAt: Instant
    var instances: [InstanceRow] = []
    var data: [DataRow] = []
    var journal: [JournalRow] = []
    var hashes: [[UInt8]] = []
    var payloads: [PayloadRow] = []
    private(set) var armed: [TimerRow] = []
    private(set) var disarmed: [TimerRow] = []
    /// Timers that were stepped, which the transaction has locked.
    var takenTimers: [PostgresTupleID] = []
    var outbox: [OutboxRow] = []
    var inbox: [InboxRow] = []
    var takenInbox: [(tenant: Identifier, position: Int64)] = []
    var answers: [AnswerRow] = []
    var evidence: [EvidenceRow] = []
    var links: Set<LinkRow> = []
    var occurrences: [OccurrenceRow] = []
    var projections = Projections()

    /// - Parameter commands: how many are to be written down, as far as is known.
    init(recordedAt: Instant, commands: Int = 0) {
        self.recordedAt = recordedAt
        data.reserveCapacity(commands)
        journal.reserveCapacity(commands)
        hashes.reserveCapacity(commands)
        armed.reserveCapacity(commands)
        takenTimers.reserveCapacity(commands)
        outbox.reserveCapacity(commands)
    }

    /// Arms a timer.
    mutating func arm(_ timer: TimerRow) {
        armed.append(timer)
    }

    /// Removes a timer; one that this transaction armed was never there.
    mutating func disarm(_ timer: TimerRow) {
        if let place = armed.lastIndex(of: timer) { armed.remove(at: place) } else { disarmed.append(timer) }
    }

    /// Whether there is nothing to write.
    var isEmpty: Bool {
        journal.isEmpty && answers.isEmpty && disarmed.isEmpty && takenTimers.isEmpty && takenInbox.isEmpty
    }
}
