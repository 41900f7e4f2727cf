import Foundation
import JSON

/// One connection to Reeve's HTTP server, for a thread of its own: requests and answers as bytes, one after the other.
final class Line {
    /// What the server answered.
    struct Answer {
        var status: Int
        var body: JSON
    }

    private let port: Int
    private let token: String
    private var descriptor: Int32 = -1
    private var rest: [UInt8] = []

    init(port: Int, token: String) {
        self.port = port
        self.token = token
    }

    deinit { hangUp() }

    /// Asks and waits; nil where the connection broke or nobody listened: nobody knows then what has happened.
    func ask(_ method: String, _ path: String, _ body: JSON? = nil, key: String? = nil) -> Answer? {
        guard send(method, path, body, key: key), let answer = receive() else {
            hangUp()
            return nil
        }
        return answer
    }

    /// Sends a request without waiting for the answer.
    func send(_ method: String, _ path: String, _ body: JSON? = nil, key: String? = nil) -> Bool {
        if descriptor < 0 {
            guard let new = LocalSocket.connect(toPort: port) else { return false }
            descriptor = new
        }
        let content = body?.bytes() ?? []
        var head = "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer \(token)\r\n"
        if body != nil { head += "Content-Type: application/json\r\nContent-Length: \(content.count)\r\n" }
        if let key { head += "Idempotency-Key: \(key)\r\n" }
        return LocalSocket.write(Array((head + "\r\n").utf8) + content, to: descriptor)
    }

    /// Waits for the answer.
    func receive() -> Answer? {
        while true {
            if let answer = answer() { return answer }
            guard let bytes = LocalSocket.read(descriptor) else { return nil }
            rest += bytes
        }
    }

    /// Ends the connection; the next request opens another.
    func hangUp() {
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
        rest = []
    }

    /// The answer that has arrived in full.
    private func answer() -> Answer? {
        let end = Array("\r\n\r\n".utf8)
        guard let head = rest.firstRange(of: end) else { return nil }
        let lines = String(decoding: rest[..<head.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
        let status = Int(lines[0].split(separator: " ").dropFirst().first ?? "") ?? 0
        var length = 0
        for line in lines.dropFirst() where line.lowercased().hasPrefix("content-length:") {
            length = Int(line.dropFirst(15).trimmingCharacters(in: .whitespaces)) ?? 0
        }
        guard rest.count >= head.upperBound + length else { return nil }
        let body = Array(rest[head.upperBound..<(head.upperBound + length)])
        rest.removeFirst(head.upperBound + length)
        return Answer(status: status, body: (try? JSON(parsing: body)) ?? .null)
    }
}
