import Engine
import HTTPTypes

extension Route {
    /// What monitoring asks.
    static let metrics: [Route] = [
        Route(
            method: .get, path: "/metrics", name: "readMetrics",
            summary: "What is measured, in Prometheus' text format; not through a proxy, unless metrics-token is set",
            topic: "Health", access: .everyone, isWatching: true, success: .content(MetricsText.mediaType),
            problems: [.unauthenticated],
            handle: { call in
                try call.checkMetricsAccess()
                return Reply(.ok, .text(await call.engine.metrics(), mediaType: MetricsText.mediaType))
            })
    ]
}

extension Call {
    /// Metrics tell of all tenants: they are for whoever has the token of the setting `metrics-token`; where none is
    /// set, for whoever reaches the port directly and not through a reverse proxy.
    fileprivate func checkMetricsAccess() throws(Problem) {
        if let token = metricsToken {
            guard let header = headers[.authorization], header.isSame(as: "Bearer \(token)") else {
                throw Problem(.unauthenticated, "Metrics need the token of the setting metrics-token.")
            }
            return
        }
        for name in ["Forwarded", "X-Forwarded-For", "X-Real-IP", "Via"] {
            guard let field = HTTPField.Name(name), headers[field] != nil else { continue }
            throw Problem(
                .unauthenticated,
                "Metrics are not for requests that come through a proxy; set metrics-token to allow them.")
        }
    }
}

extension String {
    /// Whether both texts are the same, in a time that says nothing of where they differ.
    fileprivate func isSame(as other: String) -> Bool {
        guard utf8.count == other.utf8.count else { return false }
        return zip(utf8, other.utf8).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
