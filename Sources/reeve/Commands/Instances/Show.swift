import ArgumentParser
import JSON

/// The command `reeve show`.
struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show an instance: data, roles, work, clocks, children, and what can be done.")

    @OptionGroup var remote: RemoteOptions

    @Flag(help: "The journal as well.")
    var journal = false

    @Argument(help: "Reference or identifier of the instance.")
    var instance: String

    func run() throws {
        let remote = try remote.connect()
        let value = try remote.get(["instances", instance])
        let entries = journal ? try readJournal(remote) : nil
        if self.remote.json {
            var members = value.objectValue ?? [:]
            if let entries { members["journal"] = .array(entries) }
            return Console.write(.object(members))
        }
        Console.write(InstanceReport(value).text)
        if let entries { Console.write("\nJournal\n" + JournalReport(entries).text) }
    }

    private func readJournal(_ remote: Remote) throws(Failure) -> [JSON] {
        var page = PageOptions()
        page.all = true
        return try page.read(remote, ["instances", instance, "journal"], []).items
    }
}
