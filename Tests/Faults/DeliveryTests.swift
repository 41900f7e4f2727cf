import Foundation
import JSON
import TestSupport
import Testing

/// Receivers that refuse, hang, or die.
@Suite(.ownThread) struct DeliveryTests {
    @Test func aFullListOfDeadLettersIsDeliveredUnderItsIdentifiers() async throws {
        try await Stage.run { stage in
            try await stage.serve()
            try await stage.work()
            try stage.point("/status/410")
            let load = Load(on: stage)
            try await Task.sleep(for: Stage.duration(5))
            try await load.stop()
            try await stage.settle()
            let dead = try await stage.count("SELECT count(*) FROM reeve.dead_letter")
            #expect(dead > 50)
            #expect(try await stage.count("SELECT count(*) FROM reeve.delivery") == 0)
            let refused = Set(stage.received().compactMap { $0["id"]?.stringValue })
            #expect(refused.count == dead)
            // While they are replayed, others come in.
            try stage.point("/ok")
            let more = Load(on: stage)
            let line = Line(port: stage.port, token: stage.token)
            var listed: Set<String> = []
            var next = ""
            repeat {
                let page = try #require(line.ask("GET", "/api/v1/dead-letters?limit=200\(next)"))
                #expect(page.status == 200)
                listed.formUnion((page.body["items"]?.arrayValue ?? []).compactMap { $0["id"]?.stringValue })
                next = page.body["next"]?.stringValue.map { "&after=\($0)" } ?? ""
            } while !next.isEmpty
            #expect(listed == refused)
            let replayed = line.ask("POST", "/api/v1/dead-letters/replay", [:])
            #expect(replayed?.body["replayed"] == .int(dead))
            try await more.stop()
            try await stage.settle()
            #expect(try await stage.count("SELECT count(*) FROM reeve.dead_letter") == 0)
            try await stage.stopAll()
            try await stage.expectSound(load.ledger, more.ledger)
        }
    }

    @Test func aReceiverThatTakesMessagesAndDoesNotSaySoGetsThemAgain() async throws {
        try await Stage.run { stage in
            try await stage.serve()
            let worker = try await stage.work()
            try stage.point("/drop")
            let load = Load(on: stage)
            try await Task.sleep(for: .seconds(3))
            try await load.stop()
            #expect(try await stage.count("SELECT count(*) FROM reeve.delivery") == 0)
            let dropped = Set(stage.received().compactMap { $0["id"]?.stringValue })
            #expect(!dropped.isEmpty)
            try stage.point("/ok")
            // Its successor has not been told to leave the receiver alone.
            #expect(try await worker.stop() == 0)
            try await stage.work()
            try await stage.settle()
            try await stage.stopAll()
            let seen = stage.received().compactMap { $0["id"]?.stringValue }
            for id in dropped { #expect(seen.count { $0 == id } > 1) }
            try await stage.expectSound(load.ledger)
        }
    }

    @Test func aMailServerThatHangsDelaysMailAndNothingElse() async throws {
        try await Stage.run { stage in
            try await stage.serve()
            let worker = try await stage.work()
            let hanging = try await TestServer("mailbox.py", "hang")
            try stage.mail(to: hanging.port)
            let load = Load(on: stage)
            try await Task.sleep(for: Stage.duration(5))
            try await load.stop()
            // Everything but mail leaves, however many letters wait.
            try await stage.expect(
                0,
                """
                SELECT count(*) FROM reeve.outbox o
                WHERE o.channel IS DISTINCT FROM 'mail'
                """)
            let waiting = try await stage.count("SELECT count(*) FROM reeve.outbox WHERE channel = 'mail'")
            #expect(waiting > 5)
            #expect(try await stage.count("SELECT count(*) FROM reeve.delivery WHERE channel = 'people'") == waiting)
            let healthy = try await TestServer("mailbox.py", "none")
            try stage.mail(to: healthy.port)
            // It does not wait for a server that hangs, either.
            #expect(try await worker.stop() == 0)
            try await stage.work()
            try await stage.settle()
            try await stage.stopAll()
            let letters = healthy.takeAll().compactMap { $0["id"]?.stringValue }
            let told = try await stage.texts("SELECT id::text FROM reeve.delivery WHERE channel = 'mail'")
            #expect(told.count == waiting && Set(letters) == Set(told.map { "<\($0)@reeve.example>" }))
            try await stage.expectSound(load.ledger, ways: 2)
        }
    }
}

extension Stage {
    /// Sends webhooks to another path of the receiver, which decides how it answers.
    fileprivate func point(_ path: String) throws {
        for (name, isWay) in [("hook", false), ("people", true)] {
            let url = "https://localhost:\(receiver.port)\(path)"
            try save(
                name,
                [
                    "transport": "webhook", "settings": ["url": .string(url), "notifications": .bool(isWay)],
                    "secrets": [.string(Self.secret)],
                ])
        }
    }

    /// Lets notifications go by mail, too.
    fileprivate func mail(to port: Int) throws {
        try save(
            "mail",
            [
                "transport": "mail",
                "settings": [
                    "host": "127.0.0.1", "port": .int(Int64(port)), "security": "none", "from": "reeve@reeve.example",
                ],
            ])
    }

    private func save(_ name: String, _ destination: JSON) throws {
        let line = Line(port: port, token: token)
        let answer = line.ask("PUT", "/api/v1/destinations/\(name)", destination)
        try #require(answer?.status == 204, "\(String(describing: answer))")
    }
}
