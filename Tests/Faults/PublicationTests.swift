import Foundation
import JSON
import TestSupport
import Testing

@Suite(.ownThread) struct PublicationTests {
    @Test func tenDefinitionsPublishedDuringLoad() async throws {
        try await Stage.run { stage in
            try await stage.serve()
            for number in 0..<2 { try await stage.work(as: "worker-\(number)") }
            let load = Load(on: stage)
            let running = Counter()
            for editor in ["ana", "ben"] {
                running.add(1)
                Thread {
                    let line = Line(port: stage.port, token: stage.token)
                    for number in 0..<5 {
                        usleep(400_000)
                        let text = Pledge.definition(titled: "Pledge as \(editor) writes it for the \(number). time")
                        let answer = line.ask(
                            "POST", "/api/v1/definitions",
                            ["main": "pledge.yaml", "files": ["pledge.yaml": .string(text)]])
                        #expect((200...201).contains(answer?.status ?? 0), "\(String(describing: answer))")
                    }
                    running.add(-1)
                }.start()
            }
            while running.value > 0 { try await Task.sleep(for: .milliseconds(50)) }
            try await Task.sleep(for: Stage.duration(1))
            try await load.stop()
            try await stage.settle()
            #expect(try await stage.count("SELECT count(*) FROM reeve.definition WHERE name = 'pledge'") == 11)
            // Whatever was open keeps its version, and what is opened has the newest.
            let versions = "SELECT count(DISTINCT version) FROM reeve.instance WHERE definition = 'pledge'"
            #expect(try await stage.count(versions) > 3)
            #expect(
                try await stage.count(
                    """
                    SELECT count(*) FROM reeve.journal j
                    JOIN reeve.instance i ON (i.tenant_id, i.id) = (j.tenant_id, j.instance_id)
                    WHERE j.version <> i.version
                    """) == 0)
            try await stage.stopAll()
            try await stage.expectSound(load.ledger)
        }
    }
}
