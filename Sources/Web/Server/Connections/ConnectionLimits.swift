import NIOCore

/// What one connection may cost, and how many there may be.
struct ConnectionLimits: Sendable {
    /// Connections at once.
    let connections: Int
    /// How long the head of a request may take to arrive.
    let headTime: TimeAmount
    /// Over how long the pace of a client that takes its answer is measured.
    let stallTime: TimeAmount

    /// Requests of one connection that wait for their answers at the same time.
    static let pipelined = 16
    /// Bytes of a target, or of one header.
    static let headField = 16 << 10
    /// Bytes of target and headers together.
    static let head = 32 << 10
    /// Headers of a request.
    static let headers = 100
    /// Bytes that are read at once: what a client can make of them in memory is a multiple.
    static let reading = 16 << 10
    /// Bytes that a client has to take in a second while an answer waits for it.
    static let leastPace = 1 << 10
    /// How long a connection stays open so that a client that is still sending gets to read its answer.
    static let lingering = TimeAmount.seconds(2)
    /// How many refused connections may linger so.
    static let lingeringAtOnce = 100
}
