import ArgumentParser
import Engine
import JSON

/// The command `reeve doctor`.
struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say what is wrong with this installation, and how to mend it.",
        discussion: """
            Looks at the settings, the files beside the binary, the database and its roles, its schema, its vacuum and \
            its standbys, the workers, the clocks of both machines, the ways outward and what waits to be delivered. \
            The exit status is 1 when something needs mending.
            """)

    @OptionGroup var options: DatabaseOptions

    @Option(
        help: ArgumentHelp(
            "How many seconds a transaction may last, and what is due may wait, before it is reported.",
            valueName: "seconds"))
    var patience = 300

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard (0...86_400).contains(patience) else { throw ValidationError("--patience takes 0 to 86400 seconds.") }
    }

    func run() async throws {
        let configuration = try options.settings.load([.database: options.database, .data: options.data])
        var findings = ConfigurationExamination(configuration).findings()
        do {
            let installation = try options.installation()
            findings.append(.well("files", "in \(installation.share.path)"))
            findings += await Examination(installation, patience: patience).findings()
        } catch {
            findings.append(
                .mend("installation", Failure(error).message, "Mend the setting, or install Reeve's files anew."))
        }
        if json {
            Console.write([
                "settings": .array(Setting.allCases.map { $0.json(in: configuration) }),
                "findings": .array(findings.map(\.json)),
            ])
        } else {
            show(configuration, findings)
        }
        if findings.contains(where: { $0.status == .failing }) { throw Failure.silent }
    }

    private func show(_ configuration: Configuration, _ findings: [Finding]) {
        var settings = Table("SETTING", "VALUE", "FROM", "MEANING")
        for setting in Setting.allCases {
            settings.add(
                setting.rawValue, configuration.shown(setting), configuration.origin(setting)?.words ?? "unset",
                setting.summary)
        }
        Console.write(settings.text + "\n")
        var table = Table("", "WHAT", "FOUND")
        for finding in findings {
            table.add(finding.status.word, finding.name, finding.detail)
            if let remedy = finding.remedy { table.add("", "", "→ \(remedy)") }
        }
        Console.write(table.text)
    }
}

/// One thing that the doctor looked at.
struct Finding {
    /// How it is.
    enum Status: String {
        /// All is well.
        case ok
        /// It may be meant so, and has a consequence that is worth knowing.
        case note
        /// It needs mending.
        case failing

        /// The word for people.
        var word: String {
            switch self {
            case .ok: "well"
            case .note: "note"
            case .failing: "MEND"
            }
        }
    }

    /// What was looked at.
    var name: String
    /// How it is.
    var status: Status
    /// What was found.
    var detail: String
    /// What to do about it; nil where there is nothing to do.
    var remedy: String?

    /// All is well.
    static func well(_ name: String, _ detail: String) -> Finding {
        Finding(name: name, status: .ok, detail: detail)
    }

    /// Something that is worth knowing.
    static func note(_ name: String, _ detail: String, _ remedy: String) -> Finding {
        Finding(name: name, status: .note, detail: detail, remedy: remedy)
    }

    /// Something that needs mending.
    static func mend(_ name: String, _ detail: String, _ remedy: String) -> Finding {
        Finding(name: name, status: .failing, detail: detail, remedy: remedy)
    }

    /// The finding for programs.
    var json: JSON {
        [
            "name": .string(name), "status": .string(status.rawValue), "detail": .string(detail),
            "remedy": remedy.map(JSON.string) ?? .null,
        ]
    }
}

extension Setting {
    /// The setting with its value for programs; secrets are never shown.
    fileprivate func json(in configuration: Configuration) -> JSON {
        [
            "name": .string(rawValue), "variable": .string(variable), "value": .string(configuration.shown(self)),
            "from": configuration.origin(self).map { .string($0.words) } ?? .null, "meaning": .string(summary),
        ]
    }
}
