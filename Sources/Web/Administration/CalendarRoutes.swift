import Engine
import HTTPTypes
import JSON
import Workflows

extension Route {
    /// Calendars of the tenant's own.
    static let calendars: [Route] = [
        Route(
            method: .get, path: "/api/v1/calendars", name: "listCalendars",
            summary: "Lists the tenant's own calendars by identifier", topic: "Administration",
            success: .json(.list(of: .calendar)),
            handle: { call in
                let calendars = try await call.engine.calendars(of: try call.principal().tenant)
                return .json(.array(calendars.map { $0.json(withSource: false) }))
            }),
        Route(
            method: .get, path: "/api/v1/calendars/{calendar}", name: "showCalendar",
            summary: "Shows a calendar of the tenant's own with its text", topic: "Administration",
            success: .json(.calendar), problems: [.notFound],
            handle: { call in
                let id = call.segment("calendar")
                let calendars = try await call.engine.calendars(of: try call.principal().tenant)
                guard let calendar = calendars.first(where: { $0.id == id }) else {
                    throw Problem.noSuch("calendar of your own", id)
                }
                return .json(calendar.json(withSource: true))
            }),
        Route(
            method: .post, path: "/api/v1/calendars", name: "publishCalendar",
            summary:
                "Publishes a calendar of the tenant's own; running clocks follow it, later ones by a second person",
            topic: "Administration", access: .administering, body: calendarText,
            success: .json(
                .object([
                    .required("version", .nullable(.integer(1 ... .max)), "Its version; null until it is in force"),
                    .required("recomputation", .nullable(.uuid), "The recomputation with which it comes into force"),
                ])),
            handle: { call in
                let principal = try call.principal()
                let publication = try await call.engine.publishCalendar(
                    call.word("id"), source: call.word("source"), for: principal.tenant, by: principal.actor)
                return .json([
                    "version": publication.version.map { .int(Int64($0)) } ?? .null,
                    "recomputation": publication.recomputation.map { .string($0.description) } ?? .null,
                ])
            }),
    ]
}

extension CalendarSummary {
    fileprivate func json(withSource: Bool) -> JSON {
        var object: JSONObject = [
            "id": .string(id), "version": .int(Int64(version)), "publishedBy": .string(publishedBy),
            "publishedAt": .string(publishedAt.description),
        ]
        if withSource { object["source"] = .string(source) }
        return .object(object)
    }
}

extension Schema {
    static let calendar = component(
        "Calendar",
        .object([
            .required("id", .name, "Identifier by which definitions name it"),
            .required("version", .integer(1 ... .max), "The newest version"),
            .required("publishedBy", .name, "Who published it"),
            .required("publishedAt", .instant, "When"),
            .optional("source", .text(1...(1 << 20)), "The text"),
        ]))
}
