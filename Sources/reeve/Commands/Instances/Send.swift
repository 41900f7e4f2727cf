import ArgumentParser
import JSON

/// The command `reeve send`.
struct Send: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Send an event to an instance.",
        discussion: "Example: reeve send INC-2026-0042 resolve restoredAt=2026-03-27T22:20:00+01:00")

    @OptionGroup var remote: RemoteOptions
    @OptionGroup var circumstances: Circumstances

    @Argument(help: "Reference or identifier of the instance.")
    var instance: String

    @Argument(help: "Name of the event; `reeve show` lists those that can be sent.")
    var event: String

    @Flag(help: "Only show which running clocks would move, here and in what is told of it.")
    var dryRun = false

    @OptionGroup var fields: Fields

    func run() throws {
        let body: JSONObject = ["event": .string(event), "form": .object(try fields.read())]
        if dryRun { return try Rehearsal.show(remote, instance, circumstances.body(body)) }
        let done = try remote.connect().post(
            ["instances", instance, "events"], circumstances.body(body), key: circumstances.key,
            version: circumstances.version)
        done.reportDone(json: remote.json, event)
    }
}
