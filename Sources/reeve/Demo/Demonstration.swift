import Deadlines
import Engine
import JSON
import ServiceLifecycle
import Web
import Workflows

/// Loads the demonstration once the engine and the worker run, and then waits for the end.
struct Demonstration: Service {
    let engine: Engine
    let tenant: Identifier
    let portfolio: Portfolio
    /// Where it is remembered how far the loading is.
    let directory: DataDirectory

    func run() async throws {
        if let base = try begin() {
            Console.write("Loading the demonstration ...")
            Console.flush()
            do {
                try await cancelWhenGracefulShutdown {
                    try await PortfolioLoader(engine: engine, tenant: tenant, portfolio: portfolio, base: base).load()
                }
            } catch {
                // The next start goes on where this one was stopped.
                if Task.isShuttingDownGracefully { return }
                throw error
            }
            try write(base, isLoaded: true)
            Console.write("The demonstration is loaded. Try: reeve list --overdue")
            Console.flush()
        }
        try? await gracefulShutdown()
    }

    /// Whether loading has begun in a data directory before.
    static func hasBegun(in directory: DataDirectory) -> Bool { Files.isFile(record(in: directory)) }

    /// The file with the base instant, and whether all is loaded.
    private static func record(in directory: DataDirectory) -> String { directory.path + "/demo.json" }

    private var record: String { Self.record(in: directory) }

    /// The base instant of a loading that is still to be done; nil where it was done.
    private func begin() throws -> Instant? {
        if Files.isFile(record) {
            let state = try Files.readJSON(record)
            if state["loaded"]?.boolValue == true { return nil }
            if let text = state["base"]?.stringValue, let base = try? Instant(text) { return base }
        }
        let base = Instant.ofThisMachine
        try write(base, isLoaded: false)
        return base
    }

    private func write(_ base: Instant, isLoaded: Bool) throws {
        let state: JSON = ["base": .string(base.description), "loaded": .bool(isLoaded)]
        try Files.writePrivate(record, state.text(.pretty) + "\n")
    }
}
