import ArgumentParser

/// The command line's root.
@main
struct Reeve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reeve",
        abstract: "Keeps an organisation's promises: workflows with owners, clocks and escalations.",
        discussion: """
            Exit status: 0 when all is well, 1 when the answer is no or something failed, 2 for bad usage. Errors go to \
            standard error and name the cause and the way out.
            """,
        version: Version.text,
        groupedSubcommands: CommandGroups.all)

    /// Runs the command line; unlike the parser's own entry it keeps to the exit statuses above.
    static func main() async {
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            Console.finish(0)
        } catch let failure as Failure {
            if !failure.message.isEmpty { Console.error(failure.message) }
            Console.finish(failure.status)
        } catch {
            let message = fullMessage(for: error)
            switch exitCode(for: error) {
            case .success:
                Console.write(message)
                Console.finish(0)
            case .validationFailure:
                Console.error(message)
                Console.finish(2)
            default:
                Console.error(Failure(error).message)
                Console.finish(1)
            }
        }
    }
}

/// The version of the program.
enum Version {
    static let text = "0.1.0"
}
