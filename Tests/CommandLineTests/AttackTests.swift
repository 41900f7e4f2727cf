import Foundation
import JSON
import TestSupport
import Testing

/// The server under attack, run as users run it: its memory has a bound, and others are served meanwhile.
///
/// They measure time, so they run by themselves.
@Suite(.serialized, .ownThread, .timeLimit(.minutes(5)))
struct AttackTests {
    /// What an attack has cost and seen.
    struct Outcome {
        var report: JSON

        var seen: JSON { report["seen"] ?? [:] }
        /// Resident memory at its highest, in MiB.
        var highest: Double { report["highest"]?.doubleValue ?? .infinity }
        func seconds(_ name: String) -> Double { report[name]?.doubleValue ?? .infinity }
        func count(_ names: String...) -> Int64 {
            names.reduce(seen) { $0?[$1] }?.intValue ?? 0
        }
    }

    /// Limits in time that an attack meets within seconds; all else is as it comes.
    private static let settings = ["head-timeout=3", "request-timeout=5", "idle-timeout=8"]
    /// How long somebody else may wait for an answer during an attack, on a machine that the attacker shares.
    private static let patience = 3.0
    /// MiB that the server may have, whatever is done to it.
    private static let memory = 600.0

    private func attack(_ names: [String], _ check: (String, Outcome) throws -> Void) throws {
        let reeve = try Running()
        try reeve.start(["--demo"] + Self.settings.flatMap { ["--set", $0] }, until: "The demonstration is loaded.")
        let people = try reeve.client()["people"]
        let attacker = try #require(people?["ben"]?.stringValue)
        let other = try #require(people?["rita"]?.stringValue)
        for name in names {
            let report = try Self.run(name, reeve, attacker, other)
            print("attack \(report.text())")
            let outcome = Outcome(report: report)
            #expect(report["failures"]?.arrayValue?.isEmpty == true, "\(name): \(report)")
            #expect(outcome.seconds("p99") < Self.patience, "\(name): \(report)")
            #expect(outcome.highest < Self.memory, "\(name): \(report)")
            try check(name, outcome)
        }
        #expect(reeve.stop(SIGTERM) == 0)
    }

