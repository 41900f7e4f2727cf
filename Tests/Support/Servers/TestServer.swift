import Foundation
import JSON
import Synchronization
import Testing

/// A server in a process of its own that prints a line of JSON for each thing it sees; gone when released.
public final class TestServer: Sendable {
    /// The port of 127.0.0.1 that it listens on.
    public let port: Int
    private let process: Process
    private let input: Pipe
    private let seen: Lines

    /// Starts a script that stands beside this file.
    ///
    /// - Throws: where it cannot be run.
    public init(_ script: String, _ arguments: String...) async throws {
        let here = URL(filePath: #filePath).deletingLastPathComponent()
        process = Process()
        process.executableURL = Self.python
        process.arguments = [here.appending(path: script).path()] + arguments
        input = Pipe()
        process.standardInput = input
        let output = Pipe()
        process.standardOutput = output
        let lines = Lines()
        seen = lines
        output.fileHandleForReading.readabilityHandler = { lines.add($0.availableData) }
        try process.run()
        port = try #require(await lines.next()["port"]?.intValue.map(Int.init))
    }

    deinit { try? input.fileHandleForWriting.close() }

    /// The next thing the server saw; waits for it.
    ///
    /// - Throws: when the server has ended.
    public func next() async throws -> JSON { try await seen.next() }

    /// Everything the server saw that ``next()`` has not taken.
    public func takeAll() -> [JSON] { seen.takeAll() }

    /// Python of the test tools, where they are installed, else the system's.
    private static var python: URL {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let tool = root.appending(path: ".venv/bin/python")
        return FileManager.default.fileExists(atPath: tool.path()) ? tool : URL(filePath: "/usr/bin/python3")
    }

    private final class Lines: Sendable {
        private let state = Mutex<(rest: Data, lines: [JSON], isEnded: Bool)>((Data(), [], false))

        func add(_ data: Data) {
            state.withLock { state in
                if data.isEmpty { state.isEnded = true }
                state.rest += data
                while let end = state.rest.firstIndex(of: 10) {
                    if let line = try? JSON(parsing: Array(state.rest[..<end])) { state.lines.append(line) }
                    state.rest = state.rest[state.rest.index(after: end)...]
                }
            }
        }

        func takeAll() -> [JSON] {
            state.withLock { state in
                defer { state.lines = [] }
                return state.lines
            }
        }

        func next() async throws -> JSON {
            while true {
                let line: JSON? = try state.withLock { state in
                    if !state.lines.isEmpty { return state.lines.removeFirst() }
                    if state.isEnded { throw Ended() }
                    return nil
                }
                if let line { return line }
                try await Task.sleep(for: .milliseconds(5))
            }
        }
    }

    struct Ended: Error, CustomStringConvertible {
        let description = "the server has ended; were the Python tools installed (make test does it)?"
    }
}

/// A certificate for `localhost` that signs itself, in a folder that goes with it.
public final class TestCertificate: Sendable {
    private let folder: URL
    /// The file of the certificate.
    public var certificate: String { folder.appending(path: "certificate.pem").path() }
    /// The file of its key.
    public var key: String { folder.appending(path: "key.pem").path() }

    /// Makes one.
    ///
    /// - Throws: where openssl cannot be run.
    public init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "reeve-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let openssl = Process()
        openssl.executableURL = URL(filePath: "/usr/bin/env")
        openssl.arguments = [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate,
        ]
        openssl.standardError = FileHandle.nullDevice
        try openssl.run()
        openssl.waitUntilExit()
        try #require(openssl.terminationStatus == 0, "openssl made no certificate")
    }

    deinit { try? FileManager.default.removeItem(at: folder) }
}
