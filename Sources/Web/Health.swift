import Engine
import HTTPTypes
import JSON

extension Route {
    /// What load balancers and orchestrators ask.
    static let health: [Route] = [
        Route(
            method: .get, path: "/health/live", name: "live", summary: "Whether this process answers at all",
            topic: "Health", access: .everyone, isWatching: true, success: .json(.health),
            handle: { _ in .json(["status": "ok", "checks": []]) }),
        Route(
            method: .get, path: "/health/ready", name: "ready",
            summary: "Whether this process can do its work: database, migrations, worker", topic: "Health",
            access: .everyone, isWatching: true, success: .json(.health),
            handle: { call in
                let health = await call.engine.health()
                return .json(health.json, health.isReady ? .ok : .serviceUnavailable)
            }),
    ]
}

extension Schema {
    static let health = Schema.component(
        "Health",
        .object([
            .required("status", .choice(["ok", "failing"]), "The sum of the checks"),
            .required("checks", .list(of: check), "Each thing that was looked at"),
        ]))

    private static let check = Schema.component(
        "HealthCheck",
        .object([
            .required("name", .name, "What was looked at"),
            .required("status", .choice(["ok", "failing"]), "Whether it is well"),
            .required("detail", .prose, "What was found"),
        ]))
}

extension Health {
    /// The shape that the API describes.
    var json: JSON {
        let checks: [JSON] = checks.map { check in
            [
                "name": .string(check.name), "status": check.isGood ? "ok" : "failing",
                "detail": .string(check.detail),
            ]
        }
        return ["status": isReady ? "ok" : "failing", "checks": .array(checks)]
    }
}
