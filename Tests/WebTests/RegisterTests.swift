import Engine
import JSON
import Testing
import Workflows

@testable import Web

@Suite struct RegisterTests {
    private static let incident = """
        workflow: incident
        title: Incident
        reference: INC
        roles:
          owner: { title: Owner, initially: opener }
        data:
          type: object
          required: [summary]
          properties:
            summary: { type: string }
            personalData: { type: boolean }
            risk: { type: string }
            affected: { type: array, items: { type: object, properties: { jurisdiction: { type: string }, low: { type: integer }, high: { type: integer }, encrypted: { type: boolean } } } }
        open: { form: [summary], optional: [personalData, risk, affected] }
        initial: open
        states:
          open: { on: { close: { target: closed, allow: [owner] } } }
          closed: { final: true }
        """

    private static let filing = """
        workflow: filing
        title: Filing
        reference: FIL
        roles:
          owner: { title: Owner, initially: opener }
        data:
          type: object
          required: [title, checklist, recipient]
          properties:
            title: { type: string }
            recipient: { type: string }
            checklist: { type: string, format: checklist }
            content: { type: object, checklist: data.checklist }
        open: { form: [title, checklist, recipient], optional: [content] }
        initial: drafting
        states:
          drafting: { on: { file: { target: filed, allow: [owner], optional: [content] } } }
          filed: { final: true }
        """

    private func publish(_ text: String, _ api: APIFixture) async throws {
        _ = try await api.engine.publish(
            DefinitionSource(main: "x/x.yaml", files: ["x/x.yaml": text]), for: APIFixture.tenant, by: .person("rita"))
    }

    private func open(_ workflow: String, _ form: JSON, _ api: APIFixture, kind: String = "real") async throws -> String
    {
        let opened = try await api.send(
            "POST", "/api/v1/instances", ["workflow": .string(workflow), "form": form, "kind": .string(kind)])
        #expect(opened.status == 201, "\(opened.json)")
        return opened.json["reference"]?.stringValue ?? ""
    }

    private func text(_ answer: Answer) -> String { String(decoding: answer.body, as: UTF8.self) }

    @Test func theRegisterListsEveryBreachAndNothingElseInAllThreeForms() async throws {
        try await APIFixture.run { api in
            try await publish(Self.incident, api)
            let breach = try await open(
                "incident",
                [
                    "summary": "=HYPERLINK(\"x\") <script>alert(1)</script>", "personalData": true,
                    "affected": [["jurisdiction": "de", "low": 10, "high": 20, "encrypted": true]],
                ], api)
            let hidden = try await open("incident", ["summary": "Hidden from most", "personalData": true], api)
            _ = try await api.send(
                "POST", "/api/v1/instances/\(hidden)/visibility", ["visibility": "restricted", "reason": "Counsel"])
            _ = try await open("incident", ["summary": "A drill", "personalData": true], api, kind: "exercise")
            _ = try await open("incident", ["summary": "No data", "personalData": false], api)

            let list = try await api.send("GET", "/api/v1/register", as: "ana")
            #expect(list.json["items"]?.arrayValue?.map { $0["reference"] } == [.string(breach)])
            #expect(list.json["items"]?[0]?["notified"] == "no")
            #expect(try await api.send("GET", "/api/v1/register").json["items"]?.arrayValue?.count == 2)
            #expect(try await api.send("GET", "/api/v1/register", as: "stranger").json["items"] == [])

            let csv = try await api.send("GET", "/api/v1/register.csv", as: "ana")
            #expect(csv.headers["content-type"]?.hasPrefix("text/csv") == true)
            let lines = text(csv).split(separator: "\r\n")
            #expect(lines.count == 2 && lines[0].hasPrefix("\"Reference\",\"Kind\""))
            #expect(lines[1].contains("\"'=HYPERLINK(\"\"x\"\")") && lines[1].contains("de: 10 to 20 (encrypted)"))
            #expect(!text(csv).contains("Hidden") && !text(csv).contains("drill"))

            let html = try await api.send("GET", "/api/v1/register.html", as: "ana")
            #expect(html.headers["content-type"]?.hasPrefix("text/html") == true)
            #expect(!text(html).contains("<script>") && text(html).contains("&lt;script&gt;"))
            #expect(!text(html).contains("Hidden from most"))
            #expect(html.headers["content-security-policy"]?.hasPrefix("default-src 'none'") == true)

            let future = try await api.send("GET", "/api/v1/register?since=2999-01-01T00:00:00Z")
            #expect(future.json["items"] == [])
            #expect(try await api.send("GET", "/api/v1/register?since=yesterday").status == 400)
        }
    }

    @Test func aPackKeepsTheOrderOfTheChecklistAndEscapesWhatPeopleWrote() async throws {
        try await APIFixture.run { api in
            try await api.engine.save(
                Tenant(
                    id: APIFixture.tenant, name: "acme", title: "acme", zone: "Europe/Berlin",
                    settings: ["checklists": ["notice": ["zeta", "alpha"]]]))
            try await publish(Self.filing, api)
            let filing = try await open(
                "filing",
                [
                    "title": "Notice <b>", "checklist": "notice", "recipient": "Authority",
                    "content": ["alpha": "<img src=x onerror=alert(1)>"],
                ], api)
            let pack = try await api.send("GET", "/api/v1/instances/\(filing)/filing-pack")
            #expect(pack.status == 200)
            let fields = pack.json["checklist"]?["fields"]?.arrayValue ?? []
            #expect(fields.map { $0["field"] } == ["zeta", "alpha"])
            #expect(fields.map { $0["missing"] } == [true, false])
            let page = text(try await api.send("GET", "/api/v1/instances/\(filing)/filing-pack.html"))
            #expect(page.contains("&lt;img src=x") && !page.contains("<img"))
            #expect(page.contains("Notice &lt;b&gt;") && page.contains("<em>missing</em>"))
            let ticket = try await api.open()
            #expect(try await api.send("GET", "/api/v1/instances/\(ticket)/filing-pack").status == 404)
            _ = try await api.send(
                "POST", "/api/v1/instances/\(filing)/visibility", ["visibility": "privileged", "reason": "Counsel"])
            for end in ["filing-pack", "filing-pack.html"] {
                #expect(try await api.send("GET", "/api/v1/instances/\(filing)/\(end)", as: "ana").status == 404)
                #expect(try await api.send("GET", "/api/v1/instances/\(filing)/\(end)", as: "stranger").status == 404)
            }
            let own = text(try await api.send("GET", "/api/v1/instances/\(filing)/filing-pack.html"))
            #expect(own.contains("Privileged"))
        }
    }
}
