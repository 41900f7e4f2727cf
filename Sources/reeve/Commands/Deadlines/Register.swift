import ArgumentParser
import JSON

/// The command `reeve register`.
struct Register: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "The register of personal-data breaches (GDPR Art. 33(5)), notified or not.",
        discussion: "Example: reeve register --since 2026-01-01T00:00:00Z --csv -o breaches.csv")

    @OptionGroup var remote: RemoteOptions

    @Option(help: ArgumentHelp("Only what we became aware of then or later (RFC 3339).", valueName: "instant"))
    var since: String?

    @Option(help: ArgumentHelp("Only what we became aware of before (RFC 3339).", valueName: "instant"))
    var until: String?

    @Option(help: ArgumentHelp("Only those in which this legal entity is involved.", valueName: "entity"))
    var entity: String?

    @Flag(help: "As CSV, one line a breach.")
    var csv = false

    @Flag(help: "As a page for printing.")
    var html = false

    @Option(name: .shortAndLong, help: ArgumentHelp("Where it is written; - is standard output.", valueName: "file"))
    var output = "-"

    func validate() throws {
        if csv && html || (csv || html) && remote.json { throw ValidationError("One of --json, --csv and --html.") }
    }

    func run() throws {
        let connection = try remote.connect()
        let query = [("since", since), ("until", until), ("entity", entity)]
        if csv || html {
            return try Files.write(output, try connection.bytes([csv ? "register.csv" : "register.html"], query))
        }
        var records: [JSON] = []
        var next: String?
        repeat {
            let page = try connection.get(["register"], query + [("limit", "200"), ("after", next)])
            records += page["items"]?.arrayValue ?? []
            next = page["next"]?.stringValue
        } while next != nil
        if remote.json {
            return try Files.write(output, Array((JSON.array(records).text(.pretty) + "\n").utf8))
        }
        var table = Table("INCIDENT", "AWARE", "RISK", "NOTIFIED", "FILED", "WHAT HAPPENED")
        for record in records {
            let filings = (record["decisions"]?.arrayValue ?? []).flatMap { $0["filings"]?.arrayValue ?? [] }
            let sent = filings.count { $0["submittedAt"]?.stringValue != nil }
            table.add(
                record["reference"].words, record["facts"]?["awareAt"].minute ?? "",
                record["effects"]?["risk"].words ?? "",
                record["notified"].words, "\(sent) of \(filings.count)", record["facts"]?["summary"].words ?? "")
        }
        Console.write(table.isEmpty ? "No breaches." : table.text)
    }
}

/// The command `reeve pack`.
struct Pack: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "What stands behind a filing: draft in the authority's order, deadline, decisions, evidence.",
        discussion: "Example: reeve pack FIL-2026-0007 --html -o filing.html")

    @OptionGroup var remote: RemoteOptions

    @Argument(help: "Reference or identifier of the filing.")
    var instance: String

    @Flag(help: "As a page for printing, in place of JSON.")
    var html = false

    @Option(name: .shortAndLong, help: ArgumentHelp("Where it is written; - is standard output.", valueName: "file"))
    var output = "-"

    func run() throws {
        let connection = try remote.connect()
        if html {
            return try Files.write(output, try connection.bytes(["instances", instance, "filing-pack.html"]))
        }
        let pack = try connection.get(["instances", instance, "filing-pack"])
        try Files.write(output, Array((pack.text(.pretty) + "\n").utf8))
    }
}
