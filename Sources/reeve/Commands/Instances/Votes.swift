import ArgumentParser
import JSON

/// The command `reeve approve`.
struct Approve: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Approve what an approval asks.")

    @OptionGroup var remote: RemoteOptions
    @OptionGroup var circumstances: Circumstances

    @Argument(help: "Reference or identifier of the instance.")
    var instance: String

    @Argument(help: "The approval: NAME, or NAME/KEY for one of several.")
    var approval: String

    @Option(help: "Why.")
    var comment: String?

    func run() throws {
        var body: JSONObject = ["vote": "approve"]
        if let comment { body["comment"] = .string(comment) }
        let done = try remote.connect().post(
            ["instances", instance, "approvals", approval, "votes"], circumstances.body(body), key: circumstances.key,
            version: circumstances.version)
        done.reportDone(json: remote.json, "\(approval) approved")
    }
}

/// The command `reeve refuse`.
struct Refuse: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Refuse what an approval asks.")

    @OptionGroup var remote: RemoteOptions
    @OptionGroup var circumstances: Circumstances

    @Argument(help: "Reference or identifier of the instance.")
    var instance: String

    @Argument(help: "The approval: NAME, or NAME/KEY for one of several.")
    var approval: String

    @Option(help: "Why.")
    var comment: String?

    func run() throws {
        var body: JSONObject = ["vote": "refuse"]
        if let comment { body["comment"] = .string(comment) }
        let done = try remote.connect().post(
            ["instances", instance, "approvals", approval, "votes"], circumstances.body(body), key: circumstances.key,
            version: circumstances.version)
        done.reportDone(json: remote.json, "\(approval) refused")
    }
}
