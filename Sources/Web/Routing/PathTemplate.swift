/// The path of a route, such as `/api/v1/instances/{instance}`.
struct PathTemplate: Sendable, ExpressibleByStringLiteral {
    /// One segment between slashes.
    enum Segment: Sendable, Hashable {
        case literal(String)
        case parameter(String)
    }

    /// The template as written.
    let text: String
    let segments: [Segment]

    /// Creates a template; segments in braces are parameters.
    init(stringLiteral text: String) {
        self.text = text
        segments = text.split(separator: "/").map { segment in
            segment.hasPrefix("{") && segment.hasSuffix("}")
                ? .parameter(String(segment.dropFirst().dropLast())) : .literal(String(segment))
        }
    }

    /// The names of the parameters, in order.
    var parameters: [String] {
        segments.compactMap { if case .parameter(let name) = $0 { name } else { nil } }
    }
}
