import JSON

/// One evaluation as the command line and its batches ask for it: an expression and its variables in typed JSON.
public struct EvaluationRequest: Sendable {
    /// What the answer repeats, if anything.
    public let id: JSON?
    /// The expression's text.
    public let expression: String
    /// The members are the variables; see ``Value/init(typedJSON:)``.
    public let data: JSONObject
    /// Whether the expression must pass the check, in which every variable counts as `dyn`.
    public let isChecked: Bool

    /// A request for one evaluation.
    public init(id: JSON? = nil, expression: String, data: JSONObject = [:], isChecked: Bool = true) {
        self.id = id
        self.expression = expression
        self.data = data
        self.isChecked = isChecked
    }

    /// The answer to a line of a batch, `{"id", "expression", "data"}` with an optional `"unchecked": true`.
    ///
    /// A line that is no request is answered too, with an error.
    public static func answer(line: String, in zones: any ZoneDatabase = SystemZones()) -> JSON {
        do throws(JSONError) {
            let json = try JSON(parsing: line)
            guard case .string(let expression)? = json["expression"] else {
                return failure(json["id"], "expected {\"id\", \"expression\", \"data\"} with an expression in a string")
            }
            guard case .object(let data) = json["data"] ?? [:] else {
                return failure(json["id"], "expected an object as \"data\", found \((json["data"] ?? nil).kind)")
            }
            let request = EvaluationRequest(
                id: json["id"], expression: expression, data: data, isChecked: json["unchecked"] != true)
            return request.answer(in: zones)
        } catch {
            return failure(nil, "the line is no JSON: \(error.message)", column: error.column)
        }
    }

    /// `{"id", "value", "type"}`, or `{"id", "error": {"message", "line", "column"}}`; `id` where there is one.
    public func answer(in zones: any ZoneDatabase = SystemZones(), limit: CostLimit = .standard) -> JSON {
        var variables: [String: Value] = [:]
        for member in data {
            do throws(TypedJSONError) {
                variables[member.key] = try Value(typedJSON: member.value)
            } catch {
                return Self.failure(id, "the variable '\(member.key)': \(error.message)")
            }
        }
        let environment = Environment(variables: variables.mapValues { _ in .dyn }, zones: zones)
        do {
            let parsed = try Expression(parsing: expression)
            if isChecked, let issue = parsed.check(environment).issues.first { throw issue }
            let value = try Program(parsed, in: environment).evaluate(Bindings(variables), limit: limit)
            return Self.answer(id, [("value", value.typedJSON), ("type", .string(value.type.name))])
        } catch let error as CELSyntaxError {
            return Self.failure(id, error.message, line: error.line, column: error.column)
        } catch let issue as CELIssue {
            return Self.failure(id, issue.message, line: issue.position.line, column: issue.position.column)
        } catch let error as EvaluationError {
            return Self.failure(
                id, error.message, line: error.position?.line ?? 1, column: error.position?.column ?? 1)
        } catch {
            return Self.failure(id, "\(error)")
        }
    }

    private static func failure(_ id: JSON?, _ message: String, line: Int = 1, column: Int = 1) -> JSON {
        answer(
            id,
            [("error", ["message": .string(message), "line": .int(Int64(line)), "column": .int(Int64(column))])])
    }

    private static func answer(_ id: JSON?, _ members: [(String, JSON)]) -> JSON {
        .object(JSONObject((id.map { [("id", $0)] } ?? []) + members))
    }
}
