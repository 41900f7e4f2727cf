import ArgumentParser
import JSON
import Workflows

/// The command `reeve workflows`.
struct WorkflowsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "workflows", abstract: "Check, compare, draw and publish definitions, and upgrade what runs.",
        subcommands: [
            CheckWorkflows.self, DiffWorkflows.self, DrawWorkflow.self, ListWorkflows.self, PublishWorkflows.self,
            UpgradeWorkflow.self,
        ])
}

/// The command `reeve workflows check`.
struct CheckWorkflows: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Find every fault of definitions and scenarios, with file, line and column.",
        discussion: """
            Contracts between definitions are checked among those given and the library's. The exit status is 1 when \
            anything was found; with --lenient, when there is an error.
            """)

    @Argument(help: "Files, or directories with YAML files in them; the library where absent.")
    var paths: [String] = []

    @Flag(help: "Let warnings pass.")
    var lenient = false

    @Flag(help: "Print JSON.")
    var json = false

    @OptionGroup var settings: SettingOptions

    func run() throws {
        let share = try Share(settings.load())
        let known = paths.isEmpty ? [:] : try WorkflowFiles.library(share).definitions
        let check = WorkflowCheck(
            try WorkflowFiles.find(paths.isEmpty ? [share.workflows] : paths), known: known,
            file: WorkflowFiles.bytes)
        try Console.report(
            check.faults, json: json,
            sum: "\(check.definitions.count) definitions and \(check.scenarios.count) scenarios", isStrict: !lenient)
    }
}

/// The command `reeve workflows diff`.
struct DiffWorkflows: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "Find what a new version would take from instances that run under an old one.")

    @Argument(help: "The old definition: a file, or a workflow of the library.")
    var old: String

    @Argument(help: "The new definition: a file, or a workflow of the library.")
    var new: String

    @Flag(help: "Print JSON.")
    var json = false

    @OptionGroup var settings: SettingOptions

    func run() throws {
        let share = try Share(settings.load())
        let faults = Definition.compare(
            old: try WorkflowFiles.definition(old, share), new: try WorkflowFiles.definition(new, share))
        try Console.report(faults, json: json, sum: "from \(old) to \(new)")
    }
}

/// The command `reeve workflows diagram`.
struct DrawWorkflow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diagram", abstract: "Draw a definition's states for Graphviz or Mermaid.",
        discussion: "Example: reeve workflows diagram incident | dot -Tsvg > incident.svg")

    /// The languages of diagrams.
    enum Language: String, ExpressibleByArgument {
        case graphviz, mermaid
    }

    @Argument(help: "A file, or a workflow of the library.")
    var definition: String

    @Option(help: "graphviz or mermaid.")
    var format = Language.graphviz

    @OptionGroup var settings: SettingOptions

    func run() throws {
        let definition = try WorkflowFiles.definition(definition, try Share(settings.load()))
        Console.write(format == .graphviz ? definition.graphviz : definition.mermaid)
    }
}

/// The command `reeve workflows list`.
struct ListWorkflows: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the published workflows, or the versions of one.")

    @OptionGroup var remote: RemoteOptions

    @Argument(help: "The workflow whose versions are listed.")
    var workflow: String?

    func run() throws {
        let list = try remote.connect().get(["definitions"] + (workflow.map { [$0] } ?? []))
        if remote.json { return Console.write(list) }
        var table = Table("WORKFLOW", "VERSION", "TITLE", "PUBLISHED", "BY")
        for item in list.arrayValue ?? [] {
            table.add(
                item["name"].words, item["version"].words, item["title"].words, item["publishedAt"].minute,
                item["publishedBy"].words)
        }
        Console.write(table.isEmpty ? "Nothing is published." : table.text)
    }
}

/// The command `reeve workflows publish`.
struct PublishWorkflows: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish", abstract: "Publish definitions as the newest versions of their workflows.",
        discussion: "Publishing the same content again changes nothing. Instances stay with the version they run under."
    )

    @OptionGroup var remote: RemoteOptions

    @Argument(help: "Files, or directories with definitions in them; the library where absent.")
    var paths: [String] = []

    func run() throws {
        let configuration = try remote.settings.load()
        let share = try Share(configuration)
        let known = paths.isEmpty ? [:] : try WorkflowFiles.library(share).definitions
        let check = WorkflowCheck(
            try WorkflowFiles.find(paths.isEmpty ? [share.workflows] : paths), known: known,
            file: WorkflowFiles.bytes)
        guard check.passes else {
            return try Console.report(check.faults, json: remote.json, sum: "Nothing was published")
        }
        let remote = try self.remote.connect()
        var published: [JSON] = []
        for (_, path) in check.sources.sorted(by: { $0.key < $1.key }) {
            published.append(try remote.post(["definitions"], try WorkflowFiles.source(path)))
        }
        if self.remote.json { return Console.write(.array(published)) }
        for item in published {
            let what = item["isNew"]?.boolValue == true ? "published" : "unchanged"
            Console.write("\(item["name"].words) version \(item["version"].words): \(what)")
            for finding in item["stranding"]?.arrayValue ?? [] {
                Console.write("  running instances: \(Optional(finding).words)")
            }
        }
    }
}
