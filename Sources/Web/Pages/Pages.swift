import HTTPTypes

extension Route {
    /// What a browser sees until people can sign in.
    static let pages: [Route] = [
        Route(
            method: .get, path: "/", name: "home", summary: "A page that says what this is and how it is",
            topic: "Pages", access: .everyone, success: .content("text/html"), handle: home),
        Route(
            method: .get, path: "/problems/{problem}", name: "explainProblem",
            summary: "A page that explains a kind of problem", topic: "Pages", access: .everyone,
            success: .content("text/html"), problems: [.notFound], handle: explainProblem),
    ]

    private static func home(_ call: Call) async throws -> Reply {
        let checks = await call.engine.health().checks.map { check in
            let mark = check.isGood ? "well" : "not well"
            return "<dt>\(check.name.escapedForHTML)</dt><dd>\(mark): \(check.detail.escapedForHTML)</dd>"
        }
        let body = """
            <h1>Reeve</h1>
            <p>A governance workflow engine. It keeps the promises an organisation makes to regulators, customers and \
            itself: every promise is a workflow instance with an owner, a clock and an escalation ladder, and an \
            append-only journal proves afterwards what happened.</p>
            <h2>How it is</h2>
            <dl>
            \(checks.joined(separator: "\n"))
            </dl>
            <h2>How to use it</h2>
            <p>The API is described in <a href="/openapi.json">/openapi.json</a>. Requests carry a bearer token; \
            <code>reeve up</code> prints one. For example:</p>
            <pre>curl -H "Authorization: Bearer $REEVE_TOKEN" \\
              \("http://HOST:PORT/api/v1/instances?overdue=true".escapedForHTML)</pre>
            <p>The same from the shell: <code>reeve list --overdue</code>.</p>
            """
        return HTMLPage(title: "Reeve", body: body).reply
    }

    private static func explainProblem(_ call: Call) async throws -> Reply {
        let name = call.segment("problem")
        guard let kind = ProblemKind(rawValue: name) else { throw Problem.noSuch("kind of problem", name) }
        let body = """
            <h1>\(kind.title.escapedForHTML)</h1>
            <p>\(kind.remedy.escapedForHTML)</p>
            <p>Replies of this kind have the status \(kind.status) and the type <code>/problems/\(name)</code>.</p>
            """
        return HTMLPage(title: kind.title, body: body).reply
    }
}
