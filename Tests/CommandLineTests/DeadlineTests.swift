import Foundation
import JSON
import TestSupport
import Testing

@Suite(.ownThread) struct DeadlineTests {
    private let arguments = [
        "deadline", "eu.gdpr.33-1", "--from", "2026-11-24T10:20:00+01:00", "--zone", "Europe/Berlin",
    ]

    @Test func printsBothFiguresWithTheTrace() throws {
        let run = try Binary.run(arguments + ["--calendar", "de", "--json"])
        let deadline = try JSON(parsing: run.output)
        #expect(deadline["rule"] == "eu.gdpr.33-1")
        #expect(deadline["trigger"] == "2026-11-24T10:20:00+01:00")
        #expect(deadline["due"] == "2026-11-27T10:20:00+01:00")
        #expect(deadline["latest"] == "2026-11-27T11:00:00+01:00")
        let trace = try #require(deadline["trace"]?.arrayValue)
        #expect(!trace.isEmpty)
        #expect(trace.allSatisfy { $0["step"] != nil && $0["source"] != nil && $0["result"] != nil })
    }

    @Test func ownRulesTakeThePlaceOfTheLibrarys() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("own-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        func write(_ period: String) throws {
            let rule = """
                regime: de.nis2
                verified: 2026-11-23
                rules:
                  - { rule: eu.nis2.23-4-a, title: Early warning, facts: [aware], period: \(period), kind: hours, to: BSI, source: National law, status: active }
                """
            try rule.write(to: folder.appendingPathComponent("de.yaml"), atomically: true, encoding: .utf8)
        }
        let warning = [
            "deadline", "eu.nis2.23-4-a", "--from", "2026-11-24T10:20:00+01:00", "--zone", "Europe/Berlin", "--json",
        ]
        let own = warning + ["--set", "own-rules=\(folder.path)"]
        try write("PT12H")
        #expect(try JSON(parsing: Binary.run(warning).output)["due"] == "2026-11-25T10:20:00+01:00")
        #expect(try JSON(parsing: Binary.run(own).output)["due"] == "2026-11-24T22:20:00+01:00")
        // What is not replaced stays.
        let others = try Binary.run(arguments + ["--calendar", "de", "--set", "own-rules=\(folder.path)"])
        #expect(others.status == 0 && others.output.contains("2026-11-27T10:20:00+01:00"))
        try write("twelve")
        let wrong = try Binary.run(own)
        #expect(wrong.status == 1 && wrong.errors.contains("de.yaml"), "\(wrong.errors)")
        let missing = try Binary.run(warning + ["--set", "own-rules=\(folder.path)/none"])
        #expect(missing.status == 1 && missing.errors.contains("none"), "\(missing.errors)")
    }

    @Test func showsPeopleTheSame() throws {
        let run = try Binary.run(arguments + ["--calendar", "de", "--explain"])
        #expect(run.output.contains("due     2026-11-27T10:20:00+01:00"))
        #expect(run.output.contains("S start, D due"))
    }

    @Test(arguments: [
        (["deadline", "eu.gdpr.33-11", "--from", "2026-11-24T10:20:00Z", "--zone", "Europe/Berlin"], "eu.gdpr.33"),
        (["deadline", "eu.gdpr.33-1", "--from", "2026-11-24T10:20:00Z", "--zone", "Europe/Berlim"], "Europe/Berlin"),
        (["deadline", "eu.gdpr.33-1", "--from", "yesterday", "--zone", "Europe/Berlin"], "yesterday"),
        (["deadline", "eu.gdpr.33-1", "--from", "2026-11-24T10:20:00Z"], "--zone"),
        (["deadline", "eu.gdpr.33-1", "--zone", "Europe/Berlin"], "--from"),
        (
            ["deadline", "eu.dora.19-4-a", "--from", "2026-11-24T10:20:00Z", "--zone", "Europe/Berlin"],
            "--fact aware=INSTANT"
        ),
        (["deadline", "eu.gdpr.33-1", "--fact", "moon=2026-11-24T10:20:00Z", "--zone", "Europe/Berlin"], "moon"),
    ])
    func errorsNameTheCause(_ arguments: [String], _ words: String) throws {
        let run = try Binary.run(arguments)
        #expect(run.status == 1 || run.status == 2)
        #expect(run.errors.contains(words), "\(run.errors)")
    }

    @Test func listsTheRules() throws {
        #expect(try Binary.run(["deadline", "--list"]).output.contains("eu.gdpr.33-1"))
        let rules = try JSON(parsing: try Binary.run(["deadline", "--list", "--json"]).output)
        #expect((rules.arrayValue?.count ?? 0) > 10)
    }
}
