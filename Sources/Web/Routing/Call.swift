import Engine
import HTTPTypes
import JSON
import Logging
import Workflows

/// One request that was routed, whose caller is known and whose parts have been checked.
struct Call: Sendable {
    /// Identifier of the request, for logs and replies.
    let id: String
    /// The engine.
    let engine: Engine
    /// What checks and keeps destinations.
    let outward: Outward
    /// Whose token it is; nil on routes that need none.
    let caller: Principal?
    /// Parameters of the path by name.
    let path: [String: String]
    /// Parameters of the query string by name, checked.
    let query: [String: JSON]
    /// The body, checked; null where there is none.
    let body: JSON
    /// The body of a route that takes a file.
    let file: EvidenceFile?
    /// The headers.
    let headers: HTTPFields
    /// URL of this installation for links, without a slash at its end; nil for no links.
    let address: String?
    /// What `/metrics` asks for; nil where it asks for nothing.
    let metricsToken: String?
    /// Carries the request, tenant and caller.
    let logger: Logger

    /// Whose token it is.
    func principal() throws(Problem) -> Principal {
        guard let caller else { throw Problem(.unauthenticated, "This needs a token.") }
        return caller
    }

    /// What the caller may see.
    func reader() throws(Problem) -> Reader { engine.reader(for: try principal().viewer) }

    /// A parameter of the query string that is a text.
    func text(_ parameter: String) -> String? { query[parameter]?.stringValue }

    /// A parameter of the query string that is a list of texts; empty where it is absent.
    func texts(_ parameter: String) -> [String] { query[parameter]?.arrayValue?.compactMap(\.stringValue) ?? [] }

    /// Which page of a list is asked for.
    func page() throws(Problem) -> PageRequest {
        var request = PageRequest(limit: query["limit"]?.intValue.map { Int($0) } ?? 50)
        guard let text = text("after") else { return request }
        guard text.utf8.count <= 4000, let cursor = Cursor(text) else {
            throw .unusableCursor
        }
        request.cursor = cursor
        return request
    }

    /// The instance that the path names, by reference or identifier.
    func instance(_ parameter: String = "instance") async throws -> Identifier {
        try await instance(named: segment(parameter))
    }

    /// An instance by reference or identifier, as far as the caller may see it.
    func instance(named name: String) async throws -> Identifier {
        guard let found = try await reader().find(name) else { throw Problem.noSuch("instance", name) }
        return found
    }

    /// A parameter of the path; the route's template names it.
    func segment(_ name: String) -> String { path[name] ?? "" }

    /// The key that makes a command happen once however often it is sent.
    var idempotencyKey: String? {
        get throws(Problem) {
            guard let key = headers[.idempotencyKey] else { return nil }
            let isPlain = key.utf8.allSatisfy { (0x21...0x7E).contains($0) }
            guard isPlain, (1...200).contains(key.utf8.count) else {
                throw .parameter("Idempotency-Key", "must be 1 to 200 visible ASCII characters")
            }
            return key
        }
    }

    /// The version of the instance that the caller acts on; nil where any will do.
    var expectedVersion: Int64? {
        get throws(Problem) {
            guard let header = headers[.ifMatch], header != "*" else { return nil }
            guard let version = EntityTag.version(of: header) else {
                throw .parameter("If-Match", "must be \"*\" or the one ETag that a reply about the instance carried")
            }
            return version
        }
    }

    /// Whether the caller holds this version already.
    func holds(version: Int64) -> Bool {
        guard let header = headers[.ifNoneMatch] else { return false }
        return header == "*" || header.split(separator: ",").contains { EntityTag.version(of: $0.trimmed) == version }
    }
}

/// The ETag of an instance: the number of its last journal entry, in quotes.
enum EntityTag {
    static func text(_ version: Int64) -> String { "\"\(version)\"" }

    /// The version of a tag; weak tags count too, since proxies that compress make them.
    static func version(of tag: some StringProtocol) -> Int64? {
        let strong = tag.hasPrefix("W/") ? tag.dropFirst(2) : tag[...]
        guard strong.count > 2, strong.hasPrefix("\""), strong.hasSuffix("\"") else { return nil }
        return Int64(strong.dropFirst().dropLast())
    }
}

extension HTTPField.Name {
    /// Names a request, so that sending it again does nothing again.
    static let idempotencyKey = HTTPField.Name(canonicalName: "idempotency-key")
    /// Until when the answer is kept under its key.
    static let idempotencyExpires = HTTPField.Name(canonicalName: "idempotency-expires")
    /// Says that the answer is the one to an earlier request under the same key.
    static let idempotencyReplayed = HTTPField.Name(canonicalName: "idempotency-replayed")
    /// Whom a proxy serves.
    static let forwardedFor = HTTPField.Name(canonicalName: "x-forwarded-for")
    /// Identifier of a request.
    static let requestID = HTTPField.Name(canonicalName: "x-request-id")

    private init(canonicalName: String) {
        // The names above are tokens; `connection` stands in for what cannot happen.
        self = HTTPField.Name(canonicalName) ?? .connection
    }
}

extension StringProtocol {
    /// The text without spaces and tabs at its ends.
    var trimmed: SubSequence {
        var rest = self[...]
        while let first = rest.first, first == " " || first == "\t" { rest = rest.dropFirst() }
        while let last = rest.last, last == " " || last == "\t" { rest = rest.dropLast() }
        return rest
    }
}
