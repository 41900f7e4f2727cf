import Engine
import HTTPTypes
import JSON
import Workflows

extension Route {
    /// How running instances are taken to a newer version.
    static let upgrades: [Route] = [check, upgrade]

    private static let check = Route(
        method: .post, path: "/api/v1/definitions/{workflow}/upgrade-check", name: "checkUpgrade",
        summary: "Lists running instances under older versions, with what an upgrade of each has still to be told",
        topic: "Definitions", access: .administering, query: .page, body: .object(members),
        success: .json(.page(of: .upgradeCandidate)), problems: [.notFound],
        handle: { call in
            let upgrade = try await call.upgrade(of: call.segment("workflow"))
            return .page(
                try await call.reader().candidates(for: upgrade, of: call.segment("workflow"), page: try call.page()),
                \.json)
        })

    private static var upgrade: Route {
        var route = Route(
            method: .post, path: "/api/v1/instances/{instance}/upgrade", name: "upgradeInstance",
            summary: "Takes an instance to a newer version of its definition", topic: "Instances",
            access: .administering,
            body: .object(members + [.required("reason", .prose, "Why")] + Schema.circumstances),
            success: .versioned(.done), problems: [.notFound, .conflict, .rejected],
            handle: { call in
                let reader = try call.reader()
                let name = call.segment("instance")
                guard let detail = try await reader.instance(name) else { throw Problem.noSuch("instance", name) }
                let upgrade = try await call.upgrade(of: detail.summary.definition)
                let command = try call.command(
                    .instance(detail.summary.id), .upgrade(upgrade, reason: call.word("reason")),
                    happenedAt: try call.body.instant("happenedAt"))
                return call.reply(to: command, try await call.engine.submit(command))
            })
        route.isCommand = true
        route.isConditional = true
        return route
    }

    private static let members: [Schema.Property] = [
        .optional("version", .integer(2 ... .max), "The version to go to; the newest where absent"),
        .optional("plan", .upgradePlan, "What has to be said for what both versions do not know by the same name"),
    ]
}

extension Call {
    /// The upgrade that the body asks for.
    fileprivate func upgrade(of workflow: String) async throws -> Upgrade {
        let versions = try await reader().versions(of: workflow).map(\.version)
        guard let newest = versions.max() else { throw Problem.noSuch("workflow", workflow) }
        let version = body["version"]?.intValue.map { Int($0) } ?? newest
        guard versions.contains(version) else { throw Problem.noSuch("version of \(workflow)", "\(version)") }
        do throws(DecodingFault) {
            return try Upgrade(to: version, plan: body["plan"] ?? [:])
        } catch {
            throw Problem(.invalidBody, "The member /plan: \(error).")
        }
    }
}

extension Schema {
    private static let renamings = Schema.map(of: .name)

    static let upgradePlan = component(
        "UpgradePlan",
        .object([
            .optional("states", renamings, "The state in whose stead another stands, by its former name"),
            .optional("fields", renamings, "The field that takes another's value over, by its former name"),
            .optional("set", .map(of: .prose), "CEL for fields that get a value; `before` has the data as they were"),
            .optional("roles", renamings, "The role that takes another's holders over, by its former name"),
            .optional("clocks", renamings, "The clock that takes another's open rounds over, by its former name"),
            .optional("children", renamings, "The child rule that takes another's children over, by its former name"),
            .optional("consents", .list(of: .name, limit: 1000), "What may be lost, such as clock:respond"),
        ]))

    static let upgradeCandidate = component(
        "UpgradeCandidate",
        .object([
            .required("instance", .uuid, "The instance"),
            .required("reference", .name, "Its reference"),
            .required("version", .integer(1 ... .max), "The version that it runs under"),
            .required("state", .name, "Its state"),
            .required("needs", .list(of: upgradeNeed), "What has still to be said before it can be taken along"),
        ]))

    private static let upgradeNeed = component(
        "UpgradeNeed",
        .object([
            .required("kind", .choice(Upgrade.Part.Kind.allCases.map(\.rawValue)), "What kind of part is concerned"),
            .required("name", .name, "Its name"),
            .required("message", .prose, "What is wrong"),
            .required("remedy", .prose, "What has to be said"),
        ]))
}
