import Foundation
import JSON
import TestSupport
import Testing

@Suite(.ownThread) struct UsageTests {
    @Test(arguments: [
        ["nope"], ["open"], ["eval"], ["eval", "1", "--batch"], ["send", "X", "y", "no-field"],
        ["deadline"], ["list", "--limit", "many"], ["list", "--set", "color=red"],
        ["list", "--set", "body-limit=huge"], ["send", "X", "y", "a:=nonsense"],
    ])
    func badUsageExitsWithTwoAndSaysSoOnStandardError(_ arguments: [String]) throws {
        let run = try Binary.run(arguments)
        #expect(run.status == 2)
        #expect(run.output.isEmpty)
        #expect(!run.errors.isEmpty)
    }

    @Test(arguments: [["--help"], ["open", "--help"], ["help", "eval"], ["--version"]])
    func helpExitsWithNought(_ arguments: [String]) throws {
        let run = try Binary.run(arguments)
        #expect(run.status == 0)
        #expect(!run.output.isEmpty)
        #expect(run.errors.isEmpty)
    }

    @Test func everyCommandExplainsItself() throws {
        let help = try Binary.run(["--help"]).output
        let commands = help.split(separator: "\n").compactMap { line -> String? in
            guard line.hasPrefix("  "), !line.hasPrefix("   "), !line.hasPrefix("  -"), !line.hasPrefix("  See") else {
                return nil
            }
            return line.split(separator: " ").first.map(String.init)
        }
        #expect(commands.count > 10)
        for command in commands {
            let run = try Binary.run(["help", command])
            #expect(run.status == 0 && run.output.hasPrefix("OVERVIEW: "), "\(command)")
        }
    }

    @Test func saysWhereToFindARunningReeve() throws {
        try withDirectory { directory in
            let run = try Binary.run(["list", "--data", directory.path])
            #expect(run.status == 1)
            #expect(run.errors.contains("reeve up") && run.errors.contains("REEVE_URL"))
        }
    }

    @Test func namesTheAddressThatDoesNotAnswer() throws {
        let run = try Binary.run(["list"], environment: ["REEVE_URL": "http://127.0.0.1:1", "REEVE_TOKEN": "x"])
        #expect(run.status == 1)
        #expect(run.errors.contains("http://127.0.0.1:1"))
    }
}

@Suite(.ownThread) struct ConfigurationTests {
    private func write(_ text: String, _ directory: URL) throws -> String {
        let file = directory.appendingPathComponent("reeve.yaml")
        try text.write(to: file, atomically: true, encoding: .utf8)
        return file.path
    }

    @Test func theFileIsAboveTheEnvironmentAndFlagsAreAboveTheFile() throws {
        try withDirectory { directory in
            let environment = ["REEVE_URL": "http://127.0.0.1:1", "REEVE_TOKEN": "x"]
            let file = try write("url: http://127.0.0.1:2\n", directory)
            let fromFile = try Binary.run(["list", "--config", file], environment: environment)
            #expect(fromFile.errors.contains("http://127.0.0.1:2"))
            let fromFlag = try Binary.run(
                ["list", "--config", file, "--url", "http://127.0.0.1:3"], environment: environment)
            #expect(fromFlag.errors.contains("http://127.0.0.1:3"))
        }
    }

    @Test(arguments: [
        ("colour: red", ":1: there is no setting \"colour\""),
        ("log-level: [a]", ":1: log-level takes one plain value"),
        ("# a comment\nlog-level: loud", ":2): expected one of trace, debug"),
        ("url: \"", ":1:"),
        ("- a", ":1: expected lines of"),
    ])
    func faultsOfTheFileAreNamedWithTheirPlace(_ text: String, _ message: String) throws {
        try withDirectory { directory in
            let run = try Binary.run(["list", "--config", try write(text, directory)])
            #expect(run.status == 2)
            #expect(run.errors.contains(message), "\(run.errors)")
        }
    }

    @Test func aWrongShareDirectoryIsRefused() throws {
        try withDirectory { directory in
            let run = try Binary.run(["deadline", "--list", "--share", directory.path])
            #expect(run.status == 2)
            #expect(run.errors.contains("no sql/ and workflows/"))
        }
    }
}

@Suite(.ownThread) struct ReferenceTests {
    @Test func theReferenceNamesEveryCommandAndSetting() throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../docs/reference/cli.md")
        let text = try String(contentsOf: file, encoding: .utf8)
        let help = try Binary.run(["--help"]).output
        for line in help.split(separator: "\n") where line.hasPrefix("  ") && !line.hasPrefix("   ") {
            guard let command = line.split(separator: " ").first, !command.hasPrefix("-"), command != "See" else {
                continue
            }
            #expect(text.contains("`reeve \(command)"), "docs/reference/cli.md lacks \(command)")
        }
        try withDirectory { directory in
            let doctor = try Binary.run(["doctor", "--json", "--data", directory.path])
            #expect(doctor.status == 1)
            let settings = try JSON(parsing: doctor.output)["settings"]?.arrayValue ?? []
            #expect(settings.count > 10)
            for setting in settings {
                let (name, meaning) = (setting["name"]?.stringValue ?? "", setting["meaning"]?.stringValue ?? "")
                #expect(text.contains("| `\(name)` |") && text.contains(meaning), "docs/reference/cli.md lacks \(name)")
            }
        }
    }
}
