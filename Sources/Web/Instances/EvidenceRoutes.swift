import Engine
import HTTPTypes
import JSON
import Workflows

extension Route {
    /// Files of evidence: sent once, seen by those who see the instance.
    static let evidence: [Route] = [upload, download]

    private static var upload: Route {
        var route = Route(
            method: .post, path: "/api/v1/instances/{instance}/files", name: "attachFile",
            summary: "Keeps a file, the body, and attaches it as evidence", topic: "Instances",
            access: .writing,
            query: [
                Parameter("title", .name, "Title that people see", isRequired: true),
                Parameter("digest", .text(64...64, .digest), "The SHA-256 that the file must have to be kept"),
                Parameter("happenedAt", .instant, "When it happened, as far as anyone says; now where absent"),
            ],
            success: .versioned(.done), problems: [.notFound, .forbidden, .conflict, .rejected],
            handle: { try await $0.attachFile() })
        route.takesFile = true
        route.isCommand = true
        route.isConditional = true
        return route
    }

    private static let download = Route(
        method: .get, path: "/api/v1/instances/{instance}/files/{digest}", name: "readFile",
        summary: "Hands out a file of evidence that Reeve keeps", topic: "Instances", success: .content("*/*"),
        problems: [.notFound],
        handle: { call in
            let digest = call.segment("digest").lowercased()
            let id = try await call.instance()
            guard let (title, file) = try await call.reader().evidenceFile(digest, of: id) else {
                throw Problem(.notFound, "No file with this digest is attached to \(call.segment("instance")).")
            }
            var reply = Reply(.ok, .bytes(file.content, mediaType: file.mediaType))
            // Never shown in place: a page that somebody attached must not run as one of ours.
            reply.headers[.contentDisposition] = "attachment; filename*=UTF-8''\(PercentEncoding.encode(title))"
            reply.headers[.contentSecurityPolicy] = "sandbox"
            reply.headers[.eTag] = "\"\(digest)\""
            reply.headers[.cacheControl] = "private, no-cache"
            return reply
        })
}

extension Call {
    fileprivate func attachFile() async throws -> Reply {
        let title = text("title") ?? ""
        guard let file else { throw Problem(.invalidBody, "The file is missing.") }
        if let expected = text("digest"), expected.lowercased() != file.digest {
            throw Problem(
                .invalidBody,
                "The file has the SHA-256 \(file.digest), not \(expected): it is another one, or was changed on its way."
            )
        }
        let happenedAt = try text("happenedAt").map { try JSON.instant($0, parameter: "happenedAt") }
        let command = try command(
            .instance(try await instance()), .attach(Evidence(file, title: title)), happenedAt: happenedAt)
        return reply(to: command, try await engine.attach(file, by: command))
    }
}
