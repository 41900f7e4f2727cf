import Engine
import HTTPTypes
import JSON
import Workflows

extension Route {
    /// What can be read of instances.
    static let instanceLists: [Route] = [
        Route(
            method: .get, path: "/api/v1/instances", name: "listInstances",
            summary: "Lists instances, the newest first",
            topic: "Instances",
            query: [
                Parameter("workflow", .names, "Only of these workflows"),
                Parameter("state", .names, "Only in these states"),
                Parameter("status", .list(of: .status, limit: 100), "Only with these statuses"),
                Parameter("kind", .list(of: .kind, limit: 100), "Only of these kinds"),
                Parameter("parent", .name, "Only those that this instance opened"),
                Parameter("role", .names, "Only those in which somebody, or one of `person`, holds one of these roles"),
                Parameter("person", .names, "Only those in which one of these people holds a role"),
                Parameter("mine", .boolean, "Only those in which the token's person holds a role"),
                Parameter("overdue", .boolean, "Only those with, or without, an overdue clock"),
            ] + .page,
            success: .json(.page(of: .instanceSummary)), problems: [.notFound], handle: listInstances),
        Route(
            method: .get, path: "/api/v1/instances/{instance}", name: "showInstance",
            summary: "Shows an instance with its data, roles, work, clocks, children and what can be sent",
            topic: "Instances", success: .versioned(.instance), problems: [.notFound], handle: showInstance),
        Route(
            method: .get, path: "/api/v1/instances/{instance}/journal", name: "readJournal",
            summary: "Reads the journal of an instance in order", topic: "Instances", query: .page,
            success: .json(.page(of: .journalEntry)), problems: [.notFound], handle: readJournal),
    ]

    private static func listInstances(_ call: Call) async throws -> Reply {
        var filter = InstanceFilter()
        filter.definitions = call.texts("workflow")
        filter.states = call.texts("state")
        filter.statuses = call.texts("status")
        filter.kinds = call.texts("kind")
        filter.roles = call.texts("role")
        filter.holders = call.texts("person")
        filter.isOverdue = call.query["overdue"]?.boolValue
        if let parent = call.text("parent") { filter.parent = try await call.instance(named: parent) }
        if call.query["mine"]?.boolValue == true { filter.holders = [try call.person()] }
        return .page(try await call.reader().instances(filter, page: try call.page()), \.json)
    }

    private static func showInstance(_ call: Call) async throws -> Reply {
        let reader = try call.reader()
        let name = call.segment("instance")
        guard let detail = try await reader.instance(name) else { throw Problem.noSuch("instance", name) }
        let version = detail.summary.sequence
        var reply: Reply
        if call.holds(version: version) {
            reply = Reply(.notModified)
        } else {
            let definition = try await reader.definition(detail.summary.definition, version: detail.summary.version)
            reply = .json(InstanceDocument(detail: detail, definition: definition).json)
        }
        reply.headers[.eTag] = EntityTag.text(version)
        reply.headers[.cacheControl] = "private, no-cache"
        return reply
    }

    private static func readJournal(_ call: Call) async throws -> Reply {
        let id = try await call.instance()
        return .page(try await call.reader().journal(of: id, page: try call.page()), \.json)
    }
}

extension Call {
    /// The person whose token it is.
    func person() throws(Problem) -> String {
        guard let person = try principal().person else {
            throw .parameter("mine", "needs a token that belongs to a person")
        }
        return person
    }
}

extension Reply {
    /// A page of a list.
    static func page<Element>(_ page: Page<Element>, _ json: (Element) -> JSON) -> Reply {
        .json(["items": .array(page.elements.map(json)), "next": page.next.map { .string($0.description) } ?? .null])
    }
}

extension [Parameter] {
    /// The parameters of every list that comes in pages.
    static let page = [
        Parameter("limit", .integer(1...200), "Greatest number of elements; 50 where absent"),
        Parameter("after", .text(1...4000), "The member `next` of the page before"),
    ]
}
