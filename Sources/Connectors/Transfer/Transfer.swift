/// One exchange with a server through libcurl.
struct Transfer: Sendable {
    /// What is done with the body.
    enum Method: Sendable {
        /// Nothing: the server is reached, and asked nothing.
        case connect
        /// HTTP: the body is posted.
        case post
        /// SMTP: the body is a message.
        case mail(from: String, to: [String])
    }

    /// How far the connection must be encrypted.
    enum Encryption: Sendable {
        /// As the URL's scheme says.
        case byScheme
        /// STARTTLS before anything else, or no exchange.
        case upgrade
    }

    var url: String
    var method: Method
    var headers: [(name: String, value: String)] = []
    var body: [UInt8]
    var encryption = Encryption.byScheme
    var credentials: (user: String, password: String)?
    /// Time to connect, TLS included.
    var connectTimeout = Duration.seconds(10)
    /// Time for the whole exchange.
    var timeout = Duration.seconds(30)
    /// Bytes of the answer that are kept.
    var answerLimit = 4096
}

/// How an exchange ended.
enum TransferResult: Sendable, Equatable {
    /// The server answered.
    case answered(Answer)
    /// There was no complete answer.
    case failed(Failure)

    /// Why there was no complete answer, in words; nil where there was one.
    var fault: String? {
        if case .failed(let failure) = self { failure.message } else { nil }
    }

    /// What a server said.
    struct Answer: Sendable, Equatable {
        /// The last status code of the protocol.
        var status: Int
        /// The beginning of the body.
        var body: [UInt8]
        /// How long the server asks to be left alone.
        var retryAfter: Duration?
    }

    /// Why there was no complete answer.
    struct Failure: Sendable, Equatable {
        enum Cause: Sendable, Equatable {
            /// No address for the name.
            case unresolved
            /// Nothing listens, or the network does not lead there.
            case unreachable
            /// The time was up.
            case timedOut
            /// Its certificate or protocol is not to be trusted.
            case untrusted
            /// User name or password were refused.
            case loginRefused
            /// The policy of this installation forbids the address.
            case addressForbidden
            /// The URL cannot be used.
            case malformed
            /// The connection broke, or the server's answer made no sense.
            case broken
            /// The task was cancelled or the transfers were stopped.
            case cancelled
        }

        var cause: Cause
        /// The last status code of the protocol; 0 where there was none.
        var status: Int = 0
        /// Words for people.
        var message: String
    }
}

/// What holds for all transfers of a process.
public struct TransferPolicy: Sendable {
    /// Whether private, loopback and link-local addresses are refused.
    ///
    /// Where tenants choose their own destinations, this keeps them from reaching the network that Reeve runs in.
    public var publicAddressesOnly: Bool
    /// Whether webhooks may go over HTTP without TLS.
    public var allowsPlainHTTP: Bool
    /// File with certificate authorities; nil means the system's.
    public var authorities: String?
    /// URL of the proxy for webhooks; nil means none, whatever the environment says.
    public var proxy: String?
    /// How long connecting may take, TLS included.
    public var connectTimeout: Duration
    /// How long one attempt may take in all.
    public var timeout: Duration

    /// Creates a policy.
    public init(
        publicAddressesOnly: Bool = false, allowsPlainHTTP: Bool = false, authorities: String? = nil,
        proxy: String? = nil, connectTimeout: Duration = .seconds(10), timeout: Duration = .seconds(30)
    ) {
        self.publicAddressesOnly = publicAddressesOnly
        self.allowsPlainHTTP = allowsPlainHTTP
        self.authorities = authorities
        self.proxy = proxy
        self.connectTimeout = connectTimeout
        self.timeout = timeout
    }
}
