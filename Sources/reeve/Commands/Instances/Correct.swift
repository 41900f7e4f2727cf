import ArgumentParser
import JSON

/// The command `reeve correct`.
struct Correct: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Change fields after the fact, where the definition allows it.",
        discussion: "Example: reeve correct INC-2026-0042 --reason \"Pager log\" awareAt=2026-03-27T20:52:00+01:00")

    @OptionGroup var remote: RemoteOptions
    @OptionGroup var circumstances: Circumstances

    @Option(help: "Why the values were wrong; it is kept in the journal.")
    var reason: String

    @Argument(help: "Reference or identifier of the instance.")
    var instance: String

    @Flag(help: "Only show which running clocks would move, here and in what is told of it.")
    var dryRun = false

    @OptionGroup var fields: Fields

    func run() throws {
        let body: JSONObject = ["fields": .object(try fields.read()), "reason": .string(reason)]
        if dryRun { return try Rehearsal.show(remote, instance, circumstances.body(body)) }
        let done = try remote.connect().post(
            ["instances", instance, "corrections"], circumstances.body(body), key: circumstances.key,
            version: circumstances.version)
        done.reportDone(json: remote.json, "corrected")
    }
}
