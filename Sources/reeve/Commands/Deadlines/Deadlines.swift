import ArgumentParser
import JSON

/// The command `reeve deadlines`.
struct DeadlinesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deadlines", abstract: "Compute running clocks anew, and decide on what would fall due later.",
        subcommands: [
            Recompute.self, ListRecomputations.self, ShowRecomputation.self, ApproveRecomputation.self,
            RefuseRecomputation.self,
        ], defaultSubcommand: ListRecomputations.self)
}

/// The command `reeve deadlines recompute`.
struct Recompute: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compute running clocks anew, after a calendar, a rule or the library has changed.",
        discussion: """
            With --dry-run it shows which clocks would move from when to when, and moves none. Otherwise every move is \
            journalled, timers are armed anew, and what has become overdue escalates at once. What would fall due later \
            waits for a second person; the exit status is then 1. What a correction or an event would move, \
            `reeve correct --dry-run` and `reeve send --dry-run` show.
            """)

    @OptionGroup var remote: RemoteOptions

    @Flag(help: "Only show what would move.")
    var dryRun = false

    @Option(help: "Why; it is journalled with every clock that moves.")
    var reason: String?

    @Option(help: ArgumentHelp("Only instances with a clock by this rule; several may be named.", valueName: "rule"))
    var rule: [String] = []

    @Option(help: ArgumentHelp("Only instances of this workflow; several may be named.", valueName: "name"))
    var workflow: [String] = []

    @Option(
        help: ArgumentHelp("A calendar that is to come into force with it; - is standard input.", valueName: "file"))
    var calendar: String?

    @Flag(help: "Do not wait for its end.")
    var noWait = false

    func run() throws {
        guard dryRun || reason != nil else { throw Failure.usage("Say why with --reason TEXT: it is journalled.") }
        let connection = try remote.connect()
        var body: JSONObject = [
            "reason": .string(reason ?? "to see what would move"), "dryRun": .bool(dryRun),
            "rules": .array(rule.map(JSON.string)), "workflows": .array(workflow.map(JSON.string)),
        ]
        if let calendar { body["calendar"] = try CalendarFile.read(calendar) }
        let asked = try connection.post(["recomputations"], .object(body))
        try RecomputationWatch(remote: connection, options: remote).follow(asked, waits: !noWait)
    }
}

/// The command `reeve deadlines list`.
struct ListRecomputations: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List recomputations, the newest first.")

    @OptionGroup var remote: RemoteOptions
    @OptionGroup var page: PageOptions

    func run() throws {
        let list = try page.read(try remote.connect(), ["recomputations"], [])
        if remote.json { return Console.write(list) }
        var table = Table("ID", "ASKED", "BY", "STATUS", "MOVED", "LATER", "FAILED", "REASON")
        for item in list.items {
            table.add(
                item["id"].words, item["requestedAt"].minute, item["requestedBy"].words,
                item["status"].words, item["moved"].words, item["later"].words, item["failed"].words,
                item["reason"].words)
        }
        page.show(table, list, nothing: "Nothing was computed anew so far.")
    }
}

/// The command `reeve deadlines show`.
struct ShowRecomputation: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show how far a recomputation is, and which clocks move from when to when.")

    @OptionGroup var remote: RemoteOptions

    @Argument(help: "Identifier of the recomputation.")
    var recomputation: String

    func run() throws {
        let connection = try remote.connect()
        try RecomputationWatch(remote: connection, options: remote).follow(
            try connection.get(["recomputations", recomputation]), waits: false)
    }
}

/// The command `reeve deadlines approve`.
struct ApproveRecomputation: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve", abstract: "Approve a recomputation that waits for a second person.")

    @OptionGroup var remote: RemoteOptions

    @Argument(help: "Identifier of the recomputation.")
    var recomputation: String

    @Option(help: "Why.")
    var reason: String?

    @Flag(help: "Do not wait for its end.")
    var noWait = false

    func run() throws {
        let connection = try remote.connect()
        var body: JSONObject = ["vote": "approve"]
        if let reason { body["reason"] = .string(reason) }
        let decided = try connection.post(["recomputations", recomputation, "votes"], .object(body))
        try RecomputationWatch(remote: connection, options: remote).follow(decided, waits: !noWait)
    }
}

/// The command `reeve deadlines refuse`.
struct RefuseRecomputation: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "refuse", abstract: "Refuse a recomputation that waits for a second person; nothing is moved.")

    @OptionGroup var remote: RemoteOptions

    @Argument(help: "Identifier of the recomputation.")
    var recomputation: String

    @Option(help: "Why.")
    var reason: String?

    func run() throws {
        var body: JSONObject = ["vote": "refuse"]
        if let reason { body["reason"] = .string(reason) }
        let decided = try remote.connect().post(["recomputations", recomputation, "votes"], .object(body))
        if remote.json { return Console.write(decided) }
        Console.write("\(recomputation) is refused; nothing was moved.")
    }
}
