import Deadlines
import Engine
import Foundation
import FoundationNetworking
import JSON
import Logging
import PostgresClient
import TestSupport
import Testing
import Workflows

@testable import Web

/// A server on a port of its own, with an engine on a database of its own, two tenants and a workflow.
struct APIFixture: Sendable {
    static let tenant = Identifier(high: 1, low: 0xaa)
    static let otherTenant = Identifier(high: 1, low: 0xbb)

    let engine: Engine
    let database: TestDatabase
    let url: String
    /// Tokens by the name of their owner: `rita`, `ana`, `reader`, `system`, `stranger` of the other tenant.
    let tokens: [String: String]

    /// Runs a body with a server that answers meanwhile.
    static func run(
        bodyLimit: Int = 1 << 20, fileLimit: Int = 1 << 20, rateLimit: Int? = nil, guestRateLimit: Int? = nil,
        trustedProxies: TrustedProxies = .none, metricsToken: String? = nil, almanac: Almanac? = nil,
        _ body: (APIFixture) async throws -> Void
    ) async throws {
        try await withDatabase(template: "web", prepare: migrate) { database in
            let zones = try ZoneDatabase()
            var configuration = Engine.Configuration(
                database: database.configuration(),
                almanac: try almanac ?? Almanac(rules: RuleLibrary([]), calendars: CalendarLibrary([]), zones: zones))
            configuration.logger.logLevel = .critical
            let engine = Engine(configuration)
            let serving = Task { await engine.run() }
            let (ports, port) = AsyncStream.makeStream(of: Int.self)
            var settings = Server.Configuration()
            settings.port = 0
            settings.bodyLimit = bodyLimit
            settings.fileLimit = fileLimit
            settings.rateLimit = rateLimit
            settings.guestRateLimit = guestRateLimit
            settings.trustedProxies = trustedProxies
            settings.metricsToken = metricsToken
            var logger = Logger(label: "test")
            logger.logLevel = .critical
            let server = Server(settings, engine: engine, logger: logger) { port.yield($0) }
            let listening = Task { try await server.run() }
            var first = ports.makeAsyncIterator()
            let outcome: Result<Void, any Error>
            do {
                let number = try #require(await first.next())
                let tokens = try await found(engine)
                outcome = .success(
                    try await body(
                        APIFixture(
                            engine: engine, database: database, url: "http://127.0.0.1:\(number)", tokens: tokens)))
            } catch {
                outcome = .failure(error)
            }
            listening.cancel()
            _ = try? await listening.value
            serving.cancel()
            await serving.value
            try outcome.get()
        }
    }

    private static func migrate(_ connection: PostgresConnection) async throws {
        let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../sql")
        let files = try FileManager.default.contentsOfDirectory(atPath: directory.path).filter { $0.hasSuffix(".sql") }
        let migrations = try files.map { file in
            try Migration(
                name: file, text: String(contentsOf: directory.appendingPathComponent(file), encoding: .utf8))
        }
        try await Migrator(migrations).apply(on: connection)
    }

    private static func found(_ engine: Engine) async throws -> [String: String] {
        var tokens: [String: String] = [:]
        for (id, name) in [(tenant, "acme"), (otherTenant, "other")] {
            try await engine.save(Tenant(id: id, name: name, title: name, zone: "Europe/Berlin"))
            var document = DirectoryDocument()
            document.people = ["rita", "ana"].map { DirectoryDocument.Person(id: $0, name: $0) }
            var clerks = DirectoryDocument.Team(id: "clerks", title: "Clerks")
            clerks.members = ["ana"]
            document.teams = [clerks]
            try await engine.enter(document, for: id)
            _ = try await engine.publish(
                DefinitionSource(main: "ticket/ticket.yaml", files: ["ticket/ticket.yaml": ticket]), for: id,
                by: .person("rita"))
        }
        func issue(_ tenant: Identifier, _ person: String?, _ scopes: [String]) async throws -> String {
            try await engine.issueToken(
                for: tenant, name: "test", person: person, scopes: scopes, by: .person("rita")
            ).text
        }
        tokens["rita"] = try await issue(tenant, "rita", ["read", "write", "admin"])
        tokens["ana"] = try await issue(tenant, "ana", ["read", "write"])
        tokens["reader"] = try await issue(tenant, "ana", ["read"])
        tokens["auditor"] = try await issue(tenant, nil, ["read", "audit"])
        tokens["system"] = try await issue(tenant, nil, ["read", "write"])
        tokens["stranger"] = try await issue(otherTenant, "rita", ["read", "write", "admin"])
        return tokens
    }

