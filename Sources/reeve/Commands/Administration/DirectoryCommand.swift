import ArgumentParser
import JSON

/// The command `reeve directory`.
struct DirectoryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "directory",
        abstract: "Enter people, teams, on-call schedules and services from a file.",
        discussion: """
            The file is YAML or JSON with the maps people, teams, oncall and services; what exists is changed, nothing \
            is removed. demo/directory.yaml is an example.
            """)

    @OptionGroup var remote: RemoteOptions

    @Argument(help: "The file; - is standard input.")
    var file: String

    func run() throws {
        let document = try PlainYAML.read(file)
        _ = try remote.connect().post(["directory"], document)
        if !remote.json { Console.write("The directory has been entered.") }
    }
}
