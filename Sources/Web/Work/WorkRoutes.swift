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
        Route(
            method: .get, path: "/api/v1/instances/{instance}/clocks/{clock}", name: "explainClock",
            summary: "Says why a clock is due when it is, step by step with sources, and what happened to it",
            topic: "Work", success: .json(.explainedClock), problems: [.notFound],
            handle: { call in
                let item = call.item("clock")
                guard let clock = try await call.reader().clock(item, of: try await call.instance()) else {
                    throw Problem.noSuch("clock of \(call.segment("instance"))", call.segment("clock"))
                }
                return .json(clock.json)
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

    static let explainedClock = component(
        "ExplainedClock",
        .object([
            .required("name", .name, "Name in the definition; of a task's or approval's own clock, task:NAME"),
            .required("key", .text(0...1000), "The element it is for; empty where there is only one"),
            .required("round", .integer(1 ... .max), "Number of the round, the present one or the last"),
            .required("title", .prose, "What is promised"),
            .required("status", .clockStatus, "Where it stands"),
            .required("rule", .nullable(.name), "The statutory rule; null for goals"),
            .required("startedAt", .instant, "The instant that counts as its start"),
            .required("dueAt", .nullable(.instant), "When it is due; null while a fact is missing"),
            .required("latestAt", .nullable(.instant), "What the law would still allow"),
            .required("endedAt", .nullable(.instant), "The instant that counts as its end"),
            .required("overdue", .boolean, "Whether its due instant passed while it ran"),
            .required("trace", .list(of: traceStep), "The steps that lead to the due instant, each with its source"),
            .required("versions", .map(of: .prose), "Zone, calendar, tz data and rule that were read"),
            .required("failure", .nullable(.prose), "Why the steps cannot be had, or come to another instant by now"),
            .required("history", .list(of: clockChange), "What happened to the clock, the oldest first"),
        ]))

    private static let traceStep = component(
        "TraceStep",
        .object([
            .required("step", .prose, "What was done"),
            .required("source", .text(0...20_000), "The law, contract, file or calendar that says so"),
            .required("result", .text(0...20_000), "What came of it"),
        ]))

    /// Particulars of a change differ by kind, so that the shape stays open.
    private static let clockChange = Schema.anything
}
