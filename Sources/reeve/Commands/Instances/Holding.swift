import ArgumentParser
import JSON

/// The command `reeve cancel`.
struct Cancel: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "End an instance with a reason.")

    @OptionGroup var remote: RemoteOptions
    @OptionGroup var circumstances: Circumstances

    @Argument(help: "Reference or identifier of the instance.")
    var instance: String

    @Option(help: "Why; it is kept in the journal.")
    var reason: String

    func run() throws {
        let body: JSONObject = ["reason": .string(reason)]
        let done = try remote.connect().post(
            ["instances", instance, "cancellation"], circumstances.body(body), key: circumstances.key,
            version: circumstances.version)
        done.reportDone(json: remote.json, "cancelled")
    }
}

/// The command `reeve suspend`.
struct Suspend: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Hold an instance with a reason; its clocks run on.")

    @OptionGroup var remote: RemoteOptions
    @OptionGroup var circumstances: Circumstances

    @Argument(help: "Reference or identifier of the instance.")
    var instance: String

    @Option(help: "Why; it is kept in the journal.")
    var reason: String

    func run() throws {
        let body: JSONObject = ["reason": .string(reason)]
        let done = try remote.connect().post(
            ["instances", instance, "suspension"], circumstances.body(body), key: circumstances.key,
            version: circumstances.version)
        done.reportDone(json: remote.json, "suspended")
    }
}
