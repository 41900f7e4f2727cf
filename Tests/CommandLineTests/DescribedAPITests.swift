import Foundation
import JSON
import TestSupport
import Testing

/// A real server, held to its own description by schemathesis.
@Suite(.serialized, .ownThread, .timeLimit(.minutes(10)))
struct DescribedAPITests {
    @Test func theServerDoesWhatItsDescriptionSaysAndNothingElse() throws {
        let reeve = try Running()
        try reeve.start(
            ["--demo", "--set", "rate-limit=0", "--set", "guest-rate-limit=0"], until: "The demonstration is loaded.")
        let issued = try reeve.json(
            "tokens", "issue", "examination", "--person", "ana", "--scope", "read", "--scope", "write", "--scope",
            "admin",
            "--scope", "audit")
        let token = try #require(issued["token"]?.stringValue)
        let seed = ProcessInfo.processInfo.environment["REEVE_SEED"].flatMap { Int($0) } ?? .random(in: 1...999_999)
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let process = Process()
        process.executableURL = root.appendingPathComponent(".venv/bin/python")
        process.arguments = [
            root.appendingPathComponent("Tests/CommandLineTests/Clients/examine.py").path,
            "http://127.0.0.1:\(reeve.port)", token, String(seed), "20",
        ]
        let output = Pipe()
        (process.standardOutput, process.standardError) = (output, output)
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        print("schemathesis, seed \(seed)")
        #expect(process.terminationStatus == 0, "\(text)")
        #expect(text.contains("Stateful"), "schemathesis did not run to its end: \(text)")
        #expect(reeve.stop(SIGTERM) == 0)
    }
}
