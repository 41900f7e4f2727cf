import ArgumentParser
import JSON

/// The command `reeve attach`.
struct Attach: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Attach evidence to an instance: a file for Reeve to keep, or a reference to what lies elsewhere.",
        discussion: """
            A file is kept under its SHA-256 and seen by those who see the instance; `reeve evidence` hands it out again. \
            Of what lies elsewhere give --uri, --digest (as `sha256sum FILE` prints it), or both.
            """)

    @OptionGroup var remote: RemoteOptions
    @OptionGroup var circumstances: Circumstances

    @Argument(help: "Reference or identifier of the instance.")
    var instance: String

    @Argument(help: "The file.")
    var file: String?

    @Option(help: "Title that people see; the file's name where absent.")
    var title: String?

    @Option(help: ArgumentHelp("What the file is.", valueName: "media-type"))
    var type: String?

    @Option(help: ArgumentHelp("Where it can be found.", valueName: "uri"))
    var uri: String?

    @Option(help: ArgumentHelp("Its SHA-256 in hexadecimal.", valueName: "sha-256"))
    var digest: String?

    func run() throws {
        let done = if let file { try keep(file) } else { try refer() }
        done.reportDone(json: remote.json, "evidence attached")
    }

    private func keep(_ file: String) throws(Failure) -> JSON {
        guard uri == nil else { throw .usage("Either a file to keep or --uri, not both.") }
        guard circumstances.onBehalfOf == nil else { throw .usage("A file is attached by oneself, for nobody else.") }
        let name = file.split(separator: "/").last.map(String.init) ?? file
        return try remote.connect().upload(
            ["instances", instance, "files"],
            [("title", title ?? name), ("digest", digest), ("happenedAt", circumstances.happenedAt)],
            try Files.read(file), type: type ?? MediaType.of(name), key: circumstances.key,
            version: circumstances.version)
    }

    private func refer() throws(Failure) -> JSON {
        guard let title = title ?? uri, digest != nil || uri != nil else {
            throw .usage("What is the evidence? Name a file, or give --uri, or --digest with --title.")
        }
        var body: JSONObject = ["title": .string(title)]
        if let digest { body["digest"] = .string(digest) }
        if let uri { body["uri"] = .string(uri) }
        return try remote.connect().post(
            ["instances", instance, "evidence"], circumstances.body(body), key: circumstances.key,
            version: circumstances.version)
    }
}

/// The command `reeve evidence`.
struct EvidenceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evidence", abstract: "List the evidence of an instance, or fetch a file of it.")

    @OptionGroup var remote: RemoteOptions

    @Argument(help: "Reference or identifier of the instance.")
    var instance: String

    @Argument(help: "The file to fetch: its SHA-256, or how it begins.")
    var digest: String?

    @Option(name: .shortAndLong, help: ArgumentHelp("Where it is written; - is standard output.", valueName: "file"))
    var output = "-"

    func run() throws {
        let remote = try remote.connect()
        let items = try remote.get(["instances", instance])["evidence"]?.arrayValue ?? []
        guard let digest else { return list(items) }
        let found = Set(items.compactMap { $0["digest"]?.stringValue }.filter { $0.hasPrefix(digest.lowercased()) })
        guard let whole = found.first, found.count == 1 else {
            throw Failure(
                found.isEmpty
                    ? "No evidence of \(instance) has the digest \(digest)"
                    : "\(found.count) pieces of evidence begin with \(digest); give more digits")
        }
        try Files.write(output, try remote.bytes(["instances", instance, "files", whole]))
    }

    private func list(_ items: [JSON]) {
        if remote.json { return Console.write(.array(items)) }
        if items.isEmpty { return Console.write("No evidence.") }
        var table = Table("DIGEST", "TITLE", "TYPE", "BYTES", "WHERE", "BY", "ADDED")
        for item in items {
            table.add(
                String(item["digest"].words.prefix(12)), item["title"].words, item["mediaType"].words,
                item["size"].words, item["uri"].words, item["addedBy"].words, item["addedAt"].minute)
        }
        Console.write(table.text)
    }
}

/// What files are, by the ends of their names.
enum MediaType {
    private static let known = [
        "pdf": "application/pdf", "txt": "text/plain; charset=utf-8", "md": "text/markdown; charset=utf-8",
        "csv": "text/csv; charset=utf-8", "json": "application/json", "png": "image/png", "jpg": "image/jpeg",
        "jpeg": "image/jpeg", "gif": "image/gif", "webp": "image/webp", "html": "text/html; charset=utf-8",
        "zip": "application/zip", "eml": "message/rfc822", "log": "text/plain; charset=utf-8",
        "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ]

    /// The type of a file of this name.
    static func of(_ name: String) -> String {
        let end = name.split(separator: ".").last.map { $0.lowercased() } ?? ""
        return known[end] ?? "application/octet-stream"
    }
}
