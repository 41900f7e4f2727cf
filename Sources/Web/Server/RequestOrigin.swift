import Hummingbird
import Logging
import NIOCore

/// What is known of the connection that a request came over.
struct RequestOrigin: InitializableFromSource {
    /// The address of the other end, where there is one.
    let peer: String?
    let logger: Logger
    private let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        peer = source.channel.remoteAddress?.ipAddress
        logger = source.logger
        channel = source.channel
    }

    /// Tells a client that waits to be asked (`Expect: 100-continue`) to send the body.
    func askForBody() { channel.triggerUserOutboundEvent(BodyWanted(), promise: nil) }
}
