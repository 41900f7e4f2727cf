import ArgumentParser
import Engine
import JSON

/// The command `reeve doctor`.
struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say what is wrong with this installation, and how to mend it.",
        discussion: """
            Looks at the settings, the files beside the binary, the database, its schema, the workers, the clocks of \
            both machines and the deliveries. The exit status is 1 when something needs mending.
            """)

    @OptionGroup var options: DatabaseOptions

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        let configuration = try options.settings.load([.database: options.database, .data: options.data])
        var findings: [Finding] = []
        do {
            let installation = try options.installation()
            findings.append(Finding("files", isGood: true, "in \(installation.share.path)"))
            findings += await Examination(installation).findings()
        } catch {
            findings.append(Finding("installation", isGood: false, Failure(error).message))
        }
        if json {
            Console.write([
                "settings": .array(Setting.allCases.map { $0.json(in: configuration) }),
                "findings": .array(findings.map(\.json)),
            ])
        } else {
            show(configuration, findings)
        }
        if findings.contains(where: { !$0.isGood }) { throw Failure.silent }
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
        for finding in findings { table.add(finding.isGood ? "well" : "MEND", finding.name, finding.detail) }
        Console.write(table.text)
    }
}

/// One thing that the doctor looked at.
struct Finding {
    /// What was looked at.
    var name: String
    /// Whether it is well.
    var isGood: Bool
    /// What was found, and how to mend it.
    var detail: String

    /// Creates a finding.
    init(_ name: String, isGood: Bool, _ detail: String) {
        self.name = name
        self.isGood = isGood
        self.detail = detail
    }

    /// The finding for programs.
    var json: JSON {
        ["name": .string(name), "status": isGood ? "ok" : "failing", "detail": .string(detail)]
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
