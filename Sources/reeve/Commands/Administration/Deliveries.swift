import ArgumentParser
import JSON

/// The command `reeve deliveries`.
struct Deliveries: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List what has left and what could not; deliver it again or give it up.",
        subcommands: [
            ListDeliveries.self, ListDeadLetters.self, ReplayDeadLetters.self, DiscardDeadLetters.self,
            ListDestinations.self,
        ])
}

/// The command `reeve deliveries list`.
struct ListDeliveries: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the deliveries of an instance, made and waiting.")

    @OptionGroup var remote: RemoteOptions

    @Argument(help: "Reference or identifier of the instance.")
    var instance: String

    func run() throws {
        let list = try remote.connect().get(["instances", instance, "deliveries"])
        if remote.json { return Console.write(list) }
        var table = Table("ENTRY", "STATUS", "WHEN", "KIND", "FOR", "BY", "TRIES", "DETAIL")
        for item in list.arrayValue ?? [] {
            table.add(
                item["sequence"].words, item["status"].words, item["at"].minute, item["kind"].words,
                item["recipient"].words, item["destination"].words, item["attempts"].words, item["detail"].words)
        }
        Console.write(table.isEmpty ? "Nothing has left and nothing waits." : table.text)
    }
}

/// The command `reeve deliveries dead`.
struct ListDeadLetters: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dead", abstract: "List what could not be delivered, the oldest first.")

    @OptionGroup var remote: RemoteOptions
    @OptionGroup var page: PageOptions

    func run() throws {
        let list = try page.read(try remote.connect(), ["dead-letters"], [])
        if remote.json { return Console.write(list) }
        var table = Table("ID", "GIVEN UP", "KIND", "FOR", "BY", "TRIES", "WHY")
        for item in list.items {
            table.add(
                item["id"].words, item["diedAt"].minute, item["kind"].words, item["recipient"].words,
                item["destination"].words, item["attempts"].words, item["error"].words)
        }
        page.show(table, list, nothing: "Everything could be delivered.")
    }
}

/// The command `reeve deliveries replay`.
struct ReplayDeadLetters: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay", abstract: "Deliver dead letters again, under the identifiers they had.")

    @OptionGroup var remote: RemoteOptions

    @Flag(help: "All of them.")
    var all = false

    @Argument(help: "Identifiers, as `reeve deliveries dead` shows them.")
    var ids: [String] = []

    func validate() throws {
        if all == !ids.isEmpty { throw ValidationError("Give identifiers, or --all.") }
    }

    func run() throws {
        let body: JSONObject = all ? [:] : ["ids": .array(ids.map(JSON.string))]
        let done = try remote.connect().post(["dead-letters", "replay"], .object(body))
        if remote.json { return Console.write(done) }
        Console.write("\(done["replayed"].words) put back")
    }
}

/// The command `reeve deliveries discard`.
struct DiscardDeadLetters: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "discard", abstract: "Give dead letters up for good.")

    @OptionGroup var remote: RemoteOptions

    @Option(help: "Why; their instances' deliveries say so.")
    var reason: String

    @Argument(help: "Identifiers, as `reeve deliveries dead` shows them.")
    var ids: [String]

    func run() throws {
        let body: JSON = ["ids": .array(ids.map(JSON.string)), "reason": .string(reason)]
        let done = try remote.connect().post(["dead-letters", "discard"], body)
        if remote.json { return Console.write(done) }
        Console.write("\(done["discarded"].words) given up")
    }
}

/// The command `reeve deliveries destinations`.
struct ListDestinations: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "destinations", abstract: "List destinations and the state of their circuit breakers.")

    @OptionGroup var remote: RemoteOptions

    func run() throws {
        let list = try remote.connect().get(["destinations"])
        if remote.json { return Console.write(list) }
        var table = Table("NAME", "TRANSPORT", "BREAKER", "PAUSED", "LAST ERROR")
        for item in list.arrayValue ?? [] {
            table.add(
                item["name"].words, item["transport"].words, item["breaker"].words, item["paused"].words,
                item["error"].words)
        }
        Console.write(table.isEmpty ? "The tenant has no destinations of its own." : table.text)
    }
}
