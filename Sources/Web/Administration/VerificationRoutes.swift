import Engine
import JSON

extension Route {
    /// Whether what is stored is as the journals say.
    static let verification: [Route] = [
        Route(
            method: .get, path: "/api/v1/journal-verification", name: "verifyJournals",
            summary: "Folds the journals of the next hundred instances and compares them with what is stored",
            topic: "Administration", access: .auditing,
            query: [Parameter("after", .text(1...4000), "The member `next` of the answer before")],
            success: .json(.verification),
            handle: { call in
                let tenant = try call.principal().tenant
                let (found, next) = try await call.engine.verifyJournals(of: tenant, after: try call.page().cursor)
                var answer = found.json
                answer["next"] = next.map { .string($0.description) } ?? .null
                return .json(.object(answer))
            }),
        Route(
            method: .get, path: "/api/v1/instances/{instance}/journal-verification", name: "verifyJournal",
            summary: "Folds the journal of an instance and compares it with what is stored", topic: "Instances",
            success: .json(.verification), problems: [.notFound],
            handle: { call in
                let found = try await call.engine.verifyJournals(
                    of: try call.principal().tenant, instance: try await call.instance())
                var answer = found.json
                answer["next"] = .null
                return .json(.object(answer))
            }),
    ]
}

extension Verification {
    /// What was found, without the reference of an instance: it may be one that the caller does not see.
    fileprivate var json: JSONObject {
        [
            "instances": .int(Int64(instances)), "entries": .int(entries), "erased": .int(Int64(erased)),
            "partial": .int(Int64(partial)),
            "differences": .array(
                discrepancies.map {
                    [
                        "instance": .string($0.instance.description), "entry": $0.sequence.map(JSON.int) ?? .null,
                        "message": .string($0.message),
                    ]
                }),
        ]
    }
}

extension Schema {
    fileprivate static let verification = component(
        "Verification",
        .object([
            .required("instances", .integer(0 ... .max), "Instances whose journals were folded"),
            .required("entries", .integer(0 ... .max), "Entries that were read"),
            .required("erased", .integer(0 ... .max), "Instances of which a payload was erased"),
            .required("partial", .integer(0 ... .max), "Those of them that could be followed only up to there"),
            .required("differences", .list(of: difference), "Every difference; none where all is as the journals say"),
            .required(
                "next", .nullable(.text(1...4000)), "To be sent as `after` for the next hundred; null at the end"),
        ]))

    private static let difference = component(
        "Difference",
        .object([
            .required("instance", .uuid, "The instance"),
            .required("entry", .nullable(.integer(1 ... .max)), "The entry; null where it is about the whole"),
            .required("message", .prose, "What differs"),
        ]))
}
