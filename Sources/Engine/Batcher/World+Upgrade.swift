import Workflows

/// What an upgrade comes to before it is stepped.
enum UpgradeProgress {
    /// The command is none.
    case none
    /// There is no such version to go to.
    case refused(Refusal)
    /// The version is not loaded yet.
    case waits(DefinitionKey)
    /// The act with all that replay needs, the version, and the machine that steps it.
    case goes(Act, DefinitionKey, Machine)
}

extension World {
    /// Finds the version that a command takes its instance to.
    func upgrade(_ act: Act, from definition: DefinitionKey) -> UpgradeProgress {
        guard case .upgrade(var upgrade, let reason) = act else { return .none }
        guard upgrade.version > definition.version else {
            return .refused(.noUpgrade(from: definition, to: upgrade.version))
        }
        if case .success(let former)? = machines[definition] {
            upgrade.origin = Upgrade.Origin(former.definition, version: definition.version)
        }
        var key = definition
        key.version = upgrade.version
        guard let newer = machines[key] else { return .waits(key) }
        guard case .success(let machine) = newer else { return .refused(.noVersion(key)) }
        return .goes(.upgrade(upgrade, reason: reason), key, machine)
    }
}
