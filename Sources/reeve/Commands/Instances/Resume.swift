import ArgumentParser
import Engine
import JSON

/// The command `reeve resume`.
struct Resume: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Let a held instance go on; or, after a restore of the database, the deliveries.",
        discussion: """
            After a restore from backup the world has moved on, and deliveries are held. `reeve resume --after-restore` \
            lists what would be sent; with --yes it is sent. That command uses the database.
            """)

    @OptionGroup var remote: RemoteOptions
    @OptionGroup var circumstances: Circumstances

    @Argument(help: "Reference or identifier of the instance.")
    var instance: String?

    @Option(help: "Why; it is kept in the journal.")
    var reason: String?

    @Flag(help: "Let deliveries go on after a restore.")
    var afterRestore = false

    @Flag(help: "Really send what waits.")
    var yes = false

    @Option(help: ArgumentHelp("Connection string of PostgreSQL, for --after-restore.", valueName: "conninfo"))
    var database: String?

    func validate() throws {
        if afterRestore == (instance != nil) { throw ValidationError("Name an instance, or give --after-restore.") }
    }

    func run() async throws {
        if afterRestore { return try await resumeDeliveries() }
        let body: JSONObject = reason.map { ["reason": .string($0)] } ?? [:]
        let done = try remote.connect().post(
            ["instances", instance ?? "", "resumption"], circumstances.body(body), key: circumstances.key,
            version: circumstances.version)
        done.reportDone(json: remote.json, "resumed")
    }

    private func resumeDeliveries() async throws {
        let installation = try Installation.found(
            by: try remote.settings.load([.database: database, .data: remote.data]))
        let engine = try installation.engine()
        do throws(AdministrationError) {
            let state = try await engine.restoration()
            guard state.cause != nil else { return Console.write("Deliveries are not held.") }
            if yes {
                let incarnation = try await engine.resumeAfterRestore()
                return Console.write("Deliveries go on, in incarnation \(incarnation); \(state.waiting) waited.")
            }
            show(state)
        } catch {
            throw Failure(error.description)
        }
        throw Failure("Nothing was sent. Give --yes to let all of this go.")
    }

    private func show(_ state: Restoration) {
        var table = Table("SINCE", "KIND", "FOR", "INSTANCE")
        for delivery in state.deliveries {
            table.add(
                delivery.createdAt.description, delivery.kind, delivery.recipient, delivery.instance.description)
        }
        Console.write(table.isEmpty ? "Nothing waits." : table.text)
        if state.waiting > state.deliveries.count {
            Console.write("… and \(state.waiting - state.deliveries.count) more")
        }
    }
}
