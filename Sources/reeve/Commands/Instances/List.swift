import ArgumentParser
import JSON

/// The command `reeve list`.
struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List instances, the newest first.")

    @OptionGroup var remote: RemoteOptions

    @Option(help: ArgumentHelp("Only of this workflow; several may be named, here and below.", valueName: "name"))
    var workflow: [String] = []

    @Option(help: ArgumentHelp("Only in this state.", valueName: "name"))
    var state: [String] = []

    @Option(help: ArgumentHelp("Only with this status: running, suspended, final or cancelled.", valueName: "status"))
    var status: [String] = []

    @Option(help: ArgumentHelp("Only of this kind: real, exercise or backfilled.", valueName: "kind"))
    var kind: [String] = []

    @Option(help: ArgumentHelp("Only those that this instance opened.", valueName: "instance"))
    var parent: String?

    @Option(help: ArgumentHelp("Only those in which somebody holds this role.", valueName: "role"))
    var role: [String] = []

    @Option(help: ArgumentHelp("Only those in which this person holds a role.", valueName: "person"))
    var person: [String] = []

    @Flag(help: "Only those with a clock that is overdue.")
    var overdue = false

    @Flag(help: "Only those in which I hold a role.")
    var mine = false

    @OptionGroup var page: PageOptions

    func run() throws {
        let query: [(String, String?)] = [
            ("workflow", workflow.parameter), ("state", state.parameter), ("status", status.parameter),
            ("kind", kind.parameter), ("parent", parent), ("role", role.parameter), ("person", person.parameter),
            ("overdue", overdue ? "true" : nil), ("mine", mine ? "true" : nil),
        ]
        let list = try page.read(try remote.connect(), ["instances"], query)
        if remote.json { return Console.write(list) }
        var table = Table("REFERENCE", "WORKFLOW", "STATE", "STATUS", "KIND", "OPENED", "NEXT DUE", "")
        for item in list.items {
            table.add(
                item["reference"].words, item["workflow"].words, item["state"].words, item["status"].words,
                item["kind"].words, item["openedAt"].minute, item["nextDue"].minute,
                item["overdue"]?.boolValue == true ? "overdue" : "")
        }
        page.show(table, list, nothing: "No instances.")
    }
}

extension [String] {
    /// The values as one parameter of a list; nil where there are none.
    var parameter: String? { isEmpty ? nil : joined(separator: ",") }
}

extension JSON? {
    /// An instant of the API to the minute, in UTC as the API writes it.
    var minute: String {
        let text = words
        guard text.count >= 17, let t = text.firstIndex(where: { $0 == "T" }) else { return text }
        return "\(text[..<t]) \(text[text.index(after: t)...].prefix(5))"
    }
}
