import CEL
import Workflows

/// What the steps of a batch may know beside their instances.
struct World: Sendable {
    /// Definitions ready to run; nil for one that cannot be compiled any more, with the reason beside it.
    var machines: [DefinitionKey: Result<Machine, BrokenDefinition>] = [:]
    /// What each tenant keeps, at the versions that the transaction found.
    var surroundings: [Identifier: Surroundings] = [:]
    /// Answers that were read from the database for one instance.
    var answers: [InstanceKey: [Read: CEL.Value]] = [:]
}

/// What has to be fetched before a plan can go on.
struct Needs: Sendable {
    var machines: Set<DefinitionKey> = []
    var surroundings: Set<Identifier> = []
    var reads: [InstanceKey: Set<Read>] = [:]

    var isEmpty: Bool { machines.isEmpty && surroundings.isEmpty && reads.isEmpty }
}

/// A published definition that this version of Reeve cannot run.
struct BrokenDefinition: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
