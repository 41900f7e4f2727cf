import Foundation

/// Another program that takes part in a measurement.
final class Program {
    private let process = Process()
    private let output = Pipe()

    init(_ path: String, _ arguments: [String], environment: [String: String] = [:]) {
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardOutput = output
    }

    /// The built `reeve`, beside this program.
    static func reeve(_ arguments: String..., settings: [String: String] = [:]) -> Program {
        let path = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        return Program(path.appendingPathComponent("reeve").path, arguments, environment: settings)
    }

    /// Runs it to its end and returns what it printed.
    @discardableResult
    func finish() throws -> String {
        try launch()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            let words = ([process.executableURL?.path ?? ""] + (process.arguments ?? [])).joined(separator: " ")
            throw UsageError("\(words) ended with \(process.terminationStatus)")
        }
        return text
    }

    /// Starts it.
    func start() throws {
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try launch()
    }

    /// Swift's threads block signals, which a program that is started from one would inherit: pgbench would not hear its
    /// alarm.
    private func launch() throws {
        var (none, former) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &former)
        defer { pthread_sigmask(SIG_SETMASK, &former, nil) }
        try process.run()
    }

    /// Tells it to stop, and waits until it has.
    func stop() {
        process.terminate()
        process.waitUntilExit()
    }

    /// The processor time it has taken, in seconds.
    var processorTime: Double {
        let text = (try? String(contentsOfFile: "/proc/\(process.processIdentifier)/stat", encoding: .utf8)) ?? ""
        let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else { return 0 }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }
}
