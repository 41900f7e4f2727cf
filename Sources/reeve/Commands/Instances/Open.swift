import ArgumentParser
import JSON

/// The command `reeve open`.
struct Open: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Open an instance of a workflow.",
        discussion: """
            Example: reeve open incident summary="Payments down" services:='["payments"]' \\
            detectedAt=2026-03-27T20:50:00+01:00
            """)

    @OptionGroup var remote: RemoteOptions
    @OptionGroup var circumstances: Circumstances

    @Option(help: ArgumentHelp("What it counts as: real, exercise or backfilled.", valueName: "kind"))
    var kind: String?

    @Option(help: ArgumentHelp("Who sees it: normal, restricted or privileged.", valueName: "who"))
    var visibility: String?

    @Argument(help: "Name of the workflow.")
    var workflow: String

    @OptionGroup var fields: Fields

    func run() throws {
        var body: JSONObject = ["workflow": .string(workflow), "form": .object(try fields.read())]
        if let kind { body["kind"] = .string(kind) }
        if let visibility { body["visibility"] = .string(visibility) }
        let done = try remote.connect().post(["instances"], circumstances.body(body), key: circumstances.key)
        done.reportDone(json: remote.json, "opened")
    }
}
