import Engine
import HTTPTypes
import JSON
import Workflows

extension Route {
    /// People, teams, on-call schedules, services and parties of the caller's tenant.
    static let directory: [Route] = [
        Route(
            method: .get, path: "/api/v1/directory", name: "readDirectory",
            summary: "Shows people, teams, on-call, services and parties, in the shape in which they are entered",
            topic: "Administration", success: .json(.directory),
            handle: { call in .json(try await call.reader().directory()) }),
        Route(
            method: .post, path: "/api/v1/directory", name: "enterDirectory",
            summary: "Enters people, teams, on-call, services and parties; what exists is changed, nothing removed",
            topic: "Administration", access: .administering, body: .directory, success: .nothing,
            handle: { call in
                let document = try DirectoryDocument(json: call.body)
                try await call.engine.enter(document, for: try call.principal().tenant)
                return Reply(.noContent)
            }),
        Route(
            method: .post, path: "/api/v1/directory/removals", name: "removeFromDirectory",
            summary: "Takes people, teams, on-call, services and parties out, all or none; nothing still needed goes",
            topic: "Administration", access: .administering,
            body: .object([
                .optional("people", .list(of: .name), "Identifiers of people; their tokens end with them"),
                .optional("teams", .list(of: .name), "Identifiers of teams"),
                .optional("oncall", .list(of: .name), "Identifiers of on-call schedules"),
                .optional("services", .list(of: .name), "Identifiers of services"),
                .optional("entities", .list(of: .name), "Identifiers of legal entities"),
                .optional("authorities", .list(of: .name), "Identifiers of authorities"),
                .optional("counterparties", .list(of: .name), "Identifiers of counterparties"),
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
                for kind in Parties.Kind.allCases { removal.parties[kind] = names(kind.plural) }
                try await call.engine.remove(removal, from: try call.principal().tenant)
                return Reply(.noContent)
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

    private static let codes = Schema.list(of: .name)

    private static let entity = component(
        "Entity",
        .object([
            .required("title", .name, "Name"),
            .required("country", .name, "Its main establishment, such as de or us-ca"),
            .optional("parent", .name, "Identifier of the entity above it"),
            .optional("established", codes, "Where it is established; where absent, where it sits"),
            .optional("roles", .list(of: .name), "What law calls it, such as controller or nis2-essential"),
            .optional("attributes", .map(of: .anything), "What else regimes ask of it"),
            .optional("leadAuthority", .name, "Identifier of the lead authority"),
            .optional("representative", .name, "The representative in the Union"),
            .optional("dpo", .name, "The data protection officer"),
            .optional("zone", .name, "IANA name of its time zone"),
            .optional("calendar", .name, "Identifier of its calendar"),
        ]))

    private static let authority = component(
        "Authority",
        .object([
            .required("title", .name, "Name"),
            .required("jurisdictions", codes, "Where it is competent"),
            .optional("regimes", .list(of: .name), "Identifiers of its regimes; all where absent"),
            .optional("portal", .name, "Where filings are made"),
            .optional("languages", .list(of: .name), "Languages that it takes"),
            .optional("fallback", .name, "How to reach it when the portal is down"),
            .optional("zone", .name, "IANA name of its time zone"),
            .optional("calendar", .name, "Identifier of its calendar"),
        ]))

    private static let counterparty = component(
        "Counterparty",
        .object([
            .required("title", .name, "Name"),
            .required("kind", .choice(["customer", "vendor", "insurer"]), "What it is to us"),
            .required("entity", .name, "Identifier of our entity that has the contract"),
            .required("notice", .name, "Within which time it is told, such as PT24H"),
            .optional(
                "trigger", .choice(["awareness", "confirmation", "classification"]),
                "What the time runs from; awareness where absent"),
            .optional("contact", .name, "Whom to tell"),
            .optional("contract", .name, "The contract and its clause"),
            .optional("kinds", .list(of: .name), "Kinds of data it is about; all where absent"),
            .optional("country", .name, "Where it sits"),
            .optional("zone", .name, "IANA name of its time zone"),
        ]))

    static let directory = component(
        "Directory",
        .object([
            .optional("people", .map(of: person), "People by identifier"),
            .optional("teams", .map(of: team), "Teams by identifier; definitions call them groups"),
            .optional("oncall", .map(of: onCall), "On-call schedules by identifier"),
            .optional("services", .map(of: service), "Services by identifier"),
            .optional("entities", .map(of: entity), "Legal entities by identifier"),
            .optional("authorities", .map(of: authority), "Authorities by identifier"),
            .optional("counterparties", .map(of: counterparty), "Counterparties by identifier"),
        ]))
}
