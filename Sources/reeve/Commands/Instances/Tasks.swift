import ArgumentParser
import JSON

/// The command `reeve task`.
struct Tasks: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "task", abstract: "List, complete and assign tasks.",
        subcommands: [ListTasks.self, CompleteTask.self, AssignTask.self], defaultSubcommand: ListTasks.self)
}

/// The command `reeve task list`.
struct ListTasks: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List open tasks and approvals, the most urgent first.")

    @OptionGroup var remote: RemoteOptions

    @Flag(help: "Only what waits for me.")
    var mine = false

    @Option(help: ArgumentHelp("Only of this workflow; several may be named.", valueName: "name"))
    var workflow: [String] = []

    @OptionGroup var page: PageOptions

    func run() throws {
        let list = try page.read(
            try remote.connect(), ["tasks"], [("mine", mine ? "true" : nil), ("workflow", workflow.parameter)])
        if remote.json { return Console.write(list) }
        var table = Table("INSTANCE", "KIND", "TASK", "TITLE", "FOR", "DUE")
        for item in list.items {
            let people = item["people"].words
            let who = people.isEmpty ? item["groups"].words : people
            table.add(
                item["reference"].words, item["kind"].words, item.itemName, item["title"].words, who,
                item["dueAt"].minute)
        }
        page.show(table, list, nothing: "No open tasks.")
    }
}

/// The command `reeve task complete`.
struct CompleteTask: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "complete", abstract: "Complete a task with its result.")

    @OptionGroup var remote: RemoteOptions
    @OptionGroup var circumstances: Circumstances

    @Argument(help: "Reference or identifier of the instance.")
    var instance: String

    @Argument(help: "The task: NAME, or NAME/KEY for one of several.")
    var task: String

    @OptionGroup var fields: Fields

    func run() throws {
        let done = try remote.connect().post(
            ["instances", instance, "tasks", task, "completion"],
            circumstances.body(["result": .object(try fields.read())]), key: circumstances.key,
            version: circumstances.version)
        done.reportDone(json: remote.json, "\(task) completed")
    }
}

/// The command `reeve task assign`.
struct AssignTask: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "assign", abstract: "Give a task to a person, or back to all who may do it.")

    @OptionGroup var remote: RemoteOptions
    @OptionGroup var circumstances: Circumstances

    @Argument(help: "Reference or identifier of the instance.")
    var instance: String

    @Argument(help: "The task: NAME, or NAME/KEY for one of several.")
    var task: String

    @Argument(help: "The person; nobody where absent.")
    var person: String?

    @Option(help: "Why.")
    var reason: String?

    func run() throws {
        var body: JSONObject = ["to": person.map(JSON.string) ?? .null]
        if let reason { body["reason"] = .string(reason) }
        let done = try remote.connect().post(
            ["instances", instance, "tasks", task, "assignment"], circumstances.body(body), key: circumstances.key,
            version: circumstances.version)
        done.reportDone(json: remote.json, person.map { "\(task) is for \($0)" } ?? "\(task) is for all who may do it")
    }
}
