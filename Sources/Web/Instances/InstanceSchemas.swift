import JSON
import Workflows

extension Schema {
    static let status = Schema.choice(["running", "suspended", "final", "cancelled"])
    static let visibility = Schema.choice(Visibility.allCases.map(\.rawValue))
    static let kind = Schema.choice(["real", "exercise", "backfilled"])

    /// One page of a list.
    static func page(of element: Schema) -> Schema {
        .object([
            .required("items", .list(of: element, limit: 200), "The elements"),
            .required("next", .nullable(.text(1...4000)), "To be sent as `after` for the next page; null on the last"),
        ])
    }

    private static let summaryProperties: [Property] = [
        .required("id", .uuid, "Identifier"),
        .required("reference", .name, "Reference, such as INC-2026-0042"),
        .required("workflow", .name, "Its workflow"),
        .required("version", .integer(1 ... .max), "The version of the definition that it is pinned to"),
        .required("title", .prose, "Title of the workflow"),
        .required("state", .name, "The present state"),
        .required("status", .status, "Whether it still moves"),
        .required("kind", .kind, "What it counts as"),
        .required("visibility", .visibility, "Who can see it"),
        .required("sequence", .integer(1 ... .max), "The last journal entry; the ETag"),
        .required("openedAt", .instant, "When it was opened"),
        .required("lastAt", .instant, "The instant of its last step"),
        .optional("parent", .uuid, "The instance that opened it"),
        .optional("nextDue", .instant, "The earliest due instant of its open clocks"),
        .required("overdue", .boolean, "Whether one of its open clocks is overdue"),
    ]

    static let instanceSummary = Schema.component("InstanceSummary", .object(summaryProperties))

    static let instance = Schema.component(
        "Instance",
        .object(
            summaryProperties + [
                .required("data", .form, "Fields that are set"),
                .required("roles", .map(of: .list(of: .name)), "Holders of each role"),
                .required("tasks", .list(of: task), "Open tasks, and results of those done"),
                .required("approvals", .list(of: approval), "Open and decided approvals"),
                .required("clocks", .list(of: clock), "Every round of every clock"),
                .required("children", .list(of: child), "Instances that it opened"),
                .required("links", .list(of: link), "Links from and to other instances"),
                .required("evidence", .list(of: evidence), "Files and links attached"),
                .required("events", .list(of: event), "What can be sent in the present state"),
            ]))

    private static let itemProperties: [Property] = [
        .required("name", .name, "Name in the definition"),
        .required("key", .text(0...1000), "The element it is for; empty where there is only one"),
    ]

    private static let task = Schema.component(
        "Task",
        .object(
            itemProperties + [
                .required("title", .prose, "What is to be done"),
                .required("status", .choice(["open", "done", "cancelled"]), "Where it stands"),
                .required("from", .list(of: .name), "Roles whose holders may do it"),
                .required("who", .list(of: .name), "People who may do it; empty where roles say it"),
                .required("assignee", .nullable(.name), "The person it was given to"),
                .required("asks", .list(of: .name), "Fields of its result"),
                .required("openedAt", .instant, "When it opened"),
                .required("doneBy", .nullable(.name), "Who did it"),
                .required("doneAt", .nullable(.instant), "When it was done"),
                .required("result", .form, "Its result"),
            ]))

    private static let approval = Schema.component(
        "Approval",
        .object(
            itemProperties + [
                .required("title", .prose, "What is to be approved"),
                .required("status", .choice(["open", "granted", "refused", "cancelled"]), "Where it stands"),
                .required("from", .list(of: .name), "Roles whose holders may vote"),
                .required("who", .list(of: .name), "People who may vote; empty where roles say it"),
                .required("quorum", .integer(1 ... .max), "Votes in favour that grant it"),
                .required("openedAt", .instant, "When it opened"),
                .required("votes", .list(of: vote), "Votes that count, in order"),
            ]))

