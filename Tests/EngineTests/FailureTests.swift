import JSON
import PostgresClient
import TestSupport
import Testing
import Workflows

@testable import Engine

@Suite("Failures", .serialized)
struct FailureTests {
    private func run(_ sql: String, on fixture: EngineFixture) async throws {
        let connection = try await fixture.database.connect()
        _ = try await connection.simple(sql)
        await connection.close()
    }

    @Test("an instance that another transaction holds delays its own commands and no others")
    func heldInstance() async throws {
        try await EngineFixture.run(lanes: 1) { fixture in
            try await fixture.publish(ticket)
            let held = try await fixture.engine.submit(fixture.opening("ticket", ["summary": "Held"]))
            let free = try await fixture.engine.submit(fixture.opening("ticket", ["summary": "Free"]))
            let holder = try await fixture.database.connect()
            _ = try await holder.simple(
                "BEGIN; SELECT 1 FROM reeve.instance WHERE id = '\(held.instance)' FOR NO KEY UPDATE")
            async let late = fixture.engine.submit(fixture.event("remark", to: held.instance, ["remark": "late"]))
            for _ in 0..<20 {
                _ = try await fixture.engine.submit(fixture.event("remark", to: free.instance, ["remark": "soon"]))
            }
            #expect(try await fixture.count("SELECT count(*) FROM reeve.journal") == 22)
            _ = try await holder.simple("COMMIT")
            #expect(try await late.sequence == 2)
            await holder.close()
        }
    }

    @Test("a command that offends the database in a way nobody foresaw harms no other of its batch")
    func bisection() async throws {
        try await EngineFixture.run(lanes: 1) { fixture in
            try await fixture.publish(ticket)
            try await run(
                """
                ALTER TABLE reeve.journal_payload
                ADD CHECK (position('poison'::bytea IN payload) = 0)
                """, on: fixture)
            let outcomes = await withTaskGroup(of: Bool.self) { group in
                for number in 0..<40 {
                    let summary = number == 17 ? "poison" : "harmless \(number)"
                    let opening = fixture.opening("ticket", ["summary": .string(summary)])
                    group.addTask {
                        do throws(CommandError) {
                            _ = try await fixture.engine.submit(opening)
                            return true
                        } catch {
                            if case .failed = error { return false }
                            Issue.record(error)
                            return false
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.filter { $0 }.count == 39)
            #expect(try await fixture.count("SELECT count(*) FROM reeve.instance") == 39)
            #expect(try await fixture.engine.verifyJournals().isClean)
        }
    }

    @Test("two processes that open under one key open once")
    func racingOpenings() async throws {
        try await EngineFixture.run { fixture in
            try await fixture.publish(ticket)
            let other = Engine(fixture.engine.configuration)
            let serving = Task { await other.run() }
            for round in 0..<20 {
                let first = fixture.opening("ticket", ["summary": "Race"], key: "race \(round)")
                let second = fixture.opening("ticket", ["summary": "Race"], key: "race \(round)")
                async let left = fixture.engine.submit(first)
                async let right = other.submit(second)
                let answers = try await [left, right]
                #expect(answers[0].instance == answers[1].instance)
                #expect(answers.filter(\.isRepeated).count == 1)
            }
            serving.cancel()
            await serving.value
            #expect(try await fixture.count("SELECT count(*) FROM reeve.instance") == 20)
        }
    }

    @Test("many commands on few instances by two processes at once leave journals without a gap")
    func contention() async throws {
        try await EngineFixture.run { fixture in
            try await fixture.publish(ticket)
            var instances: [Identifier] = []
            for number in 0..<3 {
                let opening = fixture.opening("ticket", ["summary": .string("Ticket \(number)")])
                instances.append(try await fixture.engine.submit(opening).instance)
            }
            let other = Engine(fixture.engine.configuration)
            let serving = Task { await other.run() }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<300 {
                    let engine = number.isMultiple(of: 2) ? fixture.engine : other
                    let event = fixture.event(
                        "remark", to: instances[number % 3], ["remark": .string("remark \(number)")])
                    group.addTask { _ = try await engine.submit(event) }
                }
                try await group.waitForAll()
            }
            serving.cancel()
            await serving.value
            #expect(try await fixture.count("SELECT sum(sequence)::bigint FROM reeve.instance") == 303)
            #expect(try await fixture.engine.verifyJournals().discrepancies == [])
        }
    }
}
