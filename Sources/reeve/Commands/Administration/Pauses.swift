import ArgumentParser
import JSON

/// The command `reeve pause`.
struct Pause: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Hold the tenant, a workflow or a destination, or list what is held.",
        discussion: "What falls due meanwhile waits, and is recorded as late. `reeve unpause` lets it go on.")

    @OptionGroup var remote: RemoteOptions

    @Argument(help: "tenant, definition/NAME or destination/NAME; where absent, what is held is listed.")
    var what: String?

    @Option(help: "Why; needed to hold something.")
    var reason: String?

    func run() throws {
        guard let what else { return try list() }
        guard let reason else { throw Failure.usage("Say why with --reason TEXT.") }
        var body = try PausedPart(what).json
        body["reason"] = .string(reason)
        _ = try remote.connect().post(["pauses"], .object(body))
        if !remote.json { Console.write("Held: \(what).") }
    }

    private func list() throws(Failure) {
        let held = try remote.connect().get(["pauses"])
        if remote.json { return Console.write(held) }
        var table = Table("HELD", "REASON", "BY", "SINCE")
        for item in held.arrayValue ?? [] {
            let name = item["name"].words
            table.add(
                name.isEmpty ? item["scope"].words : "\(item["scope"].words)/\(name)", item["reason"].words,
                item["pausedBy"].words, item["pausedAt"].minute)
        }
        Console.write(table.isEmpty ? "Nothing is held." : table.text)
    }
}

/// The command `reeve unpause`.
struct Unpause: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Let what was held go on.")

    @OptionGroup var remote: RemoteOptions

    @Argument(help: "tenant, definition/NAME or destination/NAME.")
    var what: String

    func run() throws {
        _ = try remote.connect().post(["pauses", "end"], .object(try PausedPart(what).json))
        if !remote.json { Console.write("Goes on: \(what).") }
    }
}

/// What is held, as the command line names it.
private struct PausedPart {
    let json: JSONObject

    init(_ text: String) throws(Failure) {
        let parts = text.split(separator: "/", maxSplits: 1).map(String.init)
        switch (parts.first, parts.count) {
        case ("tenant", 1): json = ["scope": "tenant"]
        case ("definition", 2), ("destination", 2):
            json = ["scope": .string(parts[0]), "name": .string(parts[1])]
        default: throw .usage("\"\(text)\" is not tenant, definition/NAME or destination/NAME")
        }
    }
}
