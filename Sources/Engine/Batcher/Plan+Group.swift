import Deadlines
import PostgresClient
import Workflows

extension Plan {
    /// One instance on its way through a plan, with the commands for it.
    struct Group: Sendable {
        let key: InstanceKey
        /// Its place among the targets.
        let target: Int
        /// Its commands that are still to be stepped, as places in ``Targets/jobs``.
        var rest: Range<Int>
        /// The instance as it was found; nil where there was none.
        var base: Snapshot?
        /// What was stored of it, and where.
        var baseData: (row: PostgresTupleID, bytes: [UInt8])?
        /// The machine of the definition that it was found under.
        var baseMachine: Machine?
        /// The instance after the last step; nil before the first.
        var stepped: Snapshot?
        /// What is to be stored of the snapshot; nil before the first step.
        var variablePart: [UInt8]?
        var definition: DefinitionKey?
        /// The machine of the last step.
        var machine: Machine?
        /// The reference taken for an opening that waits for answers.
        var reference: String?
        var isLoaded = false
        /// Who is to see an instance that is opened.
        var visibility = Visibility.normal
        /// Whether a message could not be taken, so that those behind it wait.
        var isHeldUp = false

        /// Whether there is an instance.
        var exists = false
        /// The sequence, status and last instant of the instance as it stands.
        var sequence: Int64 = 0
        var status = Snapshot.Status.running
        var lastAt: Instant?

        /// Takes note of how the instance stands now.
        mutating func stands(_ snapshot: borrowing Snapshot) {
            (exists, sequence, status, lastAt) = (true, snapshot.sequence, snapshot.status, snapshot.lastAt)
        }
    }

    /// What a command of some definition is stepped with.
    struct Footing: Sendable {
        let definition: DefinitionKey
        let machine: Result<Machine, BrokenDefinition>
        let surroundings: Surroundings
    }
}
