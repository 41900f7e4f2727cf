import Engine
import Glibc
import JSON
import Workflows

/// What a private installation needs before anybody can use it: a tenant, people, the library and tokens.
struct Founding: Sendable {
    let installation: Installation
    let engine: Engine
    let directory: DataDirectory
    let isDemo: Bool

    /// What was found or made.
    struct Setup: Sendable {
        /// The tenant.
        var tenant: Identifier
        /// The person whose token is printed.
        var person: String
        /// People who get a token of their own.
        var people: [String]
    }

    /// Makes what is missing; what is there stays as it is.
    func prepare() async throws -> Setup {
        let library = try WorkflowFiles.library(installation.share)
        let (tenant, isNew) = try await saveTenant(under: library.regimes)
        let people = try await people(of: tenant, isNew: isNew)
        try await publish(library, for: tenant)
        return Setup(tenant: tenant, person: people[0], people: isDemo ? people : [])
    }

    /// Under more regimes, cases of the demonstration that leave open who is affected would open duties everywhere.
    private static let demoRegimes = "contract,eu.gdpr,eu.nis2,eu.dora"

    /// The tenant, under the regimes that the settings name.
    private func saveTenant(under library: RegimeLibrary) async throws -> (id: Identifier, isNew: Bool) {
        let name = try installation.configuration.required(.tenant)
        let found = try await engine.tenants().first { $0.name == name }
        var tenant =
            found
            ?? Tenant(
                id: .version7(at: .ofThisMachine), name: name, title: isDemo ? "Northwind Pay" : name.capitalizedFirst,
                zone: isDemo ? "Europe/Berlin" : "Etc/UTC", calendar: "office")
        var settings = tenant.settings.objectValue ?? [:]
        let standard = isDemo ? Self.demoRegimes : "all"
        if let wanted = installation.configuration[.regimes] ?? (found == nil ? standard : nil) {
            settings["regimes"] = try library.setting(regimes: wanted)
        }
        tenant.settings = .object(settings)
        try await engine.save(tenant)
        return (tenant.id, found == nil)
    }

    /// Whose tokens are wanted, the one that is printed first; they are entered where they cannot have been before.
    private func people(of tenant: Identifier, isNew: Bool) async throws -> [String] {
        if isDemo {
            let document = try PlainYAML.read(installation.share.demo + "/directory.yaml")
            if !Demonstration.hasBegun(in: directory) {
                try await engine.enter(DirectoryDocument(json: document), for: tenant)
            }
            let people = document["people"]?.objectValue?.keys ?? []
            return ["ana"] + people.filter { $0 != "ana" }
        }
        let login = getpwuid(getuid()).map { String(cString: $0.pointee.pw_name) } ?? "admin"
        if isNew {
            var document = DirectoryDocument()
            var staff = DirectoryDocument.Team(id: "staff", title: "Staff")
            staff.members = [login]
            document.people = [DirectoryDocument.Person(id: login, name: login)]
            document.teams = [staff]
            try await engine.enter(document, for: tenant)
        }
        return [login]
    }

    private func publish(_ library: WorkflowCheck, for tenant: Identifier) async throws {
        guard library.passes else {
            let errors = library.faults.filter { $0.severity == .error }
            throw Failure("The library has faults:\n" + errors.map(\.description).joined(separator: "\n"))
        }
        for (_, path) in library.sources.sorted(by: { $0.key < $1.key }) {
            let source = try WorkflowFiles.source(path)
            let files = (source["files"]?.objectValue ?? [:]).map { ($0.key, $0.value.stringValue ?? "") }
            _ = try await engine.publish(
                DefinitionSource(main: source["main"].words, files: Dictionary(files) { $1 }), for: tenant,
                by: .connector("library"))
        }
    }

    /// Makes sure that there are tokens, writes down where the server is, and says so.
    func announce(_ setup: Setup, url: String) async throws {
        var known = try KnownServer.read(in: directory.path) ?? KnownServer(url: url, token: "")
        known.url = url
        known.token = try await token(known.token, for: setup.person, setup)
        let holder = try await engine.principal(ofToken: known.token)?.person ?? setup.person
        for person in setup.people {
            known.people[person] = try await token(known.people[person] ?? "", for: person, setup)
        }
        try known.write(in: directory.path)
        let people =
            setup.people.isEmpty
            ? "" : "\n  people    reeve list --as PERSON, with one of \(setup.people.joined(separator: ", "))"
        Console.write(
            """
            Reeve is running.
              address   \(url)
              token     \(known.token)
                        for \(holder); programs on this machine find it in \(directory.path)/client.json\(people)
              database  psql "\(installation.database.conninfo)"
            Ctrl-C stops it.
            """)
        Console.flush()
    }

    /// The token that is known, where it is still good, else a new one.
    private func token(_ known: String, for person: String, _ setup: Setup) async throws -> String {
        if let principal = try await engine.principal(ofToken: known), principal.tenant == setup.tenant { return known }
        let scopes = person == setup.person ? Engine.scopes : ["read", "write"]
        return try await engine.issueToken(
            for: setup.tenant, name: "reeve up", person: person, scopes: scopes, by: .connector("reeve up")
        ).text
    }
}

extension String {
    /// The text with its first letter in upper case.
    fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}

extension RegimeLibrary {
    /// Identifiers with commas between, as a tenant's settings hold them; nil for `all`.
    func setting(regimes text: String) throws(Failure) -> JSON? {
        if text.trimmingBlanks == "all" { return nil }
        let wanted = text.split(separator: ",").map { $0.trimmingBlanks }
        let known = regimes.map(\.id)
        if let other = wanted.first(where: { !known.contains($0) }) {
            throw .usage("There is no regime \"\(other)\"; the library has \(known.joined(separator: ", "))")
        }
        return .array(wanted.map(JSON.string))
    }
}
