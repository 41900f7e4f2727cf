import Engine
import HTTPTypes
import Hummingbird
import JSON
import Synchronization
import Workflows

/// Reads the body of a request, within limits.
struct BodyReader: Sendable {
    /// How many bytes a body may have, and the setting that says so.
    struct Limit: Sendable {
        let bytes: Int
        let setting: String
    }

    /// A request whose body is read, and what is held for it until it is answered.
    final class Arrival: Sendable {
        let request: Request
        let origin: RequestOrigin
        private let quota: Occupancy<Identifier>
        private let token: Identifier?
        private let held = Mutex(0)

        init(request: Request, origin: RequestOrigin, quota: Occupancy<Identifier>, token: Identifier?) {
            self.request = request
            self.origin = origin
            self.quota = quota
            self.token = token
        }

        /// Takes memory for bytes that have arrived.
        fileprivate func take(_ bytes: Int) throws(Problem) {
            guard let token else { return }
            guard quota.take(bytes, for: token) else {
                throw .unavailable(
                    "Too much is arriving at the same time; send again what was refused, one after the other.")
            }
            held.withLock { $0 += bytes }
        }

        /// The request is answered.
        func end() {
            let bytes = held.withLock { held in
                defer { held = 0 }
                return held
            }
            if let token, bytes > 0 { quota.giveBack(bytes, of: token) }
        }
    }

    /// The limit of JSON.
    let limit: Limit
    /// The limit of files.
    let fileLimit: Limit
    /// How long it may take to arrive.
    let timeout: Duration

    /// The value that the body holds; null where there is no body and the route needs none.
    func json(_ arrival: Arrival, _ schema: Schema) async throws -> JSON {
        try checkMediaType(arrival.request.headers)
        let bytes = try await collect(arrival, limit)
        let value: JSON
        do throws(JSONError) {
            value = try JSON(parsing: bytes, options: JSON.ParsingOptions(maximumDepth: 100, maximumBytes: limit.bytes))
        } catch {
            throw Problem(
                .malformedJSON, "Line \(error.line), column \(error.column): \(error.message).",
                members: ["line": .int(Int64(error.line)), "column": .int(Int64(error.column))])
        }
        let faults = schema.faults(in: value)
        guard faults.isEmpty else {
            let first = faults[0]
            let place = first.place.isEmpty ? "The body" : "The member \(first.place)"
            throw Problem(.invalidBody, "\(place): \(first.message).", faults: faults)
        }
        return value
    }

    /// The file that the body holds, of the type that the header says.
    func file(_ arrival: Arrival) async throws -> EvidenceFile {
        let type = arrival.request.headers[.contentType] ?? "application/octet-stream"
        let parts = type.split(separator: ";")[0].trimmed.split(separator: "/", omittingEmptySubsequences: false)
        guard type.utf8.count <= 200, parts.count == 2, parts.allSatisfy(\.isToken) else {
            throw Problem(
                .unsupportedMediaType, "Expected a media type in Content-Type, such as application/pdf; found \(type).")
        }
        return EvidenceFile(mediaType: type, content: try await collect(arrival, fileLimit))
    }

    private func collect(_ arrival: Arrival, _ limit: Limit) async throws -> [UInt8] {
        let announced = arrival.request.headers[.contentLength].flatMap { Int($0) } ?? 0
        guard announced <= limit.bytes else { throw tooLarge(limit, announced) }
        if arrival.request.headers[.expect] != nil { arrival.origin.askForBody() }
        return try await within(timeout, orThrow: Problem(.requestTimeout, "The body did not arrive in \(timeout).")) {
            var bytes: [UInt8] = []
            // What is announced need not come.
            bytes.reserveCapacity(min(announced, 64 << 10))
            for try await part in arrival.request.body {
                guard bytes.count + part.readableBytes <= limit.bytes else { throw tooLarge(limit, nil) }
                try arrival.take(part.readableBytes)
                bytes.append(contentsOf: part.readableBytesView)
            }
            return bytes
        }
    }

    private func tooLarge(_ limit: Limit, _ count: Int?) -> Problem {
        let found = count.map { "has \($0)" } ?? "has more"
        return Problem(
            .bodyTooLarge, "A body may have \(limit.bytes) bytes (the setting \(limit.setting)); this one \(found).")
    }

    private func checkMediaType(_ headers: HTTPFields) throws(Problem) {
        let problem = Problem(
            .unsupportedMediaType,
            "Expected Content-Type: application/json in UTF-8, found \(headers[.contentType] ?? "none").")
        guard let header = headers[.contentType] else { throw problem }
        let parts = header.lowercased().split(separator: ";").map(\.trimmed)
        guard let type = parts.first, type == "application/json" || type.hasSuffix("+json") else { throw problem }
        for part in parts.dropFirst() where part.hasPrefix("charset=") {
            guard ["utf-8", "\"utf-8\""].contains(part.dropFirst(8)) else { throw problem }
        }
    }
}

/// Runs an operation and cancels it when it takes longer than allowed.
func within<Value: Sendable>(
    _ limit: Duration, orThrow problem: Problem, _ operation: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value?.self) { group in
        group.addTask { try await operation() }
        group.addTask {
            try await Task.sleep(for: limit)
            return nil
        }
        defer { group.cancelAll() }
        guard let first = try await group.next(), let value = first else { throw problem }
        return value
    }
}

extension StringProtocol {
    /// Whether this is a token of HTTP (RFC 9110, 5.6.2).
    fileprivate var isToken: Bool {
        !isEmpty
            && utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "A")...UInt8(ascii: "Z"):
                    true
                default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
                }
            }
    }
}
