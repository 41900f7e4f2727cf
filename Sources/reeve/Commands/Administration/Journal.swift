import ArgumentParser
import Engine
import JSON
import PostgresClient
import Workflows

/// The command `reeve journal`.
struct Journal: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Verify and export journals.", subcommands: [VerifyJournal.self, ExportJournal.self])
}

/// The command `reeve journal verify`.
struct VerifyJournal: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Fold the journal of every instance through its definition and compare it with what is stored.",
        discussion: "Any difference is reported, and the exit status is then 1.")

    @OptionGroup var options: DatabaseOptions

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        let installation = try options.installation()
        try await installation.reach()
        let engine = try installation.engine()
        let found: Verification
        do throws(PostgresError) {
            found = try await engine.verifyJournals()
        } catch {
            throw Failure(error.description)
        }
        if json {
            Console.write(found.json)
        } else {
            for difference in found.discrepancies { Console.write(difference.line) }
            let partly = found.partial > 0 ? " (\(found.partial) could be followed only up to there)" : ""
            let erased = found.erased > 0 ? ", \(found.erased) with erased payloads\(partly)" : ""
            Console.write(
                "\(found.instances) instances, \(found.entries) entries\(erased): "
                    + (found.isClean ? "as the journals say" : "\(found.discrepancies.count) differences"))
        }
        if !found.isClean { throw Failure.silent }
    }
}

extension Verification {
    /// The result for programs.
    fileprivate var json: JSON {
        [
            "instances": .int(Int64(instances)), "entries": .int(entries), "erased": .int(Int64(erased)),
            "partial": .int(Int64(partial)),
            "differences": .array(
                discrepancies.map { difference in
                    [
                        "tenant": .string(difference.tenant.description),
                        "instance": .string(difference.instance.description),
                        "reference": .string(difference.reference),
                        "sequence": difference.sequence.map(JSON.int) ?? .null,
                        "message": .string(difference.message),
                    ]
                }),
        ]
    }
}

extension Discrepancy {
    /// The difference for people.
    fileprivate var line: String {
        let place = sequence.map { " entry \($0)" } ?? ""
        return "\(reference) (\(instance))\(place): \(message)"
    }
}

/// The command `reeve journal export`.
struct ExportJournal: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Print the journal of an instance, or of all that can be seen, as JSON lines.")

    @OptionGroup var remote: RemoteOptions

    @Argument(help: "Reference or identifier of the instance; all where absent.")
    var instance: String?

    func run() throws {
        let remote = try remote.connect()
        if let instance { return try export(instance, remote) }
        var next: String?
        repeat {
            let page = try remote.get(["instances"], [("limit", "200"), ("after", next)])
            for item in page["items"]?.arrayValue ?? [] { try export(item["reference"].words, remote) }
            next = page["next"]?.stringValue
        } while next != nil
    }

    private func export(_ instance: String, _ remote: Remote) throws(Failure) {
        var next: String?
        repeat {
            let page = try remote.get(["instances", instance, "journal"], [("limit", "200"), ("after", next)])
            for entry in page["items"]?.arrayValue ?? [] {
                var line: JSONObject = ["reference": .string(instance)]
                for member in entry.objectValue ?? [:] { line[member.key] = member.value }
                Console.write(.object(line), .compact)
            }
            next = page["next"]?.stringValue
        } while next != nil
    }
}
