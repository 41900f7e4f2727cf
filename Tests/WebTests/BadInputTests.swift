import Foundation
import JSON
import Testing

@testable import Web

@Suite struct BadInputTests {
    private let json = ["Content-Type": "application/json"]

    @Test func aBodyThatIsTooLargeIsRefused() async throws {
        try await APIFixture.run { api in
            let large =
                Array(#"{"workflow": "ticket", "form": {"subject": ""#.utf8)
                + [UInt8](repeating: UInt8(ascii: "x"), count: 10 << 20) + Array(#""}}"#.utf8)
            let answer = try await api.send("POST", "/api/v1/instances", bytes: large, headers: json)
            #expect(answer.status == 413 && answer.problem == "body-too-large")
            #expect(try await api.send("GET", "/api/v1/instances").json["items"] == [])
        }
    }

    @Test(arguments: [
        ("{", 1, 2), ("{\"workflow\": \"ticket\",\n \"form\": nope}", 2, 10), ("", 1, 1),
        ("{\"a\": 1, \"a\": 2}", 1, 10), (String(repeating: "[", count: 5000), 1, 101), ("{} {}", 1, 4),
    ])
    func bodiesThatAreNoJSONAreRefusedWithTheirPlace(_ text: String, _ line: Int64, _ column: Int64) async throws {
        try await APIFixture.run { api in
            let answer = try await api.send("POST", "/api/v1/instances", bytes: Array(text.utf8), headers: json)
            #expect(answer.status == 400 && answer.problem == "malformed-json")
            #expect(answer.json["line"] == .int(line) && answer.json["column"] == .int(column), "\(answer.json)")
        }
    }

    @Test func invalidUTF8IsRefused() async throws {
        try await APIFixture.run { api in
            let bytes = Array(#"{"workflow": "tick"#.utf8) + [0xFF, 0xFE] + Array(#"et"}"#.utf8)
            let answer = try await api.send("POST", "/api/v1/instances", bytes: bytes, headers: json)
            #expect(answer.status == 400 && answer.json["column"] == 15)
        }
    }

    @Test func shapesThatDoNotFitAreRefusedWithEveryFault() async throws {
        try await APIFixture.run { api in
            let answer = try await api.send(
                "POST", "/api/v1/instances", ["workflow": 7, "from": [:], "kind": "imaginary", "happenedAt": "now"])
            #expect(answer.status == 422 && answer.problem == "invalid-body")
            let pointers = Set((answer.json["errors"]?.arrayValue ?? []).compactMap { $0["pointer"]?.stringValue })
            #expect(pointers == ["/workflow", "/from", "/kind", "/happenedAt"])
            for body in [[], "x", 1, nil] as [JSON] {
                #expect(try await api.send("POST", "/api/v1/instances", body).status == 422)
            }
        }
    }

    @Test func mediaTypesAreChecked() async throws {
        try await APIFixture.run { api in
            let body = Array(#"{"workflow": "ticket", "form": {"subject": "x"}}"#.utf8)
            for type in ["text/plain", "application/json; charset=latin1", "application/x-www-form-urlencoded"] {
                let answer = try await api.send(
                    "POST", "/api/v1/instances", bytes: body, headers: ["Content-Type": type])
                #expect(answer.status == 415, "\(type)")
            }
            for type in ["application/json; charset=UTF-8", "application/merge-patch+json"] {
                let answer = try await api.send(
                    "POST", "/api/v1/instances", bytes: body, headers: ["Content-Type": type])
                #expect(answer.status == 201, "\(type)")
            }
        }
    }

    @Test func valuesThatTheDatabaseCannotHoldAreRefused() async throws {
        try await APIFixture.run { api in
            let answer = try await api.send(
                "POST", "/api/v1/instances", ["workflow": "ticket", "form": ["subject": "a\u{0}b"]])
            #expect(answer.status == 422)
            let place = "/api/v1/instances/\(try await api.open())"
            #expect(try await api.send("POST", place + "/comments", ["text": "a\u{0}b"]).status == 422)
            #expect(
                try await api.send(
                    "POST", place + "/events", ["event": "withdraw", "happenedAt": "2020-02-30T00:00:00Z"]
                )
                .status == 422)
        }
    }

    @Test func wrongAddressesAndMethodsAreToldApart() async throws {
        try await APIFixture.run { api in
            #expect(try await api.send("GET", "/api/v1/nothing").status == 404)
            #expect(try await api.send("GET", "/api/v1/instances/XYZ-2020-0001").status == 404)
            #expect(try await api.send("GET", "/api/v1/instances/%FF").status == 400)
            let wrong = try await api.send("DELETE", "/api/v1/instances")
            #expect(wrong.status == 405 && wrong.headers["allow"] == "GET, HEAD, POST")
            let head = try await api.send("HEAD", "/api/v1/instances")
            #expect(head.status == 200 && head.body.isEmpty)
            #expect(head.headers["content-length"] != "0")
        }
    }

    @Test func definitionsWithFaultsAreRefusedWithTheirPlaces() async throws {
        try await APIFixture.run { api in
            let broken = APIFixture.ticket.replacing("target: answered", with: "target: answred")
            let answer = try await api.send(
                "POST", "/api/v1/definitions", ["main": "t/t.yaml", "files": ["t/t.yaml": .string(broken)]])
            #expect(answer.status == 422 && answer.problem == "invalid-definition")
            #expect(answer.json["errors"]?[0]?["line"]?.intValue != nil)
            for text in ["", "\t", "a: [", "workflow: &a x", String(repeating: "- ", count: 10_000)] {
                let answer = try await api.send(
                    "POST", "/api/v1/definitions", ["main": "t/t.yaml", "files": ["t/t.yaml": .string(text)]])
                #expect(answer.status == 422)
            }
            #expect(
                try await api.send("POST", "/api/v1/definitions", ["main": "x", "files": [:]]).status == 422)
        }
    }

    @Test func requestsKeepTheirIdentifier() async throws {
        try await APIFixture.run { api in
            let named = try await api.send("GET", "/api/v1/nothing", headers: ["X-Request-Id": "abc-1"])
            #expect(named.headers["x-request-id"] == "abc-1" && named.json["request"] == "abc-1")
            let plain = try await api.send("GET", "/health/live", as: nil, headers: ["X-Request-Id": "a b"])
            #expect(plain.headers["x-request-id"]?.count == 16)
        }
    }
}
