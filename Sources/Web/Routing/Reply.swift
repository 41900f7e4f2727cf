import HTTPTypes
import JSON
import NIOCore

/// What a route answers with.
struct Reply: Sendable {
    /// What the body holds.
    enum Content: Sendable {
        case nothing
        case json(JSON)
        case problem(JSON)
        case text(String, mediaType: String)
        case bytes([UInt8], mediaType: String)
        /// A body that many replies have.
        case shared(ByteBuffer, mediaType: String)
        /// Pieces that are made while they are sent.
        case stream(AsyncThrowingStream<[UInt8], any Error>, mediaType: String)
    }

    /// The status.
    var status: HTTPResponse.Status
    /// Headers beside those of every reply.
    var headers: HTTPFields = [:]
    /// The body.
    var content: Content

    /// Creates a reply.
    init(_ status: HTTPResponse.Status = .ok, _ content: Content = .nothing) {
        self.status = status
        self.content = content
    }

    /// A reply with a JSON body.
    static func json(_ value: JSON, _ status: HTTPResponse.Status = .ok) -> Reply {
        Reply(status, .json(value))
    }

    /// The reply that describes a problem.
    static func problem(_ problem: Problem, requestID: String) -> Reply {
        var reply = Reply(
            HTTPResponse.Status(code: problem.kind.status), .problem(problem.document(requestID: requestID)))
        reply.headers = problem.headers
        if problem.kind == .unauthenticated { reply.headers[.wwwAuthenticate] = "Bearer" }
        return reply
    }
}
