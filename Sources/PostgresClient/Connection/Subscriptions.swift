import CLibPQ

/// What `NOTIFY` sent.
public struct PostgresNotification: Sendable, Hashable {
    /// The channel.
    public var channel: String
    /// The payload; empty when there was none.
    public var payload: String
    /// The process of the server that sent it.
    public var sender: Int32
}

/// Who listens to what on one connection.
struct Subscriptions {
    private var identifiers: UInt64 = 0
    private var listeners: [UInt64: (channel: String, stream: AsyncStream<PostgresNotification>.Continuation)] = [:]

    var channels: Set<String> { Set(listeners.values.map(\.channel)) }

    mutating func add(_ channel: String, _ stream: AsyncStream<PostgresNotification>.Continuation) -> UInt64 {
        identifiers += 1
        listeners[identifiers] = (channel, stream)
        return identifiers
    }

    /// Removes a listener and returns its channel if nobody else listens to it.
    mutating func remove(_ identifier: UInt64) -> String? {
        guard let channel = listeners.removeValue(forKey: identifier)?.channel else { return nil }
        return channels.contains(channel) ? nil : channel
    }

    func deliver(_ notification: PostgresNotification) {
        for listener in listeners.values where listener.channel == notification.channel {
            listener.stream.yield(notification)
        }
    }

    mutating func finish() {
        for listener in listeners.values { listener.stream.finish() }
        listeners = [:]
    }
}

extension PostgresConnection {
    /// Listens to a channel until the stream is dropped or the connection ends, which ends the stream too.
    ///
    /// A listener that does not keep up loses the oldest notifications, keeping 4,096.
    ///
    /// - Throws: `PostgresError` when `LISTEN` fails.
    public func listen(_ channel: String) async throws(PostgresError) -> AsyncStream<PostgresNotification> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: PostgresNotification.self, bufferingPolicy: .bufferingNewest(4096))
        let isFirst = !subscriptions.channels.contains(channel)
        let identifier = subscriptions.add(channel, continuation)
        if isFirst {
            do throws(PostgresError) {
                try await simple("LISTEN \(channel.quotedIdentifier)")
            } catch {
                _ = subscriptions.remove(identifier)
                throw error
            }
        }
        continuation.onTermination = { [weak self] _ in
            guard let self else { return }
            Task { await self.unlisten(identifier) }
        }
        return stream
    }

    private func unlisten(_ identifier: UInt64) async {
        guard let channel = subscriptions.remove(identifier), link != nil else { return }
        _ = try? await simple("UNLISTEN \(channel.quotedIdentifier)")
    }

    func deliverNotifications(_ link: ServerLink) {
        while let raw = PQnotifies(link.raw) {
            defer { PQfreemem(raw) }
            subscriptions.deliver(
                PostgresNotification(
                    channel: String(cString: raw.pointee.relname),
                    payload: raw.pointee.extra.map { String(cString: $0) } ?? "",
                    sender: raw.pointee.be_pid))
        }
    }
}
