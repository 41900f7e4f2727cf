import Engine
import HTTPTypes
import Hummingbird
import JSON
import Logging
import NIOHTTP1

/// Takes a request through routing, authentication and checks to its route, and every failure to a problem.
struct Responder: HTTPResponder {
    let engine: Engine
    let tree: RouteTree
    let bodies: BodyReader
    let timeout: Duration
    let outward: Outward
    let quotas: Quotas
    let proxies: TrustedProxies
    /// URL of this installation for links; nil for none.
    let address: String?
    /// What `/metrics` asks for; nil where it asks for nothing.
    let metricsToken: String?

    func respond(to request: Request, context: RequestOrigin) async throws -> Response {
        let started = ContinuousClock.now
        let id = RequestID(request.headers[.requestID]).text
        var logger = context.logger
        logger[metadataKey: "request"] = .string(id)
        var reply: Reply
        do {
            reply = try await answer(request, context, id, &logger)
        } catch let error as HTTPParserError {
            // The body ends in something else than HTTP: the connection's gate answers, and closes it.
            engine.measures.requests[3].add()
            throw error
        } catch {
            let problem = Problem(error)
            if problem.kind == .internalError { logger.error("request failed", metadata: ["error": "\(error)"]) }
            reply = .problem(problem, requestID: id)
        }
        reply.headers[.requestID] = id
        engine.measures.requests[max(0, min(4, Int(reply.status.code) / 100 - 1))].add()
        engine.measures.requestSeconds.record(since: started)
        log(request, reply, started.duration(to: .now), logger)
        return Response(reply, isHead: request.method == .head)
    }

    /// A request with the route that it leads to.
    private struct Asked {
        var request: Request
        var origin: RequestOrigin
        var id: String
        var route: Route
        var path: [String: String]
        var query: Substring
        /// Where it comes from.
        var address: ClientAddress
    }

    private func answer(
        _ request: Request, _ origin: RequestOrigin, _ id: String, _ logger: inout Logger
    ) async throws -> Reply {
        let target = (request.head.path ?? "/").split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let (route, path) = try find(request.method, target[0])
        let asked = Asked(
            request: request, origin: origin, id: id, route: route, path: path,
            query: target.count == 2 ? target[1] : "",
            address: proxies.client(peer: origin.peer, forwardedFor: request.headers[values: .forwardedFor]))
        guard let caller = try await slowingGuesses(asked, { try await authenticate(asked) }) else {
            return try await slowingGuesses(asked) { [logger] in try await handle(asked, nil, logger) }
        }
        logger[metadataKey: "tenant"] = .string(caller.tenant.description)
        logger[metadataKey: "principal"] = .string(caller.person ?? caller.name)
        guard quotas.underWay.take(1, for: caller.token) else {
            throw refusal(.tooMany("This token has \(Quotas.requestsAtOnce) requests under way already.", 1))
        }
        defer { quotas.underWay.giveBack(1, of: caller.token) }
        return try await handle(asked, caller, logger)
    }

    /// Tells an address that its tokens are wrong only so many times a second.
    private func slowingGuesses<Value>(_ asked: Asked, _ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let problem as Problem where problem.kind == .unauthenticated {
            throw quotas.excess(of: asked.address).map(refusal) ?? problem
        }
    }

    private func handle(_ asked: Asked, _ caller: Principal?, _ logger: Logger) async throws -> Reply {
        let route = asked.route
        let query = try query(of: asked.query, route)
        let arrival = BodyReader.Arrival(
            request: asked.request, origin: asked.origin, quota: quotas.bodies, token: caller?.token)
        defer { arrival.end() }
        let body = if let schema = route.body { try await bodies.json(arrival, schema) } else { JSON.null }
        let file = route.takesFile ? try await bodies.file(arrival) : nil
        let call = Call(
            id: asked.id, engine: engine, outward: outward, caller: caller, path: asked.path, query: query, body: body,
            file: file, headers: asked.request.headers, address: address, metricsToken: metricsToken, logger: logger)
        let late = Problem(
            route.isCommand ? .outcomeUnknown : .unavailable,
            "There was no answer in \(timeout) (the setting request-timeout).")
        return try await within(timeout, orThrow: late) { try await route.handle(call) }
    }

