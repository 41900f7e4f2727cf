import Engine
import HTTPTypes
import Hummingbird
import JSON

/// Reads the body of a request, within limits.
struct BodyReader: Sendable {
    /// How many bytes a body may have, and the setting that says so.
    struct Limit: Sendable {
        let bytes: Int
        let setting: String
    }

    /// The limit of JSON.
    let limit: Limit
    /// The limit of files.
    let fileLimit: Limit
    /// How long it may take to arrive.
    let timeout: Duration

    /// The value that the body holds; null where there is no body and the route needs none.
    func json(_ request: Request, _ schema: Schema) async throws -> JSON {
        let bytes = try await collect(request, limit)
        try checkMediaType(request.headers)
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
    func file(_ request: Request) async throws -> EvidenceFile {
        let type = request.headers[.contentType] ?? "application/octet-stream"
        let parts = type.split(separator: ";")[0].trimmed.split(separator: "/", omittingEmptySubsequences: false)
        guard type.utf8.count <= 200, parts.count == 2, parts.allSatisfy(\.isToken) else {
            throw Problem(
                .unsupportedMediaType, "Expected a media type in Content-Type, such as application/pdf; found \(type).")
        }
        return EvidenceFile(mediaType: type, content: try await collect(request, fileLimit))
    }

    private func collect(_ request: Request, _ limit: Limit) async throws -> [UInt8] {
        let announced = request.headers[.contentLength].flatMap { Int($0) } ?? 0
        guard announced <= limit.bytes else { throw tooLarge(limit, announced) }
        return try await within(timeout, orThrow: Problem(.requestTimeout, "The body did not arrive in \(timeout).")) {
            var bytes: [UInt8] = []
            bytes.reserveCapacity(announced)
            for try await part in request.body {
                guard bytes.count + part.readableBytes <= limit.bytes else { throw tooLarge(limit, nil) }
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
