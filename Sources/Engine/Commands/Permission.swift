import Workflows

/// Who may do what no definition speaks of: give roles and tasks away, end an instance, hold it, let it go on.
///
/// Whoever has a part in the instance or could have one, and whoever leads or manages somebody who has. Others need a
/// token of an administrator.
enum Permission {
    /// Why whoever asks for it may not give this command; nil where they may.
    static func refusal(
        of command: Command, on snapshot: Snapshot?, _ machine: Machine, _ surroundings: Surroundings
    ) -> Refusal? {
        let directory = surroundings.directory
        if case .person(_, let represented?) = command.input.actor, directory.people[represented]?.isActive != true {
            return Refusal(
                code: "invalid", message: "Nobody can act for \(represented): there is no active person of that name.",
                details: ["onBehalfOf": .string(represented)])
        }
        guard command.demandsPart, let snapshot, isGoverned(command.input.act) else { return nil }
        if case .person(let person, let represented) = command.input.actor,
            hasPart(represented ?? person, in: snapshot, machine.definition, directory)
        {
            return nil
        }
        return Refusal(
            .notAllowed(
                actor: command.input.actor.shortName,
                allowed: ["those who hold or may hold a role of it", "their leads and managers", "administrators"]))
    }

    private static func isGoverned(_ act: Act) -> Bool {
        switch act {
        case .assign, .assignTask, .cancel, .suspend, .resume: true
        default: false
        }
    }

    private static func hasPart(
        _ person: String, in snapshot: Snapshot, _ definition: Definition, _ directory: Directory
    ) -> Bool {
        let holders = Set(snapshot.holders.values.joined())
        if holders.contains(person) { return true }
        let eligible = Set(definition.roles.flatMap(\.from))
        if directory.groups(of: person).contains(where: eligible.contains) { return true }
        return holders.contains { holder in
            directory.leads(of: holder).contains(person) || directory.managers(of: holder).contains(person)
        }
    }
}

extension Actor {
    /// The person or system by its plain name.
    fileprivate var shortName: String {
        switch self {
        case .person(let person, nil): person
        case .person(let person, let represented?): "\(person) for \(represented)"
        case .connector(let name): name
        default: text
        }
    }
}
