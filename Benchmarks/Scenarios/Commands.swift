import Engine
import Foundation
import PostgresClient
import Synchronization
import Workflows

extension Scenario {
    /// How fast what people send is written.
    static let commands: [Scenario] = [
        Scenario(name: "submit", summary: "events from 64 senders, in process") { bench in
            let (reference, beats) = try await prepare(bench)
            var latencies = Latencies()
            let (ours, theirs) = try await bench.alternate(
                {
                    try await beats.copied(bench) { beats in
                        try await beats.withEngine(bench) { engine in
                            let run = try await submit(engine, beats, bench.options.seconds)
                            latencies.add(run.latencies)
                            return run.rate
                        }
                    }
                },
                { try reference.rate(bench, size: 1, clients: 16) })
            say("  latency: \(latencies.words)")
            return Measurement(
                name: "submit", value: ours, unit: "1/s", reference: theirs, referenceName: single, limit: 1.5)
        },
        Scenario(name: "submit-http", summary: "events over 64 connections of HTTP, the sender on the same cores") {
            bench in
            let (reference, beats) = try await prepare(bench)
            var latencies = Latencies()
            let (ours, theirs) = try await bench.alternate(
                {
                    try await beats.copied(bench) { beats in
                        let run = try await post(beats, bench)
                        latencies.add(run.latencies)
                        return run.rate
                    }
                },
                { try reference.rate(bench, size: 1, clients: 16) })
            say("  latency: \(latencies.words)")
            return Measurement(
                name: "submit-http", value: ours, unit: "1/s", reference: theirs, referenceName: single, limit: 0.5)
        },
        Scenario(name: "constraints", summary: "what the schema's checks cost, 200 transitions a statement") { bench in
            let (reference, _) = try await prepare(bench)
            let bare = Reference(workload: reference.workload, schema: .bare)
            let (ours, theirs) = try await bench.alternate(
                { 1_000_000 / (try reference.rate(bench, size: 200, clients: 2)) },
                { 1_000_000 / (try bare.rate(bench, size: 200, clients: 2)) })
            return Measurement(
                name: "constraints", value: ours, unit: "µs", reference: theirs, referenceName: "bare tables",
                limit: 1.3, atMost: true)
        },
    ]

    static let single = "pgbench -c 16, one transition a transaction"

    /// A database for plain SQL, and one for the engine.
    static func prepare(_ bench: Bench) async throws -> (reference: Reference, beats: Workload) {
        let beats = try await bench.workload("beats") { try await Workload(bench, "beats", [.beats]) }
        let plain = try await bench.workload("plain") {
            let plain = try await Workload(bench, "plain", [.beats])
            try await Reference.prepare(plain)
            return plain
        }
        return (Reference(workload: plain, schema: .reeve), beats)
    }

    /// Sends beats to a server process.
    private static func post(_ beats: Workload, _ bench: Bench) async throws -> (rate: Double, latencies: Latencies) {
        let token = try await beats.withEngine(bench) { engine in
            try await engine.issueToken(
                for: Workload.tenant, name: "bench", person: "rita", scopes: ["read", "write"], by: .person("rita")
            ).text
        }
        let port = try Bench.freePort()
        let server = Program.reeve(
            "serve", "--database", bench.conninfo(beats.database), "--listen", "127.0.0.1:\(port)",
            settings: ["REEVE_RATE_LIMIT": "0"])
        try server.start()
        defer { server.stop() }
        try await Bench.waitForListener(port)
        let own = Workload.instances / 64
        let load = HTTPLoad(port: port, connections: 64) { connection, turn in
            let instance = beats.instance(connection * own + turn % own + 1)
            return Array(
                """
                POST /api/v1/instances/\(instance)/events HTTP/1.1\r
                Host: 127.0.0.1\r
                Authorization: Bearer \(token)\r
                Content-Type: application/json\r
                Content-Length: 16\r
                \r
                {"event":"beat"}
                """.utf8)
        }
        return try load.run(seconds: bench.options.seconds)
    }

    /// Sends beats from 64 tasks, each to instances of its own.
    private static func submit(
        _ engine: Engine, _ beats: Workload, _ seconds: Int
    ) async throws -> (rate: Double, latencies: Latencies) {
        let senders = 64
        let own = Workload.instances / senders
        let start = ContinuousClock.now
        let end = start + .seconds(seconds)
        let latencies = try await withThrowingTaskGroup(of: Latencies.self) { group in
            for sender in 0..<senders {
                group.addTask {
                    var latencies = Latencies()
                    var turn = 0
                    while ContinuousClock.now < end {
                        let command = Command(
                            tenant: Workload.tenant,
                            target: .instance(beats.instance(sender * own + turn % own + 1)),
                            input: Input(actor: .person("rita"), act: .event("beat", form: [:])))
                        turn += 1
                        let begun = ContinuousClock.now
                        _ = try await engine.submit(command)
                        latencies.add(ContinuousClock.now - begun)
                    }
                    return latencies
                }
            }
            return try await group.reduce(into: Latencies()) { $0.add($1) }
        }
        return (Double(latencies.count) / ((.now - start) / .seconds(1)), latencies)
    }
}

/// How long things took, one by one.
struct Latencies: Sendable {
    private var seconds: [Double] = []

    var count: Int { seconds.count }

    mutating func add(_ duration: Duration) { seconds.append(duration / .seconds(1)) }

    mutating func add(_ other: Latencies) { seconds += other.seconds }

    /// The latency, in seconds, that a share of all do not exceed.
    func quantile(_ share: Double) -> Double {
        guard !seconds.isEmpty else { return 0 }
        let sorted = seconds.sorted()
        return sorted[min(sorted.count - 1, Int(share * Double(sorted.count)))]
    }

    /// Median and tail in words.
    var words: String {
        "p50 \(Report.number(quantile(0.5) * 1000)) ms, p99 \(Report.number(quantile(0.99) * 1000)) ms"
    }
}
