import ArgumentParser
import JSON

/// The command `reeve directory`.
struct DirectoryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "directory",
        abstract: "Enter people, teams, on-call, services and parties from a file, remove them, or print them.",
        discussion: """
            The file is YAML or JSON with the maps people, teams, oncall, services, entities, authorities and \
            counterparties; what exists is changed, nothing is removed. demo/directory.yaml is an example. What is \
            still needed is not removed: the error says for what.
            """)

    private static let parts = [
        "people", "teams", "oncall", "services", "entities", "authorities", "counterparties",
    ]

    @OptionGroup var remote: RemoteOptions

    @Argument(help: "The file; - is standard input. Where absent, the directory is printed as JSON.")
    var file: String?

    @Option(
        help: ArgumentHelp(
            "Take PART/ID out, such as people/ana; several are taken together, or none.",
            valueName: "kind/id"))
    var remove: [String] = []

    func run() throws {
        guard file == nil || remove.isEmpty else { throw Failure.usage("Either enter a file or remove, not both.") }
        if !remove.isEmpty { return try take(remove) }
        guard let file else { return Console.write(try remote.connect().get(["directory"])) }
        _ = try remote.connect().post(["directory"], try PlainYAML.read(file))
        if !remote.json { Console.write("The directory has been entered.") }
    }

    private func take(_ names: [String]) throws(Failure) {
        var body: JSONObject = [:]
        for name in names {
            let parts = name.split(separator: "/", maxSplits: 1).map(String.init)
            guard parts.count == 2, Self.parts.contains(parts[0]) else {
                throw .usage("\"\(name)\" is not PART/ID; a part is one of \(Self.parts.joined(separator: ", "))")
            }
            body[parts[0]] = .array((body[parts[0]]?.arrayValue ?? []) + [.string(parts[1])])
        }
        _ = try remote.connect().post(["directory", "removals"], .object(body))
        if !remote.json { Console.write("Removed: \(names.joined(separator: ", ")).") }
    }
}
