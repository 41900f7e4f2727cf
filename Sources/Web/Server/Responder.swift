import Engine
import HTTPTypes
import Hummingbird
import JSON
import Logging

/// Takes a request through routing, authentication and checks to its route, and every failure to a problem.
struct Responder: HTTPResponder {
    typealias Context = BasicRequestContext

    let engine: Engine
    let tree: RouteTree
    let bodies: BodyReader
    let timeout: Duration
    let outward: Outward
    let limiter: RateLimiter
    /// URL of this installation for links; nil for none.
    let address: String?
    /// What `/metrics` asks for; nil where it asks for nothing.
    let metricsToken: String?

    func respond(to request: Request, context: BasicRequestContext) async throws -> Response {
        let started = ContinuousClock.now
        let id = RequestID(request.headers[.requestID]).text
        var logger = context.logger
        logger[metadataKey: "request"] = .string(id)
        var reply: Reply
        do {
            reply = try await answer(request, id, &logger)
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

    private func answer(_ request: Request, _ id: String, _ logger: inout Logger) async throws -> Reply {
        let target = (request.head.path ?? "/").split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let (route, path) = try find(request.method, target[0])
        let caller = try await authenticate(request, route)
        if let caller {
            logger[metadataKey: "tenant"] = .string(caller.tenant.description)
            logger[metadataKey: "principal"] = .string(caller.person ?? caller.name)
        }
        let query = try query(of: target.count == 2 ? target[1] : "", route)
        let body = if let schema = route.body { try await bodies.json(request, schema) } else { JSON.null }
        let file = route.takesFile ? try await bodies.file(request) : nil
        let call = Call(
            id: id, engine: engine, outward: outward, caller: caller, path: path, query: query, body: body, file: file,
            headers: request.headers, address: address, metricsToken: metricsToken, logger: logger)
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
        case .broken: throw Problem(.malformedRequest, "The path has a broken percent-encoding.")
        case .nothing:
            throw Problem(.notFound, "There is nothing at this address; /openapi.json describes what there is.")
        case .wrongMethod(let allowed):
            let list = allowed.map(\.rawValue).joined(separator: ", ")
            var problem = Problem(.methodNotAllowed, "This address knows \(list), not \(method.rawValue).")
            problem.headers[.allow] = list
            throw problem
        }
    }

    private func authenticate(_ request: Request, _ route: Route) async throws -> Principal? {
        guard route.access != .everyone else { return nil }
        guard let header = request.headers[.authorization] else {
            throw Problem(.unauthenticated, "The header Authorization is missing; expected \"Bearer TOKEN\".")
        }
        let parts = header.split(separator: " ")
        guard parts.count == 2, parts[0].lowercased() == "bearer" else {
            throw Problem(.unauthenticated, "The header Authorization is not of the form \"Bearer TOKEN\".")
        }
        guard let principal = try await engine.principal(ofToken: String(parts[1])) else {
            throw Problem(.unauthenticated, "The token is unknown, expired or revoked.")
        }
        if let wait = limiter.admit(principal.token) {
            engine.measures.throttled.add()
            var problem = Problem(
                .tooManyRequests, "This token may ask \(limiter.rate ?? 0) times a second (the setting rate-limit).")
            problem.headers[.retryAfter] = "\(wait)"
            throw problem
        }
        try route.access.check(principal)
        return principal
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
