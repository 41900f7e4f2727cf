import Engine
import HTTPTypes
import JSON

extension Route {
    /// People, teams, on-call schedules, services and calendars of the caller's tenant.
    static let directory: [Route] = [
        Route(
            method: .get, path: "/api/v1/directory", name: "readDirectory",
            summary: "Shows people, teams, on-call schedules and services, in the shape in which they are entered",
            topic: "Administration", success: .json(.directory),
            handle: { call in .json(try await call.reader().directory()) }),
        Route(
            method: .post, path: "/api/v1/directory", name: "enterDirectory",
            summary: "Enters people, teams, on-call schedules and services; what exists is changed, nothing removed",
            topic: "Administration", access: .administering, body: .directory, success: .nothing,
            handle: { call in
                let document = try DirectoryDocument(json: call.body)
                try await call.engine.enter(document, for: try call.principal().tenant)
                return Reply(.noContent)
            }),
        Route(
            method: .post, path: "/api/v1/directory/removals", name: "removeFromDirectory",
            summary: "Takes people, teams, on-call schedules and services out, all or none; nothing still needed goes",
            topic: "Administration", access: .administering,
            body: .object([
                .optional("people", .list(of: .name), "Identifiers of people; their tokens end with them"),
                .optional("teams", .list(of: .name), "Identifiers of teams"),
                .optional("oncall", .list(of: .name), "Identifiers of on-call schedules"),
                .optional("services", .list(of: .name), "Identifiers of services"),
            ]),
            success: .nothing, problems: [.rejected],
            handle: { call in
                func names(_ member: String) -> [String] {
                    call.body[member]?.arrayValue?.compactMap(\.stringValue) ?? []
                }
                var removal = DirectoryRemoval()
                removal.people = names("people")
                removal.teams = names("teams")
                removal.schedules = names("oncall")
                removal.services = names("services")
                try await call.engine.remove(removal, from: try call.principal().tenant)
                return Reply(.noContent)
            }),
        Route(
            method: .post, path: "/api/v1/calendars", name: "publishCalendar",
            summary: "Publishes a calendar of the tenant's own; running clocks follow it", topic: "Administration",
            access: .administering,
            body: .object([
                .required("id", .name, "Identifier by which definitions name it"),
                .required("source", .text(1...(1 << 20)), "The text, written as the library's calendars are"),
            ]),
            success: .json(.object([.required("version", .integer(1 ... .max), "Its version")])),
            handle: { call in
                let principal = try call.principal()
                let version = try await call.engine.publishCalendar(
                    call.word("id"), source: call.word("source"), for: principal.tenant, by: principal.actor)
                return .json(["version": .int(Int64(version))])
            }),
    ]
}

extension Schema {
    private static let person = component(
        "Person",
        .object([
            .optional("name", .name, "Full name"),
            .optional("login", .name, "Name at sign-in"),
            .optional("address", .name, "Address of electronic mail"),
            .optional("manager", .name, "Identifier of the line manager"),
            .optional("active", .boolean, "Whether they are still here; true where absent"),
        ]))

    private static let team = component(
        "Team",
        .object([
            .optional("title", .name, "Title"),
            .optional("lead", .name, "Identifier of the lead"),
            .optional("members", .list(of: .name), "Identifiers of all members"),
        ]))

    private static let shift = component(
        "Shift",
        .object([
            .required("person", .name, "Who is on call"),
            .required("start", .instant, "When it begins"),
            .required("end", .instant, "When it ends"),
        ]))

    private static let onCall = component(
        "OnCallSchedule",
        .object([
            .optional("title", .name, "Title"),
            .optional("start", .instant, "When the first turn begins"),
            .optional("handover", .name, "How long each turn is, such as P7D"),
            .optional("rotation", .list(of: .name), "Identifiers of the people in the order of their turns"),
            .optional("shifts", .list(of: shift), "Who is on call whoever's turn it is; those it had where absent"),
        ]))

    private static let service = component(
        "Service",
        .object([
            .optional("title", .name, "Title"),
            .optional("tier", .integer(0...9), "How much depends on it, 0 being the most"),
            .optional("owner", .name, "Identifier of the owner"),
            .optional("team", .name, "Identifier of the team"),
            .optional("rto", .name, "Recovery time objective, such as PT4H"),
        ]))

    static let directory = component(
        "Directory",
        .object([
            .optional("people", .map(of: person), "People by identifier"),
            .optional("teams", .map(of: team), "Teams by identifier; definitions call them groups"),
            .optional("oncall", .map(of: onCall), "On-call schedules by identifier"),
            .optional("services", .map(of: service), "Services by identifier"),
        ]))
}
