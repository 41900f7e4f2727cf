import JSON
import Testing

@testable import Web

@Suite struct EvidenceTests {
    private let proof = Array("It was the gardener.".utf8)
    private let digest = "2d9d8bd2e1c3d5b7a8bb2a49a2ccd9b4a7f0e1b4d0b2fd4b2f1a5d5a4d2b7e3c"

    @Test func aFileIsKeptAndHandedOutAgain() async throws {
        try await APIFixture.run { api in
            let place = "/api/v1/instances/\(try await api.open())"
            let sent = try await api.send(
                "POST", place + "/files?title=The%20proof", bytes: proof,
                headers: ["Content-Type": "text/plain; charset=utf-8", "Idempotency-Key": "proof-1"])
            #expect(sent.status == 200 && sent.headers["idempotency-expires"] != nil)
            let again = try await api.send(
                "POST", place + "/files?title=The%20proof", bytes: proof,
                headers: ["Content-Type": "text/plain; charset=utf-8", "Idempotency-Key": "proof-1"])
            #expect(again.headers["idempotency-replayed"] == "true")
            #expect(again.headers["idempotency-expires"] == sent.headers["idempotency-expires"])
            let evidence = try await api.send("GET", place).json["evidence"]
            #expect(evidence?.arrayValue?.count == 1)
            #expect(evidence?[0]?["size"] == .int(Int64(proof.count)) && evidence?[0]?["title"] == "The proof")
            let found = try #require(evidence?[0]?["digest"]?.stringValue)
            let file = try await api.send("GET", place + "/files/\(found)", as: "ana")
            #expect(file.status == 200 && file.body == proof)
            #expect(file.headers["content-type"] == "text/plain; charset=utf-8")
            #expect(file.headers["content-disposition"] == "attachment; filename*=UTF-8''The%20proof")
            #expect(try await api.send("GET", place + "/files/\(found)", as: "stranger").status == 404)
        }
    }

    @Test func aFileIsSeenByThoseWhoSeeTheInstance() async throws {
        try await APIFixture.run { api in
            let place = "/api/v1/instances/\(try await api.open())"
            #expect(try await api.send("POST", place + "/files?title=Secret", bytes: proof).status == 200)
            let digest = try #require(
                try await api.send("GET", place).json["evidence"]?[0]?["digest"]?.stringValue)
            #expect(
                try await api.send("POST", place + "/visibility", ["visibility": "restricted", "reason": "Personal"])
                    .status == 204)
            #expect(try await api.send("GET", place + "/files/\(digest)").status == 200)
            #expect(try await api.send("GET", place + "/files/\(digest)", as: "ana").status == 404)
            let own = "/api/v1/instances/\(try await api.open("Mine", as: "ana"))"
            #expect(
                try await api.send(
                    "POST", own + "/evidence", ["title": "I know its digest", "digest": .string(digest)], as: "ana"
                ).status == 200)
            #expect(try await api.send("GET", own + "/files/\(digest)", as: "ana").status == 404)
        }
    }

    @Test func anErasedFileIsGone() async throws {
        try await APIFixture.run { api in
            let place = "/api/v1/instances/\(try await api.open())"
            _ = try await api.send("POST", place + "/files?title=Proof", bytes: proof)
            let evidence = try #require(try await api.send("GET", place).json["evidence"]?[0])
            let erased = try await api.send(
                "POST", place + "/erasures", ["entries": [evidence["entry"] ?? .null], "reason": "Asked for"])
            #expect(erased.json["erased"] == 1)
            #expect(try await api.send("GET", place).json["evidence"] == [])
            let digest = evidence["digest"]?.stringValue ?? ""
            #expect(try await api.send("GET", place + "/files/\(digest)").status == 404)
        }
    }

    @Test func whatIsNoProperFileIsRefused() async throws {
        try await APIFixture.run(fileLimit: 1024) { api in
            let place = "/api/v1/instances/\(try await api.open())"
            let files = place + "/files?title=Proof"
            let large = try await api.send("POST", files, bytes: Array(repeating: 7, count: 1025))
            #expect(large.status == 413 && large.json["detail"]?.stringValue?.contains("file-limit") == true)
            #expect(try await api.send("POST", place + "/files", bytes: proof).status == 400)
            #expect(try await api.send("POST", files + "&digest=\(digest)", bytes: proof).status == 422)
            #expect(
                try await api.send("POST", files, bytes: proof, headers: ["Content-Type": "a proof"]).status == 415)
            #expect(try await api.send("POST", files, bytes: proof, as: "reader").status == 403)
            #expect(try await api.send("POST", files, bytes: proof, headers: ["If-Match": "\"9\""]).status == 412)
            #expect(try await api.send("POST", place + "/evidence", ["title": "Nothing"]).status == 422)
            let link = try await api.send(
                "POST", place + "/evidence", ["title": "The log", "uri": "https://logs.example/1"])
            #expect(link.status == 200)
            let evidence = try await api.send("GET", place).json["evidence"]
            #expect(evidence?.arrayValue?.count == 1 && evidence?[0]?["size"] == .null)
        }
    }
}
