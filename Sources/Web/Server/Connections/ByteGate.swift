import NIOCore
import NIOHTTP1

/// Stands before the parser: sees bytes come and go, and how fast.
final class ByteGate: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = IOData
    typealias OutboundOut = IOData

    private let standing: ConnectionStanding
    private let limits: ConnectionLimits
    private let ledger: ConnectionLedger
    private let messages: MessageGate
    private var deadline: Scheduled<Void>?
    private var paceCheck: Scheduled<Void>?
    private var isAdmitted = false
    private var isLingering = false
    /// Bytes that were given to the channel to send.
    private var sent = 0

    init(
        _ standing: ConnectionStanding, _ limits: ConnectionLimits, _ ledger: ConnectionLedger, _ messages: MessageGate
    ) {
        self.standing = standing
        self.limits = limits
        self.ledger = ledger
        self.messages = messages
    }

    // MARK: - Coming and going

    func channelActive(context: ChannelHandlerContext) {
        isAdmitted = ledger.enter()
        if isAdmitted {
            standing.ticket = ledger.park(context.channel)
            awaitHead(context)
        } else {
            standing.isDeaf = true
            isLingering = ledger.beginLingering()
        }
        context.fireChannelActive()
        guard !isAdmitted else { return }
        if isLingering { messages.sayFarewell(.full) } else { context.close(promise: nil) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        leave()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { leave() }

    private func leave() {
        deadline?.cancel()
        paceCheck?.cancel()
        if let ticket = standing.ticket { ledger.unpark(ticket) }
        if isAdmitted { ledger.leave() }
        if isLingering { ledger.endLingering() }
        (standing.ticket, isAdmitted, isLingering) = (nil, false, false)
    }

    // MARK: - Arriving

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // What follows the last request is not to be kept by the parser either.
        if standing.isLast, standing.arriving == .nothing { standing.isDeaf = true }
        guard !standing.isDeaf else {
            // Read on, so that the client comes to reading its answer; the farewell has a limit in time.
            if standing.unanswered == 0 { context.read() }
            return
        }
        if case .nothing = standing.arriving { standing.arriving = .head }
        context.fireChannelRead(data)
        if case .head = standing.arriving { awaitHead(context) } else { endWaiting() }
    }

    /// While the last answer is being made, nobody needs what else arrives.
    func read(context: ChannelHandlerContext) {
        guard !standing.isDeaf || standing.unanswered == 0 else { return }
        context.read()
    }

    private func awaitHead(_ context: ChannelHandlerContext) {
        guard deadline == nil else { return }
        deadline = context.eventLoop.assumeIsolatedUnsafeUnchecked().scheduleTask(in: limits.headTime) {
            self.deadline = nil
            switch self.standing.arriving {
            case .nothing: context.close(promise: nil)
            case .head: self.messages.sayFarewell(.slowHead)
            case .body: break
            }
        }
    }

    private func endWaiting() {
        deadline?.cancel()
        deadline = nil
    }

    // MARK: - Leaving

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        sent += unwrapOutboundIn(data).readableBytes
        context.write(data, promise: promise)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            paceCheck?.cancel()
            paceCheck = nil
        } else if paceCheck == nil {
            checkPace(context, taken: taken(context))
        }
        context.fireChannelWritabilityChanged()
    }

    /// Closes a connection whose client takes its answer too slowly.
    private func checkPace(_ context: ChannelHandlerContext, taken before: Int) {
        paceCheck = context.eventLoop.assumeIsolatedUnsafeUnchecked().scheduleTask(in: limits.stallTime) {
            let taken = self.taken(context)
            let least = ConnectionLimits.leastPace * Int(self.limits.stallTime.nanoseconds / 1_000_000_000)
            if taken - before < least {
                context.close(promise: nil)
            } else {
                self.checkPace(context, taken: taken)
            }
        }
    }

    /// Bytes that the system has taken from the channel so far.
    private func taken(_ context: ChannelHandlerContext) -> Int {
        let waiting = try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)
        return sent - (waiting ?? 0)
    }
}
