import NIOHTTP1

/// What the server says before it closes a connection that broke the rules.
struct Farewell {
    var kind: ProblemKind
    var detail: String

    init(_ kind: ProblemKind, _ detail: String) {
        self.kind = kind
        self.detail = detail
    }

    /// The answer to what the parser refuses.
    init(_ error: HTTPParserError) {
        switch error {
        case .headerOverflow:
            self.init(
                .headTooLarge,
                """
                A request may have \(ConnectionLimits.headers) headers, \(ConnectionLimits.headField) bytes in its target or in \
                one header, and \(ConnectionLimits.head) in all of them.
                """)
        case .invalidMethod: self.init(.malformedRequest, "There is no such method.")
        case .invalidVersion: self.init(.malformedRequest, "Reeve speaks HTTP/1.1 and HTTP/1.0.")
        case .invalidEOFState: self.init(.malformedRequest, "The request ends before it is complete.")
        default: self.init(.malformedRequest, "This is not HTTP: \(error).")
        }
    }

    /// Every place is taken.
    static let full = Farewell(.unavailable, "All connections are in use (the setting max-connections).")

    /// The head took too long.
    static let slowHead = Farewell(
        .requestTimeout, "The head of the request did not arrive in time (the setting head-timeout).")

    private var body: [UInt8] {
        Problem(kind, detail).document(requestID: RequestID(nil).text).bytes() + [UInt8(ascii: "\n")]
    }

    /// The answer as parts of a message.
    var parts: (head: HTTPResponseHead, body: [UInt8]) {
        let body = body
        var headers = HTTPHeaders([
            ("Content-Type", "application/problem+json"), ("Content-Length", "\(body.count)"),
            ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"), ("Connection", "close"),
        ])
        if kind == .unavailable { headers.add(name: "Retry-After", value: "1") }
        return (HTTPResponseHead(version: .http1_1, status: .init(statusCode: kind.status), headers: headers), body)
    }
}
