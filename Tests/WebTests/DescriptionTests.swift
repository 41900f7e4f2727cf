import Foundation
import JSON
import TestSupport
import Testing

@testable import Web

@Suite(.ownThread) struct DescriptionTests {
    @Test func everyRouteIsDescribedOnce() {
        let names = Route.all.map(\.name)
        #expect(Set(names).count == names.count)
        let document = OpenAPI.document(of: Route.all, version: "1")
        for route in Route.all {
            let operation = document["paths"]?[route.path.text]?[route.method.rawValue.lowercased()]
            #expect(operation?["operationId"] == .string(route.name))
        }
    }

    @Test func theServedDescriptionIsValidOpenAPI() async throws {
        try await APIFixture.run { api in
            let served = try await api.send("GET", "/openapi.json", as: nil)
            #expect(served.status == 200)
            let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent()
            let (status, output) = try validate(served.body, root.appendingPathComponent(".venv/bin/python").path)
            #expect(status == 0, "\(output)")
        }
    }

    private func validate(_ document: [UInt8], _ python: String) throws -> (Int32, String) {
        let script = """
            import json, sys
            from openapi_spec_validator import OpenAPIV31SpecValidator
            OpenAPIV31SpecValidator(json.load(sys.stdin)).validate()
            """
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [python, "-c", script]
        let (input, output) = (Pipe(), Pipe())
        (process.standardInput, process.standardOutput, process.standardError) = (input, output, output)
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: Data(document))
        try input.fileHandleForWriting.close()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, text)
    }

    @Test func browsersSeeWhatThisIs() async throws {
        try await APIFixture.run { api in
            let home = try await api.send("GET", "/", as: nil)
            #expect(home.status == 200 && home.headers["content-type"]?.hasPrefix("text/html") == true)
            #expect(String(decoding: home.body, as: UTF8.self).contains("/openapi.json"))
            for kind in ProblemKind.allCases {
                let page = try await api.send("GET", "/problems/\(kind.rawValue)", as: nil)
                #expect(page.status == 200)
            }
            #expect(try await api.send("GET", "/problems/none", as: nil).status == 404)
        }
    }

    @Test func healthTellsTheTruth() async throws {
        try await APIFixture.run { api in
            #expect(try await api.send("GET", "/health/live", as: nil).status == 200)
            let ready = try await api.send("GET", "/health/ready", as: nil)
            #expect(ready.status == 503)
            let checks = ready.json["checks"]?.arrayValue ?? []
            #expect(checks.first { $0["name"] == "database" }?["status"] == "ok")
            #expect(checks.first { $0["name"] == "worker" }?["status"] == "failing")
        }
    }
}

@Suite struct ReferenceTests {
    @Test func theReferenceListsEveryRouteAndEveryRefusal() throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../docs/reference/api.md")
        let text = try String(contentsOf: file, encoding: .utf8)
        for route in Route.all {
            let row = "| `\(route.method.rawValue) \(route.path.text)` | \(route.access.scopeName) | \(route.summary) |"
            #expect(text.contains(row), "docs/reference/api.md lacks the line \(row)")
        }
        let listed = text.split(separator: "\n").filter { $0.hasPrefix("| `") && $0.contains(" /") }
        #expect(listed.count == Route.all.count)
    }
}

extension Access {
    fileprivate var scopeName: String { if case .scope(let name) = self { name } else { "–" } }
}
