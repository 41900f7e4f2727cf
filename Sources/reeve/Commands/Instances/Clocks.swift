import ArgumentParser
import JSON

/// The command `reeve clocks`.
struct Clocks: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List what is due when, the most urgent first, or say why a clock is due when it is.",
        discussion: """
            Example: reeve clocks INC-2026-0042 classify shows the steps that lead to its due instant, each with its \
            source, and what happened to the clock.
            """)

    @OptionGroup var remote: RemoteOptions

    @Argument(help: "The instance whose clock is explained.")
    var instance: String?

    @Argument(help: "The clock: NAME, or NAME/KEY for one of several; of a task, task:NAME.")
    var clock: String?

    @Option(help: ArgumentHelp("Only what is due before this instant (RFC 3339).", valueName: "instant"))
    var before: String?

    @Option(help: ArgumentHelp("Only of this workflow; several may be named.", valueName: "name"))
    var workflow: [String] = []

    @Option(help: ArgumentHelp("Only those that follow this rule of law; several may be named.", valueName: "rule"))
    var rule: [String] = []

    @OptionGroup var page: PageOptions

    func run() throws {
        if let instance {
            guard let clock else { throw Failure.usage("Which clock of \(instance)? `reeve show` lists them.") }
            return try explain(clock, of: instance)
        }
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

    private func explain(_ clock: String, of instance: String) throws(Failure) {
        let value = try remote.connect().get(["instances", instance, "clocks", clock])
        if remote.json { return Console.write(value) }
        Console.write(
            "\(value.itemName): \(value["title"].words) (\(value["status"].words), round \(value["round"].words))"
                .onOneLine)
        Console.write("due     \(value["dueAt"].words)")
        if value["latestAt"] != .null { Console.write("latest  \(value["latestAt"].words)") }
        Console.write("\nWhy")
        for step in value["trace"]?.arrayValue ?? [] {
            Console.write("  \(step["step"].words): \(step["result"].words)".onOneLine)
            if !step["source"].words.isEmpty { Console.write("      \(step["source"].words)") }
        }
        if let failure = value["failure"]?.stringValue { Console.write("  \(failure)") }
        Console.write("\nHistory")
        for change in value["history"]?.arrayValue ?? [] {
            let known: Set = ["entry", "at", "event", "actor", "change", "round"]
            let rest = (change.objectValue ?? [:]).filter { !known.contains($0.key) }
                .map { "\($0.key) \(Optional($0.value).words)" }
            Console.write(
                "  \(change["at"].minute)  entry \(change["entry"].words)  \(change["event"].words) by "
                    + "\(change["actor"].words): \(change["change"].words)"
                    + (rest.isEmpty ? "" : " (\(rest.joined(separator: ", ")))"))
        }
    }
}
