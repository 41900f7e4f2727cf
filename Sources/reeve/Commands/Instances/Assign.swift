import ArgumentParser
import JSON

/// The command `reeve assign`.
struct Assign: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Give a role of an instance to people.")

    @OptionGroup var remote: RemoteOptions
    @OptionGroup var circumstances: Circumstances

    @Argument(help: "Reference or identifier of the instance.")
    var instance: String

    @Argument(help: "Name of the role.")
    var role: String

    @Argument(help: "Who is to hold it.")
    var people: [String]

    @Option(help: "Why.")
    var reason: String?

    func run() throws {
        var body: JSONObject = ["to": .array(people.map(JSON.string))]
        if let reason { body["reason"] = .string(reason) }
        let done = try remote.connect().post(
            ["instances", instance, "roles", role], circumstances.body(body), key: circumstances.key,
            version: circumstances.version)
        done.reportDone(json: remote.json, "\(role) is \(people.joined(separator: ", "))")
    }
}
