import ArgumentParser
import JSON

/// The command `reeve visibility`.
struct SetVisibility: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "visibility", abstract: "Set who sees an instance; the journal says so.",
        discussion: """
            restricted and privileged instances are seen by those named on them, and by whoever `reeve grant` lets see \
            them. Hiding an instance hides what it has opened.
            """)

    @OptionGroup var remote: RemoteOptions

    @Argument(help: "Reference or identifier of the instance.")
    var instance: String

    @Argument(help: "normal, restricted or privileged.")
    var visibility: String

    @Option(help: "Why.")
    var reason: String

    func run() throws {
        _ = try remote.connect().post(
            ["instances", instance, "visibility"],
            ["visibility": .string(visibility), "reason": .string(reason)])
        if !remote.json { Console.write("\(instance): \(visibility)") }
    }
}

/// The command `reeve grant`.
struct Grant: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Let a person see a restricted instance until an instant; this stays on record.")

    @OptionGroup var remote: RemoteOptions

    @Argument(help: "Reference or identifier of the instance; you need not see it yourself.")
    var instance: String

    @Argument(help: "The person.")
    var person: String

    @Option(help: ArgumentHelp("Until when (RFC 3339).", valueName: "instant"))
    var until: String

    @Option(help: "Why.")
    var reason: String

    func run() throws {
        _ = try remote.connect().post(
            ["instances", instance, "grants"],
            ["person": .string(person), "until": .string(until), "reason": .string(reason)])
        if !remote.json { Console.write("\(instance): \(person) sees it until \(until)") }
    }
}

/// The command `reeve erase`.
struct Erase: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Erase what people wrote in entries of an instance; each leaves a tombstone.",
        discussion: """
            Remarks, reasons and evidence can be erased at any time, what went into the data once the instance has ended. \
            `reeve show INSTANCE --journal` shows the numbers of the entries.
            """)

    @OptionGroup var remote: RemoteOptions

    @Argument(help: "Reference or identifier of the instance.")
    var instance: String

    @Argument(help: "Numbers of the entries.")
    var entries: [Int64]

    @Option(help: "Why, without personal data: it stays in the journal.")
    var reason: String

    func run() throws {
        let done = try remote.connect().post(
            ["instances", instance, "erasures"],
            ["entries": .array(entries.map(JSON.int)), "reason": .string(reason)])
        if remote.json { return Console.write(done) }
        Console.write("\(instance): \(done["erased"].words) erased")
    }
}

/// The command `reeve hold`.
struct Hold: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Put an instance on legal hold, so that nothing of it is erased, or lift that.")

    @OptionGroup var remote: RemoteOptions

    @Argument(help: "Reference or identifier of the instance.")
    var instance: String

    @Option(help: "Why, without personal data; needed to place a hold.")
    var reason: String?

    @Flag(help: "Lift the holds that stand.")
    var lift = false

    func run() throws {
        let remote = try self.remote.connect()
        if lift {
            _ = try remote.send("DELETE", ["instances", instance, "hold"])
        } else {
            guard let reason else { throw Failure.usage("Say why with --reason TEXT, or --lift it.") }
            _ = try remote.post(["instances", instance, "hold"], ["reason": .string(reason)])
        }
        if !self.remote.json { Console.write("\(instance): \(lift ? "no longer on hold" : "on legal hold")") }
    }
}
