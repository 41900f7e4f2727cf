import Glibc
import PostgresCluster

/// Measures what Reeve promises, each figure beside its reference in the same run on the same server.
@main
struct ReeveBench {
    static func main() async {
        do {
            let options = try Options(CommandLine.arguments.dropFirst())
            let chosen = Scenario.all.filter { options.names.isEmpty || options.names.contains($0.name) }
            guard !chosen.isEmpty else { throw UsageError("no scenario of that name; there are: \(Scenario.names)") }
            let results = try await run(chosen, options)
            say("\n" + Report.table(results))
            if let path = options.json { try Report.write(results, to: path) }
            exit(results.allSatisfy(\.passes) ? 0 : 1)
        } catch let error as UsageError {
            complain("\(error)\n\(Options.usage)")
            exit(2)
        } catch {
            complain("\(error)")
            exit(2)
        }
    }

    private static func run(_ scenarios: [Scenario], _ options: Options) async throws -> [Measurement] {
        let bench = try Bench(options)
        var results: [Measurement] = []
        for scenario in scenarios {
            say("\(scenario.name): \(scenario.summary)")
            results.append(try await scenario.run(bench))
            if bench.options.showsStatements { try await bench.showStatements() }
        }
        try bench.stop()
        return results
    }

    private static func complain(_ text: String) {
        let line = "reeve-bench: \(text)\n"
        _ = line.withCString { write(STDERR_FILENO, $0, strlen($0)) }
    }
}

/// Prints a line at once, also into a pipe.
func say(_ line: String) {
    print(line)
    fflush(nil)
}

/// One thing that is measured.
struct Scenario: Sendable {
    var name: String
    var summary: String
    var run: @Sendable (Bench) async throws -> Measurement

    static var all: [Scenario] { libpq + commands + timers + pressure + lateness + steps + deadlines + recompute }

    static var names: String { all.map(\.name).joined(separator: ", ") }
}

/// How the program was called.
struct Options: Sendable {
    var names: [String] = []
    var json: String?
    var rounds = 5
    var seconds = 3
    /// Whether it is told which statements took the server's time.
    var showsStatements = false

    static let usage = "usage: reeve-bench [NAME …] [--json FILE] [--rounds N] [--seconds N] [--statements]"

    init(_ arguments: some Sequence<String>) throws(UsageError) {
        var rest = Array(arguments)[...]
        func value(_ option: String) throws(UsageError) -> String {
            guard let value = rest.popFirst() else { throw UsageError("\(option) needs a value") }
            return value
        }
        func number(_ option: String) throws(UsageError) -> Int {
            guard let number = Int(try value(option)), number > 0 else {
                throw UsageError("\(option) needs a positive whole number")
            }
            return number
        }
        while let argument = rest.popFirst() {
            switch argument {
            case "--json": json = try value(argument)
            case "--rounds": rounds = try number(argument)
            case "--statements": showsStatements = true
            case "--seconds": seconds = try number(argument)
            case _ where argument.hasPrefix("-"): throw UsageError("unknown option \(argument)")
            default: names.append(argument)
            }
        }
    }
}

/// The program was called wrongly.
struct UsageError: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }
}
