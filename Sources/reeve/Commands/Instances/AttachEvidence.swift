import ArgumentParser
import JSON

/// The command `reeve attach`.
struct Attach: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Attach evidence to an instance: the digest of a file, and where it can be found.")

    @OptionGroup var remote: RemoteOptions
    @OptionGroup var circumstances: Circumstances

    @Argument(help: "Reference or identifier of the instance.")
    var instance: String

    @Argument(help: "SHA-256 in hexadecimal, as `sha256sum FILE` prints it.")
    var digest: String

    @Option(help: "Title that people see.")
    var title: String

    @Option(help: ArgumentHelp("Where it can be found.", valueName: "uri"))
    var uri: String?

    func run() throws {
        var body: JSONObject = ["digest": .string(digest), "title": .string(title)]
        if let uri { body["uri"] = .string(uri) }
        let done = try remote.connect().post(
            ["instances", instance, "evidence"], circumstances.body(body), key: circumstances.key,
            version: circumstances.version)
        done.reportDone(json: remote.json, "evidence attached")
    }
}
