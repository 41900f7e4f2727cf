import ArgumentParser
import JSON

/// The command `reeve calendars`.
struct CalendarsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calendars", abstract: "List and publish calendars of your own: closing days, office hours.",
        subcommands: [ListCalendars.self, ShowCalendar.self, PublishCalendar.self],
        defaultSubcommand: ListCalendars.self)
}

/// The command `reeve calendars list`.
struct ListCalendars: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List calendars of your own; those of the library stand beside them.")

    @OptionGroup var remote: RemoteOptions

    func run() throws {
        let list = try remote.connect().get(["calendars"])
        if remote.json { return Console.write(list) }
        var table = Table("CALENDAR", "VERSION", "PUBLISHED", "BY")
        for calendar in list.arrayValue ?? [] {
            table.add(
                calendar["id"].words, calendar["version"].words, calendar["publishedAt"].minute,
                calendar["publishedBy"].words)
        }
        Console.write(table.isEmpty ? "No calendars of your own." : table.text)
    }
}

/// The command `reeve calendars show`.
struct ShowCalendar: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Print a calendar of your own.")

    @OptionGroup var remote: RemoteOptions

    @Argument(help: "Identifier of the calendar.")
    var calendar: String

    func run() throws {
        let found = try remote.connect().get(["calendars", calendar])
        if remote.json { return Console.write(found) }
        Console.write(found["source"].words)
    }
}

/// The command `reeve calendars publish`.
struct PublishCalendar: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish", abstract: "Publish a calendar of your own; running clocks follow it.",
        discussion: """
            The file is JSON as docs/reference/deadlines.md describes it, and may include the library's calendars and \
            your own. It is first looked what it would move; --dry-run stops there. What would fall due later waits for a \
            second person, and the exit status is 1.
            """)

    @OptionGroup var remote: RemoteOptions

    @Argument(help: "The file; - is standard input.")
    var file: String

    @Flag(help: "Only show what would move.")
    var dryRun = false

    @Flag(help: "Do not wait until running clocks have followed.")
    var noWait = false

    func run() throws {
        let connection = try remote.connect()
        let text = try CalendarFile.read(file)
        let watch = RecomputationWatch(remote: connection, options: remote)
        if dryRun {
            let asked = try connection.post(
                ["recomputations"], ["reason": "to see what would move", "dryRun": true, "calendar": text])
            return try watch.follow(asked, waits: true)
        }
        let answer = try connection.post(["calendars"], text)
        if let id = answer["recomputation"]?.stringValue {
            return try watch.follow(try connection.get(["recomputations", id]), waits: !noWait)
        }
        if remote.json { return Console.write(answer) }
        Console.write("The calendar \(text["id"].words) is in force as version \(answer["version"].words).")
    }
}

/// A calendar in a file.
enum CalendarFile {
    /// Its identifier and text.
    static func read(_ path: String) throws(Failure) -> JSON {
        let text = String(decoding: try Files.read(path), as: UTF8.self)
        guard let id = (try? JSON(parsing: Array(text.utf8)))?["calendar"]?.stringValue else {
            throw .usage("\(path) is no calendar: expected a JSON object with the member \"calendar\", its identifier")
        }
        return ["id": .string(id), "source": .string(text)]
    }
}
