import ArgumentParser
import JSON

/// The command `reeve calendar`.
struct CalendarCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calendar",
        abstract: "Print deadlines as iCalendar, and manage addresses under which calendars read them.",
        discussion: "Working days and holidays are another matter: see reeve calendars.",
        subcommands: [PrintCalendar.self, ListFeeds.self, IssueFeed.self, RevokeFeed.self],
        defaultSubcommand: PrintCalendar.self)
}

/// The command `reeve calendar print`.
struct PrintCalendar: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "print", abstract: "Print deadlines as iCalendar (RFC 5545).")

    @OptionGroup var remote: RemoteOptions

    @Flag(help: "Only what you have a part in.")
    var own = false

    @Option(name: .shortAndLong, help: ArgumentHelp("Where it is written; - is standard output.", valueName: "file"))
    var output = "-"

    func run() throws {
        try Files.write(output, try remote.connect().bytes(["calendar.ics"], [("own", own ? "true" : nil)]))
    }
}

/// The command `reeve calendar feeds`.
struct ListFeeds: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "feeds", abstract: "List addresses under which calendars read deadlines, never their secrets.")

    @OptionGroup var remote: RemoteOptions

    func run() throws {
        let list = try remote.connect().get(["feeds"])
        if remote.json { return Console.write(list) }
        var table = Table("ID", "NAME", "PERSON", "SHOWS", "CREATED", "REVOKED")
        for feed in list.arrayValue ?? [] {
            table.add(
                feed["id"].words, feed["name"].words, feed["person"].words, feed["own"] == true ? "own" : "all",
                feed["createdAt"].minute, feed["revokedAt"].minute)
        }
        Console.write(table.isEmpty ? "No feeds." : table.text)
    }
}

/// The command `reeve calendar issue`.
struct IssueFeed: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "issue", abstract: "Make a secret address for a calendar, and print it; it cannot be shown again.",
        discussion: """
            Whoever has the address sees what you see, until it is revoked. Of restricted instances it tells the \
            reference and the instant alone.
            """)

    @OptionGroup var remote: RemoteOptions

    @Argument(help: "What it is for, such as the calendar that reads it.")
    var name: String

    @Flag(help: "Everything you see, not only what you have a part in.")
    var everything = false

    func run() throws {
        let connection = try remote.connect()
        var issued = try connection.post(["feeds"], ["name": .string(name), "own": .bool(!everything)])
        let address = connection.url + issued["path"].words
        if remote.json {
            var object = issued.objectValue ?? [:]
            object["url"] = .string(address)
            issued = .object(object)
            return Console.write(issued)
        }
        Console.write(address)
    }
}

/// The command `reeve calendar revoke`.
struct RevokeFeed: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke", abstract: "End an address; it opens nothing from then on.")

    @OptionGroup var remote: RemoteOptions

    @Argument(help: "Identifier of the feed, as `reeve calendar feeds` shows it.")
    var feed: String

    func run() throws {
        _ = try remote.connect().send("DELETE", ["feeds", feed])
        if !remote.json { Console.write("\(feed) is revoked") }
    }
}
