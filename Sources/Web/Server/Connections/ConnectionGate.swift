import NIOCore
import NIOHTTP1
import NIOHTTPTypesHTTP1
import NIOPosix

/// Puts the two handlers that hold a connection to its limits into its pipeline.
final class ConnectionGate: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny

    private let limits: ConnectionLimits
    private let ledger: ConnectionLedger

    init(limits: ConnectionLimits, ledger: ConnectionLedger) {
        self.limits = limits
        self.ledger = ledger
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let standing = ConnectionStanding()
        do {
            let pipeline = context.pipeline.syncOperations
            try context.channel.syncOptions?.setOption(
                .recvAllocator,
                value: AdaptiveRecvByteBufferAllocator(
                    minimum: 512, initial: 1024, maximum: ConnectionLimits.reading))
            let codec = try pipeline.handler(type: HTTP1ToHTTPServerCodec.self)
            let messages = MessageGate(standing, ledger)
            try pipeline.addHandler(messages, position: .before(codec))
            try pipeline.addHandler(ByteGate(standing, limits, ledger, messages), position: .first)
        } catch {
            context.close(promise: nil)
        }
    }
}

/// Where a connection stands, as its two handlers know it together.
final class ConnectionStanding {
    /// What the client is sending.
    enum Arriving {
        /// Nothing of a request yet.
        case nothing
        /// A part of a head.
        case head
        /// A head has arrived, and its body not to the end.
        case body
    }

    var arriving = Arriving.nothing
    /// Requests that have not been answered to the end.
    var unanswered = 0
    /// Whether what arrives from now on is thrown away.
    var isDeaf = false
    /// Whether the request that has arrived last is the last to be answered.
    var isLast = false
    /// Whether the answer under way is the last one.
    var endsWithThisAnswer = false
    /// Whether nothing is written any more.
    var isMute = false
    /// The answer of the gate itself, to be given when those before it have been.
    var farewell: Farewell?
    var ticket: ConnectionLedger.Ticket?
}
