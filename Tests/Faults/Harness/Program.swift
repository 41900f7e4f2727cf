import Foundation
import Testing

/// A `reeve` that runs until it is stopped or killed.
final class Program: @unchecked Sendable {
    private let process = Process()
    /// Where all that it says goes.
    let log: URL

    /// The binary beside the test program, or what `REEVE_BINARY` names.
    static var binary: URL {
        if let path = ProcessInfo.processInfo.environment["REEVE_BINARY"] { return URL(filePath: path) }
        return URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
            .appending(path: "reeve")
    }

    /// Starts it.
    init(_ arguments: [String], environment: [String: String], log: URL) throws {
        self.log = log
        process.executableURL = Self.binary
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("REEVE_") }
            .merging(environment) { $1 }
        process.currentDirectoryURL = URL(filePath: "/")
        if !FileManager.default.fileExists(atPath: log.path()) {
            _ = FileManager.default.createFile(atPath: log.path(), contents: nil)
        }
        let output = try FileHandle(forWritingTo: log)
        try output.seekToEnd()
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        try process.run()
        try output.close()
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    /// Its number.
    var id: Int32 { process.processIdentifier }

    /// Whether it runs.
    var isRunning: Bool { process.isRunning }

    /// Sends it a signal and waits for its end.
    ///
    /// - Returns: its exit status, or 128 and the signal that ended it.
    @discardableResult
    func stop(_ signal: Int32 = SIGTERM) async throws -> Int32 {
        if process.isRunning { kill(process.processIdentifier, signal) }
        return try await end()
    }

    /// Waits for its end; it is killed where that takes more than a minute.
    @discardableResult
    func end() async throws -> Int32 {
        let limit = ContinuousClock.now + .seconds(60)
        while process.isRunning {
            if ContinuousClock.now > limit {
                Issue.record("a process did not end:\n\(tail)")
                kill(process.processIdentifier, SIGKILL)
            }
            try await Task.sleep(for: .milliseconds(5))
        }
        return process.terminationReason == .uncaughtSignal
            ? 128 + process.terminationStatus : process.terminationStatus
    }

    /// Waits until it says some words.
    func says(_ words: String, atMost limit: Duration = .seconds(30)) async throws {
        let end = ContinuousClock.now + limit
        while !text.contains(words) {
            try #require(process.isRunning && ContinuousClock.now < end, "it never said `\(words)`:\n\(tail)")
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    /// Everything that it has said.
    var text: String { (try? String(contentsOf: log, encoding: .utf8)) ?? "" }

    /// The last of what it said.
    var tail: String { String(text.suffix(1500)) }
}
