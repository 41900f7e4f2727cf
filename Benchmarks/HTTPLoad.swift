import Foundation

/// Requests over many connections from one thread, each connection waiting for its answer before it asks again.
struct HTTPLoad {
    let port: UInt16
    let connections: Int
    /// The request that a connection sends for the so-manieth time, whole, with `Host` and length.
    let request: (_ connection: Int, _ turn: Int) -> [UInt8]

    private struct Client {
        var descriptor: Int32
        var turn = 0
        var sentAt = ContinuousClock.now
        var received: [UInt8] = []
    }

    /// Asks until the time is over.
    ///
    /// - Returns: requests a second, and how long each took.
    /// - Throws: where a connection fails, or an answer is no success.
    func run(seconds: Int) throws -> (rate: Double, latencies: Latencies) {
        var clients = try (0..<connections).map { _ in Client(descriptor: try Self.connect(to: port)) }
        defer { for client in clients { close(client.descriptor) } }
        var latencies = Latencies()
        let start = ContinuousClock.now
        let end = start + .seconds(seconds)
        for index in clients.indices { try send(&clients[index], index) }
        var polled = clients.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
        while ContinuousClock.now < end {
            guard poll(&polled, nfds_t(polled.count), 1000) > 0 else { throw UsageError("the server does not answer") }
            for index in polled.indices where polled[index].revents != 0 {
                guard try receive(&clients[index]) else { continue }
                latencies.add(ContinuousClock.now - clients[index].sentAt)
                try send(&clients[index], index)
            }
        }
        return (Double(latencies.count) / ((.now - start) / .seconds(1)), latencies)
    }

    static func connect(to port: UInt16) throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in.loopback(port: port)
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Foundation.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else {
            close(descriptor)
            throw UsageError("nobody listens on port \(port)")
        }
        var yes: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
        return descriptor
    }

    private func send(_ client: inout Client, _ index: Int) throws {
        let bytes = request(index, client.turn)
        client.turn += 1
        client.sentAt = .now
        guard write(client.descriptor, bytes, bytes.count) == bytes.count else { throw UsageError("a request was cut") }
    }

    /// Takes what has come; whether the answer is whole.
    private func receive(_ client: inout Client) throws -> Bool {
        var buffer = [UInt8](repeating: 0, count: 8192)
        let count = read(client.descriptor, &buffer, buffer.count)
        guard count > 0 else { throw UsageError("the server closed a connection") }
        client.received += buffer[..<count]
        let text = String(decoding: client.received, as: UTF8.self)
        guard let head = text.range(of: "\r\n\r\n") else { return false }
        guard text.hasPrefix("HTTP/1.1 2") else { throw UsageError("the server answered: \(text)") }
        let length = text[..<head.lowerBound].lowercased().split(separator: "\r\n")
            .first { $0.hasPrefix("content-length:") }.flatMap {
                Int($0.dropFirst(15).trimmingCharacters(in: .whitespaces))
            }
        guard let length else { throw UsageError("an answer has no length: \(text)") }
        guard text[head.upperBound...].utf8.count >= length else { return false }
        client.received = []
        return true
    }
}

extension sockaddr_in {
    /// A port of this machine.
    static func loopback(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        return address
    }
}
