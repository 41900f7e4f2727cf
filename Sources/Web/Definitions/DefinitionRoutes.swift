import Engine
import HTTPTypes
import JSON

extension Route {
    /// Workflows and their versions.
    static let definitions: [Route] = [
        Route(
            method: .get, path: "/api/v1/definitions", name: "listDefinitions",
            summary: "Lists the newest version of each workflow, by name", topic: "Definitions",
            success: .json(.list(of: .definition)),
            handle: { call in .json(.array(try await call.reader().definitions().map(\.json))) }),
        Route(
            method: .get, path: "/api/v1/definitions/{workflow}", name: "listVersions",
            summary: "Lists the versions of a workflow, the newest first", topic: "Definitions",
            success: .json(.list(of: .definition)), problems: [.notFound],
            handle: { call in
                let name = call.segment("workflow")
                let versions = try await call.reader().versions(of: name)
                guard !versions.isEmpty else { throw Problem.noSuch("workflow", name) }
                return .json(.array(versions.map(\.json)))
            }),
        Route(
            method: .get, path: "/api/v1/definitions/{workflow}/{version}", name: "showDefinition",
            summary: "Shows the files of one version", topic: "Definitions", success: .json(.definitionFiles),
            problems: [.notFound],
            handle: { call in
                let (name, version) = (call.segment("workflow"), call.segment("version"))
                guard let number = Int(version),
                    let source = try await call.reader().source(of: name, version: number)
                else { throw Problem.noSuch("version of \(name)", version) }
                let files = source.files.sorted { $0.key < $1.key }.map { ($0.key, JSON.string($0.value)) }
                return .json(["main": .string(source.main), "files": .object(JSONObject(files))])
            }),
        publication,
    ]

    private static var publication: Route {
        var route = Route(
            method: .post, path: "/api/v1/definitions", name: "publishDefinition",
            summary: "Publishes a definition as the newest version of its workflow", topic: "Definitions",
            access: .administering, body: .definitionFiles, success: .json(.publication),
            problems: [.invalidDefinition],
            handle: { call in
                let principal = try call.principal()
                let files = (call.body["files"]?.objectValue ?? [:]).map { ($0.key, $0.value.stringValue ?? "") }
                let source = DefinitionSource(
                    main: call.word("main"), files: Dictionary(files) { $1 })
                let done = try await call.engine.publish(source, for: principal.tenant, by: principal.actor)
                return .json([
                    "name": .string(done.name), "version": .int(Int64(done.version)), "isNew": .bool(done.isNew),
                    "stranding": .array(done.stranding.map { .string($0.description) }),
                ])
            })
        route.isCommand = false  // publishing the same content again changes nothing
        return route
    }
}

extension Schema {
    static let definition = component(
        "Definition",
        .object([
            .required("name", .name, "The workflow"),
            .required("version", .integer(1 ... .max), "The version"),
            .required("title", .name, "Title that people see"),
            .required("reference", .name, "Prefix of references"),
            .required("hash", .text(64...64, .digest), "SHA-256 of the content"),
            .required("publishedBy", .name, "Who published it"),
            .required("publishedAt", .instant, "When"),
        ]))

    static let definitionFiles = component(
        "DefinitionFiles",
        .object([
            .required("main", .text(1...400), "Path of the definition's own file, such as incident/incident.yaml"),
            .required("files", .map(of: .text(0...(2 << 20))), "Text by path, everything that is included as well"),
        ]))

    static let publication = component(
        "Publication",
        .object([
            .required("name", .name, "The workflow"),
            .required("version", .integer(1 ... .max), "The version that now is the newest"),
            .required("isNew", .boolean, "False where the newest had this content already"),
            .required("stranding", .list(of: .prose), "What instances under the version before could not take along"),
        ]))
}
