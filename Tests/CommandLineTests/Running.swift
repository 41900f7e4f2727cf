import Foundation
import JSON
import TestSupport
import Testing

/// A `reeve up` in a data directory of its own, run as users run it.
final class Running {
    let directory: URL
    private(set) var port = 0
    private var process: Process?

    /// The process, for those who look at what it uses.
    var processID: Int32 { process?.processIdentifier ?? 0 }

    /// What programs on this machine are told of it: its token, and those of its people.
    func client() throws -> JSON {
        try JSON(parsing: String(contentsOf: directory.appendingPathComponent("client.json"), encoding: .utf8))
    }

    /// A directory that PostgreSQL's own user can enter.
    init() throws {
        directory = URL(fileURLWithPath: "/tmp/reeve-up-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    }

    /// Starts it and waits until it says what the words say.
    func start(_ arguments: [String] = [], until words: String = "Ctrl-C stops it.") throws {
        port = try freePort()
        let process = Process()
        self.process = process
        process.executableURL = Binary.url
        process.arguments = ["up", "--data", directory.path, "--listen", "127.0.0.1:\(port)"] + arguments
        process.environment = Binary.clean
        process.currentDirectoryURL = URL(fileURLWithPath: "/")
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        process.standardInput = FileHandle.nullDevice
        try process.run()
        var text = ""
        while !text.contains(words) {
            let data = output.fileHandleForReading.availableData
            guard !data.isEmpty else { break }
            text += String(decoding: data, as: UTF8.self)
        }
        try #require(text.contains(words), "\(text)")
        // Whatever it says later must not make it wait for a reader.
        output.fileHandleForReading.readabilityHandler = { _ = $0.availableData }
    }

    /// Runs a command against it.
    func reeve(_ arguments: String..., as person: String? = nil) throws -> Binary.Run {
        try Binary.run(arguments + ["--data", directory.path] + (person.map { ["--as", $0] } ?? []))
    }

    /// Runs a command that prints JSON.
    func json(_ arguments: String...) throws -> JSON {
        let run = try Binary.run(arguments + ["--json", "--data", directory.path])
        #expect(run.status == 0, "\(arguments): \(run.errors)")
        return try JSON(parsing: run.output)
    }

    /// Sends it a signal, waits for its end and returns its exit status.
    @discardableResult
    func stop(_ signal: Int32 = SIGTERM) -> Int32 {
        guard let process else { return 0 }
        guard process.isRunning else { return process.terminationStatus }
        kill(process.processIdentifier, signal)
        process.waitUntilExit()
        return process.terminationStatus
    }

    /// Whether a PostgreSQL still runs in the directory.
    var hasServer: Bool {
        let file = directory.appendingPathComponent("postgres/postmaster.pid")
        guard let text = try? String(contentsOf: file, encoding: .utf8),
            let number = text.split(separator: "\n").first.flatMap({ pid_t($0) })
        else { return false }
        return kill(number, 0) == 0
    }

    deinit {
        stop(SIGKILL)
        for _ in 0..<100 where hasServer { usleep(100_000) }
        try? FileManager.default.removeItem(at: directory)
    }
}
