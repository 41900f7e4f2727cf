import ArgumentParser
import JSON

/// The command `reeve workflows upgrade`.
struct UpgradeWorkflow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "upgrade", abstract: "Take running instances to a newer version of their workflow.",
        discussion: """
            Without --yes it says which instances would go, and what the upgrade has still to be told of each. The plan is \
            a YAML or JSON file with the maps states, fields, roles, clocks and children (former name to new name), set \
            (field to CEL) and the list consents (such as clock:respond). The exit status is 1 while an instance stays \
            behind.
            """)

    @OptionGroup var remote: RemoteOptions

    @Argument(help: "The workflow.")
    var workflow: String

    @Option(help: ArgumentHelp("The version to go to; the newest where absent.", valueName: "version"))
    var to: Int64?

    @Option(help: ArgumentHelp("Only this instance; several may be named.", valueName: "instance"))
    var instance: [String] = []

    @Option(
        help: ArgumentHelp("What both versions do not know by the same name; - is standard input.", valueName: "file"))
    var plan: String?

    @Option(help: "Why; needed with --yes.")
    var reason: String?

    @Flag(help: "Upgrade them.")
    var yes = false

    func run() throws {
        guard !yes || reason != nil else { throw Failure.usage("Say why with --reason TEXT: it is journalled.") }
        let remote = try remote.connect()
        var body: JSONObject = [:]
        if let to { body["version"] = .int(to) }
        if let plan { body["plan"] = try PlainYAML.read(plan) }
        let candidates = try candidates(remote, .object(body))
        if let reason, yes { body["reason"] = .string(reason) }
        var outcomes: [JSON] = []
        for candidate in candidates { outcomes.append(outcome(of: candidate, remote, body)) }
        report(outcomes)
        if outcomes.contains(where: { $0["upgraded"] != true && (yes || $0["needs"] != []) }) { throw Failure.silent }
    }

    private func candidates(_ remote: Remote, _ body: JSON) throws(Failure) -> [JSON] {
        var candidates: [JSON] = []
        var next: String?
        repeat {
            let page = try remote.send(
                "POST", ["definitions", workflow, "upgrade-check"], [("limit", "200"), ("after", next)], body: body)
            candidates += page["items"]?.arrayValue ?? []
            next = page["next"]?.stringValue
        } while next != nil
        guard !instance.isEmpty else { return candidates }
        let chosen = candidates.filter { candidate in
            instance.contains { candidate["reference"] == .string($0) || candidate["instance"] == .string($0) }
        }
        guard chosen.count == Set(instance).count else {
            throw Failure(
                "Not every instance named runs under an older version of \(workflow); leave --instance away to see which do"
            )
        }
        return chosen
    }

    /// What becomes of an instance: it goes, or stays and says why.
    private func outcome(of candidate: JSON, _ remote: Remote, _ body: JSONObject) -> JSON {
        var outcome = candidate.objectValue ?? [:]
        outcome["upgraded"] = false
        guard yes, candidate["needs"] == [] else { return .object(outcome) }
        do throws(Failure) {
            _ = try remote.post(["instances", candidate["instance"].words, "upgrade"], .object(body))
            outcome["upgraded"] = true
        } catch {
            outcome["refusal"] = .string(error.message)
        }
        return .object(outcome)
    }

    private func report(_ outcomes: [JSON]) {
        if remote.json { return Console.write(.array(outcomes)) }
        if outcomes.isEmpty { return Console.write("No running instance of \(workflow) is under an older version.") }
        for outcome in outcomes {
            let needs = outcome["needs"]?.arrayValue ?? []
            let place = "\(outcome["reference"].words) (version \(outcome["version"].words), \(outcome["state"].words))"
            if let refusal = outcome["refusal"]?.stringValue {
                Console.write("\(place): refused: \(refusal)")
            } else if outcome["upgraded"] == true {
                Console.write("\(place): upgraded")
            } else {
                Console.write("\(place): \(needs.isEmpty ? "can be upgraded" : "stays behind")")
            }
            for need in needs {
                Console.write(
                    "  \(need["kind"].words):\(need["name"].words): \(need["message"].words); "
                        + "needed is \(need["remedy"].words)")
            }
        }
        let gone = outcomes.count { $0["upgraded"] == true }
        if yes { Console.write("\(gone) of \(outcomes.count) upgraded") }
    }
}
