import Foundation
import TestSupport
import Testing

/// The story of the first page, run as it is written there, the killing in the middle included.
@Suite(.serialized, .ownThread) struct FirstPageTests {
    /// A command of the page, and the lines that it says come of it.
    struct Command {
        var text: String
        var expected: [String] = []
    }

    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../..").standardizedFileURL

    /// The commands in the fences of a section; four spaces go on with a command, two are what it answers.
    static func commands(of section: String) throws -> [Command] {
        let page = try String(contentsOf: root.appendingPathComponent("README.md"), encoding: .utf8)
        let text = try #require(page.components(separatedBy: "\n## ").first { $0.hasPrefix(section + "\n") })
        var commands: [Command] = []
        for (index, fence) in text.components(separatedBy: "```").enumerated() where index % 2 == 1 {
            for line in fence.components(separatedBy: "\n") where !line.isEmpty {
                if line.hasPrefix("    ") {
                    commands[commands.count - 1].text += "\n" + line
                } else if line.hasPrefix("  ") {
                    commands[commands.count - 1].expected.append(line.trimmingCharacters(in: .whitespaces))
                } else {
                    commands.append(Command(text: line))
                }
            }
        }
        return commands
    }

    @Test func theStoryGoesAsTheFirstPageTellsIt() throws {
        let commands = try Self.commands(of: "A story")
        #expect(commands.count > 15 && commands.contains { !$0.expected.isEmpty })
        let reeve = try Running()
        try reeve.start(["--demo"], until: "The demonstration is loaded.")
        var settings = "reeve() { '\(Binary.url.path)' \"$@\"; }\nexport REEVE_DATA='\(reeve.directory.path)'\n"
        for command in commands where !command.text.hasPrefix("alias ") {
            if command.text.hasPrefix("pkill ") {
                reeve.stop(SIGKILL)
                try reeve.start(["--demo"])
            } else if command.text.hasPrefix("then=") {
                settings += command.text + "\n"
            } else {
                try run(command, after: settings)
            }
        }
        let verified = try reeve.reeve("journal", "verify")
        #expect(verified.status == 0 && verified.output.contains("as the journals say"), "\(verified.output)")
    }

    /// What other instances have to do first takes a moment; a person would hardly see it.
    private func run(_ command: Command, after settings: String) throws {
        var answer = ""
        for _ in 0..<100 {
            let (status, output) = try shell(settings + command.text)
            answer = output
            let isAsSaid = command.expected.allSatisfy { output.contains($0) }
            if isAsSaid, status == 0 || !command.expected.isEmpty { return }
            usleep(100_000)
        }
        Issue.record("\(command.text)\n  answered: \(answer)")
    }

    private func shell(_ script: String) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = ["-c", script]
        process.environment = Binary.clean
        process.currentDirectoryURL = Self.root
        let output = Pipe()
        (process.standardOutput, process.standardError) = (output, output)
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, text)
    }
}
