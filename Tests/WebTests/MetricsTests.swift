import Foundation
import JSON
import TestSupport
import Testing
import Workflows

@testable import Engine
@testable import Web

/// Prometheus and its tools, as the tests' set-up has fetched them.
private enum Prometheus {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    static let rules = root.appending(path: "deploy/prometheus")

    /// Runs `promtool` to its end.
    static func tool(_ arguments: [String], input: String = "", in directory: URL = rules) throws -> (Int32, String) {
        let process = Process()
        process.executableURL = root.appending(path: ".tools/usr/bin/promtool")
        process.arguments = arguments
        process.currentDirectoryURL = directory
        let (stdin, output) = (Pipe(), Pipe())
        (process.standardInput, process.standardOutput, process.standardError) = (stdin, output, output)
        try process.run()
        stdin.fileHandleForWriting.write(Data(input.utf8))
        try stdin.fileHandleForWriting.close()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, text)
    }
}

@Suite("Metrics", .ownThread, .timeLimit(.minutes(3))) struct MetricsTests {
    @Test func metricsAreWhatPrometheusReads() async throws {
        try await APIFixture.run { api in
            _ = try await api.send("POST", "/api/v1/instances", ["workflow": "ticket", "form": ["subject": "Key"]])
            let reply = try await api.send("GET", "/metrics", as: nil)
            #expect(reply.status == 200)
            let text = String(decoding: reply.body, as: UTF8.self)
            let (status, findings) = try Prometheus.tool(["check", "metrics"], input: text)
            #expect(status == 0, "\(findings)")
            for line in [
                #"reeve_commands_total{outcome="done"} 1"#, "reeve_up 1", "reeve_workers 0", "reeve_dead_letters 0",
                "reeve_batch_commands_count 1", #"reeve_http_requests_total{status="2xx"}"#,
                #"reeve_pool_connections{pool="write",state="idle"}"#, "reeve_vacuum_held_seconds",
                "reeve_commands_waiting 0", "reeve_command_seconds_count 1", "reeve_batch_seconds_count 1",
                "reeve_timers_pending", "reeve_timers_overdue 0", "reeve_timers_lag_seconds 0", "reeve_timers_total 0",
                #"reeve_timer_lateness_seconds_bucket{le="0.25"} 0"#, #"reeve_deliveries_total{outcome="delivered"} 0"#,
                #"reeve_breakers{state="open"} 0"#, "reeve_outbox_waiting", "reeve_outbox_age_seconds",
                #"reeve_pool_waiting{pool="read"} 0"#, "reeve_inbox_waiting", "reeve_instances_suspended 0",
                "reeve_http_connections ", "reeve_http_connections_refused_total 0", "reeve_http_throttled_total 0",
            ] {
                #expect(text.contains("\n\(line)"), "\(line) is missing")
            }
        }
    }

    @Test func metricsAreNotForThoseBehindAProxy() async throws {
        try await APIFixture.run { api in
            let proxied = try await api.send("GET", "/metrics", as: nil, headers: ["X-Forwarded-For": "192.0.2.1"])
            #expect(proxied.status == 401)
        }
        try await APIFixture.run(metricsToken: "open-sesame") { api in
            #expect(try await api.send("GET", "/metrics", as: nil).status == 401)
            let allowed = try await api.send(
                "GET", "/metrics", as: nil,
                headers: ["Authorization": "Bearer open-sesame", "X-Forwarded-For": "192.0.2.1"])
            #expect(allowed.status == 200)
        }
    }

    @Test func theAlertRulesHoldWhatTheirTestsSay() throws {
        for arguments in [
            ["check", "config", "prometheus.yml"], ["check", "rules", "reeve.rules.yml"],
            ["test", "rules", "reeve.rules.test.yml"],
        ] {
            let (status, findings) = try Prometheus.tool(arguments)
            #expect(status == 0, "\(findings)")
        }
    }

    /// A real Prometheus scrapes the server and evaluates the rules: a delivery was given up, so that one of them fires.
    @Test func prometheusScrapesAndAlerts() async throws {
        try await APIFixture.run { api in
            let connection = try await api.database.connect()
            _ = try await connection.simple(
                """
                SET session_replication_role = replica;
                INSERT INTO reeve.dead_letter
                    (tenant_id, id, instance_id, sequence, ordinal, attempts, kind, destination, body, error, created_at)
                VALUES ('\(APIFixture.tenant)', gen_random_uuid(), gen_random_uuid(), 1, 0, 9, 'call', 'hook', '{}', 'gone', now())
                """)
            await connection.close()
            let directory = URL(fileURLWithPath: "/tmp/reeve-prometheus-\(UUID().uuidString.prefix(8))")
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: directory) }
            let target = api.url.replacing("http://", with: "")
            let settings = """
                global: { scrape_interval: 1s, evaluation_interval: 1s }
                rule_files: ["\(Prometheus.rules.path)/reeve.rules.yml"]
                scrape_configs: [{ job_name: reeve, static_configs: [{ targets: ["\(target)"] }] }]
                """
            try settings.write(to: directory.appending(path: "p.yml"), atomically: true, encoding: .utf8)
            let port = try freePort()
            let process = Process()
            process.executableURL = Prometheus.root.appending(path: ".tools/usr/bin/prometheus")
            process.arguments = [
                "--config.file=\(directory.path)/p.yml", "--storage.tsdb.path=\(directory.path)/data",
                "--web.listen-address=127.0.0.1:\(port)",
            ]
            (process.standardOutput, process.standardError) = (FileHandle.nullDevice, FileHandle.nullDevice)
            try process.run()
            defer {
                process.terminate()
                process.waitUntilExit()
            }
            let base = "http://127.0.0.1:\(port)/api/v1"
            try await eventually("the target is up") {
                try await get("\(base)/targets")["data"]?["activeTargets"]?[0]?["health"] == "up"
            }
            try await eventually("the delivery that was given up fires an alert") {
                let alerts = try await get("\(base)/alerts")["data"]?["alerts"]?.arrayValue ?? []
                return alerts.contains {
                    $0["labels"]?["alertname"] == "ReeveDeadLetters" && $0["state"] == "firing"
                        && $0["annotations"]?["summary"] == "1 deliveries were given up"
                }
            }
            try await eventually("every rule is evaluated, and the lack of workers is seen") {
                let rules = try await get("\(base)/rules")["data"]?["groups"]?[0]?["rules"]?.arrayValue ?? []
                guard rules.count == 13, rules.allSatisfy({ $0["health"] == "ok" }) else { return false }
                return rules.contains { $0["name"] == "ReeveNoWorker" && $0["state"] != "inactive" }
            }
        }
    }

    private func get(_ address: String) async throws -> JSON {
        let url = try #require(URL(string: address))
        return try JSON(parsing: String(decoding: try Data(contentsOf: url), as: UTF8.self))
    }

    private func eventually(_ what: String, _ holds: () async throws -> Bool) async throws {
        for _ in 0..<600 {
            if await (try? holds()) ?? false { return }
            try await Task.sleep(for: .milliseconds(100))
        }
        Issue.record("not within a minute: \(what)")
    }
}

