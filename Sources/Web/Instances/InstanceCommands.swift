import CEL
import Deadlines
import Engine
import HTTPTypes
import JSON
import Workflows

extension Route {
    /// What can be done to instances.
    static let instanceCommands: [Route] = [
        command(
            "/api/v1/instances", "openInstance", "Opens an instance of the newest version of a workflow",
            body: [
                .required("workflow", .name, "Name of the workflow"),
                .optional("form", .form, "Fields and roles that its opening asks for"),
                .optional("kind", .choice(["real", "exercise", "backfilled"]), "What it counts as; real where absent"),
                .optional("visibility", .visibility, "Who sees it; normal where absent"),
                .optional("id", .uuid, "Identifier to use, a UUID of version 7; made by Reeve where absent"),
            ], status: .created
        ) { call in
            try await call.open()
        },
        act("events", "sendEvent", "Sends an event", .event),
        act("comments", "comment", "Says something about the instance", .comment),
        act("corrections", "correct", "Changes fields after the fact, where the definition allows it", .correction),
        act("links", "link", "Refers to another instance", .link),
        act("evidence", "attachEvidence", "Attaches a link, or the digest of a file that lies elsewhere", .evidence),
        act("roles/{role}", "assignRole", "Gives a role to people", .roleAssignment),
        act("tasks/{task}/completion", "completeTask", "Completes an open task", .completion),
        act("tasks/{task}/assignment", "assignTask", "Gives an open task to a person, or back to all", .taskAssignment),
        act("approvals/{approval}/votes", "vote", "Approves or refuses", .vote),
        act("clocks/{clock}/acknowledgement", "acknowledge", "Ends the repetition of an escalation", .acknowledgement),
        act("cancellation", "cancel", "Ends the instance with a reason", .cancellation),
        act("suspension", "suspend", "Holds the instance with a reason; its clocks run on", .suspension),
        act("resumption", "resume", "Lets a held instance go on", .resumption),
    ]

    private static func command(
        _ path: PathTemplate, _ name: String, _ summary: String, body: [Schema.Property],
        status: HTTPResponse.Status = .ok, isConditional: Bool = false,
        handle: @escaping @Sendable (Call) async throws -> Reply
    ) -> Route {
        var route = Route(
            method: .post, path: path, name: name, summary: summary, topic: "Instances",
            success: .versioned(.done, status), handle: handle)
        route.body = .object(body + Schema.circumstances)
        route.access = .writing
        route.isCommand = true
        route.isConditional = isConditional
        route.problems = [.notFound, .forbidden, .conflict, .rejected]
        return route
    }

    private static func act(_ place: String, _ name: String, _ summary: String, _ form: ActForm) -> Route {
        command(
            PathTemplate(stringLiteral: "/api/v1/instances/{instance}/\(place)"), name, summary, body: form.body,
            isConditional: true
        ) { call in
            try await call.submit(try await form.act(call))
        }
    }
}

extension Call {
    /// Opens an instance as the body says.
    fileprivate func open() async throws -> Reply {
        let workflow = body["workflow"]?.stringValue ?? ""
        let id: Identifier
        if let text = body["id"]?.stringValue {
            guard let given = Identifier(text) else { throw Problem(.invalidBody, "The member /id is no UUID.") }
            id = given
        } else {
            id = .version7(at: .ofThisMachine)
        }
        let kind = body["kind"]?.stringValue.flatMap(Snapshot.Kind.init(rawValue:)) ?? .real
        let visibility = body["visibility"]?.stringValue.flatMap(Visibility.init(rawValue:)) ?? .normal
        let opening = Opening(
            id: id, reference: "", kind: kind, visibility: visibility, form: body.form("form"))
        return try await submit(.opening(workflow: workflow), .open(opening))
    }

    /// Does something to the instance that the path names.
    fileprivate func submit(_ act: Act) async throws -> Reply {
        try await submit(.instance(try await instance()), act)
    }

    private func submit(_ target: Command.Target, _ act: Act) async throws -> Reply {
        let command = try command(target, act, happenedAt: try body.instant("happenedAt"))
        let answer = try await engine.submit(command)
        let status: HTTPResponse.Status = if case .opening = target { .created } else { .ok }
        var reply = reply(to: command, answer, status)
        if reply.status == .created { reply.headers[.location] = "/api/v1/instances/\(answer.reference)" }
        return reply
    }

    /// The command that the caller gives with these headers.
    func command(_ target: Command.Target, _ act: Act, happenedAt: Instant?) throws -> Command {
        let principal = try principal()
        var command = Command(
            tenant: principal.tenant, target: target,
            input: Input(actor: try actor(of: principal), happenedAt: happenedAt, act: act),
            expectedSequence: try expectedVersion, idempotencyKey: try idempotencyKey)
        command.demandsPart = !principal.scopes.contains("admin")
        return command
    }

    /// What is told of a command that was done.
    func reply(to command: Command, _ answer: Answer, _ status: HTTPResponse.Status = .ok) -> Reply {
        var reply = Reply.json(answer.document, status)
        reply.headers[.eTag] = EntityTag.text(answer.sequence)
        if answer.isRepeated { reply.headers[.idempotencyReplayed] = "true" }
        if command.idempotencyKey != nil {
            reply.headers[.idempotencyExpires] = answer.recordedAt.answerExpiry.description
        }
        return reply
    }

    /// The token's person, or the person that it acts for; a connector where the token is a system's.
    private func actor(of principal: Principal) throws(Problem) -> Actor {
        guard let represented = body["onBehalfOf"]?.stringValue else { return principal.actor }
        guard let person = principal.person else {
            throw Problem(.forbidden, "Only a person's token can act on behalf of somebody.")
        }
        guard represented != person else { return principal.actor }
        guard principal.scopes.contains("represent") else {
            throw Problem(.forbidden, "Acting on behalf of others needs a token with the scope represent.")
        }
        return .person(person, onBehalfOf: represented)
    }
}
