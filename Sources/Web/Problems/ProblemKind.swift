/// The kinds of problem that a reply can describe; each has a page of its own at `/problems/NAME`.
enum ProblemKind: String, Sendable, CaseIterable {
    // The request itself
    case malformedRequest = "malformed-request"
    case malformedJSON = "malformed-json"
    case invalidBody = "invalid-body"
    case invalidParameter = "invalid-parameter"
    case unusableCursor = "unusable-cursor"
    case unsupportedMediaType = "unsupported-media-type"
    case bodyTooLarge = "body-too-large"
    case headTooLarge = "head-too-large"
    case requestTimeout = "request-timeout"
    case notFound = "not-found"
    case methodNotAllowed = "method-not-allowed"

    // Who asks
    case unauthenticated
    case forbidden
    case tooManyRequests = "too-many-requests"

    // What the instance says
    case rejected
    case conflict
    case staleVersion = "stale-version"
    case keyReused = "idempotency-key-reused"
    case invalidDefinition = "invalid-definition"

    // The installation
    case unavailable
    case outcomeUnknown = "outcome-unknown"
    case internalError = "internal-error"
}

extension ProblemKind {
    /// The HTTP status of replies that describe it.
    var status: Int {
        switch self {
        case .malformedRequest, .malformedJSON, .invalidParameter: 400
        case .unauthenticated: 401
        case .forbidden: 403
        case .notFound: 404
        case .methodNotAllowed: 405
        case .requestTimeout: 408
        case .conflict: 409
        case .staleVersion: 412
        case .bodyTooLarge: 413
        case .unsupportedMediaType: 415
        case .invalidBody, .unusableCursor, .rejected, .keyReused, .invalidDefinition: 422
        case .tooManyRequests: 429
        case .headTooLarge: 431
        case .internalError: 500
        case .unavailable, .outcomeUnknown: 503
        }
    }

    /// The title, the same for every occurrence.
    var title: String {
        switch self {
        case .malformedRequest: "The request cannot be read"
        case .malformedJSON: "The body is not JSON"
        case .invalidBody: "The body does not fit"
        case .invalidParameter: "A parameter does not fit"
        case .unusableCursor: "The cursor leads nowhere"
        case .unsupportedMediaType: "The media type is not understood"
        case .bodyTooLarge: "The body is too large"
        case .headTooLarge: "The head of the request is too large"
        case .requestTimeout: "The request took too long to arrive"
        case .notFound: "There is no such thing"
        case .methodNotAllowed: "The method is not allowed here"
        case .unauthenticated: "A valid token is needed"
        case .forbidden: "The token does not allow this"
        case .tooManyRequests: "This comes too often"
        case .rejected: "The instance refuses this"
        case .conflict: "The instance is in no condition for this"
        case .staleVersion: "The instance has moved on"
        case .keyReused: "The idempotency key belongs to another request"
        case .invalidDefinition: "The definition has faults"
        case .unavailable: "Reeve cannot answer at present"
        case .outcomeUnknown: "It is not known whether this was done"
        case .internalError: "Reeve failed"
        }
    }

    /// What it means and what the caller can do, for the problem's page.
    var remedy: String {
        switch self {
        case .malformedRequest:
            "The target, a header or the query string breaks the rules of HTTP; the detail says which. Mend the client."
        case .malformedJSON:
            "The body must be one JSON value in UTF-8. The members line and column say where it stops being that."
        case .invalidBody:
            """
            The body is JSON of another shape than /openapi.json describes. The member errors lists every fault with a \
            JSON pointer to the place.
            """
        case .invalidParameter:
            "A parameter of the path, query or headers has no allowed value. The member errors names it."
        case .unusableCursor:
            "A cursor belongs to its list. Use the member next of the page before, unchanged, or begin anew without it."
        case .unsupportedMediaType:
            "Send application/json in UTF-8, and say so in Content-Type."
        case .bodyTooLarge:
            "Send less at once. The limit is the setting body-limit; the detail names it."
        case .headTooLarge:
            "Send a shorter target, fewer headers or shorter ones. The detail names the limits."
        case .requestTimeout:
            "The request did not arrive in time. Try again on a better connection."
        case .notFound:
            """
            Nothing is there, or nothing that the token may see: what belongs to another tenant or is restricted to \
            other people looks the same as what does not exist.
            """
        case .methodNotAllowed:
            "The header Allow lists the methods that the address knows."
        case .unauthenticated:
            "Send `Authorization: Bearer TOKEN` with a token that is neither expired nor revoked."
        case .forbidden:
            "The token's owner lacks the right that the detail names. Ask an administrator of your tenant."
        case .tooManyRequests:
            """
            Wait for the seconds in Retry-After, and ask less often. The limit is the setting rate-limit for each token, and \
            guest-rate-limit for each address that shows no token or a wrong one.
            """
        case .rejected:
            """
            The workflow does not allow this now. The member rejection explains it: what is missing, which guard is \
            false and why, or who is asked instead. Nothing was written.
            """
        case .conflict:
            "The instance has ended, is suspended or does not know the event in its state. Look at it again."
        case .staleVersion:
            """
            The instance was changed since you read it. Read it again, see whether the request still makes sense, and \
            send it with the new ETag.
            """
        case .keyReused:
            "An Idempotency-Key names one request. Use a new key for a new request."
        case .invalidDefinition:
            "The member errors lists each fault with file, line and column. Nothing was published."
        case .unavailable:
            """
            The database cannot be reached or the queue is full. Nothing was written. Try again after the seconds in \
            Retry-After.
            """
        case .outcomeUnknown:
            """
            The connection to the database was lost while the request was being stored. Send it again with the same \
            Idempotency-Key: it is then done exactly once.
            """
        case .internalError:
            "This is a fault of Reeve. The log has the details under the request's identifier."
        }
    }
}
