import Engine
import HTTPTypes
import JSON

extension Route {
    /// What waits for people, and what is due when.
    static let work: [Route] = [
        Route(
            method: .get, path: "/api/v1/tasks", name: "listTasks",
            summary: "Lists open tasks and approvals, those due first at the top", topic: "Work",
            query: [
                Parameter("person", .name, "Only what this person is asked for"),
                Parameter("mine", .boolean, "Only what the token's person is asked for"),
                Parameter("workflow", .names, "Only of these workflows"),
            ] + .page,
            success: .json(.page(of: .openTask)),
            handle: { call in
                let person = call.query["mine"]?.boolValue == true ? try call.person() : call.text("person")
                return .page(
                    try await call.reader().tasks(
                        for: person, of: call.texts("workflow"), page: try call.page()), \.json)
            }),
        Route(
            method: .get, path: "/api/v1/clocks", name: "listClocks",
            summary: "Lists running and paused clocks, those due first at the top", topic: "Work",
            query: [
                Parameter("before", .instant, "Only what is due before this instant"),
                Parameter("workflow", .names, "Only of these workflows"),
                Parameter("rule", .names, "Only those that follow one of these rules of law"),
            ] + .page,
            success: .json(.page(of: .runningClock)),
            handle: { call in
                let before = try call.text("before").map { try JSON.instant($0, parameter: "before") }
                return .page(
                    try await call.reader().clocks(
                        dueBefore: before, of: call.texts("workflow"), rules: call.texts("rule"), page: try call.page()),
                    \.json)
            }),
    ]
}

extension Schema {
    private static let place: [Property] = [
        .required("name", .name, "Name in the definition"),
        .required("key", .text(0...1000), "The element it is for; empty where there is only one"),
        .required("title", .prose, "What people see"),
        .required("instance", .uuid, "The instance"),
        .required("reference", .name, "Its reference"),
        .required("workflow", .name, "Its workflow"),
    ]

    static let openTask = component(
        "OpenTask",
        .object(
            place + [
                .required("kind", .choice(["task", "approval"]), "Whether it is done or voted on"),
                .required("people", .list(of: .name), "People who are asked"),
                .required("groups", .list(of: .name), "Groups whose members are asked"),
                .required("openedAt", .instant, "When it opened"),
                .required("dueAt", .nullable(.instant), "When it is due; null where no clock runs"),
            ]))

    static let runningClock = component(
        "RunningClock",
        .object(
            place + [
                .required("round", .integer(1 ... .max), "Number of the round"),
                .required("status", .clockStatus, "Where it stands"),
                .required("rule", .nullable(.name), "The statutory rule; null for goals"),
                .required("startedAt", .instant, "The instant that counts as its start"),
                .required("dueAt", .nullable(.instant), "When it is due"),
                .required("latestAt", .nullable(.instant), "What the law would still allow"),
                .required("overdue", .boolean, "Whether it is past due"),
            ]))
}
