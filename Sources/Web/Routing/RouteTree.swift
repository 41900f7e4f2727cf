import HTTPTypes

/// Finds routes by path, segment by segment; a literal goes before a parameter.
struct RouteTree: Sendable {
    private var literals: [String: RouteTree] = [:]
    private var parameter: [RouteTree] = []
    private var routes: [HTTPRequest.Method: Route] = [:]

    /// What a path leads to.
    enum Match {
        case route(Route, parameters: [String: String])
        case wrongMethod(allowed: [HTTPRequest.Method])
        case nothing
        case broken
    }

    init(_ routes: [Route]) {
        for route in routes { insert(route, route.path.segments[...]) }
    }

    private mutating func insert(_ route: Route, _ rest: ArraySlice<PathTemplate.Segment>) {
        switch rest.first {
        case nil: routes[route.method] = route
        case .literal(let name): literals[name, default: RouteTree([])].insert(route, rest.dropFirst())
        case .parameter:
            if parameter.isEmpty { parameter = [RouteTree([])] }
            parameter[0].insert(route, rest.dropFirst())
        }
    }

    /// Looks a path up; it begins with a slash and holds no query.
    func match(_ method: HTTPRequest.Method, _ path: Substring) -> Match {
        guard path.hasPrefix("/") else { return .nothing }
        var segments: [String] = []
        for segment in path.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            guard let decoded = PercentEncoding.decode(segment), !decoded.utf8.contains(0) else { return .broken }
            segments.append(decoded)
        }
        if segments == [""] { segments = [] }
        var values: [String] = []
        guard let node = find(segments[...], &values), !node.routes.isEmpty else { return .nothing }
        let wanted: HTTPRequest.Method = method == .head ? .get : method
        guard let route = node.routes[wanted] else { return .wrongMethod(allowed: node.allowed) }
        return .route(route, parameters: Dictionary(uniqueKeysWithValues: zip(route.path.parameters, values)))
    }

    private func find(_ rest: ArraySlice<String>, _ values: inout [String]) -> RouteTree? {
        guard let segment = rest.first else { return self }
        if let next = literals[segment], let found = next.find(rest.dropFirst(), &values), !found.routes.isEmpty {
            return found
        }
        guard let next = parameter.first, !segment.isEmpty else { return nil }
        values.append(segment)
        if let found = next.find(rest.dropFirst(), &values) { return found }
        values.removeLast()
        return nil
    }

    private var allowed: [HTTPRequest.Method] {
        let methods = Set(routes.keys).union(routes[.get] == nil ? [] : [.head])
        return methods.sorted { $0.rawValue < $1.rawValue }
    }
}
