import ArgumentParser
import CEL
import JSON

/// The command `reeve eval`.
struct Eval: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Evaluate an expression of the Common Expression Language.",
        discussion: """
            Example: reeve eval 'data.customers >= 1000' --data facts.json

            The file given with --data holds a JSON object whose members are the expression's variables. What JSON \
            lacks is written {"$int": "1"}, {"$uint": "1"}, {"$double": "NaN"}, {"$bytes": base64}, \
            {"$timestamp": RFC 3339}, {"$duration": "3600s"} and {"$map": [[key, value], …]}. The exit status is 1 when \
            the expression has no value.
            """)

    @Argument(help: "The expression.")
    var expression: String?

    @Option(help: ArgumentHelp("A file with the variables; - is standard input.", valueName: "file"))
    var data: String?

    @Flag(help: "Print {\"value\", \"type\"} or {\"error\": {\"message\", \"line\", \"column\"}}.")
    var json = false

    @Flag(help: "Read one {\"id\", \"expression\", \"data\"} a line from standard input, print one answer a line.")
    var batch = false

    @Flag(help: "Evaluate without checking types first.")
    var unchecked = false

    func validate() throws {
        if batch, expression != nil || data != nil {
            throw ValidationError("--batch reads expressions and data from standard input; give neither here.")
        }
        if !batch, expression == nil { throw ValidationError("Give an expression, or --batch.") }
    }

    func run() throws {
        if batch { return answerLines() }
        let request = EvaluationRequest(
            expression: expression ?? "", data: try variables(), isChecked: !unchecked)
        let answer = request.answer()
        if json {
            Console.write(answer, .compact)
            if answer["error"] != nil { throw Failure.silent }
        } else if let error = answer["error"] {
            let place = "\(error["line"].words):\(error["column"].words)"
            throw Failure("\(place): \(error["message"].words)")
        } else if let value = answer["value"] {
            Console.write(try Value(typedJSON: value).plainJSON, .compact)
        }
    }

    private func variables() throws(Failure) -> JSONObject {
        guard let data else { return [:] }
        let value = try Files.readJSON(data)
        guard let members = value.objectValue else {
            throw .usage("\(data): expected a JSON object with the variables, found \(value.kind)")
        }
        return members
    }

    /// Answers each line as soon as it is read, so that a program at the other end of the pipe can take turns.
    private func answerLines() {
        while let line = readLine(strippingNewline: true) {
            if line.allSatisfy(\.isWhitespace) { continue }
            let answer = EvaluationRequest.answer(line: unchecked ? Self.unchecked(line) : line)
            Console.write(answer, .compact)
            Console.flush()
        }
    }

    /// The line with `"unchecked": true`; a line that is no request stays as it is.
    private static func unchecked(_ line: String) -> String {
        guard var members = (try? JSON(parsing: line))?.objectValue else { return line }
        members["unchecked"] = true
        return JSON.object(members).text()
    }
}
