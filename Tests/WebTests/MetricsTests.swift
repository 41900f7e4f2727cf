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

    /// A real Prometheus scrapes the server and evaluates the rules: no worker runs, so that one of them must wake.
    @Test func prometheusScrapesAndAlerts() async throws {
        try await APIFixture.run { api in
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
            try await eventually("every rule is evaluated, and the lack of workers is seen") {
                let rules = try await get("\(base)/rules")["data"]?["groups"]?[0]?["rules"]?.arrayValue ?? []
                guard rules.count == 10, rules.allSatisfy({ $0["health"] == "ok" }) else { return false }
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

    private func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        return try withUnsafeMutablePointer(to: &address) { (pointer) throws in
            try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                try #require(bind(descriptor, pointer, length) == 0)
                try #require(getsockname(descriptor, pointer, &length) == 0)
            }
            return Int(UInt16(bigEndian: pointer.pointee.sin_port))
        }
    }
}

@Suite struct RateLimitTests {
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
        let limiter = RateLimiter(rate: 10)
        let token = Identifier(high: 1, low: 1)
        let start = ContinuousClock.now
        #expect((0..<20).allSatisfy { _ in limiter.admit(token, at: start) == nil })
        #expect(limiter.admit(token, at: start) == 1)
        #expect(limiter.admit(token, at: start + .milliseconds(101)) == nil)
        #expect(limiter.admit(token, at: start + .milliseconds(102)) != nil)
        #expect(limiter.admit(Identifier(high: 1, low: 2), at: start) == nil)
        #expect(RateLimiter(rate: nil).admit(token, at: start) == nil)
    }
}
