import ArgumentParser
import Deadlines
import Engine
import JSON
import Workflows

/// The command `reeve tenants regimes`.
struct SetRegimes: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "regimes",
        abstract: "Say under which regimes a tenant is, and which draft rules open obligations all the same.",
        discussion: """
            Without arguments it prints both. It is the tenant that the setting tenant names. A regime that is switched \
            off opens nothing, and a jurisdiction that only it covers is put to counsel.
            """)

    @OptionGroup var options: DatabaseOptions

    @Argument(help: ArgumentHelp("Identifiers with commas between, or all.", valueName: "regimes"))
    var regimes: String?

    @Option(help: ArgumentHelp("Draft rules that open obligations, with commas between, or none.", valueName: "rules"))
    var drafts: String?

    func run() async throws {
        let installation = try options.installation()
        let engine = try installation.engine()
        let library = try WorkflowFiles.library(installation.share).regimes
        let name = installation.configuration[.tenant] ?? "default"
        do {
            guard var tenant = try await engine.tenants().first(where: { $0.name == name }) else {
                throw Failure("There is no tenant \(name); `reeve tenants` lists them.")
            }
            var settings = tenant.settings.objectValue ?? [:]
            if let regimes { settings["regimes"] = try library.setting(regimes: regimes) }
            if let drafts {
                let rules = try RuleLibrary(directory: "\(installation.share.workflows)/regimes")
                settings["drafts"] = try rules.setting(drafts: drafts)
            }
            if regimes != nil || drafts != nil {
                tenant.settings = .object(settings)
                try await engine.save(tenant)
            }
            show(settings, of: name, library)
        } catch let error as AdministrationError {
            throw Failure(error.description)
        } catch let error as DeadlineError {
            throw Failure(error.description)
        }
    }

    private func show(_ settings: JSONObject, of name: String, _ library: RegimeLibrary) {
        func names(_ key: String) -> [String]? { settings[key]?.arrayValue?.compactMap(\.stringValue) }
        let inForce = names("regimes") ?? library.regimes.map(\.id)
        Console.write("\(name)  regimes  \(inForce.joined(separator: ", "))")
        if let drafts = names("drafts"), !drafts.isEmpty {
            Console.write("\(name)  drafts   \(drafts.joined(separator: ", "))")
        }
    }
}

extension RuleLibrary {
    /// Draft rules with commas between, as a tenant's settings hold them; nil for `none`.
    fileprivate func setting(drafts text: String) throws -> JSON? {
        if text.trimmingBlanks == "none" { return nil }
        let wanted = text.split(separator: ",").map { $0.trimmingBlanks }
        for id in wanted where try rule(id).status != .draft {
            let drafts = all.filter { $0.status == .draft }.map(\.id).joined(separator: ", ")
            throw Failure.usage("\(id) is no draft; drafts are \(drafts)")
        }
        return .array(wanted.map(JSON.string))
    }
}
