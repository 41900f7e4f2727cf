import Engine
import Glibc
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import ServiceLifecycle

/// The HTTP server: the API and the pages.
public struct Server: Service {
    /// The version in the description of the API.
    public static let version = "1.0.0"

    /// How it is reached and what it allows.
    public struct Configuration: Sendable {
        /// Host name or address to listen on.
        public var host = "127.0.0.1"
        /// Port to listen on; 0 lets the system choose.
        public var port = 8080
        /// Greatest size of a request's body in bytes.
        public var bodyLimit = 4 << 20
        /// Greatest size of a file of evidence in bytes, at most ``Engine/Engine/evidenceLimit``.
        public var fileLimit = Engine.evidenceLimit
        /// How long a request may take to arrive, and to be answered.
        public var requestTimeout = Duration.seconds(30)
        /// After which time without traffic a connection is closed.
        public var idleTimeout = Duration.seconds(120)
        /// How long the head of a request may take to arrive.
        public var headTimeout = Duration.seconds(10)
        /// Connections at once; where more come, those that ask nothing make room.
        public var maximumConnections = 2000
        /// Requests that one token may make in a second; nil for no limit.
        public var rateLimit: Int?
        /// Requests without a good token that one address may make in a second; nil for no limit.
        public var guestRateLimit: Int?
        /// Proxies whose word about the client's address is taken.
        public var trustedProxies = TrustedProxies.none
        /// The token that `/metrics` asks for; nil where requests need none that do not come through a proxy.
        public var metricsToken: String?

        /// URL of this installation for links in feeds, without a slash at its end; nil for no links.
        public var address: String?
        /// The ways to the world outside, which check the settings of destinations.
        public var transports: [any Transport] = []
        /// Keys that secrets of destinations are kept under.
        public var keys = SecretKeys.none

        /// A configuration with the defaults.
        public init() {}
    }

    /// Why the server cannot start.
    public struct StartError: Error, CustomStringConvertible {
        /// The cause and the way out.
        public let description: String
    }

    /// What a server offers.
    public enum Offer: Sendable {
        /// The API and the pages.
        case everything
        /// Health and metrics alone, for a worker.
        case watching
    }

    private let configuration: Configuration
    private let application: Application<Responder>

    /// Creates a server; ``run()`` starts it.
    ///
    /// - Parameter onReady: called with the port once requests are taken.
    public init(
        _ configuration: Configuration, engine: Engine, offering offer: Offer = .everything, logger: Logger,
        onReady: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
    ) {
        self.configuration = configuration
        let responder = Responder(
            engine: engine, tree: RouteTree(offer == .everything ? Route.all : Route.health + Route.metrics),
            bodies: BodyReader(
                limit: .init(bytes: configuration.bodyLimit, setting: "body-limit"),
                fileLimit: .init(bytes: min(configuration.fileLimit, Engine.evidenceLimit), setting: "file-limit"),
                timeout: configuration.requestTimeout),
            timeout: configuration.requestTimeout, outward: Outward(configuration.transports, configuration.keys),
            quotas: Quotas(tokens: configuration.rateLimit, guests: configuration.guestRateLimit),
            proxies: configuration.trustedProxies, address: configuration.address,
            metricsToken: configuration.metricsToken)
        application = Application(
            responder: responder, server: .http1(configuration: Self.channels(configuration, engine.measures)),
            configuration: .init(
                address: .hostname(configuration.host, port: configuration.port), serverName: "reeve", backlog: 1024),
            onServerRunning: { channel in await onReady(channel.localAddress?.port ?? configuration.port) },
            logger: logger)
    }

    /// What the connections of a server are held to.
    private static func channels(
        _ configuration: Configuration, _ measures: Measures
    ) -> HTTP1Channel.Configuration {
        let limits = ConnectionLimits(
            connections: configuration.maximumConnections,
            headTime: .seconds(configuration.headTimeout.components.seconds),
            stallTime: .seconds(configuration.requestTimeout.components.seconds))
        let ledger = ConnectionLedger(limit: limits.connections, measures)
        return HTTP1Channel.Configuration(
            additionalChannelHandlers: [ConnectionGate(limits: limits, ledger: ledger)],
            idleTimeout: .seconds(configuration.idleTimeout.components.seconds),
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: ConnectionLimits.headField, maxHeaderListSize: ConnectionLimits.head,
                maxHeaderFieldCount: ConnectionLimits.headers))
    }

    /// Takes requests until it is told to stop; those under way are finished.
    public func run() async throws {
        do {
            try await application.run()
        } catch let error as IOError where error.errnoCode == EADDRINUSE {
            throw StartError(
                description: """
                    Port \(configuration.port) on \(configuration.host) is taken by another program. Stop that one, or \
                    choose another port with --listen \(configuration.host):PORT.
                    """)
        } catch let error as IOError {
            throw StartError(
                description: """
                    Reeve cannot listen on \(configuration.host):\(configuration.port): \(error). Choose another address \
                    with --listen HOST:PORT.
                    """)
        }
    }
}
