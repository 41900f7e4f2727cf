import ArgumentParser
import Deadlines
import Engine
import JSON
import Workflows

/// The command `reeve tenants`.
struct Tenants: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List and add the organisations that an installation serves; uses the database.",
        subcommands: [ListTenants.self, AddTenant.self, SetRegimes.self, SetRetention.self],
        defaultSubcommand: ListTenants.self)
}

/// The command `reeve tenants list`.
struct ListTenants: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List tenants, by name.")

    @OptionGroup var options: DatabaseOptions

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        let installation = try options.installation()
        try await installation.reach()
        let engine = try installation.engine()
        let tenants: [Tenant]
        do throws(AdministrationError) {
            tenants = try await engine.tenants()
        } catch {
            throw Failure(error.description)
        }
        if json {
            return Console.write(
                .array(
                    tenants.map { tenant in
                        [
                            "id": .string(tenant.id.description), "name": .string(tenant.name),
                            "title": .string(tenant.title), "zone": .string(tenant.zone),
                            "calendar": tenant.calendar.map(JSON.string) ?? .null,
                        ]
                    }))
        }
        var table = Table("NAME", "TITLE", "ZONE", "CALENDAR", "ID")
        for tenant in tenants {
            table.add(tenant.name, tenant.title, tenant.zone, tenant.calendar ?? "", tenant.id.description)
        }
        Console.write(table.isEmpty ? "There is no tenant; `reeve tenants add` makes one." : table.text)
    }
}

/// The command `reeve tenants add`.
struct AddTenant: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Add a tenant with its first administrator, and print their token.",
        discussion: "With that token the administrator enters the directory, publishes workflows and issues tokens.")

    @Argument(help: "Name: lower-case letters, digits and hyphens.")
    var name: String

    @Option(help: "Title that people see.")
    var title: String

    @Option(help: ArgumentHelp("Identifier of the first administrator.", valueName: "person"))
    var admin: String

    @Option(help: ArgumentHelp("IANA time zone.", valueName: "zone"))
    var zone = "Etc/UTC"

    @Option(help: ArgumentHelp("Calendar whose working days count.", valueName: "id"))
    var calendar = "office"

    @Option(
        name: .customLong("regime"), help: ArgumentHelp("A regime that it is under; all where absent.", valueName: "id")
    )
    var regimes: [String] = []

    @OptionGroup var options: DatabaseOptions

    func run() async throws {
        let installation = try options.installation()
        try await installation.reach()
        let engine = try installation.engine()
        do throws(AdministrationError) {
            if try await engine.tenants().contains(where: { $0.name == name }) {
                throw .invalid("There is a tenant `\(name)` already.")
            }
            let tenant = Tenant(
                id: .version7(at: .ofThisMachine), name: name, title: title, zone: zone, calendar: calendar,
                settings: regimes.isEmpty ? [:] : ["regimes": .array(regimes.map(JSON.string))])
            try await engine.save(tenant)
            var document = DirectoryDocument()
            document.people = [DirectoryDocument.Person(id: admin, name: admin)]
            try await engine.enter(document, for: tenant.id)
            let token = try await engine.issueToken(
                for: tenant.id, name: "first administrator", person: admin, scopes: Engine.scopes,
                by: .connector("reeve tenants add"))
            Console.write(token.text)
        } catch {
            throw Failure(error.description)
        }
    }
}

/// The command `reeve tenants retention`.
struct SetRetention: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retention",
        abstract: "Set how long what people wrote is kept after an instance has ended.",
        discussion: """
            The worker then erases it as `reeve erase` does, each entry with its tombstone; legal holds go before. It is \
            the tenant that the setting tenant names.
            """)

    @OptionGroup var options: DatabaseOptions

    @Argument(help: "Years, months and days, such as P6Y; where absent, everything is kept for ever.")
    var period: String?

    func run() async throws {
        let installation = try options.installation()
        let engine = try installation.engine()
        do {
            let parsed = try period.map { try Period($0) }
            if let parsed, parsed.microseconds != 0 || parsed.totalMonths * 31 + parsed.totalDays < 1 {
                throw Failure.usage("A time of retention is at least a day, in years, months and days, such as P6Y.")
            }
            let name = installation.configuration[.tenant] ?? "default"
            guard let tenant = try await engine.tenants().first(where: { $0.name == name }) else {
                throw Failure("There is no tenant \(name); `reeve tenants` lists them.")
            }
            try await engine.setRetention(parsed, of: tenant.id)
            Console.write("\(name): \(period.map { "kept for \($0) after the end" } ?? "kept for ever")")
        } catch let error as AdministrationError {
            throw Failure(error.description)
        } catch let error as DeadlineError {
            throw Failure.usage(error.description)
        }
    }
}