    private static func run(_ name: String, _ reeve: Running, _ tokens: String...) throws -> JSON {
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "Clients/attack.py")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments =
            ["python3", script.path, name, String(reeve.port), String(reeve.processID)] + tokens
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "\(name): \(text)")
        return try JSON(parsing: text)
    }

    @Test func tenThousandConnectionsTakeNoPlaceFromThoseWhoAsk() throws {
        try attack(["idle", "slow-head"]) { name, outcome in
            let wanted = min(10_000, (outcome.report["limit"]?.intValue ?? 0) - 100)
            #expect(outcome.count("opened") >= wanted, "\(outcome.report)")
            #expect(outcome.count("open") <= 2000, "\(outcome.report)")
            if name == "idle" { #expect(outcome.count("open-later") == 0, "\(outcome.report)") }
        }
    }

    @Test func whoComesWhenAllConnectionsAreBusyIsToldSo() throws {
        let reeve = try Running()
        try reeve.start(["--demo", "--set", "max-connections=20"], until: "The demonstration is loaded.")
        let token = try #require(try reeve.client()["people"]?["ben"]?.stringValue)
        let seen = try Self.run("full", reeve, token)["seen"]
        #expect(seen == ["refused": 503, "closed": true, "retry-after": true, "afterwards": 200], "\(seen ?? .null)")
        let metrics = try String(
            contentsOf: #require(URL(string: "http://127.0.0.1:\(reeve.port)/metrics")), encoding: .utf8)
        #expect(metrics.contains("reeve_http_connections_refused_total 1\n"))
        #expect(reeve.stop(SIGTERM) == 0)
    }

    @Test func bodiesThatCreepOrNeverEndAreCutOff() throws {
        try attack(["slow-body", "endless-body"]) { name, outcome in
            if name == "slow-body" {
                // More than one token may have under way are refused at once, the others when their time is up.
                #expect(outcome.count("statuses", "429") > 0 && outcome.count("statuses", "408") > 0)
                #expect(outcome.count("statuses", "0") == 0, "\(outcome.report)")
            } else {
                #expect(outcome.count("stranger", "statuses", "401") == 20, "\(outcome.report)")
                #expect(outcome.count("bodiless", "statuses", "200") == 20, "\(outcome.report)")
                // Too large, or more than one token may have in memory.
                let refused = outcome.count("known", "statuses", "413") + outcome.count("known", "statuses", "503")
                #expect(refused == 20, "\(outcome.report)")
                for kind in ["stranger", "bodiless", "known", "extension", "trailers"] {
                    #expect(outcome.count(kind, "closed") == 20, "\(kind): \(outcome.report)")
                }
            }
        }
    }

    @Test func floodsOfHeadersAndEndlessTargetsAreRefused() throws {
        try attack(["header-flood"]) { _, outcome in
            for kind in ["many", "long", "target"] {
                #expect(outcome.count(kind, "statuses", "431") == 50, "\(kind): \(outcome.report)")
            }
            for kind in ["many", "long", "target", "method", "lines"] {
                #expect(outcome.count(kind, "closed") == 50, "\(kind): \(outcome.report)")
            }
        }
    }

    @Test func whoAsksWithoutReadingIsCutOff() throws {
        try attack(["pipelining", "upgrade"]) { name, outcome in
            #expect(outcome.count("closed") == outcome.count("connections"), "\(outcome.report)")
            if name == "upgrade" { #expect(outcome.count("statuses", "200") == 20, "\(outcome.report)") }
        }
    }

    @Test func whoAsksTooOftenIsToldToWaitAndGuessesAreSlow() throws {
        try attack(["tiny", "wrong-tokens"]) { name, outcome in
            if name == "tiny" {
                #expect(outcome.count("statuses", "429") > 0 && outcome.seen["retry-after"] == ["1"])
                // 200 a second and a burst of twice that, for six seconds.
                #expect(outcome.count("statuses", "200") + outcome.count("statuses", "403") <= 1800)
            } else {
                // 50 a second and a burst of twice that, for five seconds.
                #expect((1...500).contains(outcome.count("statuses", "401")), "\(outcome.report)")
            }
        }
    }

    @Test func whatIsNotHTTPIsAnsweredOnceAndTheConnectionClosed() throws {
        try attack(["malformed", "half-closed", "expectations"]) { name, outcome in
            switch name {
            case "malformed":
                for (kind, answer) in outcome.seen.objectValue ?? [:] where kind != "asterisk" {
                    #expect((400...499).contains(answer["status"]?.intValue ?? 0), "\(kind): \(answer)")
                    #expect(answer["closed"] == true && answer["replies"] == 1, "\(kind): \(answer)")
                }
                #expect(outcome.count("asterisk", "status") == 404)
            case "half-closed":
                for (kind, status) in [
                    ("whole", 200), ("several", 200), ("half head", 400), ("half body", 400), ("half chunk", 400),
                    ("HTTP/1.0", 200), ("close", 200), ("nothing", 0),
                ] as [(String, Int64)] {
                    let answer = outcome.seen[kind]
                    #expect(answer?["status"]?.intValue == status, "\(kind): \(outcome.report)")
                    #expect(answer?["closed"] == true, "\(kind): \(outcome.report)")
                    let replies: Int64 = kind == "several" ? 5 : kind == "nothing" ? 0 : 1
                    #expect(answer?["replies"]?.intValue == replies, "\(kind): \(outcome.report)")
                }
            default:
                #expect(outcome.seen["known"]?["first"] == 100, "\(outcome.report)")
                #expect(outcome.seen["stranger"]?["first"] == 401, "\(outcome.report)")
                #expect(outcome.seen["large"]?["first"] == 413, "\(outcome.report)")
            }
        }
    }
}
