import Foundation
import JSON
import TestSupport
import Testing

@Suite(.ownThread) struct ContentionTests {
    @Test func twoThousandCommandsAtOnceOnOneInstance() async throws {
        try await Stage.run { stage in
            Self.liftLimitOfFiles()
            let ports = [stage.port, try freePort()]
            for port in ports { try await stage.serve(on: port) }
            try await stage.work()
            let opened = try await stage.openPledges(1, dueIn: 3_600_000, clients: 1)
            let pledge = try #require(opened.instances.first)
            let ledger = Ledger()
            // A server does not do more than some hundreds of requests of one token at the same time.
            let tokens = try (0..<8).map { try Self.issueToken("client-\($0)", stage) }
            let lines = (0..<2000).map { Line(port: ports[$0 % 2], token: tokens[$0 / 2 % 8]) }
            for (number, line) in lines.enumerated() {
                let body: JSON = ["event": "touch", "form": ["note": .string("note-\(number)")]]
                #expect(
                    line.send("POST", "/api/v1/instances/\(pledge)/events", body, key: "note-\(number)"), "\(number)")
            }
            for (number, line) in lines.enumerated() {
                ledger.note("note-\(number)", Ledger.Outcome(line.receive()) ?? .unknown)
            }
            #expect(ledger.done == 2000)
            #expect(try await stage.count("SELECT sequence FROM reeve.instance") == 2001)
            try await stage.settle()
            try await stage.stopAll()
            try await stage.expectSound(opened, ledger)
        }
    }

    private static func issueToken(_ name: String, _ stage: Stage) throws -> String {
        let body: JSON = ["name": .string(name), "person": "rita", "scopes": ["read", "write"]]
        let answer = Line(port: stage.port, token: stage.token).ask("POST", "/api/v1/tokens", body)
        return try #require(answer?.body["token"]?.stringValue)
    }

    /// Two thousand connections need more than the thousand files that many systems give at first.
    private static func liftLimitOfFiles() {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = min(limit.rlim_max, max(limit.rlim_cur, 8192))
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
