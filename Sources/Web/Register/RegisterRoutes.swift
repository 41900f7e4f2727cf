import Deadlines
import Engine
import HTTPTypes
import JSON
import Workflows

extension Route {
    /// The register of breaches, and what stands behind a filing.
    static let register: [Route] = [
        Route(
            method: .get, path: "/api/v1/register", name: "readRegister",
            summary: "Lists personal-data breaches, notified or not: facts, effects, remedial action, decisions",
            topic: "Register", query: breaches + .page, success: .json(.page(of: .breach)),
            handle: { call in
                .page(try await call.reader().breaches(try call.breachFilter(), page: try call.page()), \.json)
            }),
        Route(
            method: .get, path: "/api/v1/register.csv", name: "exportRegister",
            summary: "The register as CSV, one line a breach", topic: "Register", query: breaches,
            success: .content("text/csv"),
            handle: { call in
                let text = RegisterTable.csv(try await call.allBreaches())
                return .download(text, mediaType: "text/csv; charset=utf-8", as: "breach-register.csv")
            }),
        Route(
            method: .get, path: "/api/v1/register.html", name: "printRegister",
            summary: "The register as a page for printing", topic: "Register", query: breaches,
            success: .content("text/html"),
            handle: { call in
                let records = try await call.allBreaches()
                return HTMLPage(title: "Register of personal-data breaches", body: RegisterTable.html(records)).reply
            }),
        Route(
            method: .get, path: "/api/v1/instances/{instance}/filing-pack", name: "readFilingPack",
            summary: "What stands behind a filing: draft in the authority's order, deadline, decisions, evidence",
            topic: "Register", success: .json(.filingPack), problems: [.notFound],
            handle: { call in .json(try await call.filingPack().json) }),
        Route(
            method: .get, path: "/api/v1/instances/{instance}/filing-pack.html", name: "printFilingPack",
            summary: "The same as a page for printing", topic: "Register", success: .content("text/html"),
            problems: [.notFound],
            handle: { call in
                let pack = try await call.filingPack()
                return HTMLPage(title: "Filing \(pack.reference)", body: FilingPackPage(pack.json).body).reply
            }),
    ]

    private static let breaches = [
        Parameter("since", .instant, "Only what we became aware of then or later"),
        Parameter("until", .instant, "Only what we became aware of before"),
        Parameter("entity", .name, "Only those in which this legal entity is involved"),
    ]
}

extension Call {
    fileprivate func breachFilter() throws -> BreachFilter {
        var filter = BreachFilter()
        filter.since = try text("since").map { try JSON.instant($0, parameter: "since") }
        filter.until = try text("until").map { try JSON.instant($0, parameter: "until") }
        filter.entity = text("entity")
        return filter
    }

    /// Every breach that the filter lets pass, page after page.
    fileprivate func allBreaches() async throws -> [JSON] {
        let (reader, filter) = (try reader(), try breachFilter())
        var records: [JSON] = []
        var request = PageRequest(limit: 200)
        repeat {
            let page = try await reader.breaches(filter, page: request)
            records += page.elements.map(\.json)
            request.cursor = page.next
        } while request.cursor != nil
        return records
    }

    fileprivate func filingPack() async throws -> FilingPack {
        guard let pack = try await reader().filingPack(of: try await instance()) else {
            throw Problem(.notFound, "\(segment("instance")) has no checklist, so there is no pack of it.")
        }
        return pack
    }
}

extension Reply {
    /// A file to be saved.
    static func download(_ text: String, mediaType: String, as name: String) -> Reply {
        var reply = Reply(.ok, .text(text, mediaType: mediaType))
        reply.headers[.contentDisposition] = "attachment; filename=\"\(name)\""
        return reply
    }
}

extension Schema {
    /// Values that people wrote, of any shape.
    private static let written = Schema.anything

    static let breach = component(
        "Breach",
        .object([
            .required("instance", .uuid, "The incident"),
            .required("reference", .name, "Its reference"),
            .required("kind", .kind, "What it counts as"),
            .required("state", .name, "The incident's state"),
            .required("status", .status, "Whether it still moves"),
            .required("openedAt", .instant, "When the incident was opened"),
            .required(
                "facts",
                .object([
                    .required("summary", written, "What happened"), .required("nature", written, "Nature, as filed"),
                    .required("detectedAt", written, "When it was detected"),
                    .required("awareAt", written, "Since when we are aware, as it counts"),
                    .required("classifiedAt", written, "When it was classified"),
                    .required("endedAt", written, "When it was restored"), .required("types", written, "Its kinds"),
                    .required("services", written, "Services hit"),
                    .required("entities", written, "Legal entities involved"),
                    .required("affected", written, "People affected by jurisdiction: low, high, kinds, encrypted"),
                ]), "The facts"),
            .required(
                "effects",
                .object([
                    .required("severity", written, "Severity"), .required("risk", written, "Risk to people"),
                    .required("customersHit", written, "Customers hit"),
                    .required("records", written, "Records concerned, as filed"),
                    .required("consequences", written, "Likely consequences, as filed"),
                ]), "Its effects"),
            .required(
                "remedialAction",
                .object([
                    .required("measures", written, "Measures, as filed"),
                    .required("lastUpdate", written, "The last update of the incident"),
                    .required("actions", written, "What came of the post-mortem: reference, title, state, outcome"),
                ]), "What was done"),
            .required("notified", .choice(["yes", "no", "open"]), "Whether anything was filed"),
            .required(
                "decisions", .list(of: .anything), "What was decided of each duty, why and by whom, with filings"),
        ]))

    static let filingPack = component(
        "FilingPack",
        .object([
            .required("reference", .name, "The filing"), .required("instance", .uuid, "Its identifier"),
            .required("title", written, "What is filed"), .required("recipient", written, "To whom"),
            .required("state", .name, "Its state"), .required("kind", .kind, "What it counts as"),
            .required("visibility", .visibility, "Who sees it"),
            .required("case", .list(of: .anything), "What it belongs to, the nearest first"),
            .required("entity", written, "Who owes it, as the directory has it"),
            .required("authority", written, "To whom, as the directory has it: portal, languages, fallback"),
            .required("regime", written, "The regime"), .required("why", written, "Why it applies"),
            .required("deadline", written, "The clock with its trace and history"),
            .required("submission", written, "When it was sent, how that stands to the deadline, and the receipt"),
            .required("checklist", written, "What it must contain, in the authority's order, with article and draft"),
            .required("decisions", .list(of: .anything), "Votes, advice with dissent, assessments, determinations"),
            .required("evidence", .list(of: .anything), "Files and links with their SHA-256"),
            .required("orders", written, "Suspension and delay orders"),
        ]))
}
