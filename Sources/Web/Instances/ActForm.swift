import Engine
import JSON
import Workflows

/// What a request asks to be done to an instance: the shape of its body, and the act that it stands for.
struct ActForm: Sendable {
    /// The members of the body.
    let body: [Schema.Property]
    /// The act that a checked request stands for.
    let act: @Sendable (Call) async throws -> Act

    static let event = ActForm(
        body: [
            .required("event", .name, "Name of the event"),
            .optional("form", .form, "Fields and roles that the event asks for"),
        ],
        act: { .event($0.word("event"), form: $0.body.form("form")) })

    static let comment = ActForm(
        body: [.required("text", .prose, "What is to be said")],
        act: { .comment($0.word("text")) })

    static let correction = ActForm(
        body: [
            .required("fields", .form, "The fields with their right values; null unsets"),
            .required("reason", .prose, "Why they were wrong"),
        ],
        act: { .correct($0.body.form("fields"), reason: $0.word("reason")) })

    static let link = ActForm(
        body: [
            .required("to", .name, "Reference or identifier of the other instance"),
            .required("relation", .name, "What it is to this one, such as causedBy"),
        ],
        act: { call in
            .link(to: try await call.instance(named: call.word("to")), relation: call.word("relation"))
        })

    static let evidence = ActForm(
        body: [
            .required("title", .name, "Title that people see"),
            .optional("digest", .text(64...64, .digest), "SHA-256 of what it is; of the URI itself where absent"),
            .optional("uri", .text(1...2000, .uri), "Where it can be found; one of digest and uri is needed"),
        ],
        act: { call in
            let uri = call.body["uri"]?.stringValue
            if let digest = call.body["digest"]?.stringValue {
                return .attach(Evidence(digest: digest.lowercased(), title: call.word("title"), uri: uri))
            }
            guard let uri else {
                throw Problem(.invalidBody, "Evidence needs a digest or a URI; a file itself is sent to …/files.")
            }
            return .attach(Evidence(uri: uri, title: call.word("title")))
        })

    static let roleAssignment = ActForm(
        body: [
            .required("to", .list(of: .name, limit: 100), "The people who are to hold it"),
            .optional("reason", .prose, "Why"),
        ],
        act: { call in
            let people = call.body["to"]?.arrayValue?.compactMap(\.stringValue) ?? []
            return .assign(role: call.segment("role"), to: people, reason: call.body["reason"]?.stringValue)
        })

    static let taskAssignment = ActForm(
        body: [
            .required("to", .nullable(.name), "The person; null gives it back to all who may do it"),
            .optional("reason", .prose, "Why"),
        ],
        act: { call in
            .assignTask(
                call.item("task"), to: call.body["to"]?.stringValue, reason: call.body["reason"]?.stringValue)
        })

    static let completion = ActForm(
        body: [.optional("result", .form, "The fields that the task asks for")],
        act: { .complete($0.item("task"), result: $0.body.form("result")) })

    static let vote = ActForm(
        body: [
            .required("vote", .choice(["approve", "refuse"]), "In favour or against"),
            .optional("comment", .prose, "Why"),
        ],
        act: { call in
            .vote(
                call.item("approval"), isApproval: call.word("vote") == "approve",
                comment: call.body["comment"]?.stringValue)
        })

    static let acknowledgement = ActForm(
        body: [.optional("comment", .prose, "What is being done")],
        act: { .acknowledge($0.item("clock"), comment: $0.body["comment"]?.stringValue) })

    static let cancellation = ActForm(
        body: [.required("reason", .prose, "Why it ends")],
        act: { .cancel(reason: $0.word("reason")) })

    static let suspension = ActForm(
        body: [.required("reason", .prose, "Why it is held")],
        act: { .suspend(reason: $0.word("reason")) })

    static let resumption = ActForm(
        body: [.optional("reason", .prose, "Why it goes on")],
        act: { .resume(reason: $0.body["reason"]?.stringValue) })
}

extension Call {
    /// A text member of the body; the route's schema has made sure of it.
    func word(_ name: String) -> String { body[name]?.stringValue ?? "" }

    /// A task, approval or clock that the path names as `NAME` or `NAME/KEY`.
    func item(_ parameter: String) -> ItemKey {
        let parts = segment(parameter).split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        return ItemKey(String(parts[0]), parts.count == 2 ? String(parts[1]) : "")
    }
}
