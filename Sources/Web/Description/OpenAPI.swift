import JSON

/// Writes the OpenAPI 3.1 description of the routes.
struct OpenAPI {
    private var components: [String: JSON] = [:]

    /// The document that `/openapi.json` serves.
    static func document(of routes: [Route], version: String) -> JSON {
        var writer = OpenAPI()
        var paths: JSONObject = [:]
        for route in routes {
            var path = paths[route.path.text]?.objectValue ?? [:]
            path[route.method.rawValue.lowercased()] = writer.operation(route)
            paths[route.path.text] = .object(path)
        }
        let schemas = writer.components.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        return [
            "openapi": "3.1.0",
            "info": [
                "title": "Reeve",
                "version": .string(version),
                "summary": "A governance workflow engine: instances, their clocks, their work and their journal",
                "license": ["name": "Apache-2.0", "identifier": "Apache-2.0"],
            ],
            "servers": [["url": "/"]],
            "tags": .array(topics(routes)),
            "paths": .object(paths),
            "components": [
                "schemas": .object(JSONObject(schemas)),
                "securitySchemes": ["token": ["type": "http", "scheme": "bearer"]],
            ],
        ]
    }

    private static func topics(_ routes: [Route]) -> [JSON] {
        var names: [String] = []
        for route in routes where !names.contains(route.topic) { names.append(route.topic) }
        return names.map { ["name": .string($0)] }
    }

    private mutating func operation(_ route: Route) -> JSON {
        var operation: JSONObject = [
            "operationId": .string(route.name),
            "summary": .string(route.summary),
            "tags": [.string(route.topic)],
            "parameters": .array(parameters(route)),
        ]
        operation["description"] = .string(route.access.words)
        if route.access != .everyone { operation["security"] = [["token": []]] }
        if let body = route.body {
            operation["requestBody"] = [
                "required": true, "content": ["application/json": ["schema": body.description(&components)]],
            ]
        }
        if route.takesFile {
            operation["requestBody"] = ["required": true, "content": ["*/*": [:]]]
        }
        operation["responses"] = .object(responses(route))
        return .object(operation)
    }

    private mutating func parameters(_ route: Route) -> [JSON] {
        var parameters: [JSON] = route.path.parameters.map { name in
            [
                "name": .string(name), "in": "path", "required": true,
                "schema": ["type": "string", "minLength": 1, "pattern": .string(Schema.storable)],
                "description": .string(PathParameters.summary(of: name)),
            ]
        }
        for parameter in route.query {
            var described: JSONObject = [
                "name": .string(parameter.name), "in": "query", "description": .string(parameter.summary),
                "schema": parameter.schema.description(&components),
            ]
            if case .list = parameter.schema { described["explode"] = false }
            if parameter.isRequired { described["required"] = true }
            parameters.append(.object(described))
        }
        if route.isCommand {
            parameters.append(
                header("Idempotency-Key", "Names the request: sent again, it is done only once", "^[!-~]{1,200}$"))
        }
        if route.isConditional {
            parameters.append(
                header(
                    "If-Match", "The ETag that the caller acts on; 412 where the instance moved on",
                    #"^(\*|(W/)?"[0-9]{1,18}")$"#))
        }
        return parameters
    }

    private func header(_ name: String, _ summary: String, _ pattern: String) -> JSON {
        [
            "name": .string(name), "in": "header", "description": .string(summary),
            "schema": ["type": "string", "pattern": .string(pattern)],
        ]
    }

    private mutating func responses(_ route: Route) -> JSONObject {
        var responses: JSONObject = [:]
        responses[String(route.success.status.code)] = success(route.success)
        var kinds = route.problems + [.internalError, .unavailable]
        if route.access != .everyone { kinds += [.unauthenticated, .forbidden, .tooManyRequests] }
        if route.body != nil || route.takesFile {
            kinds += [.invalidBody, .bodyTooLarge, .unsupportedMediaType, .requestTimeout]
        }
        if route.body != nil { kinds += [.malformedJSON] }
        if !route.query.isEmpty { kinds += [.invalidParameter, .malformedRequest] }
        if route.query.contains(where: { $0.name == "after" }) { kinds += [.unusableCursor] }
        if route.access == .everyone, !route.isWatching { kinds += [.tooManyRequests] }
        kinds += [.malformedRequest, .headTooLarge, .requestTimeout]
        if !route.path.parameters.isEmpty { kinds += [.malformedRequest] }
        if route.isConditional { kinds += [.staleVersion] }
        if route.isCommand { kinds += [.keyReused, .invalidParameter, .outcomeUnknown] }
        let problem = Schema.problem.description(&components)
        for (status, kinds) in Dictionary(grouping: Set(kinds), by: \.status).sorted(by: { $0.key < $1.key }) {
            let titles = kinds.map(\.title).sorted().joined(separator: "; ")
            responses[String(status)] = [
                "description": .string(titles), "content": ["application/problem+json": ["schema": problem]],
            ]
        }
        return responses
    }

    private mutating func success(_ success: Route.Success) -> JSON {
        var response: JSONObject = ["description": .string(success.body == nil ? "Done" : "The answer")]
        if success.hasETag {
            let tag: JSON = ["description": "The version of the instance", "schema": ["type": "string"]]
            response["headers"] = ["ETag": tag]
        }
        if let body = success.body {
            response["content"] = ["application/json": ["schema": body.description(&components)]]
        } else if let mediaType = success.mediaType {
            let content: JSON = ["schema": ["type": "string"]]
            response["content"] = .object(JSONObject([(mediaType, content)]))
        }
        return .object(response)
    }
}

extension Schema {
    /// The problem document of RFC 9457 with Reeve's members.
    static let problem = Schema.component(
        "Problem",
        .object([
            .required("type", .text(1...200), "Kind of problem, a path of this server with an explanation"),
            .required("title", .text(1...200), "The kind in words"),
            .required("status", .integer(400...599), "The HTTP status"),
            .required("detail", .prose, "What happened this time, and the way out"),
            .required("request", .text(1...64), "Identifier of the request, also in X-Request-Id"),
            .optional("errors", .list(of: fault), "Every fault of the request or definition"),
            .optional("line", .integer(1 ... .max), "Line of the fault"),
            .optional("column", .integer(1 ... .max), "Column of the fault"),
            .optional("rejection", .anything, "Why the instance refuses"),
        ]))

    private static let fault = Schema.component(
        "Fault",
        .object([
            .required("pointer", .text(0...2000), "JSON pointer into the body, or the parameter or file concerned"),
            .required("detail", .prose, "What is wrong and what was expected"),
            .optional("line", .integer(1 ... .max), "Line in the file"),
            .optional("column", .integer(1 ... .max), "Column in the file"),
        ]))
}
