import NIOCore
import NIOHTTP1

/// Asks the gate of a connection to tell the client that it may send the body.
struct BodyWanted: Sendable {}

/// Stands behind the parser: counts requests, ends connections by the rules of HTTP, and answers what is none.
final class MessageGate: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private let standing: ConnectionStanding
    private let ledger: ConnectionLedger
    private var context: ChannelHandlerContext?
    private var expectsContinue = false
    /// Whether the last request speaks HTTP/1.0, which knows no chunks.
    private var isOld = false
    private var fault: HTTPParserError?
    private var lingering: Scheduled<Void>?

    init(_ standing: ConnectionStanding, _ ledger: ConnectionLedger) {
        self.standing = standing
        self.ledger = ledger
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        lingering?.cancel()
        self.context = nil
    }

    // MARK: - Requests

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !standing.isDeaf else { return }
        switch unwrapInboundIn(data) {
        case .head(let head):
            // What a client sends behind its last request is not to be done.
            guard !standing.isLast else {
                standing.isDeaf = true
                return
            }
            standing.arriving = .body
            if let ticket = standing.ticket {
                ledger.unpark(ticket)
                standing.ticket = nil
            }
            if let fault = Self.fault(of: head) { return sayFarewell(fault) }
            standing.unanswered += 1
            standing.isLast = isLast(head)
            isOld = head.version != .http1_1
            expectsContinue = head.version == .http1_1 && head.headers["expect"].contains("100-continue")
        case .body: break
        case .end: standing.arriving = .nothing
        }
        context.fireChannelRead(data)
    }

    /// Whether the connection ends with a request: the client says so, speaks HTTP/1.0, wants another protocol, which
    /// it does not get here, or has asked too much at once.
    private func isLast(_ head: HTTPRequestHead) -> Bool {
        !head.isKeepAlive || head.version != .http1_1 || head.method == .CONNECT
            || head.headers.contains(name: "upgrade")
            || standing.unanswered >= ConnectionLimits.pipelined
    }

    /// RFC 9112, 3.2: a request of HTTP/1.1 names one host.
    private static func fault(of head: HTTPRequestHead) -> Farewell? {
        let hosts = head.headers["host"].count
        guard hosts > 1 || (hosts == 0 && head.version == .http1_1) else { return nil }
        return Farewell(.malformedRequest, "A request names one host in the header Host; this one names \(hosts).")
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? HTTPParserError else { return context.fireErrorCaught(error) }
        guard !standing.isDeaf else { return }
        // What follows the last request is no fault: it is not looked at.
        guard !standing.isLast || standing.arriving == .body else {
            standing.isDeaf = true
            return
        }
        if case .body = standing.arriving {
            // Whoever reads the body learns of it, and the answer comes from there.
            fault = error
            standing.isDeaf = true
            context.fireErrorCaught(error)
        } else {
            sayFarewell(Farewell(error))
        }
    }

    // MARK: - Answers

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard !standing.isMute else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        switch unwrapOutboundIn(data) {
        case .head(let head)
        where fault != nil && head.status == .badRequest && head.headers.contains(name: "connection"):
            // The server's own answer to a request that ends in something else than HTTP.
            standing.farewell = fault.map { Farewell($0) }
            standing.unanswered = 0
            promise?.succeed()
            giveFarewell(context)
        case .head(var head):
            var isBodyUnread = false
            if case .body = standing.arriving { isBodyUnread = true }
            standing.endsWithThisAnswer =
                standing.unanswered == 1 && (standing.isLast || isBodyUnread || standing.isDeaf)
            if standing.endsWithThisAnswer && standing.farewell == nil {
                head.headers.replaceOrAdd(name: "Connection", value: "close")
                if isOld { head.version = .http1_0 }
            }
            expectsContinue = false
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .end:
            standing.unanswered -= 1
            context.write(data, promise: promise)
            answered(context)
        case .body:
            context.write(data, promise: promise)
        }
    }

    private func answered(_ context: ChannelHandlerContext) {
        guard standing.unanswered == 0 else { return }
        if standing.farewell != nil {
            giveFarewell(context)
        } else if standing.endsWithThisAnswer {
            context.flush()
            close(context)
        } else if standing.arriving != .body, standing.ticket == nil {
            standing.ticket = ledger.park(context.channel)
        }
    }

    /// Tells a client that waits for it that its body is wanted.
    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard event is BodyWanted else { return context.triggerUserOutboundEvent(event, promise: promise) }
        if expectsContinue, standing.unanswered == 1, !standing.isMute {
            expectsContinue = false
            let head = HTTPResponseHead(version: .http1_1, status: .continue)
            context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
        }
        promise?.succeed()
    }

    // MARK: - The end

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        context.fireUserInboundEventTriggered(event)
        if standing.isMute, case .inputClosed? = event as? ChannelEvent { context.close(promise: nil) }
    }

    /// Answers what cannot be passed on, once all before it is answered, and closes the connection.
    func sayFarewell(_ farewell: Farewell) {
        standing.isDeaf = true
        standing.farewell = farewell
        if standing.unanswered == 0, let context { giveFarewell(context) }
    }

    private func giveFarewell(_ context: ChannelHandlerContext) {
        guard let farewell = standing.farewell, !standing.isMute else { return }
        let (head, body) = farewell.parts
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: body)))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        close(context)
    }

    /// Sends no more, and reads for a moment what is still on its way: a connection that is closed with unread bytes
    /// takes its last answer with it.
    private func close(_ context: ChannelHandlerContext) {
        standing.isDeaf = true
        standing.isMute = true
        context.close(mode: .output, promise: nil)
        lingering = context.eventLoop.assumeIsolatedUnsafeUnchecked().scheduleTask(in: ConnectionLimits.lingering) {
            context.close(promise: nil)
        }
        context.read()
    }
}
