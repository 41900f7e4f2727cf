import HTTPTypes
import Hummingbird
import JSON

/// Reads the body of a request as JSON, within limits.
struct BodyReader: Sendable {
    /// How many bytes a body may have.
    let limit: Int
    /// How long it may take to arrive.
    let timeout: Duration

    /// The value that the body holds; null where there is no body and the route needs none.
    func json(_ request: Request, _ schema: Schema) async throws -> JSON {
        let bytes = try await collect(request)
        try checkMediaType(request.headers)
        let value: JSON
        do throws(JSONError) {
            value = try JSON(parsing: bytes, options: JSON.ParsingOptions(maximumDepth: 100, maximumBytes: limit))
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

    private func collect(_ request: Request) async throws -> [UInt8] {
        let announced = request.headers[.contentLength].flatMap { Int($0) } ?? 0
        guard announced <= limit else { throw tooLarge(announced) }
        return try await within(timeout, orThrow: Problem(.requestTimeout, "The body did not arrive in \(timeout).")) {
            var bytes: [UInt8] = []
            bytes.reserveCapacity(announced)
            for try await part in request.body {
                guard bytes.count + part.readableBytes <= limit else { throw tooLarge(nil) }
                bytes.append(contentsOf: part.readableBytesView)
            }
            return bytes
        }
    }

    private func tooLarge(_ count: Int?) -> Problem {
        let found = count.map { "has \($0)" } ?? "has more"
        return Problem(.bodyTooLarge, "A body may have \(limit) bytes (the setting body-limit); this one \(found).")
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
