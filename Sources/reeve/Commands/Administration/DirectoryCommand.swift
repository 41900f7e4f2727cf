import ArgumentParser
import JSON

/// The command `reeve directory`.
struct DirectoryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "directory",
        abstract: "Enter people, teams, on-call schedules and services from a file, or print them.",
        discussion: """
            The file is YAML or JSON with the maps people, teams, oncall and services; what exists is changed, nothing \
            is removed. demo/directory.yaml is an example.
            """)

    @OptionGroup var remote: RemoteOptions

    @Argument(help: "The file; - is standard input. Where absent, the directory is printed as JSON.")
    var file: String?

    func run() throws {
        guard let file else { return Console.write(try remote.connect().get(["directory"])) }
        _ = try remote.connect().post(["directory"], try PlainYAML.read(file))
        if !remote.json { Console.write("The directory has been entered.") }
    }
}
