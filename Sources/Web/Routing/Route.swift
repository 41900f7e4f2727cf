import HTTPTypes

/// One operation of the API.
///
/// The declaration is the single source: requests are routed and checked by it, and `/openapi.json` is written from it.
struct Route: Sendable {
    /// What a route answers with when all is well.
    struct Success: Sendable {
        /// The status.
        var status: HTTPResponse.Status
        /// The shape of the JSON body; nil where there is no JSON.
        var body: Schema?
        /// The media type of a body that is not JSON.
        var mediaType: String?
        /// Whether the reply carries an ETag.
        var hasETag = false

        /// JSON of a shape.
        static func json(_ schema: Schema, _ status: HTTPResponse.Status = .ok) -> Success {
            Success(status: status, body: schema)
        }

        /// JSON of a shape with an ETag.
        static func versioned(_ schema: Schema, _ status: HTTPResponse.Status = .ok) -> Success {
            Success(status: status, body: schema, hasETag: true)
        }

        /// A body of another media type.
        static func content(_ mediaType: String) -> Success {
            Success(status: .ok, mediaType: mediaType)
        }

        /// No body.
        static let nothing = Success(status: .noContent)
    }

    /// Method of HTTP; a route for GET answers HEAD too.
    let method: HTTPRequest.Method
    /// Path.
    let path: PathTemplate
    /// Name of the operation, unique.
    let name: String
    /// What it does, in a sentence.
    let summary: String
    /// The group it is described in.
    var topic = ""
    /// Who may call it.
    var access: Access = .reading
    /// Parameters of the query string.
    var query: [Parameter] = []
    /// Shape of the JSON body; nil where the route takes none.
    var body: Schema?
    /// Whether the body is a file of any kind, in place of JSON.
    var takesFile = false
    /// Whether it changes something: it then takes an Idempotency-Key.
    var isCommand = false
    /// Whether monitoring and load balancers ask it, who are never told to ask less.
    var isWatching = false
    /// Whether it takes If-Match.
    var isConditional = false
    /// The reply when all is well.
    var success: Success
    /// Problems it can answer with beside those of every route.
    var problems: [ProblemKind] = []
    /// Does it.
    let handle: @Sendable (Call) async throws -> Reply
}
