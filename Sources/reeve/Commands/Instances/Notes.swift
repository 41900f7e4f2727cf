import ArgumentParser
import JSON

/// The command `reeve comment`.
struct Comment: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Say something about an instance.")

    @OptionGroup var remote: RemoteOptions
    @OptionGroup var circumstances: Circumstances

    @Argument(help: "Reference or identifier of the instance.")
    var instance: String

    @Argument(help: "What is to be said.")
    var text: String

    func run() throws {
        let body: JSONObject = ["text": .string(text)]
        let done = try remote.connect().post(
            ["instances", instance, "comments"], circumstances.body(body), key: circumstances.key,
            version: circumstances.version)
        done.reportDone(json: remote.json, "comment added")
    }
}

/// The command `reeve link`.
struct Link: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Refer from an instance to another.")

    @OptionGroup var remote: RemoteOptions
    @OptionGroup var circumstances: Circumstances

    @Argument(help: "Reference or identifier of the instance.")
    var instance: String

    @Argument(help: "Reference or identifier of the other instance.")
    var other: String

    @Option(help: "What the other one is to this one, such as causedBy.")
    var relation = "related"

    func run() throws {
        let body: JSONObject = ["to": .string(other), "relation": .string(relation)]
        let done = try remote.connect().post(
            ["instances", instance, "links"], circumstances.body(body), key: circumstances.key,
            version: circumstances.version)
        done.reportDone(json: remote.json, "linked to \(other)")
    }
}

/// The command `reeve acknowledge`.
struct Acknowledge: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "End the repetition of an escalation.")

    @OptionGroup var remote: RemoteOptions
    @OptionGroup var circumstances: Circumstances

    @Argument(help: "Reference or identifier of the instance.")
    var instance: String

    @Argument(help: "The clock: NAME, or NAME/KEY for one of several.")
    var clock: String

    @Option(help: "What is being done.")
    var comment: String?

    func run() throws {
        let body: JSONObject = comment.map { ["comment": .string($0)] } ?? [:]
        let done = try remote.connect().post(
            ["instances", instance, "clocks", clock, "acknowledgement"], circumstances.body(body),
            key: circumstances.key, version: circumstances.version)
        done.reportDone(json: remote.json, "escalation of \(clock) acknowledged")
    }
}