@Suite struct RateLimitTests {
    @Test func whoShowsNoGoodTokenIsSlowedDownByAddress() async throws {
        let proxies = try #require(TrustedProxies(parsing: "127.0.0.0/8, ::1"))
        try await APIFixture.run(guestRateLimit: 2, trustedProxies: proxies) { api in
            func ask(_ path: String, as person: String? = nil, from address: String, token: String? = nil) async throws
                -> Int
            {
                var headers = ["X-Forwarded-For": address]
                if let token { headers["Authorization"] = "Bearer \(token)" }
                let reply = try await api.send("GET", path, as: person, headers: headers)
                if reply.status == 429 { #expect(Int(reply.headers["retry-after"] ?? "") ?? 0 >= 1) }
                return reply.status
            }
            // A token that was seen before is served whatever happens.
            #expect(try await ask("/api/v1/directory", as: "rita", from: "192.0.2.1") == 200)
            var statuses: [Int] = []
            for number in 0..<12 {
                let guess =
                    "reeve_\(String(repeating: "0", count: 32))_\(String(repeating: "\(number % 10)", count: 64))"
                statuses.append(try await ask("/api/v1/directory", from: "192.0.2.1", token: guess))
            }
            #expect(statuses.first == 401 && statuses.last == 429)
            #expect(try await ask("/api/v1/directory", as: "rita", from: "192.0.2.1") == 200)
            #expect(try await ask("/openapi.json", from: "192.0.2.1") == 429)
            #expect(try await ask("/health/live", from: "192.0.2.1") == 200)
            #expect(try await ask("/openapi.json", from: "192.0.2.2") == 200)
            // What a client writes itself counts for nothing: the proxy's word is the last one.
            #expect(try await ask("/openapi.json", from: "192.0.2.9, 192.0.2.1") == 429)
        }
    }

    @Test(
        arguments: [
            ("192.0.2.1", [], "192.0.2.1"), ("192.0.2.1", ["192.0.2.7"], "192.0.2.1"),
            ("10.1.2.3", ["192.0.2.7"], "192.0.2.7"),
            ("10.1.2.3", ["192.0.2.8, 192.0.2.7", "10.9.9.9"], "192.0.2.7"), ("10.1.2.3", [], "10.1.2.3"),
            ("::ffff:10.1.2.3", ["2001:db8:1:2:3::4"], "2001:db8:1:2:ffff::1"), ("10.1.2.3", ["nonsense"], "10.1.2.3"),
            ("11.1.2.3", ["192.0.2.7"], "11.1.2.3"), ("10.128.0.1", ["192.0.2.7"], "10.128.0.1"),
        ] as [(String, [String], String)])
    func theProxyThatIsTrustedSaysWhoAsks(peer: String, forwarded: [String], client: String) throws {
        let proxies = try #require(TrustedProxies(parsing: "10.0.0.0/9"))
        #expect(proxies.client(peer: peer, forwardedFor: forwarded) == ClientAddress(client))
    }

    @Test(arguments: ["10.0.0.0/33", "example.org", "10.0.0.1/8/8", "10.0.0.0/x", "::1/129"])
    func whatIsNoNetworkIsRefused(text: String) {
        #expect(TrustedProxies(parsing: text) == nil)
    }

    @Test func whatIsTakenIsBoundedForEachAndForAll() {
        let places = Occupancy<String>(limit: 5, each: 3)
        #expect(places.take(3, for: "a") && !places.take(1, for: "a"))
        #expect(!places.take(3, for: "b") && places.take(2, for: "b") && !places.take(1, for: "c"))
        places.giveBack(3, of: "a")
        #expect(places.take(1, for: "c") && places.total == 3)
    }

    @Test func aTokenThatAsksTooOftenIsToldWhenToComeBack() async throws {
        try await APIFixture.run(rateLimit: 2) { api in
            var statuses: [Int] = []
            for _ in 0..<12 {
                let reply = try await api.send("GET", "/api/v1/directory", as: "rita")
                statuses.append(reply.status)
                if reply.status == 429 { #expect(reply.headers["retry-after"] == "1") }
            }
            #expect(statuses.first == 200 && statuses.contains(429))
            #expect(try await api.send("GET", "/api/v1/directory", as: "ana").status == 200)
            #expect(try await api.send("GET", "/health/live", as: nil).status == 200)
        }
    }

    @Test func aBucketFillsAtItsRate() {
        let limiter = RateLimiter<Identifier>(rate: 10)
        let token = Identifier(high: 1, low: 1)
        let start = ContinuousClock.now
        #expect((0..<20).allSatisfy { _ in limiter.admit(token, at: start) == nil })
        #expect(limiter.admit(token, at: start) == 1)
        #expect(limiter.admit(token, at: start + .milliseconds(101)) == nil)
        #expect(limiter.admit(token, at: start + .milliseconds(102)) != nil)
        #expect(limiter.admit(Identifier(high: 1, low: 2), at: start) == nil)
        #expect(RateLimiter<Identifier>(rate: nil).admit(token, at: start) == nil)
    }
}