    private func find(
        _ method: HTTPRequest.Method, _ path: Substring
    ) throws(Problem) -> (Route, [String: String]) {
        switch tree.match(method, path) {
        case .route(let route, let parameters): return (route, parameters)
        case .broken: throw Problem(.malformedRequest, "The path has a broken percent-encoding, or the character NUL.")
        case .nothing:
            throw Problem(.notFound, "There is nothing at this address; /openapi.json describes what there is.")
        case .wrongMethod(let allowed):
            let list = allowed.map(\.rawValue).joined(separator: ", ")
            var problem = Problem(.methodNotAllowed, "This address knows \(list), not \(method.rawValue).")
            problem.headers[.allow] = list
            throw problem
        }
    }

    /// Whose token it is; nil on routes that need none.
    private func authenticate(_ asked: Asked) async throws -> Principal? {
        guard asked.route.access != .everyone else {
            if !asked.route.isWatching, let excess = quotas.excess(of: asked.address) { throw refusal(excess) }
            return nil
        }
        let principal = try await principal(asked.request.headers[.authorization], asked.address)
        if let excess = quotas.excess(of: principal.token) { throw refusal(excess) }
        try asked.route.access.check(principal)
        return principal
    }

    /// A wrong token of an address that has shown too many is not even looked up.
    private func principal(_ header: String?, _ address: ClientAddress) async throws -> Principal {
        guard let header else {
            throw Problem(.unauthenticated, "The header Authorization is missing; expected \"Bearer TOKEN\".")
        }
        let parts = header.split(separator: " ")
        guard parts.count == 2, parts[0].lowercased() == "bearer" else {
            throw Problem(.unauthenticated, "The header Authorization is not of the form \"Bearer TOKEN\".")
        }
        let token = String(parts[1])
        if !engine.hasSeen(token: token), let closure = quotas.closure(for: address) { throw refusal(closure) }
        guard let principal = try await engine.principal(ofToken: token) else {
            throw Problem(.unauthenticated, "The token is unknown, expired or revoked.")
        }
        return principal
    }

    /// Counts a refusal.
    private func refusal(_ problem: Problem) -> Problem {
        engine.measures.throttled.add()
        return problem
    }

    private func query(of text: Substring, _ route: Route) throws(Problem) -> [String: JSON] {
        guard let pairs = PercentEncoding.pairs(ofQuery: text) else {
            throw Problem(.malformedRequest, "The query string has a broken percent-encoding.")
        }
        var values: [String: JSON] = [:]
        for (name, texts) in Dictionary(grouping: pairs, by: \.name) {
            guard let parameter = route.query.first(where: { $0.name == name }) else {
                let known = route.query.map(\.name).joined(separator: ", ")
                throw .parameter(name, "is unknown; known are \(known.isEmpty ? "none" : known)")
            }
            values[name] = try parameter.value(of: texts.map(\.value))
        }
        for parameter in route.query where parameter.isRequired && values[parameter.name] == nil {
            throw .parameter(parameter.name, "is missing")
        }
        return values
    }

    /// The path, without the secret that the address of a feed is.
    private static func loggable(_ path: String) -> String {
        path.hasPrefix("/feeds/") ? "/feeds/…" : path
    }

    private func log(_ request: Request, _ reply: Reply, _ duration: Duration, _ logger: Logger) {
        let (seconds, attoseconds) = duration.components
        let milliseconds = Double(seconds) * 1000 + Double(attoseconds / 1_000_000_000_000) / 1000
        logger.info(
            "\(request.method.rawValue) \(Self.loggable(request.uri.path)) \(reply.status.code)",
            metadata: ["milliseconds": "\(milliseconds)"])
    }
}

/// The identifier of a request: the client's, where it is a plain one, else a random one.
struct RequestID {
    let text: String

    init(_ offered: String?) {
        let plain = (offered?.utf8.allSatisfy { (0x21...0x7E).contains($0) } ?? false)
        if let offered, plain, (1...64).contains(offered.utf8.count) {
            text = offered
        } else {
            let digits = String(UInt64.random(in: .min ... .max), radix: 16)
            text = String(repeating: "0", count: 16 - digits.utf8.count) + digits
        }
    }
}