    static let ticket = """
        workflow: ticket
        title: Ticket
        reference: TIC
        roles:
          asker: { title: Asker, initially: opener }
          clerk: { title: Clerk, from: [clerks] }
        data:
          type: object
          required: [subject]
          properties:
            subject: { type: string, maxLength: 100 }
            urgency: { type: integer, minimum: 1, maximum: 5 }
            answer:  { type: string }
            askedAt: { type: string, format: date-time }
        open: { form: [subject], optional: [urgency, askedAt] }
        initial: waiting
        states:
          waiting:
            on:
              take: { target: answering, allow: [clerks], takes: clerk }
              withdraw: { target: withdrawn, allow: [asker] }
          answering:
            tasks:
              lookUp: { title: Look it up, from: [clerk], result: { found: { type: boolean } } }
            approvals:
              check: { title: The answer is right, from: [asker], covers: [answer] }
            on:
              answer:
                target: answered
                allow: [clerk]
                form: [answer]
                guard: [{ when: size(data.answer) > 3, else: An answer has more than three letters. }]
          answered: { final: true }
          withdrawn: { final: true }
        correct:
          urgency: { allow: [asker] }
          askedAt: { allow: [asker] }
        clocks:
          respond:
            title: "Answer {{data.subject}}"
            start: { in: waiting, at: 'has(data.askedAt) ? data.askedAt : self.openedAt' }
            goal: PT4H
            stop: { in: answered }
            cancel: { in: withdrawn }
            escalation: gentle
        escalations:
          gentle: [{ after: PT0S, notify: [clerk, group clerks] }]

        """
}

/// What a server answered.
struct Answer {
    var status: Int
    var headers: [String: String]
    var body: [UInt8]

    /// The body as JSON; null where it is none.
    var json: JSON { (try? JSON(parsing: body)) ?? .null }

    /// The last part of a problem's type, such as `not-found`.
    var problem: String? {
        headers["content-type"] == "application/problem+json"
            ? json["type"]?.stringValue.map { String($0.dropFirst("/problems/".count)) } : nil
    }
}

extension APIFixture {
    /// Sends a request; a JSON body is sent as such.
    func send(
        _ method: String, _ path: String, _ body: JSON? = nil, as who: String? = "rita",
        headers: [String: String] = [:]
    ) async throws -> Answer {
        var headers = headers
        if body != nil { headers["Content-Type"] = headers["Content-Type"] ?? "application/json" }
        return try await send(method, path, bytes: body?.bytes(), as: who, headers: headers)
    }

    /// Sends a request with a body of any bytes, and checks that the reply is as the description says.
    func send(
        _ method: String, _ path: String, bytes: [UInt8]?, as who: String? = "rita", headers: [String: String] = [:]
    ) async throws -> Answer {
        var request = URLRequest(url: try #require(URL(string: url + path)))
        request.httpMethod = method
        request.httpBody = bytes.map { Data($0) }
        for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
        if let who { request.setValue("Bearer \(tokens[who] ?? who)", forHTTPHeaderField: "Authorization") }
        request.cachePolicy = .reloadIgnoringLocalAndRemoteCacheData
        let (data, response) = try await URLSession.shared.data(for: request)
        let http = try #require(response as? HTTPURLResponse)
        var found: [String: String] = [:]
        for (name, value) in http.allHeaderFields { found["\(name)".lowercased()] = "\(value)" }
        let answer = Answer(status: http.statusCode, headers: found, body: Array(data))
        conform(answer, method, path)
        return answer
    }

    /// Holds a reply against the route's declaration.
    private func conform(_ answer: Answer, _ method: String, _ path: String) {
        guard method != "HEAD", answer.status != 304 else { return }
        if answer.status >= 400, !path.hasPrefix("/health") {
            #expect(answer.problem != nil, "\(method) \(path): \(answer.status) without a problem")
            #expect(Schema.problem.faults(in: answer.json) == [], "\(method) \(path)")
            return
        }
        let target = path.split(separator: "?")[0]
        guard case .route(let route, _) = RouteTree(Route.all).match(.init(rawValue: method) ?? .get, target) else {
            return
        }
        if let schema = route.success.body {
            #expect(schema.faults(in: answer.json) == [], "\(method) \(path): \(answer.json)")
        } else if route.success.mediaType == nil {
            #expect(answer.body.isEmpty)
        }
    }

    /// Opens a ticket and returns its reference.
    func open(_ subject: String = "Where is it?", as who: String = "rita") async throws -> String {
        let answer = try await send(
            "POST", "/api/v1/instances", ["workflow": "ticket", "form": ["subject": .string(subject)]], as: who)
        #expect(answer.status == 201)
        return try #require(answer.json["reference"]?.stringValue)
    }
}
