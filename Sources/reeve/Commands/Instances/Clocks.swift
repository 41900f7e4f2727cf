import ArgumentParser
import JSON

/// The command `reeve clocks`.
struct Clocks: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List what is due when: running and paused clocks, the most urgent first.")

    @OptionGroup var remote: RemoteOptions

    @Option(help: ArgumentHelp("Only what is due before this instant (RFC 3339).", valueName: "instant"))
    var before: String?

    @Option(help: ArgumentHelp("Only of this workflow; several may be named.", valueName: "name"))
    var workflow: [String] = []

    @Option(help: ArgumentHelp("Only those that follow this rule of law; several may be named.", valueName: "rule"))
    var rule: [String] = []

    @OptionGroup var page: PageOptions

    func run() throws {
        let list = try page.read(
            try remote.connect(), ["clocks"],
            [("before", before), ("workflow", workflow.parameter), ("rule", rule.parameter)])
        if remote.json { return Console.write(list) }
        var table = Table("DUE", "LATEST", "", "INSTANCE", "CLOCK", "STATUS", "TITLE")
        for item in list.items {
            table.add(
                item["dueAt"].minute, item["latestAt"].minute, item["overdue"]?.boolValue == true ? "overdue" : "",
                item["reference"].words, item.itemName, item["status"].words, item["title"].words)
        }
        page.show(table, list, nothing: "Nothing is due.")
    }
}
