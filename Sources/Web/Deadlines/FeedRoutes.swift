import Deadlines
import Engine
import HTTPTypes
import JSON
import Workflows

extension Route {
    /// Deadlines as calendars read them.
    static let feeds: [Route] = [
        Route(
            method: .get, path: "/api/v1/calendar.ics", name: "readCalendar",
            summary: "Writes deadlines as iCalendar: all that the caller sees, or what they have a part in",
            topic: "Deadlines", query: [Parameter("own", .boolean, "Only what the token's person has a part in")],
            success: .content("text/calendar"),
            handle: { call in
                let isOwn = call.query["own"]?.boolValue == true
                if isOwn { _ = try call.person() }
                return try await call.calendar(try call.reader(), name: "Deadlines", isOwn: isOwn)
            }),
        Route(
            method: .get, path: "/api/v1/feeds", name: "listFeeds",
            summary: "Lists the caller's feeds, an administrator everybody's; never with their secrets",
            topic: "Deadlines", success: .json(.list(of: .feed)),
            handle: { call in
                let principal = try call.principal()
                let person = principal.scopes.contains("admin") ? nil : try call.person()
                return .json(
                    .array(try await call.engine.feeds(of: principal.tenant, person: person).map(\.json)))
            }),
        Route(
            method: .post, path: "/api/v1/feeds", name: "issueFeed",
            summary: "Makes a feed with the eyes of the token's person; its secret address is told this once",
            topic: "Deadlines", access: .writing,
            body: .object([
                .required("name", .name, "What it is for, such as the calendar that reads it"),
                .optional("own", .boolean, "Only what the person has a part in; true where absent"),
            ]),
            success: .json(.issuedFeed, .created), problems: [.forbidden], handle: issueFeed),
        Route(
            method: .delete, path: "/api/v1/feeds/{feed}", name: "revokeFeed",
            summary: "Ends a feed of the caller's, an administrator anybody's; its address opens nothing from then on",
            topic: "Deadlines", access: .writing, success: .nothing, problems: [.notFound],
            handle: { call in
                let principal = try call.principal()
                let person = principal.scopes.contains("admin") ? nil : try call.person()
                let text = call.segment("feed")
                guard let id = Identifier(text),
                    try await call.engine.revokeFeed(id, of: principal.tenant, person: person)
                else { throw Problem.noSuch("feed that could end", text) }
                return Reply(.noContent)
            }),
        Route(
            method: .get, path: "/feeds/{secret}", name: "readFeed",
            summary: "Deadlines as iCalendar, for whoever has the secret address", topic: "Deadlines",
            access: .everyone, success: .content("text/calendar"), problems: [.notFound],
            handle: { call in
                let text = call.segment("secret")
                let secret = text.hasSuffix(".ics") ? String(text.dropLast(4)) : text
                guard let (feed, viewer) = try await call.engine.feed(openedBy: secret) else {
                    throw Problem(.notFound, "This address opens no feed; it may have been revoked.")
                }
                return try await call.calendar(call.engine.reader(for: viewer), name: feed.name, isOwn: feed.isOwn)
            }),
    ]

    private static func issueFeed(_ call: Call) async throws -> Reply {
        let principal = try call.principal()
        guard let person = principal.person else {
            throw Problem(.forbidden, "A feed sees with a person's eyes; this token is a system's.")
        }
        let issued = try await call.engine.issueFeed(
            call.word("name"), for: person, isOwn: call.body["own"]?.boolValue ?? true, in: principal.tenant,
            by: principal.actor)
        var object = issued.feed.json.objectValue ?? [:]
        object["path"] = .string("/feeds/\(issued.secret).ics")
        return .json(.object(object), .created)
    }
}

extension Call {
    /// A calendar as a reply, which readers need not fetch again while it is the same.
    fileprivate func calendar(_ reader: Reader, name: String, isOwn: Bool) async throws -> Reply {
        let text = try await reader.calendarFeed(name, isOwn: isOwn, address: address).text
        let tag = "\"\(CalendarFeed.mark(of: text))\""
        let isKnown = headers[.ifNoneMatch]?.split(separator: ",").contains { $0.trimmed == tag } ?? false
        var reply =
            isKnown ? Reply(.notModified) : Reply(.ok, .text(text, mediaType: "text/calendar; charset=utf-8"))
        reply.headers[.eTag] = tag
        reply.headers[.cacheControl] = "private, no-cache"
        return reply
    }
}

extension Schema {
    private static let feedProperties: [Property] = [
        .required("id", .uuid, "Identifier"),
        .required("name", .name, "What it is for"),
        .required("person", .name, "Whose eyes it sees with"),
        .required("own", .boolean, "Whether it shows only what that person has a part in"),
        .required("createdBy", .name, "Who made it"),
        .required("createdAt", .instant, "When"),
        .required("revokedAt", .nullable(.instant), "When it was revoked"),
    ]

    static let feed = component("Feed", .object(feedProperties))

    static let issuedFeed = component(
        "IssuedFeed",
        .object(
            feedProperties + [
                .required(
                    "path", .text(1...300), "The path of its address on this server; whoever has it reads the feed")
            ]))
}