    private static let vote = Schema.component(
        "Vote",
        .object([
            .required("person", .name, "Who voted"),
            .required("vote", .choice(["approve", "refuse"]), "In favour or against"),
            .required("at", .instant, "When"),
        ]))

    private static let clock = Schema.component(
        "ClockRound",
        .object(
            itemProperties + [
                .required("round", .integer(1 ... .max), "Number of the round"),
                .required("title", .prose, "What is promised"),
                .required("status", .clockStatus, "Where it stands"),
                .required("startedAt", .instant, "The instant that counts as its start"),
                .required("dueAt", .nullable(.instant), "When it is due; null while a fact is missing"),
                .required("latestAt", .nullable(.instant), "What the law would still allow"),
                .required("endedAt", .nullable(.instant), "The instant that counts as its end"),
                .required("overdue", .boolean, "Whether its due instant passed while it ran"),
                .required("acknowledgedBy", .nullable(.name), "Who ended the repetition of its escalation"),
            ]))

    static let clockStatus = Schema.choice(["waiting", "running", "paused", "met", "missed", "cancelled"])

    private static let child = Schema.component(
        "Child",
        .object(
            itemProperties + [
                .required("instance", .uuid, "Identifier"),
                .required("reference", .nullable(.name), "Reference; null where it cannot be seen"),
                .required("workflow", .nullable(.name), "Its workflow"),
                .required(
                    "status", .choice(["wanted", "dropped", "ended", "withdrawn"]), "Where it stands to its parent"),
                .required("state", .nullable(.name), "Its state"),
            ]))

    private static let link = Schema.component(
        "Link",
        .object([
            .required("relation", .name, "What it is"),
            .required("direction", .choice(["to", "from"]), "Which of the two refers to the other"),
            .required("id", .uuid, "Identifier of the other instance"),
            .required("reference", .name, "Its reference"),
            .required("state", .name, "Its state"),
        ]))

    private static let evidence = Schema.component(
        "Evidence",
        .object([
            .required("digest", .text(64...64, .digest), "SHA-256"),
            .required("title", .name, "Title"),
            .required("uri", .nullable(.text(1...2000)), "Where it can be found"),
            .required("addedBy", .name, "Who attached it"),
            .required("addedAt", .instant, "When"),
            .required("mediaType", .nullable(.name), "What it is, where Reeve keeps the file; null where it does not"),
            .required("size", .nullable(.integer(0 ... .max)), "Its bytes, where Reeve keeps the file"),
            .required(
                "entry", .integer(1 ... .max), "The journal entry that attached it; erasing that erases the file"),
        ]))

    private static let event = Schema.component(
        "Event",
        .object([
            .required("name", .name, "Name"),
            .required("title", .nullable(.name), "Title"),
            .required("form", .list(of: .name), "Fields and roles that it asks for"),
            .required("optional", .list(of: .name), "Fields and roles that may go with it"),
            .required("allow", .list(of: .name), "Roles and groups that may send it"),
        ]))

    static let journalEntry = Schema.component(
        "JournalEntry",
        .object([
            .required("sequence", .integer(1 ... .max), "Its number within the instance"),
            .required("kind", .name, "What it records, such as transition"),
            .required("event", .name, "The event"),
            .required("from", .text(0...200), "The state before; empty for the opening"),
            .required("to", .name, "The state after"),
            .required("status", .status, "Whether the instance still moved afterwards"),
            .required("actor", .name, "Who did it, such as person:ana"),
            .required("happenedAt", .instant, "When it happened, as far as anyone says"),
            .required("recordedAt", .instant, "When it was recorded, by the database's clock"),
            .required("version", .integer(1 ... .max), "The version of the definition"),
            .required("facts", .anything, "Facts of the machine"),
            .optional("payload", .anything, "What people wrote"),
            .optional("erasedAt", .instant, "When what people wrote was erased"),
        ]))
}
